//! What is said in a chat, in words that fit every one of them.

use crate::app::DeliveryResult;
use crate::ingress::chat::{Audience, Card, Confirm, Link, Tone};
use crate::notify::text::{facts, title};
use crate::outcome::{Outcome, Report};
use crate::policy::Refusal;
use crate::policy::confirm::Plan;
use crate::policy::grants::Person;
use crate::request::command::CommandError;
use crate::request::ids::{InstanceId, KeyId, RegionId, printable};

/// How what was asked for ended.
pub(super) fn of_all(reports: &[&Report], confirm: Option<Confirm>, answer: &DeliveryResult) -> Card {
    let mut card = match reports {
        [report] => of_report(report, confirm),
        reports => of_reports(reports),
    };
    if answer.has_unpublished {
        card.footer = Some("A required sink did not take the report; it is in the audit stream.".to_owned());
    }
    card
}

fn of_report(report: &Report, confirm: Option<Confirm>) -> Card {
    let reasons = report.verdict.iter().flat_map(|verdict| verdict.why.iter().skip(1));
    let text = reasons.fold(report.message.clone(), |text, why| format!("{text}\n• {why}"));
    let next_step = match report.outcome {
        Outcome::Unknown => {
            Some("Sent, no answer yet. Confirm again with the same token: it is safe to repeat.".to_owned())
        }
        Outcome::Waiting => {
            Some("Whether it is on is not known. Say it again in a moment: it is safe to repeat.".to_owned())
        }
        Outcome::Enabled | Outcome::AlreadyEnabled | Outcome::Planned | Outcome::Refused | Outcome::Failed => {
            report.next_step.clone()
        }
    };
    Card {
        audience: if report.outcome == Outcome::Planned { Audience::Asker } else { Audience::Everyone },
        facts: facts(report).into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        next_step,
        link: Some(console(&report.instance, &report.region)),
        confirm,
        footer: Some(format!("report {}", report.id)),
        ..Card::new(tone(report), title(report), text)
    }
}

/// The same card for who asked how an instance stands: what it is comes first.
pub(super) fn as_status(card: &mut Card, report: &Report) {
    let Some(seen) = report.evidence.as_ref().and_then(|evidence| evidence.instance.as_ref()) else { return };
    "Status of the instance".clone_into(&mut card.title);
    let engine = [&seen.engine, &seen.engine_version].into_iter().flatten().map(|word| printable(word));
    let engine = engine.collect::<Vec<_>>().join(" ");
    let now = [("Status", seen.shown_status()), ("Engine", engine)];
    let now = now.into_iter().filter(|(_, value)| !value.is_empty());
    card.facts.splice(0..0, now.map(|(name, value)| (name.to_owned(), value)));
}

/// How several requests ended, a line for each.
fn of_reports(reports: &[&Report]) -> Card {
    let line = |report: &&Report| {
        let told = match &report.verdict {
            Some(verdict) => verdict.is.as_str(),
            None => report.outcome.as_str(),
        };
        format!("• {}: {told}. {}", report.instance, report.message)
    };
    let lines: Vec<String> = reports.iter().map(line).collect();
    let worst = reports.iter().map(|report| tone(report)).max_by_key(|tone| *tone as u8).unwrap_or(Tone::Neutral);
    let facts = reports.iter().map(|report| (report.instance.to_string(), title(report).to_owned()));
    Card { facts: facts.collect(), ..Card::new(worst, format!("{} instances", reports.len()), lines.join("\n")) }
}

pub(super) fn confirmation(plan: &Plan, token: String) -> Confirm {
    let key = plan.key.as_ref().map_or("RDS's automatic key", KeyId::as_str);
    Confirm {
        token,
        label: "Turn it on".to_owned(),
        question: format!(
            "Backup encryption of {} with {key} cannot be turned off again, and its key cannot be changed.",
            plan.instance
        ),
    }
}

fn tone(report: &Report) -> Tone {
    match report.outcome {
        Outcome::Enabled => Tone::Good,
        Outcome::AlreadyEnabled => Tone::Neutral,
        Outcome::Planned | Outcome::Refused | Outcome::Waiting => Tone::Warn,
        Outcome::Failed | Outcome::Unknown => Tone::Bad,
    }
}

/// The form of this address is inferred from the console's own links.
fn console(instance: &InstanceId, region: &RegionId) -> Link {
    Link {
        label: "Open the console".to_owned(),
        url: format!("https://rdsnext.console.aliyun.com/detail/{instance}/basicInfo?region={region}"),
    }
}

pub(super) fn refused(refusal: &Refusal) -> Card {
    let title = match refusal.name {
        "plan-token" => "Token not valid",
        "plan-expired" => "Plan expired",
        "sealing-off" | "body-not-signed" => "Not here",
        "only-plans" => "Plans only",
        _ => "Not allowed",
    };
    Card { next_step: Some(refusal.next_step.clone()), ..Card::new(Tone::Warn, title, refusal.message.clone()) }
}

pub(super) fn misread(misread: &CommandError) -> Card {
    let next_step = Some("Nothing was done. `help` shows what can be said.".to_owned());
    Card { next_step, ..Card::new(Tone::Warn, "Not understood", misread.to_string()) }
}

pub(super) fn no_region() -> Card {
    let next_step = Some("Say where it is, like `region=cn-hangzhou`.".to_owned());
    Card { next_step, ..Card::new(Tone::Warn, "Which region?", "It is not known in which region the instance is.") }
}

pub(super) fn help(can_seal: bool) -> Card {
    let seal = if can_seal {
        "seal <instance>… : the same, and for a single one a token that turns backup encryption on\nconfirm <token> : the second \
         step\n"
    } else {
        ""
    };
    let text = format!(
        "plan <instance>… : what would happen, and why\nstatus <instance>… : the same, of what is there now\n{seal}whoami : \
         your ids, for a grant\nversion\n\nOptions: region=cn-hangzhou key=key-… account=1234567890123456\nExample: plan \
         rm-bp1q2w3e4r5t6y7u8 region=cn-hangzhou"
    );
    Card::new(Tone::Neutral, "rds-seal", text)
}

pub(super) fn whoami(person: &Person) -> Card {
    let fact = |name: &str, value: &str| (name.to_owned(), printable(value));
    Card {
        facts: vec![
            fact("chat", person.chat),
            fact("tenant", &person.tenant),
            fact("channel", &person.channel),
            fact("user", &person.user),
        ],
        ..Card::new(Tone::Neutral, "Who you are here", "An administrator needs these ids for a grant.")
    }
}

pub(super) fn version() -> Card {
    Card::new(Tone::Neutral, "rds-seal", concat!("Version ", env!("CARGO_PKG_VERSION"), "."))
}
