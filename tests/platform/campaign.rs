//! Many runs.

use std::io;
use std::sync::Mutex;
use std::thread;

use clap::ValueEnum as _;

use crate::judge::Summary;
use crate::plant::Plant;
use crate::platform::{Order, run};
use crate::profile::Profile;

/// Runs at one time. They mostly wait.
const AT_ONCE: usize = 4;

/// Carries out all orders, a few at a time, and calls `each` as each ends.
pub(crate) fn all(orders: &[Order], each: impl Fn(&Summary) + Sync) -> io::Result<Vec<Summary>> {
    let next = Mutex::new(orders.iter());
    let summaries = Mutex::new(Vec::new());
    let work = || -> io::Result<()> {
        loop {
            let Some(order) = next.lock().expect("nothing panics while it holds the lock").next().copied() else {
                return Ok(());
            };
            let summary = run(order)?;
            each(&summary);
            summaries.lock().expect("nothing panics while it holds the lock").push(summary);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a run does not panic"))
    })?;
    let mut summaries = summaries.into_inner().expect("nothing panicked while it held the lock");
    summaries.sort_by_key(|summary| (summary.order.profile, summary.order.seed));
    Ok(summaries)
}

/// The runs of a campaign: all profiles, seed after seed, until there are so many events.
pub(crate) fn orders(first: u64, events: u64, per_run: u64) -> Vec<Order> {
    let runs = events.div_ceil(per_run);
    let order = |(number, profile): (u64, &Profile)| Order {
        seed: first + number / Profile::ALL.len() as u64,
        profile: *profile,
        events: per_run,
        plant: None,
    };
    (0..runs).zip(Profile::ALL.iter().cycle()).map(order).collect()
}

/// A run of each plant.
pub(crate) fn planted(seed: u64, events: u64) -> Vec<Order> {
    let order = |plant: &Plant| Order { seed, profile: plant.profile(), events, plant: Some(*plant) };
    Plant::value_variants().iter().map(order).collect()
}
