//! Whose hand signs for one request.

use std::borrow::Cow;

use super::{App, Context, Look, Wait};
use crate::aliyun::credentials::{Broken, Credentials};
use crate::outcome::{Ask, Ending, Outcome};
use crate::request::SealRequest;
use crate::request::ids::AccountId;
use crate::seal;

/// The deployment's own identity.
pub(super) struct Signer<'a> {
    pub(super) credentials: Cow<'a, Credentials>,
    /// Its account, where that is known.
    pub(super) account: Option<AccountId>,
}

impl App {
    /// The delivery's own identity, else the process's. A broken source stops the search.
    pub(super) async fn signer<'a>(
        &'a self,
        _request: &SealRequest,
        context: &'a Context,
    ) -> Result<Signer<'a>, Box<Ending>> {
        let broken = |Broken(sentence): &Broken| {
            Box::new(
                Ending::new(Outcome::Failed, sentence.clone())
                    .next_step("Mend this source of credentials: no other is tried."),
            )
        };
        let account = context.envelope.account.clone().or_else(|| self.account.clone());
        if let Some(credentials) = context.credentials.as_ref().map_err(broken)? {
            return Ok(Signer { credentials: Cow::Borrowed(credentials), account });
        }
        match self.credentials.as_ref().map_err(broken)? {
            Some(credentials) => Ok(Signer { credentials: Cow::Borrowed(credentials), account }),
            None => Err(Box::new(Ending::new(Outcome::Failed, "There are no credentials to sign with.").next_step(
                "Give the function a role, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.",
            ))),
        }
    }

    /// Seals as this signer.
    pub(super) async fn attempt(
        &self,
        ask: &Ask,
        signer: &Signer<'_>,
        look: Look,
        wait: Wait,
        context: &Context,
    ) -> Ending {
        let task = seal::Task {
            client: &self.client,
            credentials: &signer.credentials,
            deadline: context.deadline.keeping_a_slice(self.notify_slice),
            instance: &ask.request.instance,
            account: ask.account.as_ref(),
            region: &ask.request.region.id,
            key: ask.key.as_ref(),
            happened_at: ask.request.happened_at,
            now: ask.asked.received_at,
            doubted: wait.doubted,
            authorize: self.authorize,
            elsewhere: &self.elsewhere,
        };
        self.seal(ask, &task, look).await
    }
}
