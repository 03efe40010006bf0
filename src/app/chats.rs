//! The chat side of a deployment: who may be heard, who may do what, and how they are answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;

use crate::card::Locale;
use crate::ingress::chat::{ChatDoor, ChatName, HttpAnswer};
use crate::policy::confirm::Confirmations;
use crate::policy::grants::Grant;
use crate::request::rejection::Rejection;
use crate::secret::Sealer;
use crate::words::Language;

/// The chat side of a deployment. Nothing of it is open by default.
#[derive(Debug, Default)]
pub struct Chats {
    pub doors: Vec<OpenChat>,
    pub grants: Vec<Grant>,
    /// Makes and reads plan tokens; without it nothing can be sealed from a chat.
    pub confirmations: Option<Confirmations>,
    /// Encrypts the addresses of late answers inside tasks.
    pub replies: Option<Sealer>,
    /// The sinks that tell how a change ended, for chats that take no late answer.
    pub tellers: Vec<String>,
    pub tokens: Arc<TenantTokens>,
}

/// A chat that may be used, and how it is answered.
#[derive(Debug, Clone)]
pub struct OpenChat {
    pub door: ChatDoor,
    pub locale: Locale,
}

impl OpenChat {
    /// What answers something that is authentic and cannot be read: in that chat's language, and in English in the log.
    pub fn unreadable(&self, rejection: &Rejection, now: Timestamp) -> HttpAnswer {
        let said = Language::En.rejection(rejection);
        tracing::warn!("a message of {} cannot be read: {said}", self.door.chat().as_str());
        self.door.words(&self.locale.language.rejection(rejection), now)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingress::chat::SlackDoor;

    #[test]
    fn what_cannot_be_read_is_answered_in_the_language_of_that_chat() {
        let door = ChatDoor::Slack(SlackDoor::new(Vec::new()).unwrap());
        for (language, words) in
            [(Language::En, "text is missing"), (Language::Zh, "text 缺失"), (Language::Ja, "text がありません")]
        {
            let open = OpenChat { door: door.clone(), locale: Locale { language, ..Locale::default() } };
            let answer = open.unreadable(&Rejection::missing("text"), Timestamp::UNIX_EPOCH);
            assert!(answer.body.contains(words), "{}", answer.body);
        }
    }
}
