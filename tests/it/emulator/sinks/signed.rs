//! The signatures of the robots of `DingTalk` and Feishu, against vectors that others made.

use serde_json::{Value, json};

use super::{Case, Cloud, case, kept};

const VECTORS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/chat/vectors.json"));

/// What a client of the vendor's would have sent, and when.
struct Vector {
    secret: String,
    now: i64,
    query: String,
    body: Value,
}

fn vector(name: &str, secret: &str) -> Vector {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let mut vectors = vectors["vectors"].as_array().unwrap().iter();
    let vector = vectors.find(|vector| vector["name"] == name).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let path = text(&vector["path"]);
    Vector {
        secret: text(&vector["secret"][secret]),
        now: vector["now_unix"].as_i64().unwrap(),
        query: path.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default(),
        body: serde_json::from_str(vector["body"].as_str().unwrap()).unwrap_or_default(),
    }
}

impl Cloud {
    /// A cloud whose clock is at this moment and whose robots have these secrets.
    async fn at(moment: i64, secrets: Value) -> Self {
        let cloud = Self::start().await;
        cloud.set("sink_secrets", secrets).await;
        cloud.go_to(moment).await;
        cloud
    }

    async fn go_to(&self, moment: i64) {
        let offset = moment - jiff::Timestamp::now().as_second();
        self.set("clock", json!({ "offset_seconds": offset })).await;
    }

    /// The code by which a robot answers.
    async fn code(&self, path: &str, body: &Value) -> Value {
        let reply = self.request("POST", path, &body.to_string()).await;
        let answer = reply.json();
        assert_eq!(reply.status, 200, "{answer}");
        answer.get("errcode").or_else(|| answer.get("code")).unwrap().clone()
    }
}

#[tokio::test]
async fn dingtalk_takes_what_is_signed_for_now() {
    for name in ["dingtalk_out_sign_crate_kat", "dingtalk_out_actioncard"] {
        let vector = vector(name, "sec");
        let cloud = Cloud::at(vector.now, json!({ "dingtalk": vector.secret })).await;
        let text = json!({ "msgtype": "text", "text": { "content": "x" } });
        let body = if vector.body.is_object() { &vector.body } else { &text };
        let path = format!("dingtalk?{}", vector.query);
        assert_eq!(cloud.code(&path, body).await, 0, "{name}");
        // A minute short of an hour either way.
        for seconds in [-3540, 3540] {
            cloud.go_to(vector.now + seconds).await;
            assert_eq!(cloud.code(&path, body).await, 0, "{name}");
        }
        assert_eq!(kept(&cloud).await, ["dingtalk"; 3]);
        assert_eq!(cloud.get("notifications").await[0]["query"]["access_token"], "XXXX");
    }
}

#[tokio::test]
async fn dingtalk_refuses_what_is_not_signed_or_not_for_now() {
    let vector = vector("dingtalk_out_actioncard", "sec");
    let cloud = Cloud::at(vector.now, json!({ "dingtalk": vector.secret })).await;
    let [token, time, sign] = vector.query.split('&').collect::<Vec<_>>().try_into().unwrap();
    let later = format!("timestamp={}000", vector.now + 1);
    let (mismatch, stale) = ("sign not match", "invalid timestamp");
    let queries = [
        (token.to_owned(), stale),
        (format!("{token}&{time}"), mismatch),
        (format!("{token}&{sign}"), stale),
        (format!("{token}&{later}&{sign}"), mismatch),
        (format!("{token}&{time}&sign=OuzzJR5%2BxZ4%2FEYwqtNt6sMYZQMTa%2FHEGvc9miJe7XzY%3D"), mismatch),
        (format!("{token}&timestamp=now&{sign}"), stale),
    ];
    let refused = async |query: &str, why: &str| {
        let reply = cloud.request("POST", &format!("dingtalk?{query}"), &vector.body.to_string()).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "errcode": 310_000, "errmsg": why })), "{query}");
    };
    for (query, why) in queries {
        refused(&query, why).await;
    }
    for seconds in [-3660, 3660] {
        cloud.go_to(vector.now + seconds).await;
        refused(&vector.query, stale).await;
    }
    assert_eq!(kept(&cloud).await, [""; 0]);
}

#[tokio::test]
async fn feishu_takes_what_is_signed_for_now_and_nothing_else() {
    let vector = vector("lark_out_robot_card", "sign_secret");
    let cloud = Cloud::at(vector.now, json!({ "feishu": vector.secret })).await;
    assert_eq!(cloud.code("feishu", &vector.body).await, 0);

    let with = |name: &str, value: Value| {
        let mut body = vector.body.clone();
        body[name] = value;
        body
    };
    let other = "OuzzJR5+xZ4/EYwqtNt6sMYZQMTa/HEGvc9miJe7XzY=";
    let forged = [
        with("sign", json!(other)),
        with("sign", json!(null)),
        with("timestamp", json!(null)),
        with("timestamp", json!((vector.now + 1).to_string())),
        // It is a text.
        with("timestamp", json!(vector.now)),
        with("timestamp", json!("now")),
    ];
    for body in forged {
        assert_eq!(cloud.code("feishu", &body).await, 19021, "{body}");
    }
    for seconds in [-3660, 3660] {
        cloud.go_to(vector.now + seconds).await;
        assert_eq!(cloud.code("feishu", &vector.body).await, 19021);
    }
    assert_eq!(kept(&cloud).await, ["feishu"]);
}

#[tokio::test]
async fn without_a_secret_a_signature_need_only_look_like_one() {
    let cloud = Cloud::start().await;
    let text = json!({ "msgtype": "text", "text": { "content": "x" } });
    let sign = "OuzzJR5+xZ4/EYwqtNt6sMYZQMTa/HEGvc9miJe7XzY=";
    let sent = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for (query, code) in [
        (String::new(), 0),
        (format!("&timestamp=1700000000000&sign={sent}"), 0),
        (format!("&sign={sent}"), 310_000),
        ("&timestamp=1700000000000".to_owned(), 310_000),
        ("&timestamp=1700000000000&sign=c2hvcnQ%3D".to_owned(), 310_000),
        // Not percent-encoded: its plus is read as a blank.
        (format!("&timestamp=1700000000000&sign={sign}"), 310_000),
    ] {
        assert_eq!(cloud.code(&format!("dingtalk?access_token=t{query}"), &text).await, code, "{query}");
    }
    for (fields, code) in [
        (json!({ "timestamp": "1700000000", "sign": sign }), 0),
        (json!({ "timestamp": "1700000000" }), 19021),
        (json!({ "timestamp": "1700000000", "sign": "short" }), 19021),
    ] {
        let mut body = json!({ "msg_type": "text", "content": { "text": "x" } });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(cloud.code("feishu", &body).await, code, "{fields}");
    }
}

#[tokio::test]
async fn secrets_of_sinks_are_shown_and_replaced_as_a_whole() {
    let cloud = Cloud::start().await;
    assert_eq!(cloud.get("sink_secrets").await, json!({ "dingtalk": null, "feishu": null }));
    cloud.set("sink_secrets", json!({ "dingtalk": "SEC1" })).await;
    cloud.set("sink_secrets", json!({ "feishu": "f" })).await;
    assert_eq!(cloud.get("sink_secrets").await, json!({ "dingtalk": null, "feishu": "f" }));
    let refused = cloud.put("sink_secrets", &json!({ "teams": "x" })).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.starts_with("unknown field `teams`, expected `dingtalk` or `feishu`"), "{}", refused.body);
    let plain = Case { headers: "", ..case("dingtalk?access_token=t", &json!({ "msgtype": "text" })) };
    assert_eq!(plain.send(&cloud).await.json()["errcode"], 40035);
}
