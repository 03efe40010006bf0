//! A conversation: what somebody in a chat said, and the card they get back.

mod cards;
mod reply;

use super::{App, Context, Under};
use crate::ingress::Intake;
use crate::ingress::chat::{Card, ChatDoor, Confirm, Said};
use crate::outcome::{Outcome, Report, Would};
use crate::policy::Refusal;
use crate::policy::confirm::{Confirmations, Invalid, Plan, state};
use crate::policy::grants::{Grant, Person, granted, reaching};
use crate::policy::permit::Permit;
use crate::request::command::{Command, CommandName, Targets};
use crate::request::ids::{InstanceId, printable};
use crate::request::{Door, Mode, Origin, Region, SealRequest};

pub use reply::TenantTokens;

/// The chat side of a deployment. Nothing of it is open by default.
#[derive(Debug, Default)]
pub struct Chats {
    pub doors: Vec<ChatDoor>,
    pub grants: Vec<Grant>,
    /// Makes and reads plan tokens; without it nothing can be sealed from a chat.
    pub confirmations: Option<Confirmations>,
    pub tokens: TenantTokens,
    /// Where answers go instead of the chats' own hosts: a rehearsal writes to nobody.
    pub stand_in: Option<reqwest::Url>,
}

/// What is said back, and whether the process should be replaced.
#[derive(Debug)]
pub struct Spoken {
    pub card: Card,
    pub needs_a_new_process: bool,
}

impl From<Card> for Spoken {
    fn from(card: Card) -> Self {
        Self { card, needs_a_new_process: false }
    }
}

impl App {
    /// What to say to somebody in a chat. There is no error: a refusal is a card, and so is a word that was not understood.
    pub async fn converse(&self, said: &Said, context: &Context) -> Spoken {
        let person = Person {
            chat: said.chat.as_str(),
            tenant: said.tenant.clone(),
            channel: said.channel.clone(),
            user: said.user.clone(),
        };
        match Command::parse(&said.text) {
            Err(misread) => cards::misread(&misread).into(),
            Ok(Command::Help) => cards::help(self.chats.confirmations.is_some()).into(),
            Ok(Command::WhoAmI) => cards::whoami(&person).into(),
            Ok(Command::Version) => cards::version().into(),
            Ok(Command::Plan(targets)) => self.look_at(CommandName::Plan, &targets, said, &person, context).await,
            Ok(Command::Status(targets)) => self.look_at(CommandName::Status, &targets, said, &person, context).await,
            Ok(Command::Seal(targets)) => self.look_at(CommandName::Seal, &targets, said, &person, context).await,
            Ok(Command::Confirm(token)) => self.confirm(&token, said, &person, context).await,
        }
    }

    /// Plans for some instances. For `seal` that is the first of two steps: each plan that could be carried out comes with a
    /// token.
    async fn look_at(
        &self,
        command: CommandName,
        targets: &Targets,
        said: &Said,
        person: &Person,
        context: &Context,
    ) -> Spoken {
        if command == CommandName::Seal
            && let Err(card) = self.may_seal(said)
        {
            return (*card).into();
        }
        let grants = match granted(&self.chats.grants, person, command) {
            Ok(grants) => grants,
            Err(refusal) => return cards::refused(&refusal).into(),
        };
        let Some(region) = targets.region.clone().or_else(|| context.envelope.region.clone()) else {
            return cards::no_region().into();
        };
        let request = |instance: &InstanceId| SealRequest {
            instance: instance.clone(),
            account: targets.account.clone(),
            region: Region { id: region.clone(), attested: false },
            key: targets.key.clone(),
            mode: Some(Mode::Plan),
            happened_at: said.said_at,
            origin: origin(said, command.as_str()),
        };
        let intake = Intake { requests: targets.instances.iter().map(request).collect(), ..Intake::default() };
        let answer = self.take(intake, &Under::grants(grants), context).await;
        let reports: Vec<&Report> = answer.reports.iter().map(|recorded| &recorded.report).collect();
        let tokens = if command == CommandName::Seal { self.tokens(&reports, person) } else { Vec::new() };
        let card = match reports[..] {
            [report] => cards::of_report(report, tokens.first().and_then(Option::as_ref)),
            _ => cards::of_reports(&reports, &tokens),
        };
        Spoken { card, needs_a_new_process: answer.needs_a_new_process }
    }

    /// Why nothing can be sealed from here, if so.
    fn may_seal(&self, said: &Said) -> Result<&Confirmations, Box<Card>> {
        let confirmations = self.chats.confirmations.as_ref().ok_or_else(|| Box::new(cards::sealing_is_off()))?;
        if !said.body_is_trusted {
            return Err(cards::body_is_not_signed().into());
        }
        if self.policy.mode == Mode::Plan {
            return Err(cards::only_plans().into());
        }
        Ok(confirmations)
    }

    /// A token for each plan that `enforce` could carry out, in the order of the reports.
    fn tokens(&self, reports: &[&Report], person: &Person) -> Vec<Option<Confirm>> {
        let Some(confirmations) = &self.chats.confirmations else { return Vec::new() };
        let now = self.clock.now();
        let token = |report: &&Report| {
            let is_feasible = report.outcome == Outcome::Planned
                && report.verdict.as_ref().is_some_and(|verdict| verdict.is == Would::Enable);
            let evidence = report.evidence.as_ref().filter(|_| is_feasible)?;
            let plan = Plan {
                requester: person.user.clone(),
                instance: report.instance.clone(),
                account: report.account.clone(),
                region: report.region.clone(),
                key: report.key.clone(),
                state: state(evidence),
            };
            Some(cards::confirmation(&plan, confirmations.token(&plan, person, now)))
        };
        reports.iter().map(token).collect()
    }

    /// The second step. Policy, grants and mode are judged anew, and what has changed since the plan refuses.
    async fn confirm(&self, token: &str, said: &Said, person: &Person, context: &Context) -> Spoken {
        let confirmations = match self.may_seal(said) {
            Ok(confirmations) => confirmations,
            Err(card) => return (*card).into(),
        };
        let grants = match granted(&self.chats.grants, person, CommandName::Seal) {
            Ok(grants) => grants,
            Err(refusal) => return cards::refused(&refusal).into(),
        };
        let plan = match confirmations.read(token, person, self.clock.now()) {
            Ok(plan) => plan,
            Err(invalid) => return invalid_card(invalid).into(),
        };
        if let Err(refusal) = second_person(&grants, &plan, person) {
            return cards::refused(&refusal).into();
        }
        let request = SealRequest {
            instance: plan.instance.clone(),
            account: plan.account.clone(),
            region: Region { id: plan.region.clone(), attested: false },
            key: plan.key.clone(),
            mode: Some(Mode::Enforce),
            happened_at: said.said_at,
            origin: origin(said, "confirm"),
        };
        let intake = Intake { requests: vec![request], ..Intake::default() };
        // What cannot be done now is said now: nobody waits in a queue for a person who confirms.
        let context = context.without_a_queue();
        let answer = self.take(intake, &Under { plan: Some(&plan), ..Under::grants(grants) }, &context).await;
        let card = match &answer.reports[..] {
            [recorded] => cards::of_report(&recorded.report, None),
            _ => cards::no_answer(),
        };
        Spoken { card, needs_a_new_process: answer.needs_a_new_process }
    }
}

/// Four eyes, where the grant that reaches the instance asks for them.
fn second_person(grants: &[&Grant], plan: &Plan, person: &Person) -> Result<(), Refusal> {
    let grant = reaching(grants, plan.account.as_ref(), &plan.region)?;
    if !grant.second_person || plan.requester != person.user {
        return Ok(());
    }
    Err(Refusal {
        name: "second-person",
        value: None,
        message: "You asked for this plan, so somebody else has to confirm it.".to_owned(),
        next_step: "Let another person with a `seal` grant confirm with the same token.".to_owned(),
    })
}

fn invalid_card(invalid: Invalid) -> Card {
    match invalid {
        Invalid::NotOurs => cards::token_is_not_ours(),
        Invalid::Expired => cards::token_has_expired(),
    }
}

fn origin(said: &Said, command: &str) -> Origin {
    Origin {
        door: Door::Chat,
        source: format!("{}/{}", said.chat.as_str(), said.tenant),
        event_id: said.delivery_id.clone(),
        event_name: Some(command.to_owned()),
        actor: Some(printable(said.shown.as_deref().unwrap_or(&said.user))),
    }
}

impl<'a> Under<'a> {
    fn grants(grants: Vec<&'a Grant>) -> Self {
        Self { permit: Permit::Grants(grants), ..Under::platform() }
    }
}
