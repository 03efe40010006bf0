//! `DingTalk`: a message to an application's robot. The plain signature covers the time alone (*documented*); with body
//! encryption the envelope's does (*inferred* for robots).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::json;

use super::{Envelope, Letter, Order, encoding::encode, fresh, hmac_sha256};

pub(super) fn letter(order: &Order, now: Timestamp) -> Letter {
    let at = now.as_millisecond().to_string();
    let sign = hmac_sha256(order.secret.as_bytes(), format!("{at}\n{}", order.secret).as_bytes());
    let headers = vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("timestamp", at),
        ("sign", BASE64_STANDARD.encode(sign)),
    ];
    Letter { query: String::new(), headers, body: order.raw.clone().unwrap_or_else(|| message(order, now)) }
}

pub(super) fn sealed(order: &Order, envelope: &Envelope, now: Timestamp) -> Letter {
    let (at, nonce) = (now.as_millisecond().to_string(), fresh());
    let message = order.raw.clone().unwrap_or_else(|| message(order, now));
    let encrypt = order.cipher.clone().unwrap_or_else(|| envelope.seal(&message));
    let signature = envelope.signature(&at, &nonce, &encrypt);
    let query = format!("msg_signature={signature}&timestamp={at}&nonce={}", encode(&nonce));
    let headers = vec![("content-type", "application/json".to_owned())];
    Letter { query, headers, body: json!({ "encrypt": encrypt }).to_string() }
}

fn message(order: &Order, now: Timestamp) -> String {
    let message = json!({
        "conversationId": order.channel("cidDev"),
        "conversationType": "2",
        "msgId": fresh(),
        "senderNick": "somebody",
        "senderStaffId": order.user("staffDev"),
        "senderCorpId": order.tenant("dingDev"),
        "senderId": "$:LWCP_v1:$stand-in",
        "createAt": now.as_millisecond(),
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=stand-in",
        // Ninety minutes later, as in the vendor's samples.
        "sessionWebhookExpiredTime": now.as_millisecond() + 90 * 60 * 1000,
        "msgtype": "text",
        "text": {"content": format!(" {}", order.text)},
    });
    message.to_string()
}
