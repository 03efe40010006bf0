//! What has to be sent before an answer goes out, sent and checked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};

use crate::app::App;
use crate::ingress::chat::{Authorization, ChatDoor, FeishuDoor, Outgoing};
use crate::outbound;
use crate::time::Deadline;

/// The longest one message may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// An acknowledgement is a few hundred bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// A token is not used when it ends within this time.
const TOKEN_MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// Feishu's tenant tokens, by application, until they end.
#[derive(Debug, Default)]
pub struct TenantTokens(Mutex<HashMap<String, (SecretString, Timestamp)>>);

impl App {
    /// Sends one message, and says whether the chat took it.
    pub async fn say(&self, door: &ChatDoor, outgoing: &Outgoing, deadline: Deadline) -> bool {
        let token = match (outgoing.authorization, door) {
            (Authorization::None, _) => None,
            (Authorization::TenantToken, ChatDoor::Feishu(door)) => match self.tenant_token(door, deadline).await {
                Some(token) => Some(token),
                None => return false,
            },
            (Authorization::TenantToken, _) => return false,
        };
        let answer = self.post(outgoing, token.as_ref(), deadline).await;
        let is_accepted = answer.is_some_and(|(status, body)| outgoing.accepted.by(status, &body));
        if let (false, ChatDoor::Feishu(door)) = (is_accepted, door) {
            // The token may have been taken back before its time.
            self.chats.tokens.0.lock().unwrap_or_else(PoisonError::into_inner).remove(door.app_id());
        }
        is_accepted
    }

    async fn tenant_token(&self, door: &FeishuDoor, deadline: Deadline) -> Option<SecretString> {
        let now = self.clock.now();
        let kept = || self.chats.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept()
            .get(door.app_id())
            .filter(|(_, end)| now.checked_add(TOKEN_MARGIN).is_ok_and(|it| it < *end))
            .cloned();
        if let Some((token, _)) = known {
            return Some(token);
        }
        let (status, body) = self.post(&door.tenant_token_request(), None, deadline).await?;
        let fresh = FeishuDoor::tenant_token(status, &body)?;
        let end = now.checked_add(fresh.lives).unwrap_or(now);
        kept().insert(door.app_id().to_owned(), (fresh.token.clone(), end));
        Some(fresh.token)
    }

    /// Status and body of the answer. What went wrong on the way is not said: the address may be a secret.
    async fn post(
        &self,
        outgoing: &Outgoing,
        token: Option<&SecretString>,
        deadline: Deadline,
    ) -> Option<(u16, Vec<u8>)> {
        let url = self.address(&outgoing.url)?;
        let limit = deadline.remaining().min(TIMEOUT);
        let mut request = self.http.post(url).timeout(limit).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        let response = request.body(outgoing.body.clone()).send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, outbound::body(response, MAX_ANSWER).await.ok()?))
    }
}
