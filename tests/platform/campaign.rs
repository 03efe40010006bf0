//! Many runs, and the page that says what came of them.

use std::fmt::Write as _;
use std::io;
use std::sync::Mutex;
use std::thread;

use crate::fuzz;
use crate::judge::Summary;
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

/// `docs/reliability.md`.
pub(crate) fn page(summaries: &[Summary], fuzzed: &fuzz::Tally, command: &str) -> String {
    let mut page = format!(
        "# Reliability\n\nA simulated platform drives the built function and loses what a real one may lose: it delivers at least \
         once, in any order, twice, too early, with deadlines of 3 to 12 seconds; its callers hang up; processes are killed, \
         stopped and frozen; the cloud, the sinks, the queue and the standard output fail in every way that the tests know; \
         clocks are wrong. Then everything works again, and a judge looks for what is lost. How it works is in \
         `tests/platform/`; this page is written by\n\n```console\n{command}\n```\n\n"
    );
    page.push_str(&table(summaries));
    let mut broken = String::new();
    for summary in summaries {
        for (promise, cases) in &summary.broken {
            let (order, count) = (summary.order, cases.len());
            let _ = writeln!(broken, "* seed {}, {}: {promise} ({count})", order.seed, order.profile);
        }
    }
    page.push_str("\n**Broken promises:** ");
    page.push_str(if broken.is_empty() { "none.\n" } else { "\n\n" });
    page.push_str(&broken);
    let _ = write!(page, "\n## Fuzzing\n\n{fuzzed}");
    page.push_str(
        "\n## Repeat a run\n\n```console\ncargo test --test platform -- --seed 1 --profile plain --verbose\n```\n\nA seed fixes \
         the events, the faults and their moments. How two processes share a machine is not in its hands, so a run comes out \
         a little differently each time; what is promised holds each time.\n",
    );
    page
}

/// One row per profile, and one for all.
pub(crate) fn table(summaries: &[Summary]) -> String {
    let head = [
        "profile",
        "seeds",
        "events",
        "deliveries",
        "SIGKILL",
        "SIGTERM",
        "frozen",
        "sealed",
        "reported",
        "taken by sinks",
        "repeated",
        "tasks",
        "dead letters",
        "calls per event",
        "lost",
    ];
    let mut table = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for profile in Profile::ALL {
        let of: Vec<&Summary> = summaries.iter().filter(|summary| summary.order.profile == profile).collect();
        if !of.is_empty() {
            table.push_str(&row(&profile.to_string(), &of));
        }
    }
    table.push_str(&row("**all**", &summaries.iter().collect::<Vec<_>>()));
    table
}

fn row(name: &str, of: &[&Summary]) -> String {
    let sum = |what: &dyn Fn(&Summary) -> u64| of.iter().map(|summary| what(summary)).sum::<u64>();
    let count = |what: &'static str| sum(&move |summary| summary.count(what)).to_string();
    let events = sum(&|summary| summary.order.events);
    let (first, last) = of
        .iter()
        .fold((u64::MAX, 0), |(first, last), summary| (first.min(summary.order.seed), last.max(summary.order.seed)));
    let calls = sum(&|summary| summary.calls) * 100 / events.max(1);
    let taken = (0..3).map(|sink| sum(&move |summary| summary.taken[sink]).to_string());
    let columns = [
        name.to_owned(),
        format!("{first} to {last}"),
        events.to_string(),
        count("deliveries"),
        count("SIGKILL"),
        count("SIGTERM"),
        count("SIGSTOP"),
        sum(&|summary| summary.sealed).to_string(),
        sum(&|summary| summary.reported).to_string(),
        taken.collect::<Vec<_>>().join(" / "),
        sum(&|summary| summary.repeated).to_string(),
        count("tasks"),
        sum(&|summary| summary.buried).to_string(),
        format!("{}.{:02}", calls / 100, calls % 100),
        sum(&lost).to_string(),
    ];
    format!("| {} |\n", columns.join(" | "))
}

/// How many things a promise was broken for.
pub(crate) fn lost(summary: &Summary) -> u64 {
    summary.broken.values().map(|cases| cases.len() as u64).sum()
}
