//! JSON in which no object names a thing twice: of two values, a filter in front of us might read the other one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::ingress::json_error;
use crate::request::rejection::{JsonProblem, Rejection};

/// What some editors and shells put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a body. Depth is bounded by the parser, length by the host.
pub(in crate::ingress) fn read(body: &[u8]) -> Result<Value, Rejection> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let unreadable = |error| Rejection::new("body", json_error::reason(&error, JsonProblem::DoubledName));
    serde_json::from_slice::<Unambiguous>(body).map(|json| json.0).map_err(unreadable)
}

struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Json).map(Self)
    }
}

struct Json;

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unambiguous(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let Unambiguous(value) = object.next_value()?;
            if values.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is there twice"));
            }
        }
        Ok(values.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,3.5,null,true,"x"],"b":{"c":""}}"#;
        assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused_at_any_depth() {
        for text in [r#"{"mode":"plan","mode":"enforce"}"#, r#"[{"a":{"b":1,"b":2}}]"#] {
            let rejection = read(text.as_bytes()).unwrap_err();
            assert_eq!(rejection.reason.code(), "doubled_name", "{rejection:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_it() {
        assert_eq!(read(b"\xef\xbb\xbf{\"a\":1}"), read(b"{\"a\":1}"));
        assert!(read(b"\xef\xbb\xbf\xef\xbb\xbf{}").is_err(), "there is one, never two");
    }

    #[test]
    fn no_name_is_magic() {
        let text = r#"{"$serde_json::private::RawValue":"{\"instance\":\"rm-demo1\"}"}"#;
        assert_eq!(read(text.as_bytes()).unwrap().as_object().unwrap().len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(body: Vec<u8>) {
            let _ = read(&body);
        }
    }
}
