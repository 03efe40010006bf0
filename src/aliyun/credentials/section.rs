//! One section of a file that a person keeps credentials in, and the sources it can describe. The two kinds of file say
//! the same things in different words.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use super::credential::{Credentials, Source};
use super::key_file::KeyFile;
use super::metadata::Metadata;
use super::oidc::Oidc;
use super::provider::Provider;
use super::role::{self, Role};
use super::settings::ChainSettings;
use super::static_credentials::StaticCredentials;
use super::sts_host::{StsHost, is_region};
use crate::env::Env;
use crate::kind::{CredentialFile, CredentialProblem, CredentialSource, Section as SectionName, SectionProblem};

/// What a kind of file calls the things that the other calls differently.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) token: &'static str,
    pub(super) role: &'static str,
    pub(super) session_name: &'static str,
    pub(super) token_file: &'static str,
    pub(super) machine_role: &'static str,
}

/// Fields by name. Which of them are secret depends on who wrote them, so all are.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: SectionName,
    pub(super) names: &'static Names,
    pub(super) fields: BTreeMap<String, SecretString>,
}

impl Section {
    /// A field with something in it.
    pub(super) fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(ExposeSecret::expose_secret).filter(|value| !value.is_empty())
    }

    pub(super) fn need(&self, field: &str) -> Result<&str, CredentialProblem> {
        self.get(field).ok_or_else(|| self.broken(SectionProblem::NoField { field: field.to_owned() }))
    }

    pub(super) fn broken(&self, problem: SectionProblem) -> CredentialProblem {
        CredentialProblem::Section { section: self.name.clone(), problem }
    }

    /// The pair alone: a token that was left behind by another mode does not belong to it.
    pub(super) fn key_pair(&self) -> Result<StaticCredentials, CredentialProblem> {
        Ok(StaticCredentials(Credentials {
            access_key_id: self.need("access_key_id")?.to_owned(),
            access_key_secret: self.need("access_key_secret")?.into(),
            security_token: None,
            expires_at: None,
            source: Source::Written,
        }))
    }

    pub(super) fn key_pair_with_token(&self) -> Result<StaticCredentials, CredentialProblem> {
        let StaticCredentials(pair) = self.key_pair()?;
        Ok(StaticCredentials(Credentials { security_token: Some(self.need(self.names.token)?.into()), ..pair }))
    }

    pub(super) fn role(&self, base: Provider, settings: &ChainSettings) -> Result<Role, CredentialProblem> {
        Ok(Role {
            base,
            arn: self.need(self.names.role)?.to_owned(),
            session_name: self.session_name(),
            external_id: self.get("external_id").map(Into::into),
            policy: self.get("policy").map(str::to_owned),
            duration: self.duration()?.unwrap_or_else(|| role::DURATION.to_owned()),
            sts: self.sts(settings)?,
            source: CredentialSource::RoleOfSection { section: self.name.clone() },
        })
    }

    pub(super) fn oidc(&self, settings: &ChainSettings) -> Result<Oidc, CredentialProblem> {
        let field = self.names.token_file;
        Ok(Oidc {
            role: self.need(self.names.role)?.to_owned(),
            provider: self.need("oidc_provider_arn")?.to_owned(),
            token_file: KeyFile {
                path: self.need(field)?.into(),
                label: CredentialFile::OfField { field: field.to_owned(), section: self.name.clone() },
                named: true,
            },
            session_name: self.session_name(),
            duration: self.duration()?,
            policy: self.get("policy").map(str::to_owned),
            sts: self.sts(settings)?,
        })
    }

    pub(super) fn metadata(&self, env: &Env, settings: &ChainSettings) -> Result<Metadata, CredentialProblem> {
        if settings.on_function {
            return Err(self.broken(SectionProblem::MachineOnFunction {}));
        }
        Metadata::required(env, settings, self.get(self.names.machine_role))
    }

    fn session_name(&self) -> String {
        self.get(self.names.session_name).unwrap_or(role::SESSION_NAME).to_owned()
    }

    /// Seconds; none and zero mean the service's default (read in the vendor's CLI, which writes zero for none).
    fn duration(&self) -> Result<Option<String>, CredentialProblem> {
        match self.get("expired_seconds") {
            None | Some("0") => Ok(None),
            Some(text) if text.parse().is_ok_and(|seconds: u32| (900..=43_200).contains(&seconds)) => {
                Ok(Some(text.to_owned()))
            }
            Some(_) => Err(self.broken(SectionProblem::BadDuration {})),
        }
    }

    fn sts(&self, settings: &ChainSettings) -> Result<StsHost, CredentialProblem> {
        let region = self.get("sts_region");
        if region.is_some_and(|region| !is_region(region)) {
            return Err(self.broken(SectionProblem::BadRegion {}));
        }
        Ok(StsHost::from_region(region.or(settings.region.as_deref()), self.get("enable_vpc") == Some("true")))
    }
}
