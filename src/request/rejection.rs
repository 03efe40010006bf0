//! Why what was sent cannot be read, as data. Sentences are made of it elsewhere, in any language.

use std::borrow::Cow;
use std::fmt;

use super::ids::{Invalid, printable};

/// The field that is wrong and why. Never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    pub field: Cow<'static, str>,
    pub reason: RejectionReason,
}

impl Rejection {
    pub fn new(field: impl Into<Cow<'static, str>>, reason: RejectionReason) -> Self {
        Self { field: field.into(), reason }
    }

    pub fn missing(field: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, RejectionReason::Missing)
    }

    /// The same, said of what lies at this place inside something else: there, `body` is that place itself.
    #[must_use]
    pub fn within(self, place: impl fmt::Display) -> Self {
        let field = match &*self.field {
            "body" => place.to_string(),
            field if field.starts_with('[') => format!("{place}{field}"),
            field => format!("{place}.{field}"),
        };
        Self::new(field, self.reason)
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RejectionReason {
    Missing,
    /// The body, where there has to be an event or a request.
    EmptyBody,
    /// A text that carries an event.
    EmptyText,
    EmptyArray,
    NotAString,
    NotAnObject,
    /// JSON that is no object, where an event or a request is expected.
    NotAnEvent,
    NotARequest,
    NotACloudEvent,
    UnexpectedArray,
    NotAnArray,
    NotAnId(Invalid),
    NotAMode,
    UnsupportedSpecVersion,
    GivenTwice,
    /// By our name and by the API's.
    GivenUnderTwoNames,
    /// A request has no such field. The name is made by [`Self::unknown_field`].
    UnknownField {
        name: String,
    },
    /// Two fields have one name.
    DoubledName,
    TooManyItems {
        count: usize,
        limit: usize,
    },
    TooManyInstances {
        count: usize,
        limit: usize,
    },
    TooManyFields {
        limit: usize,
    },
    TooManyAttributes {
        limit: usize,
    },
    /// Bytes, whole kibibytes.
    TooLarge {
        limit: usize,
    },
    /// Bytes.
    TooLong {
        limit: usize,
    },
    /// The transfer broke off.
    Incomplete,
    NotUtf8,
    Json(JsonError),
    /// `name=value&name=value`.
    NotJsonButAForm,
    NeitherFormNorJson,
    InvalidXml,
    NotOneXmlElement,
    XmlTextOutside,
    /// A document type, an instruction or a comment.
    XmlMarkup,
    UnknownXmlEntity,
    NestedTooDeep,
    EnvelopeInEnvelope,
    /// A task of the relay inside something else.
    NestedTask,
    TaskInDeadLetter,
    /// A task of another version of this program.
    TaskVersion {
        version: String,
    },
    /// A task, where this deployment has no relay.
    RelayOff,
    /// Whoever wrote it has not our secret.
    TaskNotAuthentic,
    TaskOfOtherDeployment,
    /// Authentic, and of a form that this version does not read.
    NotATask,
    /// So many hours after its time, or more.
    /// Signed by a door, which may not ask for it.
    NotOfDoor,
    HandedOverLate {
        minutes: i64,
    },
    /// This function of a deployment whose work is split does not serve it.
    NotForRole {
        role: &'static str,
    },
    TaskTooLate {
        hours: i64,
    },
    /// A report for a sink that is no longer configured.
    SinkGone {
        sink: String,
        report: String,
    },
    /// What Cloud Config asks a custom rule.
    RuleInput,
    LogCursors,
    /// An HTTP request as a gateway hands it to a function.
    GatewayRequest,
    AwsEvent,
    BadAttributeName,
    NotAnAttribute,
    NotPercentEncoded,
    BadPercentEncoding,
    /// An id of a chat's that is too long or cannot be shown.
    UnfitId,
    NotOurButton,
    ForeignAddress {
        vendor: &'static str,
    },
    /// The button belongs to another workspace.
    OtherWorkspace,
    /// A message's time differs from ours by more.
    OutsideTimeWindow {
        minutes: i64,
    },
}

/// Why a text is no JSON of ours, and where the parser stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonError {
    pub problem: JsonProblem,
    pub line: usize,
    pub column: usize,
    /// The text was found in base64.
    pub is_in_base64: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonProblem {
    Invalid,
    EndsEarly,
    DoubledName,
    NestedTooDeep,
    /// A field is of another type than expected.
    WrongType,
}

/// As much of a name is shown that nobody knows.
const MAX_SHOWN: usize = 40;

impl RejectionReason {
    pub fn unknown_field(name: &str) -> Self {
        Self::UnknownField { name: printable(name).chars().take(MAX_SHOWN).collect() }
    }

    /// The reason's name. Machines may go by it: it is stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::EmptyBody => "empty_body",
            Self::EmptyText => "empty_text",
            Self::EmptyArray => "empty_array",
            Self::NotAString => "not_a_string",
            Self::NotAnObject => "not_an_object",
            Self::NotAnEvent => "not_an_event",
            Self::NotARequest => "not_a_request",
            Self::NotACloudEvent => "not_a_cloud_event",
            Self::UnexpectedArray => "unexpected_array",
            Self::NotAnArray => "not_an_array",
            Self::NotAnId(Invalid::Instance) => "not_an_instance_id",
            Self::NotAnId(Invalid::Account) => "not_an_account_id",
            Self::NotAnId(Invalid::Region) => "not_a_region_id",
            Self::NotAnId(Invalid::Key) => "not_a_key_id",
            Self::NotAMode => "not_a_mode",
            Self::UnsupportedSpecVersion => "unsupported_spec_version",
            Self::GivenTwice => "given_twice",
            Self::GivenUnderTwoNames => "given_under_two_names",
            Self::UnknownField { .. } => "unknown_field",
            Self::DoubledName => "doubled_name",
            Self::TooManyItems { .. } => "too_many_items",
            Self::TooManyInstances { .. } => "too_many_instances",
            Self::TooManyFields { .. } => "too_many_fields",
            Self::TooManyAttributes { .. } => "too_many_attributes",
            Self::TooLarge { .. } => "too_large",
            Self::TooLong { .. } => "too_long",
            Self::Incomplete => "incomplete",
            Self::NotUtf8 => "not_utf8",
            Self::Json(error) => error.problem.code(),
            Self::NotJsonButAForm => "not_json_but_a_form",
            Self::NeitherFormNorJson => "neither_form_nor_json",
            Self::InvalidXml => "invalid_xml",
            Self::NotOneXmlElement => "not_one_xml_element",
            Self::XmlTextOutside => "xml_text_outside",
            Self::XmlMarkup => "xml_markup",
            Self::UnknownXmlEntity => "unknown_xml_entity",
            Self::NestedTooDeep => "nested_too_deep",
            Self::EnvelopeInEnvelope => "envelope_in_envelope",
            Self::NestedTask => "task_inside",
            Self::TaskInDeadLetter => "task_in_dead_letter",
            Self::TaskVersion { .. } => "task_version",
            Self::RelayOff => "relay_off",
            Self::TaskNotAuthentic => "task_not_authentic",
            Self::TaskOfOtherDeployment => "task_of_other_deployment",
            Self::NotATask => "not_a_task",
            Self::NotOfDoor => "not_of_door",
            Self::HandedOverLate { .. } => "handed_over_late",
            Self::NotForRole { .. } => "not_for_role",
            Self::TaskTooLate { .. } => "task_too_late",
            Self::SinkGone { .. } => "sink_gone",
            Self::RuleInput => "rule_input",
            Self::LogCursors => "log_cursors",
            Self::GatewayRequest => "gateway_request",
            Self::AwsEvent => "aws_event",
            Self::BadAttributeName => "bad_attribute_name",
            Self::NotAnAttribute => "not_an_attribute",
            Self::NotPercentEncoded => "not_percent_encoded",
            Self::BadPercentEncoding => "bad_percent_encoding",
            Self::UnfitId => "unfit_id",
            Self::NotOurButton => "not_our_button",
            Self::ForeignAddress { .. } => "foreign_address",
            Self::OtherWorkspace => "other_workspace",
            Self::OutsideTimeWindow { .. } => "far_from_now",
        }
    }
}

impl JsonProblem {
    fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid_json",
            Self::EndsEarly => "json_ends_early",
            Self::DoubledName => "doubled_name",
            Self::NestedTooDeep => "nested_too_deep",
            Self::WrongType => "wrong_type",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rejection, RejectionReason};

    #[test]
    fn what_is_wrong_inside_is_named_from_outside() {
        let named = |field: &'static str, place: &str| Rejection::missing(field).within(place).field.into_owned();
        assert_eq!(named("instance", "Message"), "Message.instance");
        assert_eq!(named("[1].instance", "Message"), "Message[1].instance");
        assert_eq!(named("body", "[1]"), "[1]");
    }

    #[test]
    fn an_unknown_name_is_shown_short_and_without_what_cannot_be_shown() {
        let shown = |name: &str| match RejectionReason::unknown_field(name) {
            RejectionReason::UnknownField { name } => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(shown("zone"), "zone");
        assert_eq!(shown("a\u{1b}\n`b\u{202e}"), "a'b");
        assert_eq!(shown(&"区".repeat(90)), "区".repeat(40));
    }
}
