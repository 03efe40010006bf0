//! What the cloud's errors mean: from an answer to a failure with a kind.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::error_table::{GATEWAY, NEIGHBOURS, REFERENCE};
use super::sign::escape;
use crate::kind::{Kind, NoAnswer};

pub use super::error_table::KnownError;

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub kind: Kind,
    /// The service's code; absent where no readable answer came.
    pub code: Option<String>,
    /// The service's words, fit to be shown; or a detail of ours, in English.
    pub message: String,
    /// Why there is no answer of the service's own.
    pub no_answer: Option<NoAnswer>,
    pub http_status: Option<u16>,
    pub request_id: Option<String>,
    /// `x-acs-retry-after`: how long the service wants to be left alone.
    pub retry_after: Option<Duration>,
    /// How far the service's clock is ahead of ours, by its `Date`.
    pub clock_ahead: Option<SignedDuration>,
    /// Whether a change that was asked for may have been made all the same.
    pub may_have_applied: bool,
    /// Whether any answer came that could be read.
    pub answered: bool,
    /// The permission that was missing, where that is why.
    pub denied: Option<Denied>,
}

/// A permission that RAM refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// Such as `rds:EnableBackupEncryption`.
    pub action: String,
    /// The kind of policy that says no on purpose; absent where merely none says yes.
    pub explicitly_by: Option<String>,
    /// The session was narrowed further than its role, and this lies outside.
    pub by_the_session: bool,
}

impl Failure {
    /// No answer came, or none that could be read.
    pub(super) fn ambiguous(message: &str, http_status: Option<u16>) -> Self {
        Self { http_status, may_have_applied: true, answered: false, ..Self::new(Kind::Ambiguous, message) }
    }

    /// No answer came, or none that could be read, and this is why.
    pub(super) fn unanswered(why: NoAnswer, http_status: Option<u16>) -> Self {
        Self { no_answer: Some(why), ..Self::ambiguous("", http_status) }
    }

    /// The request never left, and this is why.
    pub(super) fn unsent(why: NoAnswer) -> Self {
        Self { no_answer: Some(why), ..Self::not_sent("") }
    }

    /// The request never left.
    pub(super) fn not_sent(message: &str) -> Self {
        Self { answered: false, ..Self::new(Kind::Unavailable, message) }
    }

    /// The service listed nothing where one thing was asked for: as good as its `InvalidDBInstanceId.NotFound`.
    pub fn absent() -> Self {
        Self { no_answer: Some(NoAnswer::NotListed), ..Self::new(Kind::NotFound, "") }
    }

    /// The service answered, and nothing can be done with what it said.
    pub(super) fn unusable(why: NoAnswer) -> Self {
        Self { no_answer: Some(why), ..Self::new(Kind::Service, "") }
    }

    fn new(kind: Kind, message: &str) -> Self {
        Self {
            kind,
            code: None,
            message: message.to_owned(),
            no_answer: None,
            http_status: None,
            request_id: None,
            retry_after: None,
            clock_ahead: None,
            may_have_applied: false,
            answered: true,
            denied: None,
        }
    }

    fn with_code(self, code: String) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Whether this is the service's `code`.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether this answer ends the doubt about earlier attempts: a readable one, not itself doubtful, that comes from
    /// where the instance is looked at. What is refused before that (permission, key pair, signature, clock, rate, the form
    /// of the request, the account) says nothing of the instance (inferred). No `_`: a new kind does not compile until
    /// someone decides.
    pub(super) fn settles(&self) -> bool {
        let is_about_the_instance = match self.kind {
            Kind::AlreadyEnabled
            | Kind::NotReady
            | Kind::Unsupported
            | Kind::NotFound
            | Kind::KeyOrRole
            | Kind::Service => true,
            Kind::Throttled
            | Kind::Unavailable
            | Kind::Ambiguous
            | Kind::Forbidden
            | Kind::Unauthenticated
            | Kind::Account
            | Kind::InvalidRequest
            | Kind::Unknown => false,
        };
        self.answered && !self.may_have_applied && is_about_the_instance
    }
}

/// What is known of a code. Case matters: `pay.noCreditCard` and `Pay.NoCreditCard` are two codes.
pub fn known(code: &str) -> Option<&'static KnownError> {
    known_codes().find(|known| known.code == code)
}

/// All codes that are known, the reference page's first.
pub fn known_codes() -> impl Iterator<Item = &'static KnownError> {
    REFERENCE.iter().chain(&GATEWAY).chain(&NEIGHBOURS)
}

/// The kind of a code in an answer with this status. Codes decide, not statuses: throttling is 400, a state error 403.
pub fn kind_of(code: &str, http_status: u16) -> Kind {
    match known(code) {
        Some(known) => known.kind,
        None if code.contains("Throttling") => Kind::Throttled,
        None if http_status >= 500 => Kind::Unavailable,
        None => Kind::Unknown,
    }
}

/// Codes that do not say whether the change was made: the first may end in either state, the second may be our own
/// earlier request arriving twice (inferred).
const DOUBTFUL: [&str; 2] = ["SqlExecuteFailedOrTimeout", "SignatureNonceUsed"];

/// The vendor's error body. Lower-case names are tolerated as its own SDK does (read in alibabacloud-tea-openapi 0.4.6).
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "Code", alias = "code")]
    code: String,
    #[serde(rename = "Message", alias = "message", default)]
    message: Option<String>,
    #[serde(rename = "RequestId", alias = "requestId", default)]
    request_id: Option<String>,
    #[serde(rename = "AccessDeniedDetail", alias = "accessDeniedDetail", default)]
    denied: Option<AccessDeniedDetail>,
}

/// What RAM says about a refusal (documented on the vendor's page about request ids).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessDeniedDetail {
    auth_action: Option<String>,
    no_permission_type: Option<String>,
    policy_type: Option<String>,
}

/// Codes by which RAM says that a permission is missing (documented; `NoPermission` is that of STS, `AccessDenied` that of
/// Function Compute, the last two are those of KMS).
const DENIALS: [&str; 5] =
    ["Forbidden.RAM", "NoPermission", "AccessDenied", "Forbidden.NoPermission", "AccessDeniedError"];

/// The parts of an answer that a failure is read from.
pub(super) struct Answer<'a> {
    pub(super) http_status: u16,
    pub(super) retry_after: Option<Duration>,
    /// Of the `Date` header.
    pub(super) date: Option<Timestamp>,
    pub(super) now: Timestamp,
    pub(super) body: &'a [u8],
    /// The permission that the operation needs.
    pub(super) ram_action: &'a str,
    /// What must not be repeated, should the service repeat it.
    pub(super) secrets: [&'a str; 3],
}

/// Reads a failure out of an answer that is not the one hoped for.
pub(super) fn failure(answer: &Answer<'_>) -> Failure {
    let http_status = Some(answer.http_status);
    let Ok(body) = serde_json::from_slice::<Body>(answer.body) else {
        return Failure::unanswered(NoAnswer::Unreadable, http_status);
    };
    if body.code.is_empty() {
        return Failure::unanswered(NoAnswer::NoCode, http_status);
    }
    Failure {
        http_status,
        request_id: body.request_id.as_deref().map(|id| answer.shown(id)),
        retry_after: answer.retry_after,
        clock_ahead: answer.date.map(|date| date.duration_since(answer.now)),
        may_have_applied: answer.http_status >= 500 || DOUBTFUL.contains(&body.code.as_str()),
        denied: answer.denied(&body),
        ..Failure::new(
            kind_of(&body.code, answer.http_status),
            &answer.message(&body.code, &body.message.unwrap_or_default()),
        )
    }
    .with_code(answer.shown(&body.code))
}

impl Answer<'_> {
    /// The permission that was missing: the one RAM names, else the one the operation needs.
    fn denied(&self, body: &Body) -> Option<Denied> {
        if !DENIALS.contains(&body.code.as_str()) {
            return None;
        }
        let detail = body.denied.as_ref();
        let named = detail.and_then(|detail| detail.auth_action.as_deref()).map(|action| self.shown(action));
        let action = named.filter(|action| !action.is_empty()).unwrap_or_else(|| self.ram_action.to_owned());
        let is_explicit = detail.and_then(|detail| detail.no_permission_type.as_deref()) == Some("ExplicitDeny");
        let policy = detail.and_then(|detail| detail.policy_type.as_deref()).map(|policy| self.shown(policy));
        let by_the_session = !is_explicit && policy.as_deref() == Some("SessionPolicy");
        let explicitly_by = is_explicit.then(|| policy.unwrap_or_else(|| "which is not said".to_owned()));
        (!action.is_empty()).then_some(Denied { action, explicitly_by, by_the_session })
    }

    /// The service's message, fit to be shown, without the string that the service signed itself: in a V1 request that
    /// holds the security token.
    fn message(&self, code: &str, message: &str) -> String {
        let text = self.shown(message.split("server string to sign").next().unwrap_or_default());
        match known(code) {
            Some(known) if text.trim().is_empty() => known.message.to_owned(),
            _ => text.trim().to_owned(),
        }
    }

    /// Foreign text without what a log or a card cannot hold, at most 300 characters of it; nothing of a text that repeats
    /// a secret, as it is or as a query carries it.
    fn shown(&self, text: &str) -> String {
        let leaks = |secret: &&str| {
            let once = escape(secret).to_string();
            let twice = escape(&once).to_string();
            !secret.is_empty() && [*secret, &once, &twice].iter().any(|form| text.contains(form))
        };
        if self.secrets.iter().any(leaks) {
            return String::new();
        }
        text.chars().filter(|c| !c.is_control()).map(|c| if c == '`' { '\'' } else { c }).take(300).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(http_status: u16, body: &str) -> Failure {
        let now = Timestamp::UNIX_EPOCH;
        let body = body.as_bytes();
        failure(&Answer {
            http_status,
            retry_after: None,
            date: None,
            now,
            body,
            ram_action: "rds:EnableBackupEncryption",
            secrets: ["the-secret", "the+token==", ""],
        })
    }

    #[test]
    fn a_code_decides_and_the_status_only_where_the_code_is_unlisted() {
        assert_eq!(kind_of("BackupEncryptionAlreadyEnabled", 400), Kind::AlreadyEnabled);
        assert_eq!(kind_of("Throttling.Anything", 400), Kind::Throttled);
        assert_eq!(kind_of("Rejected.Throttling", 503), Kind::Throttled);
        assert_eq!(kind_of("SomethingNew", 503), Kind::Unavailable);
        assert_eq!(kind_of("SomethingNew", 400), Kind::Unknown);
        assert_eq!(kind_of("forbidden.ram", 403), Kind::Unknown, "case matters");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_ambiguous_whatever_its_status() {
        for (status, body) in [(200, "<html>"), (502, ""), (400, "{\"Message\":\"no code\"}"), (200, "{\"Code\":\"\"}")]
        {
            let failure = read(status, body);
            assert_eq!(failure.kind, Kind::Ambiguous, "{body}");
            assert!(failure.may_have_applied && !failure.settles());
        }
    }

    #[test]
    fn only_a_clear_answer_settles_a_doubt() {
        let settles = |status, code: &str| read(status, &format!("{{\"Code\":\"{code}\"}}")).settles();
        assert!(settles(400, "BackupEncryptionAlreadyEnabled"));
        assert!(settles(200, "KmsApiError"));
        assert!(settles(403, "IncorrectDBInstanceState"));
        for (status, code) in [
            (403, "Forbidden.RAM"),
            (400, "IllegalTimestamp"),
            (404, "InvalidAccessKeyId.NotFound"),
            (400, "SignatureDoesNotMatch"),
            (400, "InsufficientBalance"),
            (400, "NeverHeardOf"),
            (400, "Throttling.User"),
            (500, "ExternalFailure"),
            (400, "SqlExecuteFailedOrTimeout"),
            (400, "SignatureNonceUsed"),
        ] {
            assert!(!settles(status, code), "{code}");
        }
    }

    #[test]
    fn a_message_never_repeats_a_secret_or_the_string_to_sign() {
        let message =
            |text: &str| read(400, &format!("{{\"Code\":\"SignatureDoesNotMatch\",\"Message\":\"{text}\"}}")).message;
        assert_eq!(message("Not matched. server string to sign is:GET&SecurityToken=abc"), "Not matched.");
        for form in ["the+token==", "the%2Btoken%3D%3D", "the%252Btoken%253D%253D"] {
            assert_eq!(message(&format!("your token is {form}")), "", "{form}");
        }
        assert_eq!(message("a\\u0007b"), "ab");
        assert_eq!(message(&"x".repeat(5000)).len(), 300);
    }

    #[test]
    fn a_denial_names_the_permission_and_who_denies_it() {
        let denied = |detail: &str| {
            read(403, &format!(r#"{{"Code":"Forbidden.RAM","AccessDeniedDetail":{{{detail}}}}}"#)).denied.unwrap()
        };
        let named = denied(r#""AuthAction":"kms:TagResource","NoPermissionType":"ImplicitDeny""#);
        assert_eq!((named.action.as_str(), named.explicitly_by), ("kms:TagResource", None));
        let explicit = denied(r#""NoPermissionType":"ExplicitDeny","PolicyType":"ControlPolicy""#);
        assert_eq!(explicit.action, "rds:EnableBackupEncryption", "what the operation needs");
        assert_eq!(explicit.explicitly_by.as_deref(), Some("ControlPolicy"));
        assert_eq!(read(403, r#"{"Code":"Forbidden.RiskControl"}"#).denied, None);
    }

    #[test]
    fn lower_case_names_are_read_too() {
        let failure = read(403, "{\"code\":\"Forbidden.RAM\",\"message\":\"no\",\"requestId\":\"R-1\"}");
        assert_eq!((failure.kind, failure.request_id.as_deref()), (Kind::Forbidden, Some("R-1")));
    }
}
