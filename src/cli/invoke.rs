//! `invoke`: events from files, through the real path.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::{Assembly, Unable, print, serve};
use crate::aliyun::credentials::Source;
use crate::app::{Answer, App, Context};
use crate::config;
use crate::env::Env;
use crate::ingress::{Envelope, Rejection, Verified};
use crate::notify::audit::Audit;
use crate::request::ids::RegionId;
use crate::telemetry;
use crate::time::{Deadline, now};

/// As much as a host takes.
const LONGEST: u64 = 1024 * 1024;

pub(super) async fn run(env: &Env, files: &[PathBuf], emulator: bool, json: bool) -> Result<u8, Unable> {
    let config = config::load(env, serve::beside_the_binary().as_deref())?;
    telemetry::start(config.log);
    let timeout = config.timeout;
    let audit = Audit::to(std::io::stderr());
    let app = if emulator {
        rehearse(config, audit).await?
    } else {
        Assembly::real(config, env, Source::Environment, audit).app()?
    };
    let region = env.get("FC_REGION").map(|text| RegionId::parse(&text)).transpose()?;
    let mut whole = Answer::default();
    for file in files {
        let context = Context {
            deadline: Deadline::after(timeout),
            received_at: now(),
            attempt: 1,
            envelope: Envelope { region: region.clone(), ..Envelope::default() },
            credentials: Ok(None),
        };
        let answer = answer(&app, file, &context).await?;
        if !json {
            print::answer(&answer);
        }
        whole.add(answer);
    }
    if json {
        print::json(&whole);
    }
    Ok(print::exit_code(&whole))
}

async fn answer(app: &App, file: &Path, context: &Context) -> Result<Answer, Unable> {
    let unreadable = |error| format!("{} cannot be read: {error}", file.display());
    let mut body = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().take(LONGEST + 1).read_to_end(&mut body).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(file).map_err(unreadable)?;
        file.take(LONGEST + 1).read_to_end(&mut body).map_err(unreadable)?;
    }
    if body.len() as u64 > LONGEST {
        return Ok(Answer::rejecting(Rejection::new("body", "is larger than 1 MiB")));
    }
    Ok(app.handle(&Verified::by_platform(Bytes::from(body)), context).await)
}

#[cfg(feature = "dev")]
async fn rehearse(config: config::Config, audit: Audit) -> Result<App, Unable> {
    use std::net::{Ipv4Addr, SocketAddr};
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let stand_in = super::StandIn(crate::emulator::Emulator::new().start(anywhere).await?);
    Assembly::rehearsal(config, stand_in, audit)?.app()
}

#[cfg(not(feature = "dev"))]
#[expect(clippy::unused_async, reason = "its twin, which starts the stand-in cloud, waits")]
async fn rehearse(_: config::Config, _: Audit) -> Result<App, Unable> {
    Err(super::NOT_BUILT_IN.into())
}
