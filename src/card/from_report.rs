//! The card of a report, of several, and of how an instance stands.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{Audience, Card, Confirm, Fact, Link, Locale, Paragraph, Text, Tone};
use crate::outcome::{Outcome, Reason, Report, VerdictReason};
use crate::request::ids::{InstanceId, RegionId, printable};
use crate::words::{Headline, Label, Language, Phrase};

/// Instances that a digest names one by one.
const MAX_NAMED: usize = 10;

/// What is offered with a plan: a token, until when, and for whom.
#[derive(Clone)]
pub struct Offer {
    pub token: String,
    pub expires_at: Timestamp,
    pub needs_somebody_else: bool,
}

/// How one request ended, and what can be confirmed, if anything.
pub fn from_report(report: &Report, offer: Option<Offer>, locale: Locale) -> Card {
    let language = locale.language;
    let mut text = vec![Paragraph::new(&language.message(report))];
    let skipped = usize::from(report.outcome == Outcome::Planned);
    let reasons = report.verdict.iter().flat_map(|verdict| &verdict.reasons).skip(skipped);
    text.extend(reasons.map(|reason| Paragraph::bullet(&language.verdict_reason(&by_clock(reason, locale), report))));
    let next_step = language.next_step_of(report).map(|step| fact(locale, Label::NextStep, step.into()));
    Card {
        audience: if report.outcome == Outcome::Planned { Audience::Asker } else { Audience::Everyone },
        facts: facts(report, locale),
        next_step,
        confirm: offer.map(|offer| confirm(report, offer, locale)),
        link: Some(console(&report.instance, &report.region, locale)),
        footer: Some(footer(report, locale)),
        ..Card::new(tone(report), language.headline(report), Text(text))
    }
}

/// The reason with its moments as readers' clocks show them.
fn by_clock(reason: &VerdictReason, locale: Locale) -> Cow<'_, VerdictReason> {
    match reason {
        VerdictReason::FirstBackup { at } => Cow::Owned(VerdictReason::FirstBackup { at: locale.time_of(at) }),
        reason => Cow::Borrowed(reason),
    }
}

/// The same for who asked how an instance stands: what it is comes first.
pub fn status(report: &Report, locale: Locale) -> Card {
    let mut card = from_report(report, None, locale);
    let Some(seen) = report.evidence.as_ref().and_then(|evidence| evidence.instance.as_ref()) else { return card };
    card.title = locale.language.phrase(&Phrase::StatusTitle);
    let engine = [&seen.engine, &seen.engine_version].into_iter().flatten().map(|word| printable(word));
    let engine = engine.collect::<Vec<_>>().join(" ");
    let mut now = vec![fact(locale, Label::Status, Text::plain(seen.shown_status()))];
    now.extend((!engine.is_empty()).then(|| fact(locale, Label::Engine, Text::plain(engine))));
    card.facts.splice(0..0, now);
    card
}

/// How several requests of one delivery ended: how many how, and ten by name, the worst first.
pub fn digest(reports: &[&Report], locale: Locale) -> Card {
    let language = locale.language;
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for report in reports {
        let headline = language.headline(report);
        match counts.iter_mut().find(|(name, _)| *name == headline) {
            Some((_, count)) => *count += 1,
            None => counts.push((headline, 1)),
        }
    }
    let mut text: Vec<Paragraph> =
        counts.into_iter().map(|(name, count)| Paragraph::bullet(&format!("{count} × {name}"))).collect();
    let mut worst_first = reports.to_vec();
    worst_first.sort_by_key(|report| std::cmp::Reverse(tone(report)));
    let next_step = attention(&worst_first, language).map(|text| fact(locale, Label::NextStep, text.as_str().into()));
    let named = worst_first.into_iter().take(MAX_NAMED);
    text.extend(named.map(|report| {
        let (instance, region, message) = (report.instance.as_str(), report.region.as_str(), language.message(report));
        Paragraph::new(&language.phrase(&Phrase::DigestLine { instance, region, message: &message }))
    }));
    let rest = reports.len().saturating_sub(MAX_NAMED);
    text.extend((rest > 0).then(|| Paragraph::new(&language.phrase(&Phrase::AndMore { count: rest }))));
    let worst = reports.iter().map(|report| tone(report)).max().unwrap_or(Tone::Neutral);
    let title = language.phrase(&Phrase::Instances { count: reports.len() });
    Card { audience: Audience::Everyone, next_step, ..Card::new(worst, title, Text(text)) }
}

/// How many of them a person has to look at, and what to do about the worst; nothing where nobody has to.
fn attention(worst_first: &[&Report], language: Language) -> Option<String> {
    let open = worst_first.iter().filter(|report| match report.outcome {
        Outcome::Failed | Outcome::Refused | Outcome::Unknown => true,
        Outcome::Enabled | Outcome::AlreadyEnabled | Outcome::Planned | Outcome::Waiting => false,
    });
    let first = open.clone().next()?;
    let next_step = language.next_step_of(first)?;
    Some(language.phrase(&Phrase::NeedAttention {
        count: open.count(),
        total: worst_first.len(),
        first: first.instance.as_str(),
        next_step: &next_step,
    }))
}

fn tone(report: &Report) -> Tone {
    match Headline::from(report) {
        Headline::Enabled => Tone::Good,
        Headline::AlreadyEnabled | Headline::ProbablyOn | Headline::HandedOver | Headline::Test => Tone::Neutral,
        Headline::ProbablyEnabled
        | Headline::WouldEnable
        | Headline::WouldWait
        | Headline::CannotTell
        | Headline::Refused
        | Headline::Waiting => Tone::Warn,
        Headline::CannotEnable | Headline::Failed | Headline::FailedInDoubt | Headline::Unknown => Tone::Bad,
    }
}

/// The facts worth a line each, at most ten, in reading order.
fn facts(report: &Report, locale: Locale) -> Vec<Fact> {
    let language = locale.language;
    let key = match &report.key {
        Some(key) => Text::code(key.as_str()),
        None => Text::plain(language.label(Label::AutomaticKey)),
    };
    let mut facts = vec![
        fact(locale, Label::Instance, Text::code(report.instance.as_str())),
        fact(locale, Label::Region, Text::plain(report.region.as_str())),
    ];
    // What a refusal would have used is nobody's plan.
    facts.extend((report.outcome != Outcome::Refused || report.key.is_some()).then(|| fact(locale, Label::Key, key)));
    let mut add = |label, value: Option<Text>| facts.extend(value.map(|value| fact(locale, label, value)));
    add(Label::Account, report.account.as_ref().map(|account| Text::plain(account.as_str())));
    add(Label::Rule, report.rule.as_ref().map(|rule| Text::code(&*rule.name)));
    let code = report.upstream.as_ref().and_then(|upstream| upstream.code.as_deref());
    add(Label::Code, code.map(Text::code));
    let backup = report.evidence.as_ref().and_then(|evidence| evidence.newest_backup.as_ref());
    add(
        Label::NewestBackup,
        backup.map(|backup| {
            let at = locale.time_of(&printable(backup.ended_at.as_deref().unwrap_or("?")));
            let phrase = if backup.names_encryption {
                Phrase::BackupNamesEncryption { at: &at }
            } else {
                Phrase::BackupNamesNone { at: &at }
            };
            Text::plain(language.phrase(&phrase))
        }),
    );
    let origin = &report.origin;
    let confirmed = origin.requested_by.is_some();
    add(
        Label::RequestedBy,
        origin.requested_by.as_ref().or(origin.actor.as_ref()).map(|who| Text::plain(who.as_str())),
    );
    add(Label::ConfirmedBy, origin.actor.as_ref().filter(|_| confirmed).map(|who| Text::plain(who.as_str())));
    add(Label::Trigger, origin.event_name.as_ref().map(|event| Text::plain(event.as_str())));
    facts.truncate(10);
    facts
}

fn fact(locale: Locale, label: Label, value: Text) -> Fact {
    Fact { name: locale.language.label(label), value }
}

fn confirm(report: &Report, offer: Offer, locale: Locale) -> Confirm {
    let language = locale.language;
    let key = language.key(report.key.as_ref());
    let mut conditions = vec![language.phrase(&Phrase::TokenExpires { at: &locale.time(offer.expires_at) })];
    conditions.extend(offer.needs_somebody_else.then(|| language.phrase(&Phrase::SomebodyElseConfirms)));
    Confirm {
        token: offer.token,
        label: language.phrase(&Phrase::ConfirmLabel),
        cancel: language.phrase(&Phrase::Cancel),
        warning: language.phrase(&Phrase::Irreversible { instance: &report.instance, key: &key }),
        short_warning: language.phrase(&Phrase::IrreversibleShort),
        conditions: language.joined(conditions),
        press_or_send: language.phrase(&Phrase::PressOrSend),
        send: language.phrase(&Phrase::Send),
    }
}

/// Where people see an instance. The form of this address is inferred from the console's own links.
pub fn console(instance: &InstanceId, region: &RegionId, locale: Locale) -> Link {
    Link {
        label: locale.language.phrase(&Phrase::OpenConsole),
        url: format!("https://rdsnext.console.aliyun.com/detail/{instance}/basicInfo?region={region}"),
    }
}

fn footer(report: &Report, locale: Locale) -> String {
    let language = locale.language;
    let request = report.upstream.as_ref().and_then(|upstream| upstream.request_id.as_deref());
    let parts = [
        Some(locale.time(report.finished_at)),
        report
            .retry_at
            .filter(|_| report.reason != (Reason::HandedOver {}))
            .map(|at| language.phrase(&Phrase::RetryAt { at: &locale.time(at) })),
        Some(language.phrase(&Phrase::Report { id: &report.id })),
        request.map(|id| language.phrase(&Phrase::RequestId { id })),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
