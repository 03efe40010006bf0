//! Roles of the accounts whose instances are sealed: a session for each account and region, narrowed to its instances.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::cache::CredentialCache;
use super::credential::Credentials;
use super::error::CredentialsError;
use super::role::{self, SESSION_NAME};
use crate::aliyun::ram::{self, Needs, Scope};
use crate::aliyun::sts::AssumeRole;
use crate::aliyun::{Client, Target};
use crate::kind::{CredentialSource, NoAnswer};
use crate::time::Deadline;

/// As many sessions are kept at most.
const MAX_SESSIONS: usize = 1_000;

/// Stands in the template for the account.
const ACCOUNT: &str = "{account}";

/// How roles are taken on.
#[derive(Debug, Clone)]
pub struct RoleSettings {
    /// `acs:ram::{account}:role/name`.
    pub arn_template: String,
    /// What the roles' trust policies ask for, if they do.
    pub external_id: Option<SecretString>,
    /// One session for each instance, good for nothing else and kept by nobody.
    pub isolate: bool,
    /// How long a session lasts, 15 minutes to 12 hours.
    pub duration: Duration,
    pub needs: Needs,
    /// The keys that may be named, or patterns of them.
    pub keys: Vec<NamedKey>,
}

/// A key of a customer's own, of an account and a region or of any.
#[derive(Debug, Clone)]
pub struct NamedKey {
    pub account: Option<String>,
    pub region: Option<String>,
    pub id: String,
}

/// The longest policy of a session, in characters (documented).
const MAX_POLICY: usize = 2048;

/// A setting that cannot be used, in a sentence that begins with the setting's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(&'static str);

/// Whose instance, and where. The caller has checked the alphabets: a `*` here would widen the session.
#[derive(Debug, Clone, Copy)]
pub struct SessionTarget<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub instance: &'a str,
}

/// Takes on roles, and keeps their sessions. The role follows from the account, so account and region are the key.
#[derive(Debug)]
pub struct Roles {
    settings: RoleSettings,
    /// Seconds.
    duration: String,
    sessions: Mutex<HashMap<(String, String), Arc<CredentialCache>>>,
}

impl Roles {
    pub fn new(settings: RoleSettings) -> Result<Self, Unusable> {
        check_template(&settings.arn_template)?;
        if !(900..=43_200).contains(&settings.duration.as_secs()) {
            return Err(Unusable("The duration of a session must be 15 minutes to 12 hours."));
        }
        let length = settings.external_id.as_ref().map(|id| id.expose_secret().chars().count());
        if length.is_some_and(|length| !(2..=1_224).contains(&length)) {
            return Err(Unusable("The external id must have 2 to 1224 characters."));
        }
        let duration = settings.duration.as_secs().to_string();
        Ok(Self { settings, duration, sessions: Mutex::default() })
    }

    /// A session for an instance, which outlives the operation. It is signed for by `own` where it has to be new.
    pub async fn session(
        &self,
        client: &Client,
        own: &Credentials,
        target: SessionTarget<'_>,
        deadline: Deadline,
    ) -> Result<Credentials, CredentialsError> {
        if self.settings.isolate {
            return self.assume(client, own, target, deadline).await;
        }
        let cache = self.cache_for(target, client.clock().now());
        let fetch = async { self.assume(client, own, target, deadline).await.map(Some) };
        let found = cache.get(client.clock(), deadline, fetch).await?;
        found.ok_or_else(|| {
            let source = CredentialSource::RoleOfAccount { account: target.account.to_owned() };
            CredentialsError::unavailable(source, NoAnswer::NoSession)
        })
    }

    /// Forgets exactly this session, so that the next who asks gets a new one.
    pub fn renew(&self, target: SessionTarget<'_>, stale: &Credentials) {
        if let Some(cache) = self.sessions().get(&key(target)) {
            cache.forget(stale);
        }
    }

    async fn assume(
        &self,
        client: &Client,
        own: &Credentials,
        target: SessionTarget<'_>,
        deadline: Deadline,
    ) -> Result<Credentials, CredentialsError> {
        let instance = if self.settings.isolate { target.instance } else { "*" };
        let scope = Scope { account: target.account, region: target.region, instance };
        let operation = AssumeRole {
            role: &self.settings.arn_template.replace(ACCOUNT, target.account),
            session_name: &self.session_name(target.instance),
            duration: &self.duration,
            policy: Some(&self.session_policy(scope)),
            external_id: self.settings.external_id.as_ref().map(ExposeSecret::expose_secret),
            endpoint: None,
        };
        let signer = Target { credentials: Some(own), region: target.region, deadline };
        let source = CredentialSource::RoleOfAccount { account: target.account.to_owned() };
        role::assume(client, &operation, signer, source).await
    }

    /// What a session may do at most: on the keys that are known, unless they are too many to be named.
    fn session_policy(&self, scope: Scope<'_>) -> String {
        let is_here = |own: &Option<String>, here: &str| own.as_deref().is_none_or(|own| own == here);
        let keys = self.settings.keys.iter();
        let here = keys.filter(|key| is_here(&key.account, scope.account) && is_here(&key.region, scope.region));
        let keys: Vec<String> = here.map(|key| ram::key(scope.account, scope.region, &key.id)).collect();
        let policy = |keys: &[String]| ram::document(&ram::statements(&[scope], keys, self.settings.needs)).to_string();
        let narrow = policy(&keys);
        if narrow.len() <= MAX_POLICY { narrow } else { policy(&[ram::key(scope.account, scope.region, "*")]) }
    }

    fn session_name(&self, instance: &str) -> String {
        if self.settings.isolate {
            format!("{SESSION_NAME}-{instance}").chars().take(64).collect()
        } else {
            SESSION_NAME.to_owned()
        }
    }

    fn cache_for(&self, target: SessionTarget<'_>, now: Timestamp) -> Arc<CredentialCache> {
        let mut sessions = self.sessions();
        let key = key(target);
        if let Some(cache) = sessions.get(&key) {
            return Arc::clone(cache);
        }
        if sessions.len() >= MAX_SESSIONS {
            make_room(&mut sessions, now);
        }
        Arc::clone(sessions.entry(key).or_default())
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<(String, String), Arc<CredentialCache>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(target: SessionTarget<'_>) -> (String, String) {
    (target.account.to_owned(), target.region.to_owned())
}

/// Drops what has expired or is empty, else what expires first. Who still waits for a dropped one gets it all the same.
fn make_room(sessions: &mut HashMap<(String, String), Arc<CredentialCache>>, now: Timestamp) {
    sessions.retain(|_, cache| cache.expires_at().is_some_and(|end| now < end));
    if sessions.len() < MAX_SESSIONS {
        return;
    }
    let first = sessions.iter().min_by_key(|(_, cache)| cache.expires_at()).map(|(key, _)| key.clone());
    if let Some(first) = first {
        sessions.remove(&first);
    }
}

/// Whether a template names a role, and leaves its account open.
pub fn check_template(template: &str) -> Result<(), Unusable> {
    let name = template.strip_prefix("acs:ram::{account}:role/").ok_or(Unusable(
        "The role must be written like acs:ram::{account}:role/rds-seal, with {account} in place of the account.",
    ))?;
    let is_name =
        (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    if is_name { Ok(()) } else { Err(Unusable("The role's name must be 1 to 64 letters, digits, '.', '-' or '_'.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> RoleSettings {
        RoleSettings {
            arn_template: "acs:ram::{account}:role/rds-seal".to_owned(),
            external_id: Some("the-external-id".into()),
            isolate: false,
            duration: Duration::from_hours(1),
            needs: Needs::default(),
            keys: Vec::new(),
        }
    }

    fn with_template(template: &str) -> Result<Roles, Unusable> {
        Roles::new(RoleSettings { arn_template: template.to_owned(), ..settings() })
    }

    #[test]
    fn a_template_holds_the_account_once_and_a_sane_name() {
        assert!(with_template("acs:ram::{account}:role/Seal_1.x-y").is_ok());
        for bad in [
            "",
            "acs:ram::1234567890123456:role/seal",
            "acs:ram::{account}:role/",
            "acs:ram::{account}:role/{account}",
            "acs:ram::{account}:role/a b",
            "acs:ram::{account}:user/seal",
            "ACS:ram::{account}:role/seal",
        ] {
            assert!(with_template(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_session_lasts_what_the_service_allows() {
        let lasting = |seconds| Roles::new(RoleSettings { duration: Duration::from_secs(seconds), ..settings() });
        assert!(lasting(900).is_ok() && lasting(43_200).is_ok());
        assert!(lasting(899).is_err() && lasting(43_201).is_err());
        assert!(Roles::new(RoleSettings { external_id: Some("x".into()), ..settings() }).is_err());
    }

    #[test]
    fn a_session_is_named_after_the_instance_only_where_it_is_the_instances() {
        assert_eq!(Roles::new(settings()).unwrap().session_name("rm-1"), "rds-seal");
        let isolating = Roles::new(RoleSettings { isolate: true, ..settings() }).unwrap();
        assert_eq!(isolating.session_name("rm-1"), "rds-seal-rm-1");
        let long = isolating.session_name(&format!("rm-{}", "a".repeat(80)));
        assert_eq!((long.len(), &long[..14]), (64, "rds-seal-rm-aa"));
    }

    #[test]
    fn a_session_names_the_keys_of_its_place_unless_they_are_too_many() {
        let key = |account: Option<&str>, region: Option<&str>, id: &str| NamedKey {
            account: account.map(str::to_owned),
            region: region.map(str::to_owned),
            id: id.to_owned(),
        };
        let keys = vec![
            key(None, Some("cn-hangzhou"), "key-here"),
            key(None, Some("cn-shanghai"), "key-there"),
            key(Some("2"), Some("cn-hangzhou"), "key-of-another"),
            key(None, None, "key-any*"),
        ];
        let scope = Scope { account: "1", region: "cn-hangzhou", instance: "*" };
        let policy = |keys: &[NamedKey]| {
            Roles::new(RoleSettings { keys: keys.to_vec(), ..settings() }).unwrap().session_policy(scope)
        };
        let narrow = policy(&keys);
        assert!(
            narrow.contains(r#"["acs:kms:cn-hangzhou:1:key/key-here","acs:kms:cn-hangzhou:1:key/key-any*"]"#),
            "{narrow}"
        );
        let many: Vec<NamedKey> = (0..99).map(|number| key(None, None, &format!("key-{number}"))).collect();
        let wide = policy(&many);
        assert!(wide.len() <= MAX_POLICY && wide.contains(r#"["acs:kms:cn-hangzhou:1:key/*"]"#), "{wide}");
    }

    #[test]
    fn the_external_id_is_not_shown() {
        let shown = format!("{:?}", Roles::new(settings()).unwrap());
        assert!(!shown.contains("the-external-id"), "{shown}");
    }

    #[test]
    fn sessions_are_kept_within_bounds() {
        let roles = Roles::new(settings()).unwrap();
        let accounts: Vec<String> = (0..MAX_SESSIONS + 5).map(|number| number.to_string()).collect();
        for account in &accounts {
            roles.cache_for(SessionTarget { account, region: "r", instance: "rm-1" }, Timestamp::UNIX_EPOCH);
            assert!(roles.sessions().len() <= MAX_SESSIONS);
        }
        let again = SessionTarget { account: &accounts[MAX_SESSIONS + 4], region: "r", instance: "rm-2" };
        let (one, two) = (roles.cache_for(again, Timestamp::UNIX_EPOCH), roles.cache_for(again, Timestamp::UNIX_EPOCH));
        assert!(Arc::ptr_eq(&one, &two), "the instance does not matter");
    }
}
