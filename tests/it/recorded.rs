//! Our signed requests as they leave the machine, written down so that the vendor's own SDKs can sign them anew: see
//! `tests/clients`, which sets [`FILE`] and judges. Here it is only checked that they were all sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rds_seal::aliyun::credentials::Credentials;
use rds_seal::aliyun::endpoint::Network;
use rds_seal::aliyun::fc::InvokeFunction;
use rds_seal::aliyun::kms::{DescribeKey, GetSecretValue, Stage};
use rds_seal::aliyun::rds::{EnableBackupEncryption, ListTagResources};
use rds_seal::aliyun::sign::SignatureVersion;
use rds_seal::aliyun::sts::{AssumeRole, AssumeRoleWithOIDC, GetCallerIdentity};
use rds_seal::aliyun::{Backoff, Client, Operation, Settings, Target, Trace};
use rds_seal::outbound;
use rds_seal::time::Deadline;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Where to write the requests to, one JSON object a line.
const FILE: &str = "RECORDED_REQUESTS";

/// A token as STS gives it: Base64, so that it holds what a URL would change.
const TOKEN: &str = "CAISvwJ1q6Ft5B2yfSjIr5fFLdzRufB+2K+FW2Hj/Hc=:a b*~";

/// An operation with whatever parameters.
struct Any(&'static [(&'static str, &'static str)]);

impl Operation for Any {
    const ACTION: &'static str = "DescribeAnything";
    const VERSION: &'static str = "2014-08-15";
    const RAM_ACTION: &'static str = "rds:DescribeAnything";
    type Response = Value;

    fn host(&self, _: &str, _: Network) -> String {
        "rds.aliyuncs.com".to_owned()
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        self.0.to_vec()
    }
}

const LONG: &str = match std::str::from_utf8(&[b'/'; 1500]) {
    Ok(text) => text,
    Err(_) => "",
};

/// What a query could be signed wrongly for. Names are plain, as all of the vendor's are: its V3 signers do not escape them.
const PARAMETERS: &[&[(&str, &str)]] = &[
    &[],
    &[("DBInstanceName", "rm-1"), ("EncryptionKey", "")],
    &[("A", ""), ("B", ""), ("C", "c")],
    &[("Spaces", " one  two "), ("Plus", "a+b"), ("Tab", "a\tb\r\nc")],
    &[("Unreserved", "AZaz09-_.~"), ("Star", "*"), ("Slash", "/a/b"), ("Equals", "a=b=="), ("Ampersand", "a&b")],
    &[("Rest", "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"), ("Percent", "100%"), ("Escaped", "%2F%20+")],
    &[("Accent", "é"), ("Decomposed", "e\u{301}"), ("Han", "备份加密"), ("Emoji", "🔒")],
    &[("DBInstanceId", "1"), ("DBInstanceID", "2"), ("dbInstanceId", "3"), ("_", "4"), ("a.b", "5"), ("a-b", "6")],
    &[("Tag.1.Key", "a b"), ("Tag.10.Key", "c"), ("Tag.2.Key", "d"), ("Tag.1.Value", "e=f")],
    &[("Json", r#"{"Version": "1", "Statement": [{"Effect": "Deny", "Resource": "*"}]}"#)],
    &[("Long", LONG)],
];

#[tokio::test]
async fn every_signed_request_of_ours_is_recorded() {
    let recorder = Recorder::start().await;
    for signature in [SignatureVersion::V3, SignatureVersion::V1] {
        for token in [None, Some(TOKEN)] {
            let sender = recorder.sender(signature, token);
            for parameters in PARAMETERS {
                sender.send(&Any(parameters)).await;
            }
            sender.send(&EnableBackupEncryption { instance: "rm-demo1", key: Some("key-hzz62bb4a8d3j4qp9jo7g") }).await;
            sender.send(&ListTagResources { region: "cn-hangzhou", instance: "rm-demo1" }).await;
            sender.send(&DescribeKey { key: "alias/日本 +" }).await;
            let secret = "acs:kms:cn-hangzhou:1234567890123456:secret/a/b+c=d.e@f -_";
            sender.send(&GetSecretValue { secret, stage: Stage::Previous, is_dry_run: true }).await;
            sender.send(&GetCallerIdentity).await;
            let policy = Some(r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"rds:*","Resource":"*"}]}"#);
            let role = "acs:ram::1234567890123456:role/sealer";
            let external_id = Some("a+b/c=d e");
            let session =
                AssumeRole { role, session_name: "s@1", duration: "900", policy, external_id, endpoint: None };
            sender.send(&session).await;
            // V3 signs these whatever version signs the rest.
            for (function, qualifier, body) in invocations() {
                let account = "1234567890123456";
                sender.send(&InvokeFunction { account, function, qualifier, delay: 60, body }).await;
            }
        }
    }
    let anonymous = AssumeRoleWithOIDC {
        role: "acs:ram::1234567890123456:role/sealer",
        provider: "acs:ram::1234567890123456:oidc-provider/ack",
        token: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln+/ =&~*é",
        session_name: "rds-seal",
        duration: Some("3600"),
        policy: None,
        endpoint: None,
    };
    recorder.sender(SignatureVersion::V3, None).send(&anonymous).await;

    let lines = recorder.lines();
    assert_eq!(lines.len(), 4 * (PARAMETERS.len() + 6 + invocations().len()) + 1);
    if let Some(path) = std::env::var_os(FILE) {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(path, lines.join("\n")).unwrap();
    }
}

fn invocations() -> [(&'static str, Option<&'static str>, Bytes); 6] {
    [
        ("rds-seal", None, Bytes::new()),
        ("rds-seal", Some("LATEST"), Bytes::from_static(br#"{"schema":"rds-seal.task/1","attempt":2}"#)),
        ("rds-seal", Some("prod/a b+c~*"), Bytes::from("备份 é\n".repeat(300))),
        ("a+b c", None, Bytes::from_static(b"a=b&c=d+e%20f")),
        ("~日本*", None, Bytes::from_static(&[0, 255, 128, 10, 13])),
        ("rds-seal", None, Bytes::from(vec![b'x'; 128 * 1024])),
    ]
}

/// A server that takes everything down and says yes.
struct Recorder {
    address: std::net::SocketAddr,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Recorder {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let lines = Arc::<Mutex<Vec<Value>>>::default();
        let taken = Arc::clone(&lines);
        let router = Router::new().fallback(async move |request: Request| {
            let line = written(request).await;
            taken.lock().unwrap().push(line);
            "{}"
        });
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { address, lines }
    }

    fn sender(&self, signature: SignatureVersion, token: Option<&str>) -> Sender {
        let endpoint = Some(format!("http://{}", self.address).parse().unwrap());
        let backoff = Backoff { retries: 0, ..Backoff::default() };
        let settings = Settings { signature, endpoint, backoff, ..Settings::default() };
        let credentials = Credentials { security_token: token.map(Into::into), ..Credentials::stand_in() };
        Sender { client: Client::new(outbound::client(None).unwrap(), settings), credentials }
    }

    fn lines(&self) -> Vec<Value> {
        self.lines.lock().unwrap().clone()
    }
}

struct Sender {
    client: Client,
    credentials: Credentials,
}

impl Sender {
    /// Sends one request. Whether its answer means anything does not matter here.
    async fn send<O: Operation>(&self, operation: &O) {
        let deadline = Deadline::after(Duration::from_secs(20));
        let target = Target { credentials: Some(&self.credentials), region: "cn-hangzhou", deadline };
        let mut trace = Trace::default();
        let _ = self.client.call(operation, target, &mut trace).await;
        assert_eq!(trace.calls, 1);
    }
}

/// A request with its path and query as they were on the wire.
async fn written(request: Request) -> Value {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1024 * 1024).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let headers: Vec<Value> =
        parts.headers.iter().map(|(name, value)| json!([name.as_str(), text(value.as_bytes())])).collect();
    json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query().unwrap_or_default(),
        "headers": headers,
        "body": BASE64_STANDARD.encode(body),
    })
}
