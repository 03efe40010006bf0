//! Operations of STS, API version 2015-04-01: other identities, and who we are.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use super::endpoint::{Network, sts};
use super::operation::{Operation, Shape};

const VERSION: &str = "2015-04-01";

/// Takes on a role, for a time.
#[derive(Debug)]
pub struct AssumeRole<'a> {
    pub role: &'a str,
    /// 2 to 64 of `A-Za-z0-9.@-_` (documented). It is what the account's own records show.
    pub session_name: &'a str,
    /// Seconds, 900 to the role's own limit (documented).
    pub duration: &'a str,
    /// Narrows the session further than the role; at most 2048 characters (documented).
    pub policy: Option<&'a str>,
    pub external_id: Option<&'a str>,
    /// A host to ask in place of the region's: a session is good everywhere, whichever gave it.
    pub endpoint: Option<&'a str>,
}

/// What both ways of taking on a role answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Assumed {
    pub credentials: SessionCredentials,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SessionCredentials {
    pub access_key_id: String,
    pub access_key_secret: SecretString,
    pub security_token: SecretString,
    pub expiration: Timestamp,
}

impl Operation for AssumeRole<'_> {
    const ACTION: &'static str = "AssumeRole";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "sts:AssumeRole";
    type Response = Assumed;

    fn host(&self, region: &str, network: Network) -> String {
        self.endpoint.map_or_else(|| sts(region, network), str::to_owned)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters =
            vec![("RoleArn", self.role), ("RoleSessionName", self.session_name), ("DurationSeconds", self.duration)];
        parameters.extend(self.policy.map(|policy| ("Policy", policy)));
        parameters.extend(self.external_id.map(|id| ("ExternalId", id)));
        parameters
    }

    fn secret(&self) -> Option<&str> {
        self.external_id
    }
}

/// Takes on a role by a token of an identity provider that the account trusts. Nobody signs it: the token proves who asks,
/// and goes in the body, never in the URL.
#[derive(Debug)]
pub struct AssumeRoleWithOIDC<'a> {
    pub role: &'a str,
    pub provider: &'a str,
    pub token: &'a str,
    pub session_name: &'a str,
    /// As for [`AssumeRole`]; the service has a default.
    pub duration: Option<&'a str>,
    pub policy: Option<&'a str>,
    /// The host a cluster names in `ALIBABA_CLOUD_STS_ENDPOINT`, in place of the region's.
    pub endpoint: Option<&'a str>,
}

impl Operation for AssumeRoleWithOIDC<'_> {
    const ACTION: &'static str = "AssumeRoleWithOIDC";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "";
    type Response = Assumed;

    fn host(&self, region: &str, network: Network) -> String {
        self.endpoint.map_or_else(|| sts(region, network), str::to_owned)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters = vec![
            ("RoleArn", self.role),
            ("OIDCProviderArn", self.provider),
            ("OIDCToken", self.token),
            ("RoleSessionName", self.session_name),
        ];
        parameters.extend(self.duration.map(|duration| ("DurationSeconds", duration)));
        parameters.extend(self.policy.map(|policy| ("Policy", policy)));
        parameters
    }

    fn shape(&self) -> Shape {
        Shape::Anonymous
    }

    fn secret(&self) -> Option<&str> {
        Some(self.token)
    }
}

/// Says whose credentials these are. Every identity may ask.
#[derive(Debug)]
pub struct GetCallerIdentity;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallerIdentity {
    pub account_id: String,
    pub arn: String,
}

impl Operation for GetCallerIdentity {
    const ACTION: &'static str = "GetCallerIdentity";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "";
    type Response = CallerIdentity;

    fn host(&self, region: &str, network: Network) -> String {
        sts(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }
}
