//! Feishu: an event of schema 2.0, encrypted under the hash of the encrypt key; the signature is a plain hash over time,
//! nonce, key and body (*documented*).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Letter, Order, encoding::hex, envelope, fresh};

pub(super) fn letter(order: &Order, now: Timestamp) -> Letter {
    let key = digest(&SHA256, order.secret.as_bytes());
    let iv = envelope::random();
    let mut plain = order.raw.clone().unwrap_or_else(|| event(order, now).to_string()).into_bytes();
    envelope::pad(&mut plain, 16);
    envelope::encrypt(key.as_ref(), iv, &mut plain);
    let cipher = order.cipher.clone().unwrap_or_else(|| BASE64_STANDARD.encode([&iv[..], &plain].concat()));
    let body = json!({ "encrypt": cipher }).to_string();
    let (at, nonce) = (now.as_second().to_string(), fresh());
    let signature = digest(&SHA256, [at.as_str(), &nonce, &order.secret, &body].concat().as_bytes());
    let headers = vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("x-lark-request-timestamp", at),
        ("x-lark-request-nonce", nonce),
        ("x-lark-signature", hex(signature.as_ref())),
    ];
    Letter { query: String::new(), headers, body }
}

fn event(order: &Order, now: Timestamp) -> Value {
    let (tenant, chat, user) = (order.tenant("tenant-dev"), order.channel("oc_dev"), order.user("ou_dev"));
    let (kind, event) = match &order.button {
        Some(value) => (
            "card.action.trigger",
            json!({
                "operator": {"open_id": user, "tenant_key": tenant},
                "token": "c-stand-in",
                "action": {"tag": "button", "value": {"confirm": value}},
                "context": {"open_message_id": "om_dev", "open_chat_id": chat},
            }),
        ),
        None => (
            "im.message.receive_v1",
            json!({
                "sender": {"sender_id": {"open_id": user}, "sender_type": "user", "tenant_key": tenant},
                "message": {
                    "message_id": "om_dev",
                    "chat_id": chat,
                    "chat_type": "group",
                    "message_type": "text",
                    "content": json!({"text": format!("@_user_1 {}", order.text)}).to_string(),
                    "mentions": [{"key": "@_user_1", "name": "rds-seal"}],
                },
            }),
        ),
    };
    json!({
        "schema": "2.0",
        "header": {
            "event_id": fresh(),
            "event_type": kind,
            "create_time": now.as_millisecond().to_string(),
            "token": order.token,
            "app_id": order.app_id,
            "tenant_key": tenant,
        },
        "event": event,
    })
}
