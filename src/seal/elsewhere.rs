//! An instance that is not where it was said to be: in which region is it?

use futures_util::future::join_all;
use tokio::time::Instant;

use super::attempt::SealAttempt;
use super::reading::read_in;
use crate::aliyun::Trace;
use crate::aliyun::endpoint::is_central;

/// How many places are looked at, all at once. It is help with a message, not a search.
const PLACES: usize = 8;

/// A region that the central host serves, which finds an instance of any such region by its id (inferred).
const CENTRAL: &str = "cn-hangzhou";

/// The region in which the instance is found, if it is one of those that are worth a look: whatever the central host
/// serves, and the regions that the configuration names.
pub(super) async fn find(attempt: &mut SealAttempt<'_>) -> Option<String> {
    let (context, started) = (attempt.context, Instant::now());
    let mut regions = Vec::new();
    for region in std::iter::once(CENTRAL).chain(context.elsewhere.iter().map(crate::request::ids::RegionId::as_str)) {
        let is_new = region != context.region.as_str()
            && !regions.contains(&region)
            && !(is_central(region)
                && (is_central(context.region.as_str()) || regions.iter().any(|it| is_central(it))));
        if is_new && regions.len() < PLACES {
            regions.push(region);
        }
    }
    let readings = join_all(regions.into_iter().map(|region| async move {
        let mut trace = Trace::default();
        let reading = read_in(context, region, &mut trace).await;
        (reading.facts, trace.calls)
    }));
    let readings = readings.await;
    attempt.count(readings.iter().map(|(_, calls)| calls).sum(), started);
    readings.into_iter().find_map(|(facts, _)| facts.map(|facts| facts.shown_region()))
}
