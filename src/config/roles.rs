//! `role`, and what each of them cannot do without.

use std::collections::BTreeSet;

use super::secrets::{OF_DOOR, OWN, of_environment};
use super::values::{A_FUNCTION, A_ROLE, function};
use super::{Config, ConfigError, Part};
use crate::app::Role;
use crate::env::Env;

const ROLE: &str = "SEAL_ROLE";
const WORKER: &str = "SEAL_WORKER";

/// By the environment, which beats the file.
pub(super) fn role(env: &Env, of_file: Option<Role>) -> Result<Role, ConfigError> {
    let must_be = || ConfigError::variable(ROLE, format!("must be {A_ROLE}"));
    match env.get(ROLE) {
        Some(text) => Role::parse(&text).ok_or_else(must_be),
        None => Ok(of_file.unwrap_or_default()),
    }
}

/// What the environment says to this role, over the file.
pub(super) fn overlay(config: &mut Config, env: &Env, named_in_file: &BTreeSet<String>) -> Result<(), ConfigError> {
    let role = config.role;
    if role == Role::Door && env.get(OWN).is_some() {
        let sentence = "is set at a door, which must not have the secret of the deployment: leave it out there";
        return Err(ConfigError::variable(OWN, sentence));
    }
    let own = if role == Role::Door { None } else { of_environment(OWN, env, named_in_file)? };
    if let Some(secret) = own {
        config.secret = Some(secret);
        config.unread.iter_mut().for_each(|unread| unread.left_out.retain(|part| *part != Part::Secret));
    }
    let has_door_secret = matches!(role, Role::Door | Role::Worker);
    let of_door = if has_door_secret { of_environment(OF_DOOR, env, named_in_file)? } else { None };
    if let Some(secret) = of_door {
        config.door_secret = Some(secret);
        config.unread.iter_mut().for_each(|unread| unread.left_out.retain(|part| *part != Part::DoorSecret));
    }
    if let Some(text) = env.get(WORKER).filter(|_| config.role == Role::Door) {
        let worker = function(&text).ok_or_else(|| ConfigError::variable(WORKER, format!("must be {A_FUNCTION}")))?;
        config.worker = Some(worker);
    }
    if config.worker.is_some() && config.worker == env.get("FC_FUNCTION_NAME") {
        return Err(ConfigError::variable(WORKER, "is this function itself: name the one whose role is worker"));
    }
    Ok(())
}

/// What a role cannot do without.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    let role = config.role;
    let needs = |what: &str| Err(ConfigError::variable(ROLE, format!("is {}, which needs {what}", role.as_str())));
    if role == Role::All {
        return Ok(());
    }
    if config.deployment.is_empty() {
        return needs("a name that all functions of this deployment have: write one, like deployment = \"production\"");
    }
    if matches!(role, Role::Door | Role::Worker) && !config.has_door_secret() {
        return needs(
            "the secret by which a door signs what it hands over: set SEAL_DOOR_SECRET to 32 random bytes or more",
        );
    }
    if role == Role::Door && config.worker.is_none() {
        return needs("the function to hand its work to: set SEAL_WORKER to its name");
    }
    if role == Role::Worker && !config.has_secret() {
        return needs(
            "the secret of the deployment, by which it signs what waits: set SEAL_SECRET to 32 random bytes or more",
        );
    }
    if role != Role::Events && !config.relay {
        return needs("the queue: leave relay = false out");
    }
    let is_shared = config.secret.iter().zip(&config.door_secret).any(|(own, of_door)| own.shares_with(of_door));
    if is_shared {
        let sentence = "is the secret of the deployment too: give the door its own, or it could sign what it must not";
        return Err(ConfigError::variable(OF_DOOR, sentence));
    }
    Ok(())
}
