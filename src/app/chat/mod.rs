//! A conversation: what somebody in a chat said, and the card they get back.

mod cards;
mod refusals;
mod reply;

use serde::Serialize;

use super::authority::Authority;
use super::context::Context;
use super::deployment::App;
use crate::ingress::Intake;
use crate::ingress::chat::{Audience, Card, ChatDoor, ChatMessage, Confirm};
use crate::outcome::{Outcome, Prediction, Report};
use crate::policy::Refusal;
use crate::policy::confirm::{Confirmations, Plan, state};
use crate::policy::grants::{Grant, Person, granted};
use crate::request::command::{Command, CommandName, PlanToken, Targets};
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
}

/// What is said back, and whether the process should be replaced.
#[derive(Debug)]
pub struct ChatResponse {
    pub card: Card,
    pub needs_a_new_process: bool,
}

impl From<Card> for ChatResponse {
    fn from(card: Card) -> Self {
        Self { card, needs_a_new_process: false }
    }
}

impl App {
    /// What to say to somebody in a chat. There is no error: a refusal is a card, and so is a word that was not understood.
    pub async fn converse(&self, message: &ChatMessage, context: &Context) -> ChatResponse {
        let person = Person {
            chat: message.chat.as_str(),
            tenant: message.tenant.clone(),
            channel: message.channel.clone(),
            user: message.user.clone(),
        };
        match Command::parse(&message.text) {
            Err(misread) => cards::misread(&misread).into(),
            Ok(Command::Help) => cards::help(self.may_seal(message).is_ok()).into(),
            Ok(Command::WhoAmI) => cards::whoami(&person).into(),
            Ok(Command::Version) => cards::version().into(),
            Ok(Command::Plan(targets)) => self.look_at(CommandName::Plan, &targets, message, &person, context).await,
            Ok(Command::Status(targets)) => {
                self.look_at(CommandName::Status, &targets, message, &person, context).await
            }
            Ok(Command::Seal(targets)) => self.look_at(CommandName::Seal, &targets, message, &person, context).await,
            Ok(Command::Confirm(PlanToken(token))) => self.confirm(&token, message, &person, context).await,
        }
    }

    /// Plans for some instances. For `seal` that is the first of two steps: each plan that could be carried out comes with a
    /// token.
    async fn look_at(
        &self,
        command: CommandName,
        targets: &Targets,
        message: &ChatMessage,
        person: &Person,
        context: &Context,
    ) -> ChatResponse {
        if command == CommandName::Seal
            && let Err(refusal) = self.may_seal(message)
        {
            return self.turned_away(person, command, &refusal);
        }
        let grants = match granted(&self.chats.grants, person, command) {
            Ok(grants) => grants,
            Err(refusal) => return self.turned_away(person, command, &refusal),
        };
        let four_eyes = grants.iter().any(|grant| grant.second_person);
        let Some(region) = targets.region.clone().or_else(|| context.defaults.region.clone()) else {
            return cards::no_region().into();
        };
        let request = |instance: &InstanceId| SealRequest {
            instance: instance.clone(),
            account: targets.account.clone(),
            region: Region { id: region.clone(), attested: false },
            key: targets.key.clone(),
            mode: Some(Mode::Plan),
            // When somebody spoke says nothing of how new the instance is.
            happened_at: None,
            origin: origin(message, command.as_str().to_owned()),
        };
        let intake = Intake { requests: targets.instances.iter().map(request).collect(), ..Intake::default() };
        let answer = self.accept(intake, &Authority::grants(grants), context).await;
        let reports: Vec<&Report> = answer.reports.iter().map(|recorded| &recorded.report).collect();
        let confirm = match reports[..] {
            [report] if command == CommandName::Seal => self.token(report, person),
            _ => None,
        };
        let mut card = cards::of_all(&reports, confirm, &answer);
        if let ([report], CommandName::Status) = (&reports[..], command) {
            cards::as_status(&mut card, report);
        }
        if command == CommandName::Seal {
            if four_eyes {
                // Somebody else has to see the button.
                card.audience = Audience::Everyone;
            }
            if reports.len() > 1 {
                card.next_step = Some("Say `seal <instance>` for one of them to get its token.".to_owned());
            }
        }
        ChatResponse { card, needs_a_new_process: answer.needs_a_new_process }
    }

    /// Why nothing can be sealed from here, if so.
    fn may_seal(&self, message: &ChatMessage) -> Result<&Confirmations, Refusal> {
        let confirmations = self.chats.confirmations.as_ref().ok_or_else(refusals::sealing_is_off)?;
        if !message.body_is_trusted {
            return Err(refusals::body_is_not_signed());
        }
        if self.policy.mode == Mode::Plan {
            return Err(refusals::only_plans());
        }
        Ok(confirmations)
    }

    /// A token for a plan that `enforce` could carry out.
    fn token(&self, report: &Report, person: &Person) -> Option<Confirm> {
        let confirmations = self.chats.confirmations.as_ref()?;
        let is_feasible = report.outcome == Outcome::Planned
            && report.verdict.as_ref().is_some_and(|verdict| verdict.is == Prediction::Enable);
        let evidence = report.evidence.as_ref().filter(|_| is_feasible)?;
        let plan = Plan {
            requester: person.user.clone(),
            instance: report.instance.clone(),
            account: report.account.clone(),
            region: report.region.clone(),
            key: report.key.clone(),
            state: state(evidence),
        };
        Some(cards::confirmation(&plan, confirmations.token(&plan, person, self.clock.now())))
    }

    /// A refusal that no report tells of: it is on record all the same.
    fn turned_away(&self, person: &Person, command: CommandName, refusal: &Refusal) -> ChatResponse {
        let Person { chat, tenant, channel, user } = person;
        let record = TurnedAway {
            schema: "rds-seal.refusal/1",
            chat,
            tenant: printable(tenant),
            channel: printable(channel),
            user: printable(user),
            command: command.as_str(),
            rule: refusal.name,
            message: &refusal.message,
            at: format!("{:.3}", self.clock.now()),
        };
        self.audit.record(&record);
        cards::refused(refusal).into()
    }

    /// The second step. Policy, grants and mode are judged anew, and what has changed since the plan refuses.
    async fn confirm(&self, token: &str, message: &ChatMessage, person: &Person, context: &Context) -> ChatResponse {
        let confirmations = match self.may_seal(message) {
            Ok(confirmations) => confirmations,
            Err(refusal) => return self.turned_away(person, CommandName::Seal, &refusal),
        };
        let grants = match granted(&self.chats.grants, person, CommandName::Seal) {
            Ok(grants) => grants,
            Err(refusal) => return self.turned_away(person, CommandName::Seal, &refusal),
        };
        let plan = match confirmations.read(token, person, self.clock.now()) {
            Ok(plan) => plan,
            Err(invalid) => return self.turned_away(person, CommandName::Seal, &refusals::invalid_token(invalid)),
        };
        if let Err(refusal) = refusals::second_person(&grants, &plan, person) {
            return self.turned_away(person, CommandName::Seal, &refusal);
        }
        let request = SealRequest {
            instance: plan.instance.clone(),
            account: plan.account.clone(),
            region: Region { id: plan.region.clone(), attested: false },
            key: plan.key.clone(),
            mode: Some(Mode::Enforce),
            happened_at: None,
            origin: origin(message, format!("confirm what {} planned", printable(&plan.requester))),
        };
        let intake = Intake { requests: vec![request], ..Intake::default() };
        let answer = self.accept(intake, &Authority { plan: Some(&plan), ..Authority::grants(grants) }, context).await;
        let reports: Vec<&Report> = answer.reports.iter().map(|recorded| &recorded.report).collect();
        ChatResponse { card: cards::of_all(&reports, None, &answer), needs_a_new_process: answer.needs_a_new_process }
    }
}

/// By ids first: a name can be chosen.
fn origin(message: &ChatMessage, command: String) -> Origin {
    let name = message.shown.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    Origin {
        door: Door::Chat,
        source: format!("{}/{}/{}", message.chat.as_str(), message.tenant, message.channel),
        event_id: message.delivery_id.clone(),
        event_name: Some(command),
        actor: Some(printable(&format!("{}{name}", message.user))),
    }
}

/// Somebody was turned away before there was anything to report.
#[derive(Serialize)]
struct TurnedAway<'a> {
    schema: &'static str,
    chat: &'static str,
    tenant: String,
    channel: String,
    user: String,
    command: &'static str,
    rule: &'static str,
    message: &'a str,
    at: String,
}
