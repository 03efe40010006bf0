//! What signs at a door, for a stand-in that speaks there. Built only together with it.

use secrecy::SecretString;

/// The first of each secret there is.
#[derive(Default)]
pub struct DoorSecrets {
    /// Slack's signing secret, `DingTalk`'s app secret, Feishu's encrypt key, Teams' security token.
    pub secret: Option<SecretString>,
    pub token: Option<SecretString>,
    pub aes_key: Option<SecretString>,
    pub receiver: String,
    pub app_id: String,
}
