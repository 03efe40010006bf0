//! What has to be sent before an answer goes out, sent and checked.

use std::time::Duration;

use bytes::Bytes;
use jiff::SignedDuration;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use crate::app::deployment::App;
use crate::ingress::chat::{Authorization, ChatDoor, FeishuDoor, Outgoing};
use crate::outbound::{ExchangeError, Post, RetryPolicy};
use crate::time::Deadline;

/// The longest one message may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// An acknowledgement is a few hundred bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// A token is not used when it ends within this time.
const TOKEN_MARGIN: SignedDuration = SignedDuration::from_mins(1);

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
            self.chats.tokens.forget(door.app_id());
        }
        is_accepted
    }

    async fn tenant_token(&self, door: &FeishuDoor, deadline: Deadline) -> Option<SecretString> {
        let now = self.clock.now();
        let known = now.checked_add(TOKEN_MARGIN).ok().and_then(|end| self.chats.tokens.living_at(end, door.app_id()));
        if known.is_some() {
            return known;
        }
        let (status, body) = self.post(&door.tenant_token_request(), None, deadline).await?;
        let fresh = FeishuDoor::tenant_token(status, &body)?;
        let end = now.checked_add(fresh.lives).unwrap_or(now);
        self.chats.tokens.keep(door.app_id(), fresh.token.clone(), end);
        Some(fresh.token)
    }

    /// Status and body of the answer. A message is sent once: only where nothing was sent is it tried again, for a chat would
    /// show it twice. What went wrong on the way is not said: the address may be a secret.
    async fn post(
        &self,
        outgoing: &Outgoing,
        token: Option<&SecretString>,
        deadline: Deadline,
    ) -> Option<(u16, Vec<u8>)> {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?);
        }
        let body = Bytes::from(outgoing.body.clone());
        let policy = RetryPolicy { attempts: 2, attempt: TIMEOUT, ..RetryPolicy::default() };
        let mut retries = policy.start(deadline);
        loop {
            let post = Post { url: &outgoing.url, headers: headers.clone(), body: body.clone(), ..Post::default() };
            match self.outbound.post(post, retries.within(), MAX_ANSWER).await {
                Ok(answer) => return Some((answer.status, answer.body.ok()?)),
                Err(ExchangeError::NotConnected) if retries.next(None).await => {}
                Err(_) => return None,
            }
        }
    }
}
