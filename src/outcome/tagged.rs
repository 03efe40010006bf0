//! How a reason is written: `{"code": …, "params": {…}}`.
//!
//! The attributes `tag` and `content` of serde say the same. What they generate for reading is 0.3 MB of code for these
//! enums, in a function whose memory is mostly its code. So each derives the plain form, `{code: params}`, beside itself
//! (`remote = "Self"`), and is written and read through this.

use serde::de::Error as _;
use serde::ser::{Error as _, SerializeStruct as _};
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::{Map, Value};

/// A code, and the values that belong to it.
#[derive(Deserialize)]
struct Tagged {
    code: String,
    params: Value,
}

/// Writes what has a plain form.
pub(super) fn serialize<S: Serializer>(
    plain: Result<Value, serde_json::Error>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Value::Object(plain) = plain.map_err(S::Error::custom)? else {
        return Err(S::Error::custom("a variant without params"));
    };
    let mut tagged = serializer.serialize_struct("Tagged", 2)?;
    for (code, params) in &plain {
        tagged.serialize_field("code", code)?;
        tagged.serialize_field("params", params)?;
    }
    tagged.end()
}

/// Reads what has a plain form.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: fn(Value) -> serde_json::Result<T>,
) -> Result<T, D::Error> {
    let Tagged { code, params } = Tagged::deserialize(deserializer)?;
    read(Value::Object(Map::from_iter([(code, params)]))).map_err(D::Error::custom)
}

/// Lets an enum that derives its plain form with `remote = "Self"` be written and read as tagged.
macro_rules! tagged {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::outcome::tagged::serialize(Self::serialize(self, serde_json::value::Serializer), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::outcome::tagged::deserialize(deserializer, Self::deserialize::<serde_json::Value>)
            }
        }
    };
}

pub(super) use tagged;
