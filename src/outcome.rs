//! How a request ended, and the report that says so.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::kind::Kind;
use crate::request::facts::InstanceFacts;
use crate::request::ids::{AccountId, InstanceId, KeyId, RegionId, printable};
use crate::request::{Door, Mode, SealRequest};

pub const REPORT_SCHEMA: &str = "rds-seal.report/1";
pub const INTENT_SCHEMA: &str = "rds-seal.intent/1";

/// How one request ended. Each is an end, not an error: it is logged, reported and answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The service accepted the call, or said "already" after an attempt of ours that may have applied.
    Enabled,
    /// It was on before we came.
    AlreadyEnabled,
    /// Plan mode: nothing changed; the verdict says what would happen.
    Planned,
    /// One of our own rules said no, before any write.
    Refused,
    /// Not now; a later delivery may succeed.
    Waiting,
    /// The service's final word, or a set-up that only a person can mend.
    Failed,
    /// An attempt may have applied, and no answer settled it.
    Unknown,
}

impl Outcome {
    pub const ALL: [Self; 7] =
        [Self::Enabled, Self::AlreadyEnabled, Self::Planned, Self::Refused, Self::Waiting, Self::Failed, Self::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::AlreadyEnabled => "already_enabled",
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// What the platform is told about a request that ended so. Without a relay, the sender's own retry does the waiting.
    pub fn delivery(self) -> Delivery {
        match self {
            Self::Enabled | Self::AlreadyEnabled | Self::Planned | Self::Refused | Self::Failed => Delivery::Done,
            Self::Waiting | Self::Unknown => Delivery::Again,
        }
    }

    /// Whether sinks are told. Without a relay a wait may be many deliveries long, so only the log has each.
    pub fn is_news(self) -> bool {
        match self {
            Self::Enabled | Self::AlreadyEnabled | Self::Planned | Self::Refused | Self::Failed | Self::Unknown => true,
            Self::Waiting => false,
        }
    }
}

/// What the host tells the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It is dealt with: do not deliver it again.
    #[default]
    Done,
    /// Deliver it again later.
    Again,
}

/// What would happen in `enforce`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Verdict {
    pub is: Would,
    pub why: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub enum Would {
    #[serde(rename = "would enable")]
    Enable,
    #[serde(rename = "would wait")]
    Wait,
    /// The service would refuse.
    #[serde(rename = "cannot")]
    Cannot,
    #[serde(rename = "cannot tell")]
    CannotTell,
}

impl Would {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enable => "would enable",
            Self::Wait => "would wait",
            Self::Cannot => "cannot",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// The rule that refused and the value that broke it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Rule {
    pub name: &'static str,
    pub value: Option<String>,
}

/// What the cloud said last, and what it took.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Upstream {
    /// The operation whose answer decided.
    pub operation: &'static str,
    /// The service's error code; null on success or where none could be read.
    pub code: Option<String>,
    pub kind: Option<Kind>,
    pub http_status: Option<u16>,
    pub request_id: Option<String>,
    /// Calls made for this request in all, reads and retries included.
    pub calls: u32,
    /// Milliseconds from the first call to the last answer.
    pub ms: u64,
}

/// How a request ended and why, before it becomes a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    pub outcome: Outcome,
    /// False where an attempt may have applied and nothing proved what it did.
    pub certain: bool,
    pub rule: Option<Rule>,
    pub verdict: Option<Verdict>,
    pub evidence: Option<InstanceFacts>,
    pub upstream: Option<Upstream>,
    pub message: String,
    pub next_step: Option<String>,
    /// The credentials have expired, and only a new process gets new ones.
    pub needs_a_new_process: bool,
}

impl Ending {
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            outcome,
            certain: outcome != Outcome::Unknown,
            rule: None,
            verdict: None,
            evidence: None,
            upstream: None,
            message: message.into(),
            next_step: None,
            needs_a_new_process: false,
        }
    }

    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }
}

/// The structured result: what sinks receive and the audit stream keeps. Absent values are null, times RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
pub struct Report {
    #[cfg_attr(feature = "dev", schemars(extend("const" = REPORT_SCHEMA)))]
    pub schema: &'static str,
    /// The same only for the same result of the same ask: a receiver may drop duplicates by it.
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
    pub evidence: Option<InstanceFacts>,
    pub origin: ReportedOrigin,
    /// 1 for the first delivery of an event, one more for each that the platform says it repeated.
    pub attempt: u32,
    pub upstream: Option<Upstream>,
    pub message: String,
    pub next_step: Option<String>,
    #[serde(serialize_with = "rfc3339")]
    #[cfg_attr(feature = "dev", schemars(with = "String", extend("format" = "date-time")))]
    pub received_at: Timestamp,
    #[serde(serialize_with = "rfc3339")]
    #[cfg_attr(feature = "dev", schemars(with = "String", extend("format" = "date-time")))]
    pub finished_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "dev", schemars(rename = "Origin"))]
pub struct ReportedOrigin {
    pub door: Door,
    pub event_id: String,
    pub event_name: Option<String>,
    pub actor: Option<String>,
}

/// A report with its JSON, written once: the audit stream, the answer and the sinks get the same bytes.
#[derive(Debug)]
pub struct Recorded {
    pub report: Report,
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
        Self { report, json }
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
pub struct Ask {
    pub correlation_id: String,
    pub instance: InstanceId,
    pub account: Option<AccountId>,
    pub region: RegionId,
    pub key: Option<KeyId>,
    pub mode: Mode,
    pub origin: ReportedOrigin,
    pub asked: Asked,
}

/// When something was asked for, by our clock, and for which time.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub received_at: Timestamp,
    /// 1 for the first delivery of an event.
    pub attempt: u32,
}

impl Ask {
    /// `key` is the one that was chosen, or the one that was asked for where the request is refused.
    pub fn new(
        request: SealRequest,
        mode: Mode,
        account: Option<AccountId>,
        key: Option<KeyId>,
        context: Asked,
    ) -> Self {
        Self {
            correlation_id: correlation_id(&request, account.as_ref()),
            instance: request.instance,
            account,
            region: request.region.id,
            key,
            mode,
            origin: ReportedOrigin {
                door: request.origin.door,
                event_id: printable(&request.origin.event_id),
                event_name: request.origin.event_name,
                actor: request.origin.actor,
            },
            asked: context,
        }
    }

    /// The line that goes to the audit stream before the write: whatever happens next, the attempt is on record.
    pub fn intent(&self, at: Timestamp) -> Intent<'_> {
        Intent {
            schema: INTENT_SCHEMA,
            correlation_id: &self.correlation_id,
            operation: "EnableBackupEncryption",
            instance: &self.instance,
            account: self.account.as_ref(),
            region: &self.region,
            key: self.key.as_ref(),
            origin: &self.origin,
            attempt: self.asked.attempt,
            at,
        }
    }

    pub fn report(self, ending: Ending, finished_at: Timestamp) -> Recorded {
        self.end(ending, finished_at).into()
    }

    fn end(self, ending: Ending, finished_at: Timestamp) -> Report {
        let code = ending.upstream.as_ref().and_then(|upstream| upstream.code.as_deref());
        Report {
            schema: REPORT_SCHEMA,
            id: digest_of(&[&self.correlation_id, ending.outcome.as_str(), code.unwrap_or_default()]),
            correlation_id: self.correlation_id,
            outcome: ending.outcome,
            certain: ending.certain,
            mode: self.mode,
            instance: self.instance,
            account: self.account,
            region: self.region,
            key: self.key,
            rule: ending.rule,
            verdict: ending.verdict,
            evidence: ending.evidence,
            origin: self.origin,
            attempt: self.asked.attempt,
            upstream: ending.upstream,
            message: ending.message,
            next_step: ending.next_step,
            received_at: self.asked.received_at,
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
    origin: &'a ReportedOrigin,
    attempt: u32,
    #[serde(serialize_with = "rfc3339")]
    at: Timestamp,
}

/// A duration as the report's whole milliseconds.
pub fn whole_ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn correlation_id(request: &SealRequest, account: Option<&AccountId>) -> String {
    let origin = &request.origin;
    digest_of(&[
        origin.door.as_str(),
        &origin.source,
        &origin.event_id,
        account.map_or("", AccountId::as_str),
        request.region.id.as_str(),
        request.instance.as_str(),
    ])
}

/// The first 32 hex digits of SHA-256 over the newline-joined parts.
fn digest_of(parts: &[&str]) -> String {
    base16ct::lower::encode_string(&digest(&SHA256, parts.join("\n").as_bytes()).as_ref()[..16])
}

fn rfc3339<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word that serde writes for a value.
    fn written(value: impl Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn a_word_is_the_same_wherever_it_is_written() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str(), written(outcome));
        }
        for would in [Would::Enable, Would::Wait, Would::Cannot, Would::CannotTell] {
            assert_eq!(would.as_str(), written(would));
        }
        for known in crate::aliyun::error::known_codes() {
            assert_eq!(known.kind.as_str(), written(known.kind));
        }
    }
}
