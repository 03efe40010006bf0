//! A platform that tries to lose things, a judge that looks for them, and messages that nobody would send: run by
//! `cargo test --test platform`, because it takes minutes and `cargo test` is to take seconds.
//!
//! ```console
//! cargo test --test platform -- --seeds 3                 # a few runs, all profiles between them (the gate)
//! cargo test --test platform -- --planted                 # does the judge see losses?
//! cargo test --test platform -- --fuzz 20000              # mutated messages at every door
//! cargo test --test platform -- --campaign --events 20000 # hours of it, written to docs/reliability.md
//! cargo test --test platform -- --seed 7 --profile clocks --verbose
//! ```
//!
//! * `platform` is one run: `scenario` makes its events, `deliver` brings them to a `process`, `weather` spoils things, and
//!   `judge` holds what came of it against every `promise`.
//! * The cloud is the project's stand-in (`cloud`), behind a `proxy` for each process that sees every call. Its queue
//!   keeps the tasks until they are due.
//! * A second of a run is a minute of the world. The processes see the world's time through a shim (`clock`, `shim.c`), so
//!   that no message has to be changed and the function has no setting for tests.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "tests")]

mod audit;
mod campaign;
mod clock;
mod cloud;
mod deliver;
mod fuzz;
mod judge;
mod page;
mod plant;
mod platform;
mod process;
mod profile;
mod promise;
mod proxy;
mod random;
mod scenario;
mod sinks;
mod weather;
mod wire;
mod world;

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum as _};

use campaign::{all, orders};
use judge::Summary;
use page::{Findings, page, table};
use platform::Order;
use profile::Profile;
use promise::Promise;

/// Delivers events as a platform does that loses what it may, and looks for what is lost.
#[derive(Debug, Parser)]
struct Arguments {
    /// Runs all profiles, split over so many seeds
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// The seed of one run, or the first of several
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One run of this profile
    #[arg(long)]
    profile: Option<Profile>,
    /// Events of a run, or of the whole campaign
    #[arg(long)]
    events: Option<u64>,
    /// Says everything that was seen, and keeps the logs of the processes
    #[arg(long)]
    verbose: bool,
    /// Makes losses on purpose: the judge has to see each
    #[arg(long)]
    planted: bool,
    /// Sends so many mutated messages to the doors
    #[arg(long, value_name = "MESSAGES")]
    fuzz: Option<u64>,
    /// Many runs, all plants and a million mutated messages, written to `docs/reliability.md`
    #[arg(long)]
    campaign: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(why) = clock::shim() {
        println!("the platform is not simulated, and nothing is shown to hold: {why}");
        return ExitCode::FAILURE;
    }
    let held = if arguments.campaign {
        campaign(&arguments)
    } else if arguments.planted {
        planted(&arguments).map(|planted| sees_everything(&planted))
    } else if let Some(messages) = arguments.fuzz {
        fuzz::run(messages, arguments.seed).map(|tally| {
            println!("{tally}");
            tally.is_clean()
        })
    } else {
        runs(&arguments)
    };
    if arguments.verbose {
        println!("logs and configurations are in {}", clock::scratch().display());
    } else {
        // What is left over is the target folder's.
        let _ = fs::remove_dir_all(clock::scratch());
    }
    match held {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("the platform itself failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One profile, or all of them split over the seeds.
fn runs(arguments: &Arguments) -> io::Result<bool> {
    let events = arguments.events.unwrap_or(60);
    let order = |seed, profile| Order { seed, profile, events, plant: None };
    let orders: Vec<Order> = if let Some(profile) = arguments.profile {
        vec![order(arguments.seed, profile)]
    } else {
        let seeds: Vec<u64> = (0..arguments.seeds.max(1)).map(|number| arguments.seed + number).collect();
        let runs = seeds.len().max(Profile::ALL.len());
        (0..runs).map(|at| order(seeds[at % seeds.len()], Profile::ALL[at % Profile::ALL.len()])).collect()
    };
    let summaries = all(&orders, |summary| say(summary, arguments.verbose))?;
    print!("{}", table(&summaries));
    Ok(summaries.iter().all(|summary| summary.lost() == 0))
}

/// Every plant has to be seen for what it is, and every promise has one.
fn planted(arguments: &Arguments) -> io::Result<Vec<Summary>> {
    all(&campaign::planted(arguments.seed, 60), |summary| {
        let Some(plant) = summary.order.plant else { return };
        let verdict = if summary.sees_its_plant() { "is seen" } else { "IS NOT SEEN" };
        println!("{plant:?} {verdict}: {}", plant.breaks());
    })
}

fn sees_everything(planted: &[Summary]) -> bool {
    let unplanted = Promise::value_variants().iter().filter(|promise| promise.plants().next().is_none());
    let unplanted = unplanted.inspect(|promise| println!("NO PLANT BREAKS: {promise}")).count();
    unplanted == 0 && planted.iter().all(Summary::sees_its_plant)
}

fn campaign(arguments: &Arguments) -> io::Result<bool> {
    let started = Instant::now();
    let (events, messages) = (arguments.events.unwrap_or(20_000), arguments.fuzz.unwrap_or(1_000_000));
    let planted = planted(arguments)?;
    let runs = all(&orders(arguments.seed, events, 150), |summary| say(summary, arguments.verbose))?;
    let fuzzed = fuzz::run(messages, arguments.seed)?;
    let command = format!("cargo test --test platform -- --campaign --events {events} --fuzz {messages}");
    let (planted, took) = (planted.as_slice(), started.elapsed());
    let text = page(&Findings { runs: &runs, planted, fuzzed: &fuzzed, command: &command, took });
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md"), &text)?;
    print!("{text}");
    Ok(sees_everything(planted) && fuzzed.is_clean() && runs.iter().all(|run| run.lost() == 0))
}

fn say(summary: &Summary, is_verbose: bool) {
    let Summary { order, took, .. } = summary;
    let verdict =
        if summary.broken.is_empty() { "nothing lost".to_owned() } else { format!("{} LOST", summary.lost()) };
    println!("seed {}, {}: {verdict} ({} s)", order.seed, order.profile, took.as_secs());
    for (promise, cases) in &summary.broken {
        println!("  {promise}: {}", cases.len());
        let shown = if is_verbose { cases.len() } else { 3 };
        cases.iter().take(shown).for_each(|case| println!("    {}", case.trim_end()));
    }
    if is_verbose {
        summary.counts.iter().for_each(|(what, count)| println!("  {count:>6} {what}"));
        println!("  {:>6} writes, {} calls", summary.writes, summary.calls);
    }
}
