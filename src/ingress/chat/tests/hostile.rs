//! Any byte and any part of a message may be another: nothing is misread, and nothing panics.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Whose signature covers the body.
const SIGNED: [&str; 8] = [
    "slack_rds_encrypt",
    "slack_confirm_button",
    "lark_im_message_receive_v1",
    "lark_confirm_button",
    "wecom_app_rds_encrypt",
    "wecom_robot_plan",
    "dingtalk_encrypted_plan",
    "teams_plan",
];

#[test]
fn a_body_with_any_byte_changed_says_nothing_else() {
    for name in SIGNED {
        let vector = named(name);
        let headers = vector.headers();
        for at in 0..vector.body.len() {
            let mut body = vector.body.clone().into_bytes();
            body[at] ^= 1;
            match vector.hear_with(&headers, &body) {
                Err(ChatError::Unauthorised) => {}
                // The XML around what is signed may change where it says nothing.
                Ok(ChatInbound::ChatMessage(message)) if name.starts_with("wecom_app") => {
                    assert_eq!(*message, vector.message(), "{at}");
                }
                inbound => panic!("{name} {at}: {inbound:?}"),
            }
        }
    }
}

/// Feishu signs its first question with nothing but the cipher and the token inside.
#[test]
fn an_unsigned_question_that_was_changed_is_never_more_than_a_question() {
    let vector = named("lark_url_verification_encrypted");
    for at in 0..vector.body.len() {
        let mut body = vector.body.clone().into_bytes();
        body[at] ^= 1;
        let inbound = vector.hear_with(&vector.headers(), &body);
        assert!(matches!(inbound, Err(ChatError::Unauthorised) | Ok(ChatInbound::Handshake(_))), "{at}: {inbound:?}");
    }
}

/// Any JSON, most of it small.
fn part() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        "(<at>|</at>|@_user_1|&nbsp;|\\{\"text\":){0,3}\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The same tree with another part in one place.
fn changed(json: &str, at: usize, other: &Value) -> String {
    fn parts(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(parts).sum::<usize>(),
            Value::Object(fields) => 1 + fields.values().map(parts).sum::<usize>(),
            _ => 1,
        }
    }
    fn put(value: &mut Value, left: &mut Option<usize>, other: &Value) {
        match left {
            None => return,
            Some(0) => {
                (*value, *left) = (other.clone(), None);
                return;
            }
            Some(left) => *left -= 1,
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| put(item, left, other)),
            Value::Object(fields) => fields.values_mut().for_each(|field| put(field, left, other)),
            _ => {}
        }
    }
    let mut tree: Value = serde_json::from_str(json).unwrap();
    let at = at % parts(&tree);
    put(&mut tree, &mut Some(at), other);
    tree.to_string()
}

/// Another event under the encryption and the signature of this one.
fn feishu(vector: &Vector, event: &str) -> Vector {
    let key = digest(&SHA256, vector.secret["encrypt_key"].as_bytes());
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key.as_ref()).unwrap()).unwrap();
    let mut cipher_text = event.as_bytes().to_vec();
    key.less_safe_encrypt(&mut cipher_text, EncryptionContext::Iv128([0; 16].into())).unwrap();
    let encrypt = BASE64_STANDARD.encode([&[0; 16], &cipher_text[..]].concat());
    let body = serde_json::json!({ "encrypt": encrypt }).to_string();
    let signed = ["1767225600", "n", &vector.secret["encrypt_key"], &body].concat();
    let signature = base16ct::lower::encode_string(digest(&SHA256, signed.as_bytes()).as_ref());
    let headers = [
        ("x-lark-request-timestamp", "1767225600"),
        ("x-lark-request-nonce", "n"),
        ("x-lark-signature", signature.as_str()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Vector { headers: headers.into(), body, ..vector.clone() }
}

/// Another activity under the signature of this one's team.
fn teams(vector: &Vector, activity: &str) -> Vector {
    let key = BASE64_STANDARD.decode(&vector.secret["security_token"]).unwrap();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), activity.as_bytes());
    let headers = BTreeMap::from([("authorization".to_owned(), format!("HMAC {}", BASE64_STANDARD.encode(tag)))]);
    Vector { headers, body: activity.to_owned(), ..vector.clone() }
}

#[test]
fn what_is_signed_here_is_heard_as_what_the_chats_sign() {
    for name in ["lark_im_message_receive_v1", "lark_confirm_button"] {
        let vector = named(name);
        assert_eq!(feishu(&vector, vector.plaintext.as_ref().unwrap()).message(), vector.message());
    }
    let vector = named("teams_plan");
    assert_eq!(teams(&vector, &vector.body).message(), vector.message());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_request_makes_a_door_panic(
        which in 0_usize..SIGNED.len(),
        body: Vec<u8>,
        query in "[a-z_=&%0-9+]{0,80}",
        values in proptest::collection::vec("\\PC{0,40}", 4),
        get: bool,
    ) {
        let vector = named(SIGNED[which]);
        let mut headers = vector.headers();
        for (header, value) in vector.headers().keys().zip(&values) {
            if let Ok(value) = HeaderValue::try_from(value.as_str()) {
                headers.insert(header, value);
            }
        }
        let method = if get { Method::GET } else { Method::POST };
        let inbound = vector.door().hear(&RawRequest::new(&method, Some(&query), &headers, &body), vector.now());
        prop_assert!(matches!(inbound, Err(ChatError::Unauthorised)));
    }

    /// What comes after verification, in the envelope that three doors share.
    #[test]
    fn no_message_in_an_envelope_makes_a_door_panic(message in "[\\[\\]{}\":,a-zA-Z<>/!&;0-9]{0,200}") {
        for name in ["wecom_app_rds_encrypt", "wecom_robot_plan", "dingtalk_encrypted_plan"] {
            let vector = named(name);
            let sealed = envelope(&vector).seal(&message, "1767225600", "n", [0; 16]);
            let path = format!("/?msg_signature={}&timestamp=1767225600&nonce=n", sealed.signature);
            let body = match name {
                "wecom_app_rds_encrypt" => format!("<xml><Encrypt>{}</Encrypt></xml>", sealed.encrypt),
                _ => format!("{{\"encrypt\":\"{}\"}}", sealed.encrypt),
            };
            let _ = Vector { path, body, ..vector }.hear();
        }
    }

    /// What comes after verification where a message is one tree of JSON: any part of a genuine one is something else.
    #[test]
    fn no_changed_part_of_a_message_makes_a_door_panic(at: usize, other in part()) {
        for name in ["lark_im_message_receive_v1", "lark_confirm_button"] {
            let plain = changed(named(name).plaintext.as_ref().unwrap(), at, &other);
            let _ = feishu(&named(name), &plain).hear();
        }
        let vector = named("teams_plan");
        let _ = teams(&vector, &changed(&vector.body, at, &other)).hear();
    }

    /// The door's secret is known here, so that what comes after verification sees anything.
    #[test]
    fn no_signed_body_makes_a_door_panic(body in "[\\[\\]{}\":,a-z_&=%0-9+]{0,120}", form: bool) {
        let content_type = if form { "application/x-www-form-urlencoded" } else { "application/json" };
        let inbound = slack(content_type, &body).hear();
        prop_assert!(!matches!(inbound, Err(ChatError::Unauthorised)));
    }
}
