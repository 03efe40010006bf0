//! The names a request is made of. Each is parsed once, at the door; a value that exists is safe in a URL, a log line and
//! a chat message, and nobody checks it again.

use std::fmt;

/// What a text is not. Never carries the rejected text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("not an RDS instance id: write one like rm-bp1q2w3e4r5t6y7u8")]
    Instance,
    #[error("not an account id: write its digits, like 1234567890123456")]
    Account,
    #[error("not a region id: write one like cn-hangzhou")]
    Region,
    #[error("not a KMS key id: write one like key-hzz62bb4a8d3j4qp9jo7g")]
    Key,
}

/// Declares a checked string: `Name`, its rule, and what a text is not that breaks the rule.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $is_valid:path, $invalid:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[cfg_attr(feature = "dev", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                if $is_valid(text) { Ok(Self(text.to_owned())) } else { Err(Invalid::$invalid) }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

checked_text!(
    /// An RDS instance id, such as `rm-bp1q2w3e4r5t6y7u8`: 2 to 8 lower-case letters, a hyphen, then 1 to 60 lower-case
    /// letters or digits. Which engines may be sealed is not this type's business.
    InstanceId,
    is_instance_id,
    Instance
);

checked_text!(
    /// An account id: 10 to 20 digits (16 in all samples seen).
    AccountId,
    is_account_id,
    Account
);

checked_text!(
    /// A region id, such as `cn-hangzhou`: 2 to 40 lower-case letters, digits and single hyphens.
    RegionId,
    is_region_id,
    Region
);

checked_text!(
    /// A KMS key id, `key-hzz62bb4a8d3j4qp9jo7g` or a UUID. Its form is not documented for this call, so the alphabet is
    /// wide: 1 to 128 ASCII letters, digits and `-_./:`.
    KeyId,
    is_key_id,
    Key
);

fn is_instance_id(text: &str) -> bool {
    let Some((prefix, tail)) = text.split_once('-') else { return false };
    (2..=8).contains(&prefix.len())
        && prefix.bytes().all(|b| b.is_ascii_lowercase())
        && (1..=60).contains(&tail.len())
        && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_account_id(text: &str) -> bool {
    (10..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_region_id(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (2..=40).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(word)
}

fn is_key_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:".contains(&b))
}

/// A foreign word fit for a log line or a message: without control characters and without those that turn or hide what
/// follows them, at most 128 characters of it. A backtick, which marks what is to be copied, becomes an apostrophe.
///
/// Event ids, event names and actors come from outside and are only ever shown; what they may hold is not specified.
pub fn printable(text: &str) -> String {
    if text.len() <= 128 && text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'`') {
        return text.to_owned();
    }
    text.chars().filter(|c| !c.is_control() && !turns_or_hides(*c)).take(128).map(unmarked).collect()
}

fn unmarked(c: char) -> char {
    if c == '`' { '\'' } else { c }
}

/// Whether a character turns or hides what follows it.
pub fn turns_or_hides(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_ids_of_every_engine_are_ids() {
        for id in ["rm-bp1q2w3e4r5t6y7u8", "pgm-1", "rm-demo1bp1"] {
            assert!(InstanceId::parse(id).is_ok(), "{id}");
        }
    }

    #[test]
    fn what_is_not_an_instance_id_is_refused_without_being_repeated() {
        let long = format!("rm-{}", "a".repeat(10_240));
        for id in [
            "",
            "rm-",
            "rm",
            "RM-abc",
            "rm-a b",
            "rm-a;reboot",
            "rm-a\n",
            "rm-\u{ff11}\u{ff12}",
            "rm-a-b",
            "../rm-a",
            &long,
        ] {
            let refused = InstanceId::parse(id).expect_err(id).to_string();
            assert_eq!(refused, "not an RDS instance id: write one like rm-bp1q2w3e4r5t6y7u8");
        }
    }

    #[test]
    fn accounts_regions_and_keys_have_their_alphabets() {
        assert!(AccountId::parse("1234567890123456").is_ok());
        assert!(AccountId::parse("12345678901234x6").is_err());
        assert!(RegionId::parse("ap-northeast-1").is_ok());
        for region in ["", "cn--hangzhou", "-cn", "cn-", "cn-hangzhou.evil.com", "CN-hangzhou", "1-cn"] {
            assert!(RegionId::parse(region).is_err(), "{region}");
        }
        assert!(KeyId::parse("564cf6c4-d2ee-495b-b265-572400000000").is_ok());
        assert!(KeyId::parse("key with blank").is_err());
        assert!(KeyId::parse("").is_err());
    }

    #[test]
    fn a_foreign_word_loses_what_a_log_cannot_hold() {
        assert_eq!(printable("a\u{1b}[31mb\nc"), "a[31mbc");
        assert_eq!(printable("张三\u{202e}x"), "张三x");
        assert_eq!(printable(&"x".repeat(500)).len(), 128);
    }
}
