//! Why an event is ignored, for logs and the machine's answer: in English alone.

use crate::request::ids::printable;
use crate::request::ignored::IgnoredReason;

/// No chat and no card says it, so it has no other language.
pub fn ignored(reason: &IgnoredReason) -> String {
    match reason {
        IgnoredReason::OtherService { call, service } => {
            format!("{} is a call of {}, not of Rds", printable(call), printable(service))
        }
        IgnoredReason::OwnCall => "EnableBackupEncryption is our own call: following it would be a loop".to_owned(),
        IgnoredReason::OtherCall { call } => {
            format!("{} is not one of the configured creating calls", printable(call))
        }
        IgnoredReason::FailedCall { call, error_code } => {
            format!("this {} failed with {}", printable(call), printable(error_code))
        }
        IgnoredReason::SourceOfCopy { call, instance } => {
            format!("{instance} is the source of this {}, not what it created", printable(call))
        }
        IgnoredReason::OtherEventType { event_type } => {
            format!("events of type {} are not for us", printable(event_type))
        }
        IgnoredReason::OtherDataType { data_type } => {
            format!("notices of Cloud Config with the dataType {} are not for us", printable(data_type))
        }
        IgnoredReason::OtherResource { resource_type } => format!(
            "{} is not ACS::RDS::DBInstance, the only kind of resource that is for us",
            printable(resource_type)
        ),
        IgnoredReason::OtherRule { rule } => {
            format!("the rule {} is not one of the configured rules", printable(rule))
        }
        IgnoredReason::Compliance { found } => {
            format!("the rule found it {}, not NON_COMPLIANT", printable(found))
        }
        IgnoredReason::Succeeded => {
            "this is the record of an invocation that succeeded: there is nothing to repeat".to_owned()
        }
        IgnoredReason::DeadLetterInDeadLetter => {
            "this is a dead letter inside a dead letter: it is not replayed, or it could go in a circle".to_owned()
        }
        IgnoredReason::Sweep => "sweep is not configured".to_owned(),
        IgnoredReason::Repeated => "its delivery asks for the same more than once, and it is done once".to_owned(),
    }
}
