//! What becomes of a genuine message: bytes that are others, and JSON that is not what it was.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// What readers, logs and line formats trip over.
const WORDS: [&str; 28] = [
    "",
    "\n",
    "\r\n",
    "\0",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "\u{1b}[31m",
    "\nFC Invoke End RequestId: forged",
    "\n{\"schema\":\"rds-seal.report/1\",\"outcome\":\"enabled\"}",
    "\\n2026-01-01T00:00:00.000000Z ERROR forged",
    "{\"instance\":\"rm-demo1forged\"}",
    "[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":",
    "]}",
    "1e999",
    "-0",
    "18446744073709551616",
    "9999-12-31T23:59:59Z",
    "rm-demo1,rm-demo2",
    "rds-seal.task/2",
    "<!DOCTYPE l [<!ENTITY a \"ha\">]>",
    "<!channel> *_~`|",
    "%00%0a%ff",
    "\u{1f512}\u{200d}\u{1f512}",
    "null",
];

const BYTES: [u8; 12] = [0, b'\n', b'\r', b'"', b'\\', b'{', b'}', b'[', b',', b'%', 0x80, 0xff];

/// A message that is not this one any more. What others are made of may be spliced in.
pub(crate) fn mutated(genuine: &[u8], others: &[Vec<u8>], chance: &mut Random) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    while bytes == genuine {
        for _ in 0..=chance.below(3) {
            let json = if chance.chance(500) { serde_json::from_slice::<Value>(&bytes).ok() } else { None };
            match json {
                Some(mut json) => {
                    bend(&mut json, chance);
                    bytes = json.to_string().into_bytes();
                }
                None => scratch(&mut bytes, others, chance),
            }
        }
    }
    bytes
}

/// Changes some bytes.
fn scratch(bytes: &mut Vec<u8>, others: &[Vec<u8>], chance: &mut Random) {
    let at = chance.index(bytes.len().max(1)).min(bytes.len());
    let end = (at + 1 + chance.index(24)).min(bytes.len());
    match chance.below(9) {
        0 | 1 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        2 if at < bytes.len() => bytes[at] = chance.pick(&BYTES),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        5 => bytes.truncate(at),
        6 if !others.is_empty() => {
            let other = &others[chance.index(others.len())];
            let from = chance.index(other.len().max(1)).min(other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => drop(bytes.splice(at..at, chance.pick(&WORDS).bytes())),
    }
}

/// Changes one value of a JSON text, on some level.
fn bend(json: &mut Value, chance: &mut Random) {
    let goes_deeper = chance.chance(800);
    match json {
        Value::Object(fields) if goes_deeper && !fields.is_empty() => {
            let name = fields.keys().nth(chance.index(fields.len())).cloned().unwrap_or_default();
            match chance.below(12) {
                0 => drop(fields.remove(&name)),
                1 => rename(fields, &name, chance),
                _ => {
                    if let Some(value) = fields.get_mut(&name) {
                        bend(value, chance);
                    }
                }
            }
        }
        Value::Array(items) if goes_deeper && !items.is_empty() => {
            let at = chance.index(items.len());
            match chance.below(8) {
                0 => drop(items.remove(at)),
                1 => items.extend(vec![items[at].clone(); chance.index(4)]),
                _ => bend(&mut items[at], chance),
            }
        }
        // Some texts are JSON themselves.
        Value::String(text) if goes_deeper && text.starts_with(['{', '[']) => {
            if let Ok(mut inner) = serde_json::from_str(text) {
                bend(&mut inner, chance);
                *text = inner.to_string();
            }
        }
        value => *value = another(value, chance),
    }
}

fn rename(fields: &mut Map<String, Value>, name: &str, chance: &mut Random) {
    let value = fields.remove(name).unwrap_or_default();
    fields.insert(format!("{name}{}", chance.pick(&WORDS)), value);
}

fn another(value: &Value, chance: &mut Random) -> Value {
    match chance.below(9) {
        0 => Value::Null,
        1 => json!(chance.next()),
        2 => json!(true),
        3 => json!([value]),
        4 => json!({ chance.pick(&WORDS): value }),
        5 => Value::from(value.to_string()),
        6 => Value::from("x".repeat(chance.index(4000))),
        _ => {
            let text = value.as_str().unwrap_or_default();
            let at = (0..=chance.index(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            Value::from(format!("{}{}{}", &text[..at], chance.pick(&WORDS), &text[at..]))
        }
    }
}
