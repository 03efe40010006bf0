//! `plan`: what would happen to some instances, found by reads alone. Nobody but the person who asks is told.

use serde_json::json;

use super::{Unable, assemble, print, serve};
use crate::app::{Context, Sender};
use crate::config::{self, Config, Part};
use crate::env::Env;
use crate::ingress::{DeliveryDefaults, Verified};
use crate::notify::audit::Audit;
use crate::outcome::Attempt;
use crate::request::Mode;
use crate::telemetry;
use crate::time::Deadline;

/// What is asked about.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Instances, such as rm-bp1q2w3e4r5t6y7u8
    #[arg(required = true, value_name = "INSTANCE")]
    instances: Vec<String>,
    /// The region they are in; on Function Compute its own if it is left out
    #[arg(long)]
    region: Option<String>,
    /// The account that owns them
    #[arg(long)]
    account: Option<String>,
    /// The KMS key that would be used
    #[arg(long)]
    key: Option<String>,
    /// Ask a stand-in cloud inside this process, with its own key pair
    #[arg(long)]
    emulator: bool,
    /// Print the answer as one line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(env: &Env, arguments: Arguments) -> Result<u8, Unable> {
    let mut config = config::load(env, serve::beside_the_binary().as_deref())?;
    telemetry::start(config.log);
    // Nothing that it needs is in KMS, but for what a role of another account asks for.
    config.unread = config.unread.filter(|unread| unread.left_out.contains(&Part::ExternalId));
    if let Some(unread) = &mut config.unread {
        unread.then = as_planned;
    }
    as_planned(&mut config);
    let (timeout, region) = (config.timeout, assemble::own_region(env)?);
    let app = assemble::app(config, env, arguments.emulator, Audit::to(std::io::stderr())).await?;
    let context = Context {
        deadline: Deadline::after(timeout),
        attempt: Attempt::fresh(1, app.clock.now()),
        defaults: DeliveryDefaults { region, ..DeliveryDefaults::default() },
        credentials: Ok(None),
        function: None,
        sender: Sender::Platform,
    };
    let answer = app.handle(&Verified::by_platform(requests(&arguments).into()), context).await;
    if arguments.json {
        print::json(&answer)?;
    } else {
        print::answer(&answer, None);
    }
    Ok(print::exit_code(&answer))
}

/// Changes nothing and tells nobody. The rules about deliveries do not count: this is none.
fn as_planned(config: &mut Config) {
    config.mode = Some(Mode::Plan);
    config.sinks.clear();
    config.rules.max_event_age = None;
    config.rules.max_per_invocation = None;
}

/// The requests as the event door takes them, which judges each word.
fn requests(arguments: &Arguments) -> String {
    let Arguments { instances, region, account, key, .. } = arguments;
    let request = |instance: &String| {
        let fields = [("region", region), ("account", account), ("key", key)];
        let mut request = json!({"instance": instance, "mode": "plan"});
        for (name, value) in fields {
            if let Some(value) = value {
                request[name] = value.as_str().into();
            }
        }
        request
    };
    instances.iter().map(request).collect::<serde_json::Value>().to_string()
}
