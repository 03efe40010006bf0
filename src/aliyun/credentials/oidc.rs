//! A token of an identity provider that the account trusts, exchanged for a session of a role. A cluster puts the token
//! into a file and keeps it fresh (RRSA, documented), so the file is read again at each exchange.

use futures_util::future::{BoxFuture, FutureExt as _};
use secrecy::{ExposeSecret as _, SecretString};

use super::credential::{Credentials, Source};
use super::error::CredentialsError;
use super::key_file::KeyFile;
use super::provider::{ProvideCredentials, Provided};
use super::sts_host::StsHost;
use crate::aliyun::sts::AssumeRoleWithOIDC;
use crate::aliyun::{Client, Target, Trace};
use crate::env::Env;
use crate::kind::{CredentialProblem, CredentialSource, FileProblem};
use crate::time::Deadline;

const ROLE: &str = "ALIBABA_CLOUD_ROLE_ARN";
const PROVIDER: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";
const SESSION_NAME: &str = "ALIBABA_CLOUD_ROLE_SESSION_NAME";

/// The longest token (documented).
const TOKEN_LIMIT: u64 = 20_000;

#[derive(Debug)]
pub(super) struct Oidc {
    pub(super) role: String,
    pub(super) provider: String,
    pub(super) token_file: KeyFile,
    pub(super) session_name: String,
    pub(super) duration: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) sts: StsHost,
}

impl Oidc {
    /// What the environment says. The role alone says nothing: other tools use that variable too.
    pub(super) fn from_environment(env: &Env, home: Option<&str>) -> Result<Option<Self>, CredentialProblem> {
        let (provider, token_file) = (env.get(PROVIDER), KeyFile::from_variable(env, TOKEN_FILE));
        let there = match (&provider, &token_file) {
            (None, None) => return Ok(None),
            (Some(_), _) => PROVIDER,
            (None, Some(_)) => TOKEN_FILE,
        };
        let missing = |name: &str| CredentialProblem::HalfSet { variable: there.to_owned(), missing: name.to_owned() };
        Ok(Some(Self {
            role: env.get(ROLE).ok_or_else(|| missing(ROLE))?,
            provider: provider.ok_or_else(|| missing(PROVIDER))?,
            token_file: token_file.ok_or_else(|| missing(TOKEN_FILE))?,
            session_name: env.get(SESSION_NAME).unwrap_or_else(|| super::role::SESSION_NAME.to_owned()),
            duration: None,
            policy: None,
            sts: StsHost::from_environment(env, home)?,
        }))
    }

    fn token(&self) -> Result<SecretString, CredentialProblem> {
        let text: SecretString = self.token_file.read(TOKEN_LIMIT)?.unwrap_or_default().into();
        let token = text.expose_secret().trim();
        if token.is_empty() {
            return Err(self.token_file.broken(FileProblem::Empty {}));
        }
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(self.token_file.broken(FileProblem::NotToken {}));
        }
        Ok(token.into())
    }

    async fn exchange(&self, client: &Client, deadline: Deadline) -> Result<Credentials, CredentialsError> {
        let (token, host) = (self.token()?, self.sts.name(client.settings.network));
        let operation = AssumeRoleWithOIDC {
            role: &self.role,
            provider: &self.provider,
            token: token.expose_secret(),
            session_name: &self.session_name,
            duration: self.duration.as_deref(),
            policy: self.policy.as_deref(),
            endpoint: Some(&host),
        };
        let target = Target { credentials: None, region: "", deadline };
        let assumed = client.call(&operation, target, &mut Trace::default()).await;
        let assumed = assumed.map_err(|failure| CredentialsError::failed(CredentialSource::Oidc {}, failure))?;
        Ok(Credentials::from_session(assumed.credentials, Source::Oidc))
    }
}

impl ProvideCredentials for Oidc {
    fn provide<'a>(&'a self, client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided> {
        async move { self.exchange(client, deadline).await.map(Some) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::super::key_file::Scratch;
    use super::*;

    const ALL: [(&str, &str); 3] =
        [(ROLE, "acs:ram::1:role/r"), (PROVIDER, "acs:ram::1:oidc-provider/p"), (TOKEN_FILE, "/t")];

    fn found<const N: usize>(pairs: [(&str, &str); N]) -> Result<Option<Oidc>, CredentialProblem> {
        Oidc::from_environment(&Env::fixed(pairs), None)
    }

    #[test]
    fn the_role_alone_is_absent_and_any_other_part_must_be_whole() {
        assert!(found([ALL[0]]).unwrap().is_none());
        assert!(found(ALL).unwrap().is_some());
        let broken = |pairs: [(&str, &str); 2]| found(pairs).unwrap_err().to_string();
        assert_eq!(broken([ALL[0], ALL[1]]), format!("{PROVIDER} is set but {TOKEN_FILE} is not."));
        assert_eq!(broken([ALL[0], ALL[2]]), format!("{TOKEN_FILE} is set but {PROVIDER} is not."));
        assert_eq!(broken([ALL[1], ALL[2]]), format!("{PROVIDER} is set but {ROLE} is not."));
    }

    #[test]
    fn the_session_has_a_name_of_its_own_or_ours() {
        assert_eq!(found(ALL).unwrap().unwrap().session_name, "rds-seal");
        let [role, provider, file] = ALL;
        let named = found([role, provider, file, (SESSION_NAME, "pod-7")]).unwrap().unwrap();
        assert_eq!(named.session_name, "pod-7");
    }

    fn token(text: &str) -> Result<SecretString, CredentialProblem> {
        let scratch = Scratch::new(text);
        found([ALL[0], ALL[1], (TOKEN_FILE, scratch.path())]).unwrap().unwrap().token()
    }

    #[test]
    fn a_token_that_cannot_be_one_is_broken_and_not_shown() {
        assert_eq!(token("eyJ.a.b\n").unwrap().expose_secret(), "eyJ.a.b");
        for bad in ["", " \n", "a b", "t\u{f6}ken", &"a".repeat(20_001)] {
            let broken = token(bad).unwrap_err();
            assert!(broken.to_string().starts_with("The file that ALIBABA_CLOUD_OIDC_TOKEN_FILE names "), "{broken}");
            assert!(bad.is_empty() || !broken.to_string().contains(bad), "{broken}");
        }
        let broken = found(ALL).unwrap().unwrap().token().unwrap_err();
        assert_eq!(broken.to_string(), "The file that ALIBABA_CLOUD_OIDC_TOKEN_FILE names does not exist.");
    }
}
