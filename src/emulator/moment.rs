//! Moments in control requests: written as `2026-11-24T01:49:10Z`.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A moment that is read from text and written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    /// To the second, as RDS writes it.
    pub(super) fn to_the_second(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// To the minute, as RDS writes plans and takes bounds.
    pub(super) fn to_the_minute(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%MZ").to_string()
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment =
            text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no time like 2026-11-24T01:49:10Z")));
        moment.map(Self)
    }
}
