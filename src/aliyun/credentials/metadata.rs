//! The metadata service of a virtual machine, which hands out the session of the machine's role (documented): version
//! 2, which asks for a token first. Version 1 has no such guard against forwarded requests and is taken only where
//! allowed.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use reqwest::{Method, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::answer::{self, FetchError, Question, Reply};
use super::chain::Settings;
use super::sts_host::is_true;
use super::{Broken, CredentialsError, ProvideCredentials, Provided, Source};
use crate::aliyun::Client;
use crate::env::Env;
use crate::time::Deadline;

const ADDRESS: &str = "http://100.100.100.200";
const TOKEN: &str = "/latest/api/token";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

const ROLE: &str = "ALIBABA_CLOUD_ECS_METADATA";
const DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const V1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

/// The longest one question may take: whoever is there is near.
const TIMEOUT: Duration = Duration::from_secs(1);

const WORDS: &str = "the metadata service";

#[derive(Debug)]
pub(super) struct Metadata {
    address: Url,
    role: Option<String>,
    v1: bool,
    /// Somebody asked for it, so it must be there.
    required: bool,
}

/// With what to ask for a role.
enum Pass {
    Token(SecretString),
    /// Version 1 needs none.
    Unneeded,
}

impl Metadata {
    /// The last source of the chain. Nobody need be there, unless a variable names the role.
    pub(super) fn last(env: &Env, settings: &Settings) -> Result<Option<Self>, Broken> {
        if is_true(env, DISABLED) {
            return Ok(None);
        }
        let role = role(env)?;
        let required = role.is_some();
        Ok(Some(Self::new(env, settings, role, required)))
    }

    /// What a configuration or a profile asks for.
    pub(super) fn required(env: &Env, settings: &Settings, of_profile: Option<&str>) -> Result<Self, Broken> {
        if is_true(env, DISABLED) {
            return Err(Broken(format!("The metadata service is asked for, and {DISABLED} forbids it.")));
        }
        let role = match of_profile {
            Some(role) if is_role(role) => Some(role.to_owned()),
            Some(_) => return Err(Broken::because("The role of a profile that asks the metadata service is no name.")),
            None => role(env)?,
        };
        Ok(Self::new(env, settings, role, true))
    }

    fn new(env: &Env, settings: &Settings, role: Option<String>, required: bool) -> Self {
        let usual = || Url::parse(ADDRESS).expect("the address is one");
        Self {
            address: settings.metadata.clone().unwrap_or_else(usual),
            role,
            v1: settings.allow_metadata_v1 && !is_true(env, V1_DISABLED),
            required,
        }
    }

    async fn look(&self, client: &Client, deadline: Deadline) -> Provided {
        let Some(pass) = self.pass(client, deadline).await? else { return Ok(None) };
        let role = match &self.role {
            Some(role) => role.clone(),
            None => match self.get("", &pass, client, deadline).await? {
                None => return Ok(None),
                Some(body) => read_role(&body)?,
            },
        };
        let body = self.get(&role, &pass, client, deadline).await?;
        Ok(body.map(|body| answer::read(&body, Source::Metadata, WORDS)).transpose()?)
    }

    /// The token of version 2, which lives for six hours at most; nothing where nobody is there.
    async fn pass(&self, client: &Client, deadline: Deadline) -> Result<Option<Pass>, CredentialsError> {
        let ttl = Some(("x-aliyun-ecs-metadata-token-ttl-seconds", "21600"));
        match self.ask(Method::PUT, TOKEN, ttl, client, deadline).await {
            Ok(reply) if reply.status == StatusCode::OK => read_token(reply.body).map(|token| Some(Pass::Token(token))),
            Ok(_) | Err(FetchError::Unreachable) if self.v1 => Ok(Some(Pass::Unneeded)),
            Ok(reply) if reply.status == StatusCode::NOT_FOUND => Ok(None),
            Ok(reply) => Err(answer::refused(reply.status, WORDS)),
            Err(FetchError::Unreachable) if !self.required => Ok(None),
            Err(silence) => Err(silence.of(WORDS)),
        }
    }

    /// What stands under a name; nothing where nothing does.
    async fn get(
        &self,
        name: &str,
        pass: &Pass,
        client: &Client,
        deadline: Deadline,
    ) -> Result<Option<Vec<u8>>, CredentialsError> {
        let token = match pass {
            Pass::Token(token) => Some(("x-aliyun-ecs-metadata-token", token.expose_secret())),
            Pass::Unneeded => None,
        };
        match self.ask(Method::GET, &format!("{ROLES}{name}"), token, client, deadline).await {
            Ok(Reply { status: StatusCode::OK, body }) => Ok(Some(body)),
            Ok(reply) if reply.status == StatusCode::NOT_FOUND => Ok(None),
            Ok(reply) => Err(answer::refused(reply.status, WORDS)),
            // Without a token nothing has shown yet that anybody is there.
            Err(FetchError::Unreachable) if token.is_none() && !self.required => Ok(None),
            Err(silence) => Err(silence.of(WORDS)),
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        header: Option<(&'static str, &str)>,
        client: &Client,
        deadline: Deadline,
    ) -> Result<Reply, FetchError> {
        let mut url = self.address.clone();
        url.set_path(path);
        answer::ask(client, Question { method, url, header, limit: TIMEOUT }, deadline).await
    }
}

impl ProvideCredentials for Metadata {
    fn provide<'a>(&'a self, client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided> {
        async move {
            match self.look(client, deadline).await? {
                None if self.required => Err(Broken::because(
                    "The metadata service knows no role for this machine: attach one, or check the name.",
                )
                .into()),
                found => Ok(found),
            }
        }
        .boxed()
    }
}

/// The role that a variable names.
fn role(env: &Env) -> Result<Option<String>, Broken> {
    match env.get(ROLE) {
        Some(role) if !is_role(&role) => Err(Broken(format!("{ROLE} is not the name of a role."))),
        role => Ok(role),
    }
}

/// 1 to 64 of `A-Za-z0-9.-_` (documented).
fn is_role(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

fn read_role(body: &[u8]) -> Result<String, Broken> {
    let name = std::str::from_utf8(body).unwrap_or_default().trim();
    let broken = || Broken::because("What answers in place of the metadata service does not name a role.");
    if is_role(name) { Ok(name.to_owned()) } else { Err(broken()) }
}

fn read_token(body: Vec<u8>) -> Result<SecretString, CredentialsError> {
    let text = SecretString::from(String::from_utf8(body).unwrap_or_default());
    let token = text.expose_secret().trim();
    let is_token = (1..=1024).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic() && b != b'<');
    let broken = || Broken::because("What answers in place of the metadata service gives no token.").into();
    if is_token { Ok(token.into()) } else { Err(broken()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last<const N: usize>(pairs: [(&str, &str); N], settings: &Settings) -> Option<Metadata> {
        Metadata::last(&Env::fixed(pairs), settings).unwrap()
    }

    #[test]
    fn version_1_needs_a_yes_and_no_no() {
        let allowing = Settings { allow_metadata_v1: true, ..Settings::default() };
        assert!(!last([], &Settings::default()).unwrap().v1);
        assert!(last([], &allowing).unwrap().v1);
        assert!(!last([(V1_DISABLED, "true")], &allowing).unwrap().v1);
    }

    #[test]
    fn it_must_be_there_where_somebody_asks_for_it() {
        assert!(!last([], &Settings::default()).unwrap().required);
        assert!(last([(ROLE, "seal")], &Settings::default()).unwrap().required);
        assert!(last([(DISABLED, "TRUE")], &Settings::default()).is_none());
        let broken = Metadata::required(&Env::fixed([(DISABLED, "true")]), &Settings::default(), None).unwrap_err();
        assert!(broken.0.contains(DISABLED), "{broken}");
    }

    #[test]
    fn a_role_has_a_name_and_a_page_is_none() {
        assert_eq!(read_role(b"seal-role\n").unwrap(), "seal-role");
        for garbage in ["", "<html>", "a b", "../token", &"r".repeat(65)] {
            assert!(read_role(garbage.as_bytes()).is_err(), "{garbage}");
        }
        assert!(Metadata::last(&Env::fixed([(ROLE, "a/b")]), &Settings::default()).is_err());
    }

    #[test]
    fn a_page_is_no_token() {
        assert_eq!(read_token(b"AQAAA-token==\n".to_vec()).unwrap().expose_secret(), "AQAAA-token==");
        for garbage in ["", "<!doctype html>", "two words"] {
            assert!(read_token(garbage.as_bytes().to_vec()).is_err(), "{garbage}");
        }
    }
}
