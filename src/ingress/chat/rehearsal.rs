//! What signs at a door, for a stand-in that speaks there. Built only together with it.

use secrecy::SecretString;

use super::ChatDoor;

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

impl ChatDoor {
    pub fn rehearsal_secrets(&self) -> DoorSecrets {
        match self {
            Self::Slack(door) => door.rehearsal_secrets(),
            Self::DingTalk(door) => door.rehearsal_secrets(),
            Self::Feishu(door) => door.rehearsal_secrets(),
            Self::WeCom(door) => door.rehearsal_secrets(),
            Self::Teams(door) => door.rehearsal_secrets(),
        }
    }
}
