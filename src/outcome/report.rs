//! The report: how a request ended, on paper; and the intent, which is on paper before it.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::request::facts::Evidence;
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId, printable};
use crate::request::{Door, Mode, SealRequest};

use super::{Attempt, Outcome, Reason, Resolution, Rule, Upstream, Verdict};

/// The name of a report's form.
pub const REPORT_SCHEMA: &str = "rds-seal.report/1";
const INTENT_SCHEMA: &str = "rds-seal.intent/1";

/// The structured result: what sinks receive and the audit stream keeps. Absent values are null, times RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Report {
    #[cfg_attr(feature = "dev", schemars(extend("const" = REPORT_SCHEMA)))]
    pub schema: Cow<'static, str>,
    /// The same only for the same result of the same ask: a receiver may drop duplicates by it.
    #[serde(deserialize_with = "digest_text")]
    pub id: String,
    /// The same for all results of one ask.
    pub correlation_id: String,
    pub outcome: Outcome,
    pub certain: bool,
    pub mode: Mode,
    pub instance: InstanceId,
    pub account: Option<AccountId>,
    pub region: RegionId,
    /// The key that was asked for; null is RDS's automatic key.
    pub key: Option<KeyId>,
    pub rule: Option<Rule>,
    pub verdict: Option<Verdict>,
    pub evidence: Option<Evidence>,
    pub origin: ReportedOrigin,
    /// 1 for the first delivery of an event, one more for each that the platform says it repeated.
    pub attempt: u32,
    pub upstream: Option<Upstream>,
    /// Why, for machines.
    pub reason: Reason,
    /// Why, for people, in English.
    pub message: String,
    /// The one thing a person can do, in English.
    pub next_step: Option<String>,
    /// When it is tried again, where it waits in the queue.
    #[serde(serialize_with = "optional_rfc3339")]
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub retry_at: Option<Timestamp>,
    #[serde(serialize_with = "rfc3339")]
    #[cfg_attr(feature = "dev", schemars(with = "String", extend("format" = "date-time")))]
    pub received_at: Timestamp,
    #[serde(serialize_with = "rfc3339")]
    #[cfg_attr(feature = "dev", schemars(with = "String", extend("format" = "date-time")))]
    pub finished_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "dev", schemars(rename = "Origin"))]
pub struct ReportedOrigin {
    pub door: Door,
    pub event_id: String,
    pub event_name: Option<String>,
    /// Who did it: the caller, or who confirmed it in a chat.
    pub actor: Option<String>,
    /// Who asked for what the actor confirmed.
    pub requested_by: Option<String>,
}

/// A report with its JSON, written once: the audit stream, the answer and the sinks get the same bytes.
#[derive(Debug)]
pub struct Recorded {
    pub report: Box<Report>,
    json: String,
}

impl Recorded {
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl From<Report> for Recorded {
    fn from(report: Report) -> Self {
        let json = to_json(&report, 1024).expect("a report is plain data");
        Self { report: Box::new(report), json }
    }
}

/// JSON of about this many bytes.
pub fn to_json(value: &impl Serialize, about: usize) -> serde_json::Result<String> {
    let mut json = Vec::with_capacity(about);
    serde_json::to_writer(&mut json, value)?;
    Ok(String::from_utf8(json).expect("JSON is UTF-8"))
}

/// The circumstances of one request: what its report says besides how it ended.
#[derive(Debug, Clone)]
pub struct Job {
    pub request: SealRequest,
    pub correlation_id: String,
    pub account: Option<AccountId>,
    /// The key that was chosen, or the one that was asked for where the request is refused.
    pub key: Option<KeyId>,
    pub mode: Mode,
    pub attempt: Attempt,
}

impl Job {
    pub fn new(
        request: SealRequest,
        mode: Mode,
        account: Option<AccountId>,
        key: Option<KeyId>,
        attempt: Attempt,
    ) -> Self {
        Self { correlation_id: correlation_id(&request, account.as_ref()), request, account, key, mode, attempt }
    }

    /// The line that goes to the audit stream before a write: whatever happens next, the attempt is on record.
    pub fn intent(&self, operation: &'static str, at: Timestamp) -> Intent<'_> {
        let origin = &self.request.origin;
        Intent {
            schema: INTENT_SCHEMA,
            correlation_id: &self.correlation_id,
            operation,
            instance: &self.request.instance,
            account: self.account.as_ref(),
            region: &self.request.region,
            key: self.key.as_ref(),
            origin: IntendedOrigin {
                door: origin.door,
                event_id: printable(&origin.event_id),
                event_name: origin.event_name.as_deref(),
                actor: origin.actor.as_deref(),
                requested_by: origin.requested_by.as_deref(),
            },
            attempt: self.attempt.number,
            at,
        }
    }

    /// The report, whose sentences are still to be made.
    pub fn report(self, resolution: Resolution, finished_at: Timestamp) -> Report {
        let origin = self.request.origin;
        let rule = match &resolution.reason {
            Reason::Refused(refusal) => Some(Rule { name: refusal.rule().into(), value: refusal.value() }),
            _ => None,
        };
        Report {
            schema: REPORT_SCHEMA.into(),
            id: id_of(&self.correlation_id, &resolution, rule.as_ref()),
            correlation_id: self.correlation_id,
            outcome: resolution.outcome,
            certain: resolution.certain,
            mode: self.mode,
            instance: self.request.instance,
            account: self.account,
            region: self.request.region,
            key: self.key,
            rule,
            verdict: resolution.verdict,
            evidence: resolution.evidence,
            origin: ReportedOrigin {
                door: origin.door,
                event_id: printable(&origin.event_id),
                event_name: origin.event_name,
                actor: origin.actor,
                requested_by: origin.requested_by,
            },
            attempt: self.attempt.number,
            upstream: resolution.upstream,
            reason: resolution.reason,
            message: String::new(),
            next_step: None,
            retry_at: resolution.retry_at,
            received_at: self.attempt.received_at,
            finished_at,
        }
    }
}

/// What is about to be done.
#[derive(Debug, Serialize)]
pub struct Intent<'a> {
    schema: &'static str,
    correlation_id: &'a str,
    operation: &'static str,
    instance: &'a InstanceId,
    account: Option<&'a AccountId>,
    region: &'a RegionId,
    key: Option<&'a KeyId>,
    origin: IntendedOrigin<'a>,
    attempt: u32,
    #[serde(serialize_with = "rfc3339")]
    at: Timestamp,
}

#[derive(Debug, Serialize)]
struct IntendedOrigin<'a> {
    door: Door,
    event_id: String,
    event_name: Option<&'a str>,
    actor: Option<&'a str>,
    requested_by: Option<&'a str>,
}

fn correlation_id(request: &SealRequest, account: Option<&AccountId>) -> String {
    let origin = &request.origin;
    digest_of(&[
        origin.door.as_str(),
        &origin.source,
        &origin.event_id,
        account.map_or("", AccountId::as_str),
        request.region.as_str(),
        request.instance.as_str(),
    ])
}

/// The id of a result: another outcome, code, rule or verdict is another result.
fn id_of(correlation_id: &str, resolution: &Resolution, rule: Option<&Rule>) -> String {
    let code = resolution.upstream.as_ref().and_then(|upstream| upstream.code.as_deref());
    let (name, value) = rule.map_or(("", None), |rule| (&*rule.name, rule.value.as_deref()));
    let verdict = resolution.verdict.as_ref().map(|verdict| {
        let reasons = serde_json::to_string(&verdict.reasons).expect("reasons are plain data");
        format!("{} {reasons}", verdict.is.as_str())
    });
    digest_of(&[
        correlation_id,
        resolution.outcome.as_str(),
        code.unwrap_or_default(),
        name,
        value.unwrap_or_default(),
        verdict.as_deref().unwrap_or_default(),
    ])
}

/// The first 32 hex digits of SHA-256 over the newline-joined parts.
fn digest_of(parts: &[&str]) -> String {
    base16ct::lower::encode_string(&digest(&SHA256, parts.join("\n").as_bytes()).as_ref()[..16])
}

/// Reads what [`digest_of`] wrote: it becomes part of headers.
fn digest_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_digest = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Ok(text) } else { Err(serde::de::Error::custom("the id is not 32 hexadecimal digits")) }
}

fn rfc3339<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

#[expect(clippy::ref_option, reason = "serde passes the field")]
fn optional_rfc3339<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339(time, serializer),
        None => serializer.serialize_none(),
    }
}
