//! What one delivery asks for is worked on at the same time, some of it at once.

use futures_util::stream::{self, StreamExt as _};

/// Items that are worked on at the same time.
const AT_ONCE: usize = 8;

/// The results of some work, in its order.
pub(super) async fn concurrently<F: Future>(work: impl Iterator<Item = F>) -> Vec<F::Output> {
    // Collected before the first wait: an iterator that borrows is not known to be `Send` across one (rust-lang/rust#102211).
    let mut work: Vec<_> = work.collect();
    // Nearly every delivery asks for one.
    if work.len() == 1 {
        return vec![work.remove(0).await];
    }
    let numbered = work.into_iter().enumerate().map(|(index, work)| async move { (index, work.await) });
    let numbered: Vec<_> = numbered.collect();
    let mut results: Vec<_> = stream::iter(numbered).buffer_unordered(AT_ONCE).collect().await;
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
