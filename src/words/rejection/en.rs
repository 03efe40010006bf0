//! English. Each follows the name of a field.

use crate::request::rejection::{JsonError, JsonProblem, RejectionReason};

pub(super) fn rejection(reason: &RejectionReason) -> String {
    let fixed = match reason {
        RejectionReason::Missing => "is missing",
        RejectionReason::EmptyBody => "is empty: send an event or {\"instance\":\"rm-…\"}",
        RejectionReason::EmptyText => "is empty: there is no event in it",
        RejectionReason::EmptyArray => "is an empty array: there is no event in it",
        RejectionReason::NotAString => "must be a string",
        RejectionReason::NotAnObject => "must be an object",
        RejectionReason::NotAnEvent => "is not a JSON object: send an event or {\"instance\":\"rm-…\"}",
        RejectionReason::NotARequest => {
            "is not a JSON object: send {\"instance\":\"rm-…\"} or an array of such objects"
        }
        RejectionReason::NotACloudEvent => "is not a JSON object: send a CloudEvent",
        RejectionReason::UnexpectedArray => "is an array: its content type is that of a batch",
        RejectionReason::NotAnArray => "is not an array, as the content type says",
        RejectionReason::NotAnId(invalid) => return format!("is {invalid}"),
        RejectionReason::NotAMode => "must be \"plan\" or \"enforce\"",
        RejectionReason::UnsupportedSpecVersion => "must be \"1.0\"",
        RejectionReason::GivenTwice => "is given twice",
        RejectionReason::GivenUnderTwoNames => "is given twice, by our name and by the API's",
        RejectionReason::UnknownField { name } => {
            return format!(
                "has an unknown field \"{name}\": a request takes instance, region, account, key, mode and id"
            );
        }
        RejectionReason::DoubledName => "names a field twice",
        RejectionReason::TooManyItems { count, limit } => {
            return format!("has {count} items; the limit is {limit}");
        }
        RejectionReason::TooManyInstances { count, limit } => {
            return format!("asks for {count} instances at once; the limit is {limit}");
        }
        RejectionReason::TooManyFields { limit } => return format!("has more than {limit} fields"),
        RejectionReason::TooManyAttributes { limit } => return format!("hold more than {limit} attributes"),
        RejectionReason::TooLarge { limit } => return format!("is larger than {} KiB", limit / 1024),
        RejectionReason::TooLong { limit } => return format!("is longer than {limit} bytes"),
        RejectionReason::Incomplete => "did not arrive whole",
        RejectionReason::NotUtf8 => "is not UTF-8",
        RejectionReason::Json(error) => return json(error),
        RejectionReason::NotJsonButAForm => {
            "is a form, like CloudMonitor's callback, and not JSON: it asks for no instance"
        }
        RejectionReason::NeitherFormNorJson => "is neither that of a form nor that of JSON",
        RejectionReason::InvalidXml => "is not well-formed XML",
        RejectionReason::NotOneXmlElement => "is not one <xml> element",
        RejectionReason::XmlTextOutside => "has text outside its elements",
        RejectionReason::XmlMarkup => "has a document type, an instruction or a comment",
        RejectionReason::UnknownXmlEntity => "uses an entity that XML itself does not have",
        RejectionReason::NestedTooDeep => "is nested too deep",
        RejectionReason::EnvelopeInEnvelope => {
            "says that this is an envelope inside an envelope: only one is opened, so send the event itself"
        }
        RejectionReason::NestedTask => {
            "says that this is a task of the relay: it is taken only as the whole body, as it was sent"
        }
        RejectionReason::TaskInDeadLetter => {
            "says that this is a task of the relay: send the dead letter's `requestPayload` itself"
        }
        RejectionReason::TaskVersion { version } => {
            return format!("says that this is a task of version {version}: this program takes version 2 only");
        }
        RejectionReason::RelayOff => {
            "says that this is a task of the relay, which is off here: it needs a `secret`, and `relay` must not be false"
        }
        RejectionReason::TaskNotAuthentic => {
            "does not prove that this task is ours: it was signed with none of our secrets"
        }
        RejectionReason::TaskOfOtherDeployment => "names another deployment: a task is taken only where it was made",
        RejectionReason::NotATask => "is signed by us and does not have the form of a task of this version",
        RejectionReason::NotOfDoor => {
            "is signed by a door and is not what a door may ask for: a new request of a chat or a webhook"
        }
        RejectionReason::HandedOverLate { minutes } => {
            return format!("was handed over more than {minutes} minutes from now: ask again");
        }
        RejectionReason::NotForRole { role: "door" } => {
            "is an event, and this function is a door: send events to the function whose role is events"
        }
        RejectionReason::NotForRole { role } => {
            return format!("is not a task, and this function is a {role}: it takes tasks alone");
        }
        RejectionReason::TaskTooLate { hours } => {
            return format!("was due more than {hours} hours ago: send the event again");
        }
        RejectionReason::SinkGone { sink, report } => {
            return format!("names {sink}, which is not configured any more: report {report} is in the audit stream");
        }
        RejectionReason::RuleInput => {
            "says that this is the input of a custom rule, which wants a verdict: send the rule's findings or let its \
             remediation call this function"
        }
        RejectionReason::LogCursors => {
            "holds cursors into a log and no event: logs are not fetched, so send the events"
        }
        RejectionReason::GatewayRequest => {
            "says that this is an HTTP request as an API gateway passes it on: send it to the webhook door"
        }
        RejectionReason::AwsEvent => "says that this is an event of AWS: it is not taken on this host",
        RejectionReason::BadAttributeName => "name an attribute that is not 1 to 32 letters and digits",
        RejectionReason::NotAnAttribute => {
            "is not a header of the binary mode: data is the body, its type the Content-Type"
        }
        RejectionReason::NotPercentEncoded => "holds characters that have to be percent-encoded",
        RejectionReason::BadPercentEncoding => "has a % without two hexadecimal digits",
        RejectionReason::UnfitId => "is not an id: it is too long or cannot be shown",
        RejectionReason::NotOurButton => "is not one of our buttons",
        RejectionReason::ForeignAddress { vendor } => return format!("is not an address of {vendor}"),
        RejectionReason::OtherWorkspace => "is another workspace's: a guest cannot press this button",
        RejectionReason::OutsideTimeWindow { minutes } => {
            return format!("is more than {minutes} minutes from now: send the message again");
        }
    };
    fixed.to_owned()
}

fn json(error: &JsonError) -> String {
    let JsonError { problem, line, column, is_in_base64 } = *error;
    let problem = match problem {
        JsonProblem::Invalid => "is not valid JSON",
        JsonProblem::EndsEarly => "ends too early",
        JsonProblem::DoubledName => "names a field twice",
        JsonProblem::NestedTooDeep => "is nested too deep",
        JsonProblem::WrongType => "has a field of another type",
    };
    let carrier = if is_in_base64 { "is base64 of something that " } else { "" };
    format!("{carrier}{problem}, at line {line}, column {column}")
}
