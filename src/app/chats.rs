//! The chat side of a deployment: who may be heard, who may do what, and how they are answered.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;

use crate::card::Locale;
use crate::ingress::chat::{ChatDoor, ChatName};
use crate::policy::confirm::Confirmations;
use crate::policy::grants::Grant;

/// The chat side of a deployment. Nothing of it is open by default.
#[derive(Debug, Default)]
pub struct Chats {
    pub doors: Vec<OpenChat>,
    pub grants: Vec<Grant>,
    /// Makes and reads plan tokens; without it nothing can be sealed from a chat.
    pub confirmations: Option<Confirmations>,
    pub tokens: TenantTokens,
}

/// A chat that may be used, and how it is answered.
#[derive(Debug, Clone)]
pub struct OpenChat {
    pub door: ChatDoor,
    pub locale: Locale,
}

impl Chats {
    pub(super) fn locale(&self, chat: ChatName) -> Locale {
        self.doors.iter().find(|open| open.door.chat() == chat).map(|open| open.locale).unwrap_or_default()
    }
}

/// Feishu's tenant tokens, by application, until they end.
#[derive(Debug, Default)]
pub struct TenantTokens(Mutex<HashMap<String, (SecretString, Timestamp)>>);

impl TenantTokens {
    /// The token of an application, if it lives beyond this moment.
    pub(super) fn living_at(&self, moment: Timestamp, app_id: &str) -> Option<SecretString> {
        self.lock().get(app_id).filter(|(_, end)| moment < *end).map(|(token, _)| token.clone())
    }

    pub(super) fn keep(&self, app_id: &str, token: SecretString, until: Timestamp) {
        self.lock().insert(app_id.to_owned(), (token, until));
    }

    pub(super) fn forget(&self, app_id: &str) {
        self.lock().remove(app_id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (SecretString, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
