//! What is said in a chat, as a card that fits every one of them.

use crate::app::delivery_result::DeliveryResult;
use crate::card::{Card, Fact, Locale, Offer, Text, Tone, digest, from_report, status};
use crate::outcome::{Outcome, Refusal, Report};
use crate::policy::grants::Person;
use crate::request::command::{CommandError, CommandName};
use crate::request::ids::printable;
use crate::words::{Label, Language, Phrase};

/// How what was asked for ended, and what can be confirmed.
///
/// `later` is how its end is told where it is in the queue.
pub(super) fn of_result(
    result: &DeliveryResult,
    command: CommandName,
    offer: Option<Offer>,
    later: Option<&Phrase<'_>>,
    locale: Locale,
) -> Card {
    let language = locale.language;
    let reports: Vec<&Report> = result.reports.iter().map(|recorded| &*recorded.report).collect();
    let mut card = match reports[..] {
        [report] if command == CommandName::Status => status(report, locale),
        [report] => from_report(report, offer, locale),
        _ => digest(&reports, locale),
    };
    let next = match (&reports[..], later) {
        ([report], Some(later)) if report.retry_at.is_some() => Some(later),
        // What is not in the queue is asked for again.
        ([report], _) if report.outcome == Outcome::Unknown => Some(&Phrase::ConfirmAgain),
        ([report], _) if report.outcome == Outcome::Waiting => Some(&Phrase::AskAgain),
        ([_], _) => None,
        (_, _) if command == CommandName::Seal => Some(&Phrase::SealOneForToken),
        (_, _) => None,
    };
    if let Some(next) = next {
        set_next_step(&mut card, next, language);
    }
    if !result.unrecorded.is_empty() {
        card.footer = Some(language.phrase(&Phrase::Unrecorded));
    }
    if !result.unpublished.is_empty() {
        let unheard = language.phrase(&Phrase::Unpublished { sinks: &result.unpublished.join(", ") });
        // It comes first, for what is too long is cut at its end; what follows needs a gap.
        let gap = card.next_step.as_ref().map(|_| String::new());
        let mut value = Text::from(language.joined([Some(unheard), gap].into_iter().flatten()));
        value.0.extend(card.next_step.into_iter().flat_map(|step| step.value.0));
        card.next_step = Some(Fact { name: language.label(Label::NextStep), value });
    }
    card
}

pub(super) fn set_next_step(card: &mut Card, next: &Phrase<'_>, language: Language) {
    card.next_step = Some(Fact { name: language.label(Label::NextStep), value: language.phrase(next).into() });
}

pub(super) fn refused(refusal: &Refusal, locale: Locale) -> Card {
    let language = locale.language;
    let title = match refusal {
        Refusal::TokenInvalid {} => Phrase::TokenNotValid,
        Refusal::TokenExpired {} => Phrase::PlanExpired,
        Refusal::SealingOff {} | Refusal::BodyNotSigned {} => Phrase::NotHere,
        Refusal::PlansOnly {} => Phrase::PlansOnly,
        _ => Phrase::NotAllowed,
    };
    let step = language.next_step(&refusal.next_step());
    Card {
        next_step: Some(Fact { name: language.label(Label::NextStep), value: step.into() }),
        ..Card::new(Tone::Warn, language.phrase(&title), language.refusal(refusal))
    }
}

pub(super) fn not_understood(error: &CommandError, locale: Locale) -> Card {
    let language = locale.language;
    warning(locale, Phrase::NotUnderstood, language.command_error(error), Phrase::NothingDoneSeeHelp)
}

pub(super) fn no_region(locale: Locale) -> Card {
    let text = locale.language.phrase(&Phrase::RegionUnknown);
    warning(locale, Phrase::WhichRegion, text, Phrase::NameRegion)
}

fn warning(locale: Locale, title: Phrase<'_>, text: String, step: Phrase<'_>) -> Card {
    let language = locale.language;
    Card {
        next_step: Some(Fact { name: language.label(Label::NextStep), value: language.phrase(&step).into() }),
        ..Card::new(Tone::Warn, language.phrase(&title), text)
    }
}

pub(super) fn help(can_seal: bool, locale: Locale) -> Card {
    Card::new(Tone::Neutral, "rds-seal", Text::lines(&locale.language.phrase(&Phrase::Help { can_seal })))
}

pub(super) fn whoami(person: &Person, locale: Locale) -> Card {
    let language = locale.language;
    let fact = |label, value: &str| Fact { name: language.label(label), value: Text::code(printable(value)) };
    Card {
        facts: vec![
            fact(Label::Chat, person.chat),
            fact(Label::Tenant, &person.tenant),
            fact(Label::Channel, &person.channel),
            fact(Label::User, &person.user),
        ],
        ..Card::new(Tone::Neutral, language.phrase(&Phrase::WhoAmITitle), language.phrase(&Phrase::WhoAmI))
    }
}

pub(super) fn version(locale: Locale) -> Card {
    let version = env!("CARGO_PKG_VERSION");
    Card::new(Tone::Neutral, "rds-seal", locale.language.phrase(&Phrase::Version { version }))
}
