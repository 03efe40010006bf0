//! `check`: whether a deployment would work, found out without changing anything: the configuration as it is understood,
//! who signs, each permission by a harmless read, region, role, key, clock, and the sinks where that is wanted.

mod cloud;
pub(super) mod table;
mod understood;

use table::{Row, State, Table};

use super::{Unable, assemble, print, serve};
use crate::app::App;
use crate::config::{self, Part};
use crate::env::Env;
use crate::notify::audit::Audit;
use crate::notify::sink::Sink;
use crate::notify::{CloudAccess, SinkError};
use crate::outcome::{Attempt, Job, Outcome, Reason, Recorded, Resolution};
use crate::request::ids::{InstanceId, RegionId};
use crate::request::{Door, Mode, Origin, SealRequest};
use crate::telemetry;
use crate::time::Deadline;
use crate::words;

/// What is to be checked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A region to check; those that the configuration names, and our own, if it is left out
    #[arg(long)]
    region: Vec<String>,
    /// Send a test report to every sink
    #[arg(long)]
    notify: bool,
    /// Ask a stand-in cloud inside this process, with its own key pair
    #[arg(long)]
    emulator: bool,
    /// Print the table as one line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(env: &Env, arguments: Arguments) -> Result<u8, Unable> {
    let mut config = config::load(env, serve::beside_the_binary().as_deref())?;
    telemetry::start(config.log);
    let mut checks = understood::rows(&config);
    let has_secret = config.has_secret();
    // Each is tried, and none is read: what waits for them cannot be.
    let unread = config.unread.take();
    let regions = regions(&arguments, &config, env)?;
    let (keys, accounts, timeout) = (config.keys.clone(), config.rules.accounts.clone(), config.timeout);
    let may_wait = config.relay && has_secret;
    let app = assemble::app(config, env, arguments.emulator, Audit::to(std::io::stderr())).await?;
    let deadline = Deadline::after(timeout);
    let accounts = accounts.as_ref();
    // A stand-in of this process has none of them.
    let secrets = unread.as_ref().filter(|_| !arguments.emulator);
    let cloud = cloud::Cloud { app: &app, regions: &regions, keys: &keys, accounts, secrets, may_wait, deadline };
    checks.extend(cloud.rows().await);
    checks.extend(sinks(&app, arguments.notify, arguments.emulator, deadline).await);
    checks.extend(unread.iter().flat_map(|unread| &unread.left_out).map(untried));
    let table = Table { ok: checks.iter().all(|row| row.state != State::Failed), checks };
    if arguments.json {
        print::one_line(&table)?;
    } else {
        print::table(&table);
    }
    Ok(if table.ok { 0 } else { 4 })
}

fn regions(arguments: &Arguments, config: &config::Config, env: &Env) -> Result<Vec<RegionId>, Unable> {
    if !arguments.region.is_empty() {
        let parse = |text: &String| RegionId::parse(text).map_err(|invalid| format!("--region is {invalid}").into());
        return arguments.region.iter().map(parse).collect();
    }
    let mut regions = config.regions();
    regions.extend(assemble::own_region(env)?.filter(|own| !config.regions().contains(own)));
    Ok(regions)
}

async fn sinks(app: &App, notify: bool, emulator: bool, deadline: Deadline) -> Vec<Row> {
    let what = |name: &str| format!("sink {name}");
    if !notify {
        let untried = |name: &str| Row::new(what(name), State::Untried, "not tried: --notify sends a test report");
        return app.sinks.all.iter().map(|sink| untried(&sink.name)).collect();
    }
    let test = test_report(app);
    let credentials = app.identity.credentials(&app.client, deadline).await.ok().flatten();
    let cloud = CloudAccess { credentials: credentials.as_ref() };
    let row = |(sink, result): (&Sink, Result<(), _>)| match (result, sink.kind.as_str()) {
        (Ok(()), kind) if emulator => {
            Row::new(what(&sink.name), State::Note, format!("the stand-in took the test report in place of {kind}"))
        }
        (Ok(()), kind) => Row::new(what(&sink.name), State::Ok, format!("{kind} took the test report")),
        (Err(SinkError::Gone), _) => {
            Row::new(what(&sink.name), State::Failed, "it is gone: it answers with status 410")
                .next_step("Remove the sink or give it a new URL.")
        }
        (Err(why), kind) => Row::new(what(&sink.name), State::Failed, format!("{kind}: {why}"))
            .next_step("Check its address and secret, and whether it can be reached from here."),
    };
    app.sinks.try_each(&test, cloud, deadline).await.into_iter().map(row).collect()
}

/// What cannot be tried without the value of a secret.
fn untried(part: &Part) -> Row {
    Row::new(part.to_string(), State::Untried, "not tried: its secrets are in KMS, and none of them is read here")
}

/// A report that says it is a test.
fn test_report(app: &App) -> Recorded {
    let now = app.clock.now();
    let request = SealRequest {
        instance: InstanceId::parse("test-1").expect("it has the form of an id"),
        account: None,
        region: RegionId::parse("nowhere").expect("it has the form of a region"),
        key: None,
        mode: Some(Mode::Plan),
        happened_at: None,
        asked_at: None,
        origin: Origin {
            door: Door::Event,
            source: "rds-seal check".to_owned(),
            event_id: format!("check-{}", now.as_millisecond()),
            event_name: None,
            actor: None,
            requested_by: None,
        },
    };
    let job = Job::new(request, Mode::Plan, None, None, Attempt::fresh(1, now));
    let mut report = job.report(Resolution::new(Outcome::Planned, Reason::Test {}), now);
    words::write_sentences(&mut report);
    report.into()
}
