//! `WeCom`: an application's callback in encrypted XML, or, without a receiver, a smart robot's in encrypted JSON
//! (*documented*).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Envelope, Letter, Order, encoding::encode, fresh};

pub(super) fn letter(order: &Order, envelope: &Envelope, now: Timestamp) -> Letter {
    let is_robot = order.receiver.is_empty();
    let usual = || if is_robot { callback(order).to_string() } else { xml(order, now) };
    let message = order.raw.clone().unwrap_or_else(usual);
    let (at, nonce) = (now.as_second().to_string(), fresh());
    let encrypt = order.cipher.clone().unwrap_or_else(|| envelope.seal(&message));
    let signature = envelope.signature(&at, &nonce, &encrypt);
    let query = format!("msg_signature={signature}&timestamp={at}&nonce={}", encode(&nonce));
    let (media, body) = if is_robot {
        ("application/json", json!({ "encrypt": encrypt }).to_string())
    } else {
        (
            "text/xml",
            format!("<xml><ToUserName><![CDATA[x]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"),
        )
    };
    Letter { query, headers: vec![("content-type", media.to_owned())], body }
}

fn xml(order: &Order, now: Timestamp) -> String {
    let escaped = order.text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<xml><ToUserName><![CDATA[{}]]></ToUserName><FromUserName><![CDATA[{}]]></FromUserName>\
         <CreateTime>{}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>{escaped}</Content>\
         <MsgId>{}</MsgId><AgentID>{}</AgentID></xml>",
        order.tenant(&order.receiver),
        order.user("zhangsan"),
        now.as_second(),
        fresh(),
        order.channel("1000002"),
    )
}

fn callback(order: &Order) -> Value {
    let mut callback = json!({
        "msgid": fresh(),
        "aibotid": order.tenant("bot-dev"),
        "chatid": order.channel("chat-dev"),
        "chattype": "group",
        "from": {"userid": order.user("zhangsan")},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=stand-in",
    });
    let said = match &order.button {
        Some(key) => json!({
            "msgtype": "event",
            "event": {
                "eventtype": "template_card_event",
                "template_card_event": {"card_type": "button_interaction", "event_key": key, "task_id": fresh()},
            },
        }),
        None => json!({"msgtype": "text", "text": {"content": format!("@rds-seal {}", order.text)}}),
    };
    let said = said.as_object().cloned().unwrap_or_default();
    callback.as_object_mut().expect("it is an object").extend(said);
    callback
}
