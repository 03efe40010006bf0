//! `invoke`: events from files, through the real path.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::{Unable, assemble, print, serve};
use crate::app::{Context, DeliveryResult, Sender};
use crate::config;
use crate::env::Env;
use crate::ingress::{BODY_LIMIT, DeliveryDefaults, Verified};
use crate::notify::audit::Audit;
use crate::outcome::Attempt;
use crate::request::rejection::{Rejection, RejectionReason};
use crate::telemetry;
use crate::time::Deadline;

pub(super) async fn run(env: &Env, files: &[PathBuf], emulator: bool, json: bool) -> Result<u8, Unable> {
    let config = config::load(env, serve::beside_the_binary().as_deref())?;
    telemetry::start(config.log);
    // All of them before the first call: a file that is missing must not cost the results of the others.
    let bodies = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let (timeout, region) = (config.timeout, assemble::own_region(env)?);
    let audit = Audit::to(std::io::stderr());
    if !emulator {
        serve::say_the_mode(&config);
    }
    let app = assemble::app(config, env, emulator, audit).await?;
    let mut whole = DeliveryResult::default();
    for (file, body) in files.iter().zip(bodies) {
        let now = app.clock.now();
        let context = Context {
            deadline: Deadline::after(timeout),
            attempt: Attempt::fresh(1, now),
            defaults: DeliveryDefaults { region: region.clone(), asked_at: Some(now), ..DeliveryDefaults::default() },
            credentials: Ok(None),
            function: None,
            sender: Sender::Platform,
        };
        let answer = match body {
            Some(body) => app.handle(&Verified::by_platform(body), context).await,
            None => DeliveryResult::rejecting(Rejection::new("body", RejectionReason::TooLarge { limit: BODY_LIMIT })),
        };
        if !json {
            print::answer(&answer, (files.len() > 1).then_some(file));
        }
        whole.add(answer);
    }
    if json {
        print::json(&whole)?;
    }
    Ok(print::exit_code(&whole))
}

/// What a file holds, or nothing where that is more than a host would take.
fn read(file: &Path) -> Result<Option<Bytes>, Unable> {
    let unreadable = |error| format!("{} cannot be read: {error}", file.display());
    let mut body = Vec::new();
    let limit = BODY_LIMIT as u64 + 1;
    if file == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut body).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(file).map_err(unreadable)?;
        file.take(limit).read_to_end(&mut body).map_err(unreadable)?;
    }
    Ok((body.len() <= BODY_LIMIT).then(|| Bytes::from(body)))
}
