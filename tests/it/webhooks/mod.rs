//! The webhook doors over HTTP: who gets in, how far, and what is answered.

mod batches;
mod doors;
mod events;
pub(crate) mod inputs;
mod later;
mod pushes;
mod scopes;
mod transport;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rds_seal::request::Mode;
use serde_json::{Value, json};

use crate::world::{INSTANCE, Setup, World, read, request};

pub(crate) const SIGNING: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const BEARER: &str = "a-bearer-token-of-the-nightly-cron-0001";
pub(crate) const GITHUB: &str = "a-secret-of-a-repository-0001";
pub(crate) const OTHER_ACCOUNT: &str = "6543210987654321";

/// One credential of each kind, all within the same bounds.
pub(crate) const DOORS: &str = "\
[[doors.webhook]]
name = \"ci\"
secrets = [{ env = \"CI_SECRET_OLD\" }, { env = \"CI_SECRET\" }, { env = \"CI_KEY\" }]
accounts = [\"1234567890123456\"]
regions = [\"cn-*\"]
mode = \"enforce\"

[[doors.webhook]]
name = \"cron\"
bearer_tokens = [{ env = \"CRON_TOKEN\" }]
accounts = [\"1234567890123456\"]
regions = [\"cn-*\"]
mode = \"enforce\"

[[doors.webhook]]
name = \"hub\"
github_secrets = [{ env = \"HUB_SECRET\" }]
accounts = [\"1234567890123456\"]
regions = [\"cn-*\"]
mode = \"enforce\"
";

/// A sender's own half of an ed25519 key.
fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

/// A function with these doors and whatever else the configuration says.
pub(crate) fn setup(toml: &str) -> Setup {
    let public = format!("whpk_{}", BASE64_STANDARD.encode(key().public_key()));
    let env = [
        ("CI_SECRET_OLD", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("CI_SECRET", SIGNING),
        ("CI_KEY", &public),
        ("CRON_TOKEN", BEARER),
        ("HUB_SECRET", GITHUB),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Setup { toml: toml.to_owned(), env, ..Setup::default() }
}

pub(crate) async fn world() -> World {
    World::with(setup(DOORS)).await
}

/// An HTTP request in the making.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Call {
    /// A request that shows nothing of who sends it.
    pub(crate) fn anonymous(body: impl Into<Vec<u8>>) -> Self {
        Self { path: "/v1/requests", headers: Vec::new(), body: body.into() }.with("content-type", "application/json")
    }

    /// One that a secret of `ci` signs.
    pub(crate) fn signed(world: &World, body: impl Into<Vec<u8>>) -> Self {
        Self::anonymous(body).signed_at("msg_1", world.now())
    }

    pub(crate) fn bearer(body: impl Into<Vec<u8>>) -> Self {
        Self::anonymous(body).with("authorization", &format!("Bearer {BEARER}"))
    }

    pub(crate) fn hub(body: impl Into<Vec<u8>>) -> Self {
        let call = Self::anonymous(body);
        let tag = base16ct::lower::encode_string(&mac(GITHUB.as_bytes(), &call.body));
        call.with("x-hub-signature-256", &format!("sha256={tag}"))
    }

    pub(crate) fn signed_at(self, id: &str, second: i64) -> Self {
        self.signed_with(SIGNING, id, second)
    }

    pub(crate) fn signed_with(self, secret: &str, id: &str, second: i64) -> Self {
        let secret = BASE64_STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
        let tag = mac(&secret, &self.content(id, second));
        self.with_signature(id, second, &format!("v1,{}", BASE64_STANDARD.encode(tag)))
    }

    /// Signed by the sender's own key, whose public half the deployment knows.
    fn signed_by_key(self, id: &str, second: i64) -> Self {
        self.signed_by(&key(), id, second)
    }

    fn signed_by(self, key: &Ed25519KeyPair, id: &str, second: i64) -> Self {
        let signature = key.sign(&self.content(id, second));
        self.with_signature(id, second, &format!("v1a,{}", BASE64_STANDARD.encode(signature)))
    }

    pub(crate) fn content(&self, id: &str, second: i64) -> Vec<u8> {
        [format!("{id}.{second}.").as_bytes(), &self.body].concat()
    }

    fn with_signature(self, id: &str, second: i64, signature: &str) -> Self {
        self.with("webhook-id", id).with("webhook-timestamp", &second.to_string()).with("webhook-signature", signature)
    }

    /// The same with another value of a header.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// The same with one more header.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn to(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    fn over(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(known, _)| known == name).unwrap().1
    }

    pub(crate) async fn send(self, world: &World) -> Heard {
        let mut request = world.http.post(format!("http://{}{}", world.function, self.path)).body(self.body);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        heard(request).await
    }
}

impl Heard {
    pub(crate) fn reports(&self) -> &[Value] {
        self.body["reports"].as_array().unwrap_or_else(|| panic!("reports: {self:?}"))
    }

    pub(crate) fn report(&self) -> &Value {
        assert_eq!(self.reports().len(), 1, "one report: {self:?}");
        &self.reports()[0]
    }

    /// Status and outcomes, in one line.
    pub(crate) fn verdict(&self) -> String {
        let outcomes = self.reports().iter().map(|report| report["outcome"].as_str().unwrap());
        format!("{} {}", self.status, outcomes.collect::<Vec<_>>().join(" "))
    }

    /// The rule that refused, and the value that broke it.
    pub(crate) fn rule(&self) -> (&str, &str) {
        let rule = &self.report()["rule"];
        (rule["name"].as_str().unwrap_or_default(), rule["value"].as_str().unwrap_or_default())
    }

    /// The fields that could not be read, each with its sentence.
    pub(crate) fn rejected(&self) -> Vec<String> {
        let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
        let rejected = self.body["rejected"].as_array().unwrap_or_else(|| panic!("rejected: {self:?}"));
        rejected.iter().map(|one| format!("{} {}", text(one, "field"), text(one, "reason"))).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The detail of a problem, whose other members are in order.
    pub(crate) fn problem(&self, status: u16) -> &str {
        assert_eq!((self.status, self.header("content-type")), (status, "application/problem+json"), "{self:?}");
        assert_eq!((&self.body["status"], &self.body["type"]), (&json!(status), &json!("about:blank")));
        assert!(self.body["title"].as_str().is_some_and(|title| !title.is_empty()));
        self.body["detail"].as_str().unwrap()
    }

    /// It was turned away, and told nothing else.
    pub(crate) fn assert_unauthorised(&self, why: &str) {
        assert_eq!(self.status, 401, "{why}: {self:?}");
        let detail = "the request does not show that it is from a sender this deployment knows";
        assert_eq!((self.problem(401), self.header("www-authenticate")), (detail, "Bearer"), "{why}");
    }
}

pub(crate) async fn heard(request: reqwest::RequestBuilder) -> Heard {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = read(response).await;
    Heard { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

pub(crate) fn mac(key: &[u8], content: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), content).as_ref().to_vec()
}

/// The usual request, with more fields.
pub(crate) fn asking(more: &Value) -> String {
    let mut whole: Value = serde_json::from_str(&request(INSTANCE)).unwrap();
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole.to_string()
}

fn mode_of(report: &Value) -> Mode {
    Mode::parse(report["mode"].as_str().unwrap()).unwrap()
}
