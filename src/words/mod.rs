//! From reasons to sentences. All text that people read about a request is made here, in each language: a language that
//! lacks a line does not compile.

mod codes;
mod credentials;
mod en;
mod ignored;
#[expect(clippy::too_many_lines, reason = "a line for each thing that is said")]
mod ja;
mod language;
mod phrases;
mod subject;
mod zh;

use crate::kind::Kind;
use crate::outcome::{NextStep, Outcome, Prediction, Reason, Refusal, Report, ServiceError, VerdictReason, next_step};
use crate::request::command::CommandError;
use crate::request::ids::KeyId;
use subject::Subject;

pub use ignored::ignored;
pub use language::Language;
pub use phrases::{Headline, Label, Phrase};

/// Asks the file of a language.
macro_rules! ask {
    ($language:expr, $function:ident($($argument:expr),*)) => {
        match $language {
            Language::En => en::$function($($argument),*),
            Language::Zh => zh::$function($($argument),*),
            Language::Ja => ja::$function($($argument),*),
        }
    };
}

// Behind the macro that it uses.
mod rejection;

/// Puts the sentences into a report. They are in English: machines keep them, and every reader gets the same.
pub fn write_sentences(report: &mut Report) {
    let language = Language::En;
    let why: Vec<String> = language.verdict_reasons(report).collect();
    if let Some(verdict) = &mut report.verdict {
        verdict.why = why;
    }
    report.message = language.message(report);
    report.next_step = language.next_step_of(report);
}

impl Language {
    /// How the request ended and why.
    pub fn message(self, report: &Report) -> String {
        let prediction = report.verdict.as_ref().map(|verdict| verdict.is);
        let (sentence, decides) = match prediction.filter(|_| report.outcome == Outcome::Planned) {
            Some(prediction) => (ask!(self, dry_run(prediction)).to_owned(), self.verdict_reasons(report).next()),
            None => (self.reason(&report.reason, report.into()), None),
        };
        let doubt = (!report.certain && !report.reason.says_its_doubt()).then(|| ask!(self, doubt()).to_owned());
        self.joined([Some(sentence), decides, doubt].into_iter().flatten())
    }

    /// The one thing a person can do, if there is one.
    pub fn next_step_of(self, report: &Report) -> Option<String> {
        next_step(report).map(|step| self.next_step(&step))
    }

    pub fn next_step(self, step: &NextStep) -> String {
        match step {
            NextStep::Advice(error) => self.advice(error).to_owned(),
            step => ask!(self, next_step(step)),
        }
    }

    /// What speaks for a verdict, what decides first.
    pub fn verdict_reasons(self, report: &Report) -> impl Iterator<Item = String> {
        let reasons = report.verdict.iter().flat_map(|verdict| &verdict.reasons);
        reasons.map(move |reason| self.verdict_reason(reason, report))
    }

    pub fn prediction(self, prediction: Prediction) -> &'static str {
        ask!(self, prediction(prediction))
    }

    pub fn refusal(self, refusal: &Refusal) -> String {
        ask!(self, refusal(refusal))
    }

    pub fn command_error(self, error: &CommandError) -> String {
        ask!(self, command_error(error))
    }

    pub fn headline(self, report: &Report) -> &'static str {
        ask!(self, headline(Headline::from(report)))
    }

    pub fn label(self, label: Label) -> &'static str {
        ask!(self, label(label))
    }

    pub fn phrase(self, phrase: &Phrase<'_>) -> String {
        ask!(self, phrase(phrase))
    }

    pub fn key(self, key: Option<&KeyId>) -> String {
        key.map_or_else(|| self.label(Label::AutomaticKey).to_owned(), ToString::to_string)
    }

    /// What to do about a code that is known, else about its kind.
    pub fn advice(self, error: &ServiceError) -> &'static str {
        let of_code = error.code.as_deref().and_then(|code| codes::of_code(code, self));
        of_code.unwrap_or_else(|| self.advice_on_kind(error.kind))
    }

    /// What to do about a code, where it is known.
    pub fn advice_on_code(self, code: &str) -> Option<&'static str> {
        codes::of_code(code, self)
    }

    /// What the service said, or why it said nothing, as a sentence.
    pub fn error(self, error: &ServiceError) -> String {
        let message = match &error.no_answer {
            Some(why) => ask!(self, no_answer(why)),
            None => error.message.trim_end_matches(['.', '。']).to_owned(),
        };
        match &error.code {
            Some(code) if message.is_empty() => self.sentence(code),
            Some(code) => self.sentence(&format!("{code}: {message}")),
            None => self.sentence(&message),
        }
    }

    /// The same of something that is about no instance, such as credentials.
    pub fn why(self, reason: &Reason) -> String {
        self.reason(reason, Subject::default())
    }

    /// The same of what stands in the way of a plan.
    pub fn verdict_reason_alone(self, reason: &VerdictReason) -> String {
        ask!(self, verdict_reason(reason, Subject::default()))
    }

    fn reason(self, reason: &Reason, about: Subject<'_>) -> String {
        match reason {
            Reason::Refused(refusal) => self.refusal(refusal),
            reason => ask!(self, reason(reason, about)),
        }
    }

    pub fn verdict_reason(self, reason: &VerdictReason, report: &Report) -> String {
        ask!(self, verdict_reason(reason, report.into()))
    }

    fn advice_on_kind(self, kind: Kind) -> &'static str {
        ask!(self, advice(kind))
    }

    /// The text with the mark that ends a sentence.
    fn sentence(self, text: &str) -> String {
        format!("{text}{}", ask!(self, full_stop()))
    }

    /// Sentences that follow one another.
    pub fn joined(self, sentences: impl IntoIterator<Item = String>) -> String {
        let gap = if self == Self::En { " " } else { "" };
        sentences.into_iter().collect::<Vec<_>>().join(gap)
    }
}
