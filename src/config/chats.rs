//! `[doors.slack]` and the other chats, `[confirm]` and `[[grants]]`, as they are written.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::lookup::{Flaw, Lookup, Purpose};
use super::values::{ChatText, CommandText, LanguageText, OffsetText, Secret, Time, secrets};
use crate::card::Locale;
use crate::ingress::chat::{
    BodyEncryption, ChatDoor, ChatName, Cloud, DingTalkDoor, FeishuDoor, FeishuSecrets, InvalidSetting, SlackDoor,
    TeamsDoor, WeComDoor, WeComKind,
};
use crate::policy::Pattern;
use crate::policy::confirm::MAX_VALIDITY;
use crate::policy::grants::Grant;

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [doors.slack]")]
pub(super) struct Slack {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    language: Option<LanguageText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    utc_offset: Option<OffsetText>,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    #[serde(deserialize_with = "secrets")]
    signing_secrets: Vec<Secret>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [doors.dingtalk]")]
pub(super) struct DingTalk {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    language: Option<LanguageText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    utc_offset: Option<OffsetText>,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    #[serde(default, deserialize_with = "secrets")]
    app_secrets: Vec<Secret>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    token: Option<Secret>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    encoding_aes_key: Option<Secret>,
    owner_key: Option<String>,
    #[serde(default)]
    trust_unsigned_body: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [doors.feishu]")]
pub(super) struct Feishu {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    language: Option<LanguageText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    utc_offset: Option<OffsetText>,
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    encrypt_key: Secret,
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    verification_token: Secret,
    app_id: String,
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    app_secret: Secret,
    /// The international cloud, Lark.
    #[serde(default)]
    lark: bool,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    window: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [doors.wecom]")]
pub(super) struct WeCom {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    language: Option<LanguageText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    utc_offset: Option<OffsetText>,
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    token: Secret,
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    encoding_aes_key: Secret,
    /// The corporation's id of an application; a smart robot has none.
    #[serde(default)]
    receive_id: String,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [doors.teams]")]
pub(super) struct Teams {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    language: Option<LanguageText>,
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    utc_offset: Option<OffsetText>,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    #[serde(deserialize_with = "secrets")]
    security_tokens: Vec<Secret>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [confirm]")]
pub(super) struct Confirm {
    #[cfg_attr(feature = "dev", schemars(with = "Option<String>"))]
    valid_for: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a table, [[grants]]")]
pub(super) struct GrantEntry {
    #[cfg_attr(feature = "dev", schemars(with = "String"))]
    chat: ChatText,
    tenant: String,
    channels: BTreeSet<String>,
    users: BTreeSet<String>,
    #[cfg_attr(feature = "dev", schemars(with = "Vec<String>"))]
    commands: Vec<CommandText>,
    accounts: Vec<String>,
    regions: Vec<String>,
    #[serde(default)]
    second_person: bool,
}

/// A table that opens a chat's door.
pub(super) trait Chat {
    fn words(&self) -> (Option<&LanguageText>, Option<&OffsetText>);
    fn name(&self) -> ChatName;
    fn secrets(&self) -> Vec<(&Secret, Purpose)>;
    fn door(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw>;

    /// The secrets without which nothing can be answered late.
    fn answering_secrets(&self) -> Vec<(&Secret, Purpose)> {
        Vec::new()
    }

    /// A door that hears nothing, for who answers late.
    fn answering(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw>;

    /// How it is answered, where it says so itself.
    fn locale(&self, default_locale: Locale) -> Locale {
        let (language, utc_offset) = self.words();
        Locale {
            language: language.map_or(default_locale.language, |language| language.0),
            utc_offset: utc_offset.map_or(default_locale.utc_offset, |offset| offset.0),
        }
    }
}

impl Chat for Slack {
    fn name(&self) -> ChatName {
        ChatName::Slack
    }

    fn words(&self) -> (Option<&LanguageText>, Option<&OffsetText>) {
        (self.language.as_ref(), self.utc_offset.as_ref())
    }

    fn secrets(&self) -> Vec<(&Secret, Purpose)> {
        verifying(&self.signing_secrets).collect()
    }

    fn door(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        let door = SlackDoor::new(all(lookup, "doors.slack", &self.signing_secrets)?);
        door.map(ChatDoor::Slack).map_err(|unfit| said("doors.slack", unfit))
    }

    fn answering(&self, _: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        Ok(ChatDoor::Slack(SlackDoor::answering()))
    }
}

impl Chat for DingTalk {
    fn name(&self) -> ChatName {
        ChatName::DingTalk
    }

    fn words(&self) -> (Option<&LanguageText>, Option<&OffsetText>) {
        (self.language.as_ref(), self.utc_offset.as_ref())
    }

    fn secrets(&self) -> Vec<(&Secret, Purpose)> {
        verifying(&self.app_secrets).chain(using(self.token.iter().chain(&self.encoding_aes_key))).collect()
    }

    fn door(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        const OF: &str = "doors.dingtalk";
        let encryption = match (&self.token, &self.encoding_aes_key, &self.owner_key) {
            (None, None, None) => None,
            (Some(token), Some(key), Some(owner_key)) => Some(BodyEncryption {
                token: lookup.one(OF, token)?,
                encoding_aes_key: lookup.one(OF, key)?,
                owner_key: owner_key.clone(),
            }),
            _ => return Err(format!("{OF}: token, encoding_aes_key and owner_key come together").into()),
        };
        if encryption.is_some() && !self.app_secrets.is_empty() {
            return Err(format!(
                "{OF}: app_secrets verify nothing once messages are encrypted: leave them out, or token, encoding_aes_key and \
                 owner_key"
            )
            .into());
        }
        let secrets = if encryption.is_some() { Vec::new() } else { all(lookup, OF, &self.app_secrets)? };
        let door = DingTalkDoor::new(secrets, encryption, self.trust_unsigned_body);
        door.map(ChatDoor::DingTalk).map_err(|unfit| said(OF, unfit))
    }

    fn answering(&self, _: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        Ok(ChatDoor::DingTalk(DingTalkDoor::answering()))
    }
}

impl Feishu {
    fn cloud(&self) -> Cloud {
        if self.lark { Cloud::Lark } else { Cloud::Feishu }
    }
}

impl Chat for Feishu {
    fn name(&self) -> ChatName {
        ChatName::Feishu
    }

    fn words(&self) -> (Option<&LanguageText>, Option<&OffsetText>) {
        (self.language.as_ref(), self.utc_offset.as_ref())
    }

    fn secrets(&self) -> Vec<(&Secret, Purpose)> {
        using([&self.encrypt_key, &self.verification_token, &self.app_secret]).collect()
    }

    fn door(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        const OF: &str = "doors.feishu";
        let secrets = FeishuSecrets {
            encrypt_key: lookup.one(OF, &self.encrypt_key)?,
            verification_token: lookup.one(OF, &self.verification_token)?,
            app_id: self.app_id.clone(),
            app_secret: lookup.one(OF, &self.app_secret)?,
        };
        let window = self.window.as_ref().and_then(|window| window.0.try_into().ok());
        FeishuDoor::new(secrets, self.cloud(), window).map(ChatDoor::Feishu).map_err(|unfit| said(OF, unfit))
    }

    fn answering_secrets(&self) -> Vec<(&Secret, Purpose)> {
        using([&self.app_secret]).collect()
    }

    fn answering(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        const OF: &str = "doors.feishu";
        let door = FeishuDoor::answering(self.app_id.clone(), lookup.one(OF, &self.app_secret)?, self.cloud());
        door.map(ChatDoor::Feishu).map_err(|unfit| said(OF, unfit))
    }
}

impl WeCom {
    fn kind(&self) -> WeComKind {
        if self.receive_id.is_empty() { WeComKind::SmartRobot } else { WeComKind::Application }
    }
}

impl Chat for WeCom {
    fn name(&self) -> ChatName {
        ChatName::WeCom
    }

    fn words(&self) -> (Option<&LanguageText>, Option<&OffsetText>) {
        (self.language.as_ref(), self.utc_offset.as_ref())
    }

    fn secrets(&self) -> Vec<(&Secret, Purpose)> {
        using([&self.token, &self.encoding_aes_key]).collect()
    }

    fn door(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        const OF: &str = "doors.wecom";
        let (token, key) = (lookup.one(OF, &self.token)?, lookup.one(OF, &self.encoding_aes_key)?);
        let door = WeComDoor::new(token, &key, self.receive_id.clone(), self.kind());
        door.map(ChatDoor::WeCom).map_err(|unfit| said(OF, unfit))
    }

    fn answering(&self, _: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        Ok(ChatDoor::WeCom(WeComDoor::answering(self.kind())))
    }
}

impl Chat for Teams {
    fn name(&self) -> ChatName {
        ChatName::Teams
    }

    fn words(&self) -> (Option<&LanguageText>, Option<&OffsetText>) {
        (self.language.as_ref(), self.utc_offset.as_ref())
    }

    fn secrets(&self) -> Vec<(&Secret, Purpose)> {
        verifying(&self.security_tokens).collect()
    }

    fn door(&self, lookup: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        let door = TeamsDoor::new(&all(lookup, "doors.teams", &self.security_tokens)?);
        door.map(ChatDoor::Teams).map_err(|unfit| said("doors.teams", unfit))
    }

    fn answering(&self, _: Lookup<'_>) -> Result<ChatDoor, Flaw> {
        Ok(ChatDoor::Teams(TeamsDoor::answering()))
    }
}

impl Confirm {
    pub(super) fn valid_for(&self) -> Result<Duration, String> {
        let valid_for = self.valid_for.as_ref().map_or(MAX_VALIDITY, |time| time.0);
        if valid_for <= MAX_VALIDITY { Ok(valid_for) } else { Err("confirm.valid_for must be at most 10m".to_owned()) }
    }
}

impl GrantEntry {
    pub(super) fn grant(&self) -> Result<Grant, String> {
        let lists = [
            ("channels", self.channels.is_empty()),
            ("users", self.users.is_empty()),
            ("commands", self.commands.is_empty()),
            ("accounts", self.accounts.is_empty()),
            ("regions", self.regions.is_empty()),
        ];
        if let Some((name, _)) = lists.into_iter().find(|(_, is_empty)| *is_empty) {
            return Err(format!("a grant with no {name} grants nothing: name them, or \"*\" for every one"));
        }
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect();
        Ok(Grant {
            chat: self.chat.0.as_str().to_owned(),
            tenant: self.tenant.clone(),
            channels: self.channels.clone(),
            users: self.users.clone(),
            commands: self.commands.iter().map(|command| command.0).collect(),
            accounts: patterns(&self.accounts),
            regions: patterns(&self.regions),
            second_person: self.second_person,
        })
    }
}

fn verifying(secrets: &[Secret]) -> impl Iterator<Item = (&Secret, Purpose)> {
    secrets.iter().map(|secret| (secret, Purpose::Verifying))
}

fn using<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> impl Iterator<Item = (&'s Secret, Purpose)> {
    secrets.into_iter().map(|secret| (secret, Purpose::Using))
}

fn all(lookup: Lookup<'_>, of: &str, secrets: &[Secret]) -> Result<Vec<SecretString>, Flaw> {
    if secrets.is_empty() {
        return Err(
            format!("{of} has no secret, and would verify nothing: name one, like [{{ env = \"NAME\" }}]").into()
        );
    }
    lookup.all(of, secrets, |text| Ok::<_, Infallible>(text.into()))
}

fn said(of: &str, unfit: InvalidSetting) -> Flaw {
    Flaw::Wrong(format!("{of}: {unfit}"))
}
