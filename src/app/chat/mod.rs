//! A conversation: what somebody in a chat said, and the card they get back.

mod answers;
mod late;
mod refusals;
mod reply;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::authority::Authority;
use super::context::Context;
use super::deployment::App;
use super::role::Role;
use crate::card::{Audience, Card, Locale, Offer};
use crate::ingress::Intake;
use crate::ingress::chat::{ChatMessage, LateReply};
use crate::outcome::{Outcome, Prediction, Refusal, Report};
use crate::policy::confirm::{Confirmations, Plan, state};
use crate::policy::grants::{Person, granted, needs_second_person};
use crate::relay::{CONFIRMED_WAIT, Confirmed};
use crate::request::command::{Command, CommandName, PlanToken, Targets};
use crate::request::ids::{InstanceId, RegionId, printable};
use crate::request::{Door, Mode, Origin, SealRequest};
use crate::words::{Language, Phrase};

/// How long before an address takes no answer any more the last one is sent.
const ANSWER_RESERVE: Duration = Duration::from_mins(1);

/// What is said back, and whether the process should be replaced.
#[derive(Debug)]
pub struct ChatResponse {
    pub card: Card,
    /// How it ends is still to be said there: where a chat takes one late answer, this is not it.
    pub more_comes: bool,
    pub needs_a_new_process: bool,
}

impl From<Card> for ChatResponse {
    fn from(card: Card) -> Self {
        Self { card, more_comes: false, needs_a_new_process: false }
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
        let locale = self.chats.locale(message.chat);
        let (command, targets) = match Command::parse(&message.text) {
            Err(error) => return answers::not_understood(&error, locale).into(),
            Ok(Command::Help) => return answers::help(self.may_seal(message).is_ok(), locale).into(),
            Ok(Command::WhoAmI) => return answers::whoami(&person, locale).into(),
            Ok(Command::Version) => return answers::version(locale).into(),
            Ok(Command::Plan(targets)) => (CommandName::Plan, targets),
            Ok(Command::Status(targets)) => (CommandName::Status, targets),
            Ok(Command::Seal(targets)) => (CommandName::Seal, targets),
            Ok(Command::Confirm(PlanToken(token))) => {
                return match self.confirm(&token, message, &person, context).await {
                    Ok(response) => response,
                    Err(refusal) => self.turn_away(&person, CommandName::Seal, &refusal, context, locale).await,
                };
            }
        };
        match self.plan_targets(command, &targets, message, &person, context).await {
            Ok(response) => response,
            Err(refusal) => self.turn_away(&person, command, &refusal, context, locale).await,
        }
    }

    /// Plans for some instances. For `seal` that is the first of two steps: a single plan that could be carried out comes with
    /// a token.
    async fn plan_targets(
        &self,
        command: CommandName,
        targets: &Targets,
        message: &ChatMessage,
        person: &Person,
        context: &Context,
    ) -> Result<ChatResponse, Refusal> {
        if command == CommandName::Seal {
            self.may_seal(message)?;
        }
        let grants = granted(&self.chats.grants, person, command)?;
        let locale = self.chats.locale(message.chat);
        let Some(region) = targets.region.clone().or_else(|| context.defaults.region.clone()) else {
            return Ok(answers::no_region(locale).into());
        };
        let asked_at = Some(message.said_at.unwrap_or(context.attempt.received_at));
        let requests = targets.instances.iter().map(|instance| SealRequest {
            account: targets.account.clone(),
            key: targets.key.clone(),
            asked_at,
            ..request(instance, region.clone(), Mode::Plan, origin(message, command.as_str(), None))
        });
        let intake = Intake { requests: requests.collect(), ..Intake::default() };
        let result = self.accept(intake, &Authority::grants(grants), context).await;
        let offer = match &result.reports[..] {
            [recorded] if command == CommandName::Seal => self.offer(&recorded.report, person),
            _ => None,
        };
        let needs_somebody_else = offer.as_ref().is_some_and(|offer| offer.needs_somebody_else);
        let mut card = answers::of_result(&result, command, offer, None, locale);
        if needs_somebody_else {
            // Somebody else has to see the button.
            card.audience = Audience::Everyone;
        }
        Ok(ChatResponse { card, more_comes: false, needs_a_new_process: result.needs_a_new_process })
    }

    /// Why nothing can be sealed from here, if so.
    fn may_seal(&self, message: &ChatMessage) -> Result<&Confirmations, Refusal> {
        let confirmations = self.chats.confirmations.as_ref().ok_or(Refusal::SealingOff {})?;
        if !message.body_is_trusted {
            return Err(Refusal::BodyNotSigned {});
        }
        if self.policy.mode == Mode::Plan {
            return Err(Refusal::PlansOnly {});
        }
        Ok(confirmations)
    }

    /// A token for a plan that `enforce` could carry out.
    fn offer(&self, report: &Report, person: &Person) -> Option<Offer> {
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
        let (grants, account) = (&self.chats.grants, report.account.as_ref());
        let needs_somebody_else = needs_second_person(grants, person, account, &report.region);
        let (token, expires_at) = confirmations.token(&plan, person, self.clock.now());
        Some(Offer { token, expires_at, needs_somebody_else })
    }

    /// A refusal that no report tells of: it is on record all the same.
    async fn turn_away(
        &self,
        person: &Person,
        command: CommandName,
        refusal: &Refusal,
        context: &Context,
        locale: Locale,
    ) -> ChatResponse {
        let Person { chat, tenant, channel, user } = person;
        let record = TurnedAway {
            schema: "rds-seal.refusal/1",
            chat,
            tenant: printable(tenant),
            channel: printable(channel),
            user: printable(user),
            command: command.as_str(),
            rule: refusal.rule(),
            reason: refusal,
            message: Language::En.refusal(refusal),
            at: format!("{:.3}", self.clock.now()),
        };
        self.audit.record(&record, context.work_deadline(self.notify_slice)).await;
        answers::refused(refusal, locale).into()
    }

    /// The second step. Policy, grants and mode are judged anew, and what has changed since the plan refuses.
    async fn confirm(
        &self,
        token: &str,
        message: &ChatMessage,
        person: &Person,
        context: &Context,
    ) -> Result<ChatResponse, Refusal> {
        let confirmations = self.may_seal(message)?;
        let grants = granted(&self.chats.grants, person, CommandName::Seal)?;
        let plan = confirmations.read(token, person, self.clock.now()).map_err(refusals::invalid_token)?;
        refusals::second_person(&self.chats.grants, &plan, person)?;
        let origin = origin(message, "confirm", Some(printable(&plan.requester)));
        let request = SealRequest {
            account: plan.account.clone(),
            key: plan.key.clone(),
            asked_at: Some(message.said_at.unwrap_or(context.attempt.received_at)),
            ..request(&plan.instance, plan.region.clone(), Mode::Enforce, origin)
        };
        let now = self.clock.now();
        let late = message.reply.late(now);
        let somebody_hears = late.is_some() || !self.chats.tellers.is_empty();
        if self.role == Role::Door && !somebody_hears {
            return Err(Refusal::NobodyTells {});
        }
        let confirmed = self.confirmed(&plan, person, late.as_ref(), now);
        let intake = Intake { requests: vec![request], ..Intake::default() };
        let authority = Authority::confirming(grants, &plan, &confirmed, context.attempt.first_seen, somebody_hears);
        let result = self.accept(intake, &authority, context).await;
        let locale = self.chats.locale(message.chat);
        let (until, sinks) = (locale.time(confirmed.until), self.chats.tellers.join(", "));
        let later = match late {
            Some(_) => Phrase::AnswerComesHere { until: &until },
            None => Phrase::SinksTell { sinks: &sinks, until: &until },
        };
        let card = answers::of_result(&result, CommandName::Seal, None, Some(&later), locale);
        let more_comes = late.is_some() && result.has_queued;
        Ok(ChatResponse { card, more_comes, needs_a_new_process: result.needs_a_new_process })
    }

    /// What a task carries of a confirmation.
    fn confirmed(&self, plan: &Plan, person: &Person, late: Option<&LateReply>, now: Timestamp) -> Confirmed {
        let ends_at = late.and_then(LateReply::ends_at).map_or(Timestamp::MAX, |ends_at| ends_at - ANSWER_RESERVE);
        let until = now.checked_add(CONFIRMED_WAIT).unwrap_or(now).min(ends_at);
        let Person { chat, tenant, channel, user } = person;
        let way_back = late.and_then(|late| serde_json::to_vec(late).ok());
        let sealed = way_back.zip(self.chats.replies.as_ref());
        Confirmed {
            chat: (*chat).to_owned(),
            tenant: tenant.clone(),
            channel: channel.clone(),
            user: user.clone(),
            requester: plan.requester.clone(),
            state: plan.state,
            until,
            reply: sealed.map(|(way_back, replies)| replies.seal(plan.instance.as_str().as_bytes(), &way_back)),
        }
    }
}

/// What somebody asks for. When they spoke says nothing of how new the instance is.
fn request(instance: &InstanceId, region: RegionId, mode: Mode, origin: Origin) -> SealRequest {
    let instance = instance.clone();
    SealRequest {
        instance,
        account: None,
        region,
        key: None,
        mode: Some(mode),
        happened_at: None,
        asked_at: None,
        origin,
    }
}

/// By ids first: a name can be chosen.
fn origin(message: &ChatMessage, command: &str, requested_by: Option<String>) -> Origin {
    let name = message.shown.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    Origin {
        door: Door::Chat,
        source: format!("{}/{}/{}", message.chat.as_str(), message.tenant, message.channel),
        event_id: message.delivery_id.clone(),
        event_name: Some(command.to_owned()),
        actor: Some(printable(&format!("{}{name}", message.user))),
        requested_by,
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
    reason: &'a Refusal,
    message: String,
    at: String,
}
