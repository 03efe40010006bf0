//! Why what was sent cannot be read, in each language: a part of a sentence that follows the name of a field.

#[expect(clippy::too_many_lines, reason = "a line for each thing that is said")]
mod en;
#[expect(clippy::too_many_lines, reason = "a line for each thing that is said")]
mod ja;
mod zh;

use super::Language;
use crate::request::rejection::{Rejection, RejectionReason};

impl Language {
    /// The field and what is wrong with it. Without a full stop, for a log or a line that has none either.
    pub fn rejection(self, rejection: &Rejection) -> String {
        format!("{} {}", rejection.field, self.rejection_reason(&rejection.reason))
    }

    /// What is wrong with a field.
    pub fn rejection_reason(self, reason: &RejectionReason) -> String {
        ask!(self, rejection(reason))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::request::ids::Invalid;
    use crate::request::rejection::{JsonError, JsonProblem};

    fn json(problem: JsonProblem, is_in_base64: bool) -> RejectionReason {
        RejectionReason::Json(JsonError { problem, line: 1, column: 18, is_in_base64 })
    }

    /// Every reason there is.
    fn reasons() -> Vec<RejectionReason> {
        let problems = [
            JsonProblem::Invalid,
            JsonProblem::EndsEarly,
            JsonProblem::DoubledName,
            JsonProblem::NestedTooDeep,
            JsonProblem::WrongType,
        ];
        let mut reasons = vec![
            RejectionReason::Missing,
            RejectionReason::EmptyBody,
            RejectionReason::EmptyText,
            RejectionReason::EmptyArray,
            RejectionReason::NotAString,
            RejectionReason::NotAnObject,
            RejectionReason::NotAnEvent,
            RejectionReason::NotARequest,
            RejectionReason::NotACloudEvent,
            RejectionReason::UnexpectedArray,
            RejectionReason::NotAnArray,
            RejectionReason::NotAMode,
            RejectionReason::UnsupportedSpecVersion,
            RejectionReason::GivenTwice,
            RejectionReason::GivenUnderTwoNames,
            RejectionReason::unknown_field("zone"),
            RejectionReason::DoubledName,
            RejectionReason::TooManyItems { count: 501, limit: 500 },
            RejectionReason::TooManyInstances { count: 501, limit: 500 },
            RejectionReason::TooManyFields { limit: 100 },
            RejectionReason::TooManyAttributes { limit: 64 },
            RejectionReason::TooLarge { limit: 256 * 1024 },
            RejectionReason::TooLong { limit: 4096 },
            RejectionReason::Incomplete,
            RejectionReason::NotUtf8,
            RejectionReason::NotJsonButAForm,
            RejectionReason::NeitherFormNorJson,
            RejectionReason::InvalidXml,
            RejectionReason::NotOneXmlElement,
            RejectionReason::XmlTextOutside,
            RejectionReason::XmlMarkup,
            RejectionReason::UnknownXmlEntity,
            RejectionReason::NestedTooDeep,
            RejectionReason::EnvelopeInEnvelope,
            RejectionReason::NestedTask,
            RejectionReason::TaskInDeadLetter,
            RejectionReason::TaskVersion { version: "1".to_owned() },
            RejectionReason::RelayOff,
            RejectionReason::TaskNotAuthentic,
            RejectionReason::TaskOfOtherDeployment,
            RejectionReason::NotATask,
            RejectionReason::NotOfDoor,
            RejectionReason::HandedOverLate { minutes: 15 },
            RejectionReason::NotForRole { role: "door" },
            RejectionReason::NotForRole { role: "worker" },
            RejectionReason::TaskTooLate { hours: 48 },
            RejectionReason::SinkGone { sink: "ops".to_owned(), report: "922a9b55".to_owned() },
            RejectionReason::RuleInput,
            RejectionReason::LogCursors,
            RejectionReason::GatewayRequest,
            RejectionReason::AwsEvent,
            RejectionReason::BadAttributeName,
            RejectionReason::NotAnAttribute,
            RejectionReason::NotPercentEncoded,
            RejectionReason::BadPercentEncoding,
            RejectionReason::UnfitId,
            RejectionReason::NotOurButton,
            RejectionReason::ForeignAddress { vendor: "Slack" },
            RejectionReason::OtherWorkspace,
            RejectionReason::OutsideTimeWindow { minutes: 10 },
        ];
        let kinds = [Invalid::Instance, Invalid::Account, Invalid::Region, Invalid::Key];
        reasons.extend(kinds.map(RejectionReason::NotAnId));
        reasons.extend(problems.map(|problem| json(problem, false)));
        reasons.extend(problems.map(|problem| json(problem, true)));
        reasons
    }

    #[test]
    fn every_reason_has_words_of_its_own_in_each_language() {
        for language in Language::ALL {
            let said: BTreeSet<_> = reasons().iter().map(|reason| language.rejection_reason(reason)).collect();
            assert_eq!(said.len(), reasons().len(), "{language:?} says the same of two reasons");
            for words in said {
                assert!(!words.ends_with(['.', '。', ' ']) && !words.starts_with(' '), "{words}");
                assert!(words.is_ascii() || words.contains('…') || language != Language::En, "{words}");
                assert!(!words.is_ascii() || language == Language::En, "{language:?} lacks {words}");
            }
        }
    }

    #[test]
    fn the_culprit_is_named() {
        let rejection = Rejection::new("[1]", RejectionReason::unknown_field("zone"));
        for language in Language::ALL {
            let said = language.rejection(&rejection);
            assert!(said.starts_with("[1] ") && said.contains("zone"), "{said}");
        }
    }

    #[test]
    fn a_place_in_json_is_given_in_each_language() {
        let said = Language::ALL.map(|language| language.rejection_reason(&json(JsonProblem::EndsEarly, true)));
        assert_eq!(
            said,
            [
                "is base64 of something that ends too early, at line 1, column 18",
                "经 base64 解码后的内容不完整（第 1 行，第 18 列）",
                "を base64 からデコードした内容が途中で終わっています（1 行 18 列）",
            ]
        );
    }

    #[test]
    fn a_code_is_fit_for_machines() {
        for reason in reasons() {
            let code = reason.code();
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()), "{code}");
        }
    }
}
