//! Teams: an outgoing webhook. The signature covers the body, and the body says the time (*documented*).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::json;

use super::{Letter, Order, fresh, hmac_sha256};

pub(super) fn letter(order: &Order, now: Timestamp) -> Result<Letter, String> {
    let key = BASE64_STANDARD.decode(&order.secret).map_err(|_| "`secret` is not base64".to_owned())?;
    let channel = order.channel("19:dev@thread.tacv2");
    let activity = json!({
        "type": "message",
        "id": fresh(),
        "timestamp": now.to_string(),
        "channelId": "msteams",
        "from": {"id": "29:dev", "name": "somebody", "aadObjectId": order.user("aad-dev")},
        "conversation": {"isGroup": true, "id": format!("{channel};messageid=1"), "conversationType": "channel"},
        "text": format!("<at>rds-seal</at>&nbsp;{}\n", order.text),
        "textFormat": "plain",
        "channelData": {"channel": {"id": channel}, "tenant": {"id": order.tenant("tenant-dev")}},
    });
    let body = order.raw.clone().unwrap_or_else(|| activity.to_string());
    let signature = BASE64_STANDARD.encode(hmac_sha256(&key, body.as_bytes()));
    let headers = vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("authorization", format!("HMAC {signature}")),
    ];
    Ok(Letter { query: String::new(), headers, body })
}
