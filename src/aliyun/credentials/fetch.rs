//! Credentials from a server that is not the cloud's API: how they are fetched, and the answer that the metadata service
//! and a credentials URI give alike (documented).

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, StatusCode, Url};
use secrecy::SecretString;
use serde::Deserialize;

use super::credential::{Credentials, Source, filled};
use super::error::CredentialsError;
use crate::aliyun::Client;
use crate::aliyun::error::Failure;
use crate::kind::{AnswerProblem, CredentialProblem, CredentialSource, NoAnswer};
use crate::outbound;
use crate::time::Deadline;

/// An answer is a few hundred bytes; more than this is not one.
const LIMIT: usize = 64 * 1024;

/// One request to a server that is not the cloud's API: nothing is signed and nothing is repeated.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) header: Option<(&'static str, &'a str)>,
    pub(super) limit: Duration,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

/// Why nothing came back that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FetchError {
    /// Nobody took the connection, or nobody spoke in time.
    Unreachable,
    Cut,
    TooLarge,
}

impl FetchError {
    pub(super) fn into_error(self, source: CredentialSource) -> CredentialsError {
        match self {
            Self::Unreachable => CredentialsError::unavailable(source, NoAnswer::TimedOut),
            Self::Cut => CredentialsError::unavailable(source, NoAnswer::Cut),
            Self::TooLarge => CredentialProblem::Answer { from: source, problem: AnswerProblem::TooLarge {} }.into(),
        }
    }
}

pub(super) async fn send(client: &Client, request: Request<'_>, deadline: Deadline) -> Result<Response, FetchError> {
    let Request { method, url, header, limit } = request;
    let mut request = client.http.request(method, url).timeout(limit.min(deadline.remaining()));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let response = request.send().await.map_err(|_| FetchError::Unreachable)?;
    let status = response.status();
    let body = outbound::body(response, LIMIT).await.map_err(|unread| match unread {
        outbound::BodyError::TooLarge => FetchError::TooLarge,
        outbound::BodyError::Cut => FetchError::Cut,
    })?;
    Ok(Response { status, body })
}

/// A status that is not the one hoped for: a server in trouble may get over it, anything else a person must look at.
pub(super) fn unexpected(status: StatusCode, source: CredentialSource) -> CredentialsError {
    let status_is = status.as_u16();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let why = NoAnswer::HttpStatus { status: status_is };
        let failure = Failure { http_status: Some(status_is), answered: true, ..Failure::unsent(why) };
        return CredentialsError::failed(source, failure);
    }
    CredentialProblem::Answer { from: source, problem: AnswerProblem::Status { status: status_is } }.into()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    code: String,
    access_key_id: Option<String>,
    access_key_secret: Option<SecretString>,
    security_token: Option<SecretString>,
    expiration: Option<Timestamp>,
}

/// Reads credentials, all four parts of them.
pub(super) fn parse(body: &[u8], source: Source, from: &CredentialSource) -> Result<Credentials, CredentialProblem> {
    let broken = |problem| CredentialProblem::Answer { from: from.clone(), problem };
    let body: Body = serde_json::from_slice(body).map_err(|_| broken(AnswerProblem::NotCredentials {}))?;
    if body.code != "Success" {
        return Err(broken(AnswerProblem::NotSuccess {}));
    }
    let missing = |name: &str| broken(AnswerProblem::NoField { field: name.to_owned() });
    Ok(Credentials {
        access_key_id: body.access_key_id.filter(|id| !id.is_empty()).ok_or_else(|| missing("AccessKeyId"))?,
        access_key_secret: filled(body.access_key_secret).ok_or_else(|| missing("AccessKeySecret"))?,
        security_token: Some(filled(body.security_token).ok_or_else(|| missing("SecurityToken"))?),
        expires_at: Some(body.expiration.ok_or_else(|| missing("Expiration"))?),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    const WHOLE: &str = r#"{"Code":"Success","AccessKeyId":"STS.id","AccessKeySecret":"the-secret","SecurityToken":
        "the-token","Expiration":"2026-11-24T12:00:00Z","LastUpdated":"2026-11-24T06:00:00Z"}"#;

    fn read_uri(body: &str) -> Result<Credentials, CredentialProblem> {
        parse(body.as_bytes(), Source::Uri, &CredentialSource::Uri {})
    }

    #[test]
    fn a_whole_answer_is_one_identity_with_an_end() {
        let credentials = read_uri(WHOLE).unwrap();
        assert_eq!(credentials.access_key_id, "STS.id");
        assert_eq!(credentials.expires_at, Some("2026-11-24T12:00:00Z".parse().unwrap()));
        assert_eq!(credentials.source, Source::Uri);
    }

    #[test]
    fn half_an_answer_is_broken_and_never_repeated() {
        for part in ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"] {
            let broken = read_uri(&WHOLE.replace(&format!("\"{part}\""), "\"Other\"")).unwrap_err();
            assert_eq!(broken.to_string(), format!("The answer of the credentials URI has no {part}."));
        }
        for garbage in ["<html>the-secret</html>", "", "null", &WHOLE.replace("Success", "the-secret")] {
            let broken = read_uri(garbage).unwrap_err();
            assert!(!broken.to_string().contains("the-secret"), "{broken}");
        }
    }

    #[test]
    fn a_server_in_trouble_may_get_over_it_and_another_status_is_a_persons_business() {
        let CredentialsError::Failed { failure, .. } = unexpected(StatusCode::BAD_GATEWAY, CredentialSource::Uri {})
        else {
            panic!("it is for now")
        };
        assert_eq!((failure.kind, failure.http_status), (Kind::Unavailable, Some(502)));
        let broken = unexpected(StatusCode::FORBIDDEN, CredentialSource::Uri {});
        assert_eq!(broken.to_string(), "The answer of the credentials URI has the HTTP status 403.");
    }
}
