//! What a host serves: a deployment, and which of its doors are open, as far as that is known before their secrets.

use std::sync::Arc;

use super::deployment::App;
use super::secrets::Apps;
use crate::aliyun::Client;
use crate::card::Locale;
use crate::ingress::chat::{ChatName, HttpAnswer, without_secrets};
use crate::notify::audit::Audit;
use crate::time::Clock;
use crate::words::Phrase;

/// What outlives every delivery, and every app.
#[derive(Debug)]
pub struct Deployment {
    pub apps: Apps,
    pub doors: Doors,
    pub client: Client,
    pub audit: Arc<Audit>,
    pub clock: Clock,
}

impl Deployment {
    /// The deployment of an app that needs nothing of KMS.
    pub fn of(app: App, doors: Doors) -> Self {
        let (client, audit, clock) = (app.client.clone(), Arc::clone(&app.audit), app.clock.clone());
        Self { apps: Apps::made(app), doors, client, audit, clock }
    }
}

/// Which doors are open besides the platform's own.
#[derive(Debug, Clone, Default)]
pub struct Doors {
    pub webhooks: bool,
    pub eventbridge: bool,
    /// The chats, and how they are answered.
    pub chats: Vec<(ChatName, Locale)>,
}

impl Doors {
    /// What somebody in a chat is told whose secrets cannot be read, where that needs none of them.
    pub fn without_secrets(&self, chat: ChatName) -> Option<HttpAnswer> {
        let (_, locale) = self.chats.iter().find(|(name, _)| *name == chat)?;
        without_secrets(chat, &locale.language.phrase(&Phrase::SecretsUnread))
    }
}
