//! A confirmed change that comes out of the queue: because a door handed it over, or because it could not end at once. It is
//! carried out, and whoever confirmed it hears of its end where they did.

use super::{answers, refusals};
use crate::app::authority::Authority;
use crate::app::context::Context;
use crate::app::delivery_result::DeliveryResult;
use crate::app::deployment::App;
use crate::card::{Card, from_report};
use crate::ingress::Intake;
use crate::ingress::chat::{ChatName, LateReply};
use crate::outcome::{Outcome, Refusal, Report};
use crate::policy::confirm::Plan;
use crate::policy::grants::{Grant, Person, granted};
use crate::relay::{CONFIRMED_WAIT, Confirmed, TaskKind};
use crate::request::SealRequest;
use crate::request::command::CommandName;
use crate::request::ids::InstanceId;
use crate::words::Phrase;

impl App {
    /// Goes on with what somebody confirmed. Policy, grants, the second person and the mode are judged anew.
    pub(in crate::app) async fn resume_confirmed(
        &self,
        confirmed: Confirmed,
        request: SealRequest,
        context: &Context,
    ) -> DeliveryResult {
        let plan = plan(&confirmed, &request);
        let authority = match self.may_still_confirm(&plan, &confirmed) {
            Ok(grants) => Authority::confirming(grants, &plan, &confirmed, context.attempt.first_seen, true),
            Err(refusal) => Authority::denied(refusal, &confirmed),
        };
        self.accept(Intake { requests: vec![request], ..Intake::default() }, &authority, context).await
    }

    /// Tells somebody in a chat again how their change ended.
    pub(in crate::app) async fn answer_again(
        &self,
        confirmed: Confirmed,
        report: Report,
        context: &Context,
    ) -> DeliveryResult {
        if context.attempt.early_by.is_some() {
            return DeliveryResult::again();
        }
        let card = ChatName::parse(&confirmed.chat).map(|chat| from_report(&report, None, self.chats.locale(chat)));
        let is_told = match &card {
            Some(card) => self.answer_late(&confirmed, &report, card, context).await,
            None => false,
        };
        let has_waited = self.clock.now().duration_since(context.attempt.first_seen);
        if is_told {
            return DeliveryResult::default();
        }
        if has_waited >= CONFIRMED_WAIT {
            // The platform tries a few times more, and then it is in the failure destination.
            tracing::error!("{} does not take report {}; it is in the audit stream", confirmed.chat, report.id);
            return DeliveryResult::again();
        }
        let kind = TaskKind::Answer { confirmed: Box::new(confirmed), report: Box::new(report) };
        let signer = self.own_signer(context).await.ok();
        self.queued_or_again(kind, (&context.attempt, CONFIRMED_WAIT), signer.as_ref(), context).await
    }

    /// The grants by which somebody may still confirm a plan.
    fn may_still_confirm(&self, plan: &Plan, confirmed: &Confirmed) -> Result<Vec<&Grant>, Refusal> {
        let chat = ChatName::parse(&confirmed.chat).ok_or(Refusal::SealingOff {})?;
        let person = person(chat, confirmed);
        let grants = granted(&self.chats.grants, &person, CommandName::Seal)?;
        refusals::second_person(&self.chats.grants, plan, &person)?;
        Ok(grants)
    }

    /// Tells somebody how their change ended, or that it waits. Returns false where the chat did not take it and has to.
    pub(in crate::app) async fn tell_late(&self, confirmed: &Confirmed, report: &Report, context: &Context) -> bool {
        let is_over = !matches!(report.outcome, Outcome::Waiting | Outcome::Unknown);
        // What is neither at its end nor in the queue comes again.
        let begins_a_wait = report.retry_at.is_some() && context.attempt.begins_a_wait();
        let Some(reply) = self.way_back(confirmed, &report.instance).filter(|_| is_over || begins_a_wait) else {
            return true;
        };
        if !is_over && reply.takes_one_answer() {
            return true;
        }
        let Some(chat) = ChatName::parse(&confirmed.chat) else { return true };
        let locale = self.chats.locale(chat);
        let mut card = from_report(report, None, locale);
        if !is_over {
            let until = locale.time(confirmed.until);
            answers::set_next_step(&mut card, &Phrase::AnswerComesHere { until: &until }, locale.language);
        }
        self.answer_late(confirmed, report, &card, context).await || !is_over
    }

    /// Sends a late answer. Says whether the chat took it, or takes none.
    async fn answer_late(&self, confirmed: &Confirmed, report: &Report, card: &Card, context: &Context) -> bool {
        let Some(reply) = self.way_back(confirmed, &report.instance) else { return true };
        if reply.has_ended(self.clock.now()) {
            tracing::error!(
                "{} takes no answer any more about report {}: it is in the audit stream",
                confirmed.chat,
                report.id
            );
            return true;
        }
        let open = self.chats.doors.iter().find(|open| open.door.chat().as_str() == confirmed.chat);
        let Some(open) = open else { return false };
        match open.door.late(&reply, card, &report.id, self.clock.now()) {
            // What the chat does not take in time still has to get into the queue.
            Some(outgoing) => self.say(&open.door, &outgoing, self.publication_deadline(context, true)).await,
            None => false,
        }
    }

    /// Where a late answer to somebody goes, if their chat takes one.
    fn way_back(&self, confirmed: &Confirmed, instance: &InstanceId) -> Option<LateReply> {
        let sealed = confirmed.reply.as_deref()?;
        let plain = self.chats.replies.as_ref().and_then(|replies| replies.open(instance.as_str().as_bytes(), sealed));
        let reply = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        if reply.is_none() {
            tracing::error!("the address of the answer about {instance} cannot be read: nobody in the chat is told");
        }
        reply
    }
}

fn person(chat: ChatName, confirmed: &Confirmed) -> Person {
    Person {
        chat: chat.as_str(),
        tenant: confirmed.tenant.clone(),
        channel: confirmed.channel.clone(),
        user: confirmed.user.clone(),
    }
}

fn plan(confirmed: &Confirmed, request: &SealRequest) -> Plan {
    Plan {
        requester: confirmed.requester.clone(),
        instance: request.instance.clone(),
        account: request.account.clone(),
        region: request.region.clone(),
        key: request.key.clone(),
        state: confirmed.state,
    }
}
