//! What is wrong with a source of credentials. The English is beside the data, where the cloud's client says it too.

pub(super) mod ja;
pub(super) mod zh;

use crate::kind::SourceName;

/// What sets a source up, where that is written the same in every language.
fn variables(name: SourceName) -> &'static str {
    match name {
        SourceName::Environment => "ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        SourceName::Oidc => "ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_OIDC_TOKEN_FILE",
        SourceName::Profile => "ALIBABA_CLOUD_CONFIG_FILE",
        SourceName::File => "ALIBABA_CLOUD_CREDENTIALS_FILE",
        SourceName::Uri => "ALIBABA_CLOUD_CREDENTIALS_URI",
        SourceName::Metadata => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use crate::kind::{
        AnswerProblem, CredentialFile, CredentialProblem, CredentialSource, FileProblem, MetadataProblem, NoAnswer,
        ProgramProblem, Section, SectionProblem, SourceName, VariableProblem,
    };
    use crate::outcome::{Reason, ServiceError};

    fn name() -> String {
        "NAME".to_owned()
    }

    /// One problem of every shape.
    fn problems() -> Vec<CredentialProblem> {
        let section = Section::Profile { name: name() };
        let field = CredentialFile::OfField { field: name(), section: section.clone() };
        let from = CredentialSource::RoleOfSection { section: section.clone() };
        let mut problems = vec![
            CredentialProblem::HalfSet { variable: name(), missing: name() },
            CredentialProblem::HeaderUnreadable { header: name() },
            CredentialProblem::HeaderMissing { header: name(), missing: name() },
            CredentialProblem::Variable { variable: name(), problem: VariableProblem::NotHttps },
            CredentialProblem::File { file: field, problem: FileProblem::NotOpened {} },
            CredentialProblem::Section { section, problem: SectionProblem::BadCommand {} },
            CredentialProblem::Program { program: name(), problem: ProgramProblem::Failed {} },
            CredentialProblem::Answer { from, problem: AnswerProblem::Status { status: 403 } },
            CredentialProblem::Metadata(MetadataProblem::Forbidden { variable: name() }),
        ];
        problems.extend(SourceName::ALL.map(|name| CredentialProblem::NotSetUp { name }));
        problems
    }

    #[test]
    fn a_broken_source_is_named_in_every_language_and_only_its_names_are_english() {
        for problem in problems() {
            let said = |language: Language| language.why(&Reason::CredentialsBroken { problem: problem.clone() });
            let english = said(Language::En);
            assert!(english.ends_with('.'), "{english}");
            for translated in [said(Language::Zh), said(Language::Ja)] {
                assert!(translated.ends_with('。') && !translated.contains(" the "), "{translated}");
                assert_eq!(translated.contains("NAME"), english.contains("NAME"), "{translated}");
            }
        }
    }

    #[test]
    fn a_source_that_gave_nothing_is_named_in_the_reader_s_language() {
        let error = ServiceError {
            code: None,
            kind: crate::kind::Kind::Unavailable,
            message: String::new(),
            no_answer: Some(NoAnswer::HttpStatus { status: 503 }),
        };
        let source = CredentialSource::Uri {};
        let reason = Reason::CredentialsUnavailable { source, error, denied_action: None };
        let said = [Language::En, Language::Zh, Language::Ja].map(|language| language.why(&reason));
        assert_eq!(
            said,
            [
                "No credentials from the credentials URI. The answer has the HTTP status 503.",
                "未能从凭证 URI 获取凭证。响应的 HTTP 状态码为 503。",
                "認証情報の URI から認証情報を取得できませんでした。応答の HTTP ステータスは 503 です。",
            ]
        );
    }
}
