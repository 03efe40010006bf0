//! The metadata service of a virtual machine, which hands out the session of the machine's role (documented): version
//! 2, which asks for a token first. Version 1 has no such guard against forwarded requests and is taken only where
//! allowed.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use reqwest::{Method, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::credential::Source;
use super::error::CredentialsError;
use super::fetch::{self, FetchError, Request, Response};
use super::provider::{ProvideCredentials, Provided};
use super::settings::ChainSettings;
use super::sts_host::is_true;
use crate::aliyun::Client;
use crate::env::Env;
use crate::kind::{CredentialProblem, CredentialSource, MetadataProblem, VariableProblem};
use crate::time::Deadline;

const ADDRESS: &str = "http://100.100.100.200";
const TOKEN: &str = "/latest/api/token";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

const ROLE: &str = "ALIBABA_CLOUD_ECS_METADATA";
const DISABLED: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const V1_DISABLED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

/// The longest one request may take: whoever is there is near.
const TIMEOUT: Duration = Duration::from_secs(1);

const SOURCE: CredentialSource = CredentialSource::Metadata {};

#[derive(Debug)]
pub(super) struct Metadata {
    address: Url,
    role: Option<String>,
    v1: bool,
    /// Somebody asked for it, so it must be there.
    required: bool,
}

/// The version that is spoken, with what it needs.
enum Version {
    V1,
    V2 { token: SecretString },
}

impl Metadata {
    /// The last source of the chain. Nobody need be there, unless a variable names the role.
    pub(super) fn optional(env: &Env, settings: &ChainSettings) -> Result<Option<Self>, CredentialProblem> {
        if is_true(env, DISABLED) {
            return Ok(None);
        }
        let role = role(env)?;
        let required = role.is_some();
        Ok(Some(Self::new(env, settings, role, required)))
    }

    /// What a configuration or a profile asks for.
    pub(super) fn required(
        env: &Env,
        settings: &ChainSettings,
        of_profile: Option<&str>,
    ) -> Result<Self, CredentialProblem> {
        if is_true(env, DISABLED) {
            return Err(MetadataProblem::Forbidden { variable: DISABLED.to_owned() }.into());
        }
        let role = match of_profile {
            Some(role) if is_role(role) => Some(role.to_owned()),
            Some(_) => return Err(MetadataProblem::BadRole {}.into()),
            None => role(env)?,
        };
        Ok(Self::new(env, settings, role, true))
    }

    fn new(env: &Env, settings: &ChainSettings, role: Option<String>, required: bool) -> Self {
        let default_address = || Url::parse(ADDRESS).expect("the address is one");
        Self {
            address: settings.metadata.clone().unwrap_or_else(default_address),
            role,
            v1: settings.allow_metadata_v1 && !is_true(env, V1_DISABLED),
            required,
        }
    }

    async fn session(&self, client: &Client, deadline: Deadline) -> Provided {
        let Some(version) = self.version(client, deadline).await? else { return Ok(None) };
        let role = match &self.role {
            Some(role) => role.clone(),
            None => match self.get("", &version, client, deadline).await? {
                None => return Ok(None),
                Some(body) => read_role(&body)?,
            },
        };
        let body = self.get(&role, &version, client, deadline).await?;
        Ok(body.map(|body| fetch::parse(&body, Source::Metadata, &SOURCE)).transpose()?)
    }

    /// Version 2 with its token, which lives for six hours at most; nothing where nobody is there.
    async fn version(&self, client: &Client, deadline: Deadline) -> Result<Option<Version>, CredentialsError> {
        let ttl = Some(("x-aliyun-ecs-metadata-token-ttl-seconds", "21600"));
        match self.send(Method::PUT, TOKEN, ttl, client, deadline).await {
            Ok(response) if response.status == StatusCode::OK => {
                read_token(response.body).map(|token| Some(Version::V2 { token }))
            }
            Ok(_) | Err(FetchError::Unreachable) if self.v1 => Ok(Some(Version::V1)),
            Ok(response) if response.status == StatusCode::NOT_FOUND => Ok(None),
            Ok(response) => Err(fetch::unexpected(response.status, SOURCE)),
            Err(FetchError::Unreachable) if !self.required => Ok(None),
            Err(error) => Err(error.into_error(SOURCE)),
        }
    }

    /// What stands under a name; nothing where nothing does.
    async fn get(
        &self,
        name: &str,
        version: &Version,
        client: &Client,
        deadline: Deadline,
    ) -> Result<Option<Vec<u8>>, CredentialsError> {
        let token = match version {
            Version::V2 { token } => Some(("x-aliyun-ecs-metadata-token", token.expose_secret())),
            Version::V1 => None,
        };
        match self.send(Method::GET, &format!("{ROLES}{name}"), token, client, deadline).await {
            Ok(Response { status: StatusCode::OK, body }) => Ok(Some(body)),
            Ok(response) if response.status == StatusCode::NOT_FOUND => Ok(None),
            Ok(response) => Err(fetch::unexpected(response.status, SOURCE)),
            // Without a token nothing has shown yet that anybody is there.
            Err(FetchError::Unreachable) if token.is_none() && !self.required => Ok(None),
            Err(error) => Err(error.into_error(SOURCE)),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        header: Option<(&'static str, &str)>,
        client: &Client,
        deadline: Deadline,
    ) -> Result<Response, FetchError> {
        let mut url = self.address.clone();
        url.set_path(path);
        fetch::send(client, Request { method, url, header, limit: TIMEOUT }, deadline).await
    }
}

impl ProvideCredentials for Metadata {
    fn provide<'a>(&'a self, client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided> {
        async move {
            match self.session(client, deadline).await? {
                None if self.required => Err(CredentialProblem::from(MetadataProblem::NoRole {}).into()),
                found => Ok(found),
            }
        }
        .boxed()
    }
}

/// The role that a variable names.
fn role(env: &Env) -> Result<Option<String>, CredentialProblem> {
    match env.get(ROLE) {
        Some(role) if !is_role(&role) => {
            Err(CredentialProblem::Variable { variable: ROLE.to_owned(), problem: VariableProblem::NotRole })
        }
        role => Ok(role),
    }
}

/// 1 to 64 of `A-Za-z0-9.-_` (documented).
fn is_role(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

fn read_role(body: &[u8]) -> Result<String, CredentialProblem> {
    let name = std::str::from_utf8(body).unwrap_or_default().trim();
    if is_role(name) { Ok(name.to_owned()) } else { Err(MetadataProblem::NamesNoRole {}.into()) }
}

fn read_token(body: Vec<u8>) -> Result<SecretString, CredentialsError> {
    let text = SecretString::from(String::from_utf8(body).unwrap_or_default());
    let token = text.expose_secret().trim();
    let is_token = (1..=1024).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic() && b != b'<');
    let refusal = CredentialProblem::from(MetadataProblem::GivesNoToken {});
    if is_token { Ok(token.into()) } else { Err(refusal.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn optional<const N: usize>(pairs: [(&str, &str); N], settings: &ChainSettings) -> Option<Metadata> {
        Metadata::optional(&Env::fixed(pairs), settings).unwrap()
    }

    #[test]
    fn version_1_needs_a_yes_and_no_no() {
        let allowing = ChainSettings { allow_metadata_v1: true, ..ChainSettings::default() };
        assert!(!optional([], &ChainSettings::default()).unwrap().v1);
        assert!(optional([], &allowing).unwrap().v1);
        assert!(!optional([(V1_DISABLED, "true")], &allowing).unwrap().v1);
    }

    #[test]
    fn it_must_be_there_where_somebody_asks_for_it() {
        assert!(!optional([], &ChainSettings::default()).unwrap().required);
        assert!(optional([(ROLE, "seal")], &ChainSettings::default()).unwrap().required);
        assert!(optional([(DISABLED, "TRUE")], &ChainSettings::default()).is_none());
        let broken =
            Metadata::required(&Env::fixed([(DISABLED, "true")]), &ChainSettings::default(), None).unwrap_err();
        assert!(broken.to_string().contains(DISABLED), "{broken}");
    }

    #[test]
    fn a_role_has_a_name_and_a_page_is_none() {
        assert_eq!(read_role(b"seal-role\n").unwrap(), "seal-role");
        for garbage in ["", "<html>", "a b", "../token", &"r".repeat(65)] {
            assert!(read_role(garbage.as_bytes()).is_err(), "{garbage}");
        }
        assert!(Metadata::optional(&Env::fixed([(ROLE, "a/b")]), &ChainSettings::default()).is_err());
    }

    #[test]
    fn a_page_is_no_token() {
        assert_eq!(read_token(b"AQAAA-token==\n".to_vec()).unwrap().expose_secret(), "AQAAA-token==");
        for garbage in ["", "<!doctype html>", "two words"] {
            assert!(read_token(garbage.as_bytes().to_vec()).is_err(), "{garbage}");
        }
    }
}
