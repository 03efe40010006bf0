//! What it takes to speak in a chat, handed over by whoever started the function: kept in memory, and shown to nobody.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answered, Order, letter, send};

/// Where a chat's door is, who speaks there, and what signs it. What a chat does not have is left out.
#[derive(Clone, Default)]
pub struct ChatAccess {
    /// `slack`, `dingtalk`, `feishu`, `wecom` or `teams`.
    pub chat: &'static str,
    pub url: String,
    /// Each chat has usual ones.
    pub tenant: Option<String>,
    pub channel: Option<String>,
    pub user: Option<String>,
    /// Slack's signing secret, `DingTalk`'s app secret, Feishu's encrypt key, Teams' security token.
    pub secret: Option<SecretString>,
    /// Of an envelope, `WeCom`'s and `DingTalk`'s: its token, its key and for whom it is. The token is Feishu's too.
    pub token: Option<SecretString>,
    pub aes_key: Option<SecretString>,
    pub receiver: String,
    pub app_id: String,
}

/// A message, or the value of a pressed button.
pub(crate) enum Said {
    Text(String),
    Button(String),
}

impl ChatAccess {
    /// Says it, and waits for the answer. The error is one sentence.
    pub(crate) async fn say(&self, said: Said, now: Timestamp) -> Result<Answered, String> {
        let order = self.order(said);
        let (letter, envelope) = letter(self.chat, &order, now)?.ok_or("there is no such chat here")?;
        send(&self.url, letter, envelope.as_ref()).await.map_err(|error| error.to_string())
    }

    fn order(&self, said: Said) -> Order {
        let exposed = |secret: &Option<SecretString>| {
            secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default()
        };
        let (text, button) = match said {
            Said::Text(text) => (text, None),
            Said::Button(value) => (String::new(), Some(value)),
        };
        Order {
            text,
            button,
            tenant: self.tenant.clone(),
            channel: self.channel.clone(),
            user: self.user.clone(),
            encrypted: self.aes_key.is_some(),
            secret: exposed(&self.secret),
            token: exposed(&self.token),
            aes_key: exposed(&self.aes_key),
            receiver: self.receiver.clone(),
            app_id: self.app_id.clone(),
            ..Order::default()
        }
    }
}
