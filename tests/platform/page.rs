//! `docs/reliability.md`: what came of many runs, for somebody who has to decide whether to trust the function.

use std::fmt::Write as _;
use std::time::Duration;

use clap::ValueEnum as _;

use crate::fuzz;
use crate::judge::Summary;
use crate::profile::Profile;
use crate::promise::Promise;

/// Everything that the page tells of.
pub(crate) struct Findings<'f> {
    pub(crate) runs: &'f [Summary],
    pub(crate) planted: &'f [Summary],
    pub(crate) fuzzed: &'f fuzz::Tally,
    /// What brings all of this about.
    pub(crate) command: &'f str,
    pub(crate) took: Duration,
}

pub(crate) fn page(findings: &Findings<'_>) -> String {
    let Findings { runs, planted, fuzzed, command, took } = findings;
    let (events, broken) = (runs.iter().map(|run| run.order.events).sum(), runs.iter().map(Summary::lost).sum());
    let events = grouped(events);
    let verdict = match broken {
        0 => format!("No promise was broken in {events} events."),
        broken => format!("Promises were broken {} times in {events} events.", grouped(broken)),
    };
    let mut page = format!(
        "# Reliability\n\n**{verdict}** A simulated platform drives the built function as Function Compute does. It delivers at \
         least once: twice, in any order and too early, with 3 to 12 seconds for each delivery. Callers hang up; processes are \
         killed, stopped and frozen; the cloud, the sinks, the queue and the reader of the standard output fail or fall silent; \
         clocks are wrong. Then everything works again, and a judge looks for what is lost. The cloud is the project's \
         stand-in, so this page says nothing of faults of Alibaba Cloud itself that the stand-in does not know.\n\n## Runs\n\n"
    );
    for profile in Profile::ALL {
        let _ = writeln!(page, "* `{profile}`: {}", profile.sentence());
    }
    let _ = write!(page, "\n{}\n", table(runs));
    page.push_str(
        "* An instance is *to be sealed* if an event asks for it and neither policy, tags, account nor mode forbid it. One event may \
         name several instances, and some ask for what is forbidden.\n\
         * A *dead letter* is what the platform stops delivering. It keeps it, so it is not lost. Events that cannot be read as a \
         whole are to end there; anything else that does is to be looked at.\n\
         * *Calls per event* counts every call to the cloud, with all repetitions that the faults cause.\n\
         * A run *comes to rest* when nothing is left to deliver. One that does not is not judged as a whole.\n\
         * *Lost* is how often a promise was broken.\n\n## Promises\n\nA judge that sees no loss may be blind. So each promise is \
         broken on purpose as well, in runs of its own, and the judge has to see it.\n\n| promise | broken | broken on purpose |\n|---|---|---|\n",
    );
    page.extend(Promise::value_variants().iter().map(|promise| kept(*promise, runs, planted)));
    page.push_str(&where_broken(runs));
    let _ = write!(
        page,
        "\n## Messages that nobody would send\n\nGenuine messages for every door are changed at random: bytes are replaced, JSON is \
         bent, and control characters, forged log lines and pieces of other messages are put in. Some are signed after that, and \
         some before, which makes them forgeries; of a few the head is changed as well. No message may make the process panic or \
         end, write to the cloud, be answered with 5xx or without `x-fc-status`, be taken although it is forged, or put a line \
         into the log or the audit stream that is not the function's own.\n\n{fuzzed}\n\
         A chat's answer to a command that it does not know is 200. *No answer* is right where the head is changed: it may \
         announce more than is sent. 503 is right for a chat message that names an address for its answer which nobody has.\n"
    );
    let minutes = took.as_secs().div_ceil(60);
    let _ = write!(
        page,
        "\n## Do it again\n\nThis page is written by\n\n```console\n{command}\n```\n\nwhich took {minutes} minutes. One run of it, with \
         everything that was seen:\n\n```console\ncargo test --test platform -- --seed 1 --profile plain --events 150 --verbose\n```\n\nA \
         seed fixes the events, the faults and their moments. How processes share a machine is not in its hands, so the numbers \
         of a run differ a little each time. How all of this works is in [`tests/platform`](../tests/platform/main.rs).\n"
    );
    page
}

/// One row for one promise.
fn kept(promise: Promise, runs: &[Summary], planted: &[Summary]) -> String {
    let broken: usize = runs.iter().filter_map(|run| run.broken.get(&promise)).map(Vec::len).sum();
    let plants = promise.plants().map(|plant| {
        let is_seen = planted.iter().any(|run| run.order.plant == Some(plant) && run.sees_its_plant());
        format!("{plant}: {}", if is_seen { "seen" } else { "**not seen**" })
    });
    format!("| {promise} | {broken} | {} |\n", plants.collect::<Vec<_>>().join("; "))
}

/// The runs in which something was lost.
fn where_broken(runs: &[Summary]) -> String {
    let mut broken = String::new();
    for run in runs {
        for (promise, cases) in &run.broken {
            let _ = writeln!(broken, "* `--seed {} --profile {}`: {promise}", run.order.seed, run.order.profile);
            broken.extend(cases.iter().take(3).map(|case| format!("  * {}\n", case.trim_end())));
        }
    }
    if broken.is_empty() { broken } else { format!("\nBroken in these runs:\n\n{broken}") }
}

/// One column per profile, and one for all.
pub(crate) fn table(runs: &[Summary]) -> String {
    let of = |profile| runs.iter().filter(|run| run.order.profile == profile).collect::<Vec<_>>();
    let mut columns: Vec<(String, Vec<&Summary>)> =
        Profile::ALL.into_iter().map(|profile| (format!("`{profile}`"), of(profile))).collect();
    columns.retain(|(_, of)| !of.is_empty());
    columns.push(("all".to_owned(), runs.iter().collect()));
    let heads: Vec<&str> = columns.iter().map(|(head, _)| head.as_str()).collect();
    let mut table = format!("| | {} |\n|---|{}\n", heads.join(" | "), "---:|".repeat(heads.len()));
    for (name, value) in ROWS {
        let cells: Vec<String> = columns.iter().map(|(_, of)| value(of)).collect();
        let _ = writeln!(table, "| {name} | {} |", cells.join(" | "));
    }
    table
}

/// What is told of some runs, and by which name.
type Row = (&'static str, fn(&[&Summary]) -> String);

const ROWS: [Row; 20] = [
    ("runs", |of| grouped(of.len() as u64)),
    ("seeds", seeds),
    ("events", |of| sum(of, |run| run.order.events)),
    ("deliveries", |of| sum(of, |run| run.count("deliveries"))),
    ("deliveries without an answer", |of| sum(of, |run| run.count("deliveries without an answer"))),
    ("processes killed (SIGKILL)", |of| sum(of, |run| run.count("SIGKILL"))),
    ("processes told to stop (SIGTERM)", |of| sum(of, |run| run.count("SIGTERM"))),
    ("processes frozen (SIGSTOP)", |of| sum(of, |run| run.count("SIGSTOP"))),
    ("instances to be sealed", |of| sum(of, |run| run.wanted)),
    ("instances sealed of these", |of| sum(of, |run| run.sealed)),
    ("reported as failed because a clock was wrong", |of| sum(of, |run| run.count("failed because a clock was wrong"))),
    ("reports in the audit stream", |of| sum(of, |run| run.reported)),
    ("messages taken by the three sinks", |of| sum(of, |run| run.taken)),
    ("reports that a sink took again", |of| sum(of, |run| run.repeated)),
    ("tasks out of the function's queue", |of| sum(of, |run| run.count("tasks"))),
    ("calls per event", calls_per_event),
    ("dead letters: unreadable events", |of| sum(of, |run| run.unreadable)),
    ("dead letters: anything else", |of| sum(of, |run| run.buried)),
    ("runs that did not come to rest", |of| sum(of, |run| run.count("runs that did not come to rest"))),
    ("**lost**", |of| sum(of, Summary::lost)),
];

fn sum(of: &[&Summary], what: fn(&Summary) -> u64) -> String {
    grouped(of.iter().map(|run| what(run)).sum())
}

fn seeds(of: &[&Summary]) -> String {
    let seeds = of.iter().map(|run| run.order.seed);
    match (seeds.clone().min(), seeds.max()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (first, _) => first.map(|seed| seed.to_string()).unwrap_or_default(),
    }
}

fn calls_per_event(of: &[&Summary]) -> String {
    let (calls, events) = of.iter().fold((0, 0), |(calls, events), run| (calls + run.calls, events + run.order.events));
    let hundredths = calls * 100 / events.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A number as it is read easily: 1,000,000.
pub(crate) fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}
