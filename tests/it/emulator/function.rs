//! A function as the queue sees it, and the signed request that asks for it.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use rds_seal::emulator::{ACCESS_KEY_ID, ACCESS_KEY_SECRET};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Barrier, Notify},
};

use super::{
    Cloud, client,
    client::Reply,
    signer::{date, hex, lines, nonce, sha256},
};

/// What the function does with one event; then the next.
pub(super) enum Act {
    /// Answers with this status and this `x-fc-status`.
    Say(u16, Option<&'static str>),
    /// Lets everything else that can go on do so first.
    Dawdle,
    /// Answers when so many are here at once.
    Meet(Arc<Barrier>),
    /// Answers when it is told to.
    Hold(Arc<Notify>),
    /// Sends this request to the cloud first.
    Send(SocketAddr, String),
}

/// Answers what it is told, else success, and remembers what it was asked.
#[derive(Clone, Default)]
pub(super) struct Function {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    acts: Arc<Mutex<VecDeque<Act>>>,
}

impl Function {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let function = Self { url, ..Self::default() };
        let router = Router::new().route("/invoke", post(handle)).with_state(function.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        function
    }

    /// A function whose server does not run.
    pub(super) fn nowhere() -> Self {
        Self { url: "http://127.0.0.1:1".to_owned(), ..Self::default() }
    }

    pub(super) fn will(&self, acts: impl IntoIterator<Item = Act>) {
        self.acts.lock().unwrap().extend(acts);
    }

    pub(super) fn listed(&self) -> Value {
        json!({ "name": "seal", "url": self.url })
    }

    /// Waits until it is asked for something.
    pub(super) async fn is_asked(&self) {
        let asked = async {
            while self.events().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), asked).await.unwrap();
    }

    /// The bodies it was sent, in order.
    pub(super) fn events(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    /// One header of each event; empty where it was not sent.
    pub(super) fn header(&self, name: &str) -> Vec<String> {
        let text = |headers: &HeaderMap| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        self.seen.lock().unwrap().iter().map(|(headers, _)| text(headers)).collect()
    }
}

async fn handle(State(function): State<Function>, headers: HeaderMap, body: String) -> Response {
    function.seen.lock().unwrap().push((headers, body.clone()));
    let act = function.acts.lock().unwrap().pop_front();
    let answer = json!({ "echo": body }).to_string();
    match act {
        None => ([("x-fc-status", "200")], answer).into_response(),
        Some(Act::Say(status, None)) => (StatusCode::from_u16(status).unwrap(), answer).into_response(),
        Some(Act::Say(status, Some(word))) => {
            (StatusCode::from_u16(status).unwrap(), [("x-fc-status", word)], answer).into_response()
        }
        Some(Act::Dawdle) => {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            answer.into_response()
        }
        Some(Act::Meet(others)) => {
            others.wait().await;
            answer.into_response()
        }
        Some(Act::Hold(told)) => {
            told.notified().await;
            answer.into_response()
        }
        Some(Act::Send(cloud, request)) => {
            client::send(cloud, &request).await.unwrap();
            answer.into_response()
        }
    }
}

/// An invocation, signed only when it is sent.
#[derive(Clone)]
pub(super) struct Invoke {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) host: String,
    pub(super) action: &'static str,
    pub(super) secret: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Invoke {
    pub(super) fn new(name: &str, body: &str) -> Self {
        Self {
            method: "POST",
            path: format!("/2023-03-30/functions/{name}/invocations"),
            query: String::new(),
            host: "1234567890123456.cn-hangzhou.fc.aliyuncs.com".to_owned(),
            action: "InvokeFunction",
            secret: ACCESS_KEY_SECRET,
            headers: Vec::new(),
            body: body.to_owned(),
        }
    }

    /// An asynchronous invocation of `seal`.
    pub(super) fn later(body: &str, seconds: &str) -> Self {
        Self::new("seal", body).with("x-fc-invocation-type", "Async").with("x-fc-async-delay", seconds)
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn at(self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self }
    }

    /// The request without an `Authorization`.
    pub(super) fn unsigned(&self) -> String {
        self.request(&self.to_be_signed(), None)
    }

    /// The whole request, signed with ACS3-HMAC-SHA256.
    pub(super) fn v3(&self) -> String {
        let headers = self.to_be_signed();
        let headers_as_text: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let canonical = format!(
            "{}\n{}\n{}\n{}\n{names}\n{}",
            self.method,
            self.path,
            self.query,
            lines(&headers_as_text, ":", "\n"),
            sha256(self.body.as_bytes())
        );
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential={ACCESS_KEY_ID},SignedHeaders={names},Signature={signature}");
        self.request(&headers, Some(authorization))
    }

    fn to_be_signed(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("content-type", "application/octet-stream".to_owned()),
            ("host", self.host.clone()),
            ("x-acs-action", self.action.to_owned()),
            ("x-acs-content-sha256", sha256(self.body.as_bytes())),
            ("x-acs-date", date(0)),
            ("x-acs-signature-nonce", nonce()),
            ("x-acs-version", "2023-03-30".to_owned()),
        ];
        headers.sort_unstable();
        headers
    }

    fn request(&self, signed: &[(&'static str, String)], authorization: Option<String>) -> String {
        let mut headers = [signed, &self.headers].concat();
        headers.extend(authorization.map(|value| ("authorization", value)));
        headers.push(("content-length", self.body.len().to_string()));
        headers.push(("connection", "close".to_owned()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let question = if self.query.is_empty() { "" } else { "?" };
        format!(
            "{} {}{question}{} HTTP/1.1\r\n{}\r\n{}",
            self.method,
            self.path,
            self.query,
            lines(&headers, ": ", "\r\n"),
            self.body
        )
    }
}

impl Cloud {
    /// A cloud that knows the function `seal`, listed with these fields besides.
    pub(super) async fn serving(function: &Function, fields: Value) -> Self {
        let cloud = Self::start().await;
        cloud.list(function, fields).await;
        cloud
    }

    pub(super) async fn list(&self, function: &Function, fields: Value) {
        let mut listed = function.listed();
        listed.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let reply = self.put("functions", &json!([listed])).await;
        assert_eq!(reply.status, 204, "{}", reply.body);
    }

    pub(super) async fn invoke(&self, invoke: &Invoke) -> Reply {
        Reply::parse(&client::send(self.address, &invoke.v3()).await.unwrap())
    }

    /// Puts a task into the queue.
    pub(super) async fn enqueue(&self, body: &str, seconds: u64) {
        let reply = self.invoke(&Invoke::later(body, &seconds.to_string())).await;
        assert_eq!((reply.status, reply.body.as_str()), (202, ""));
    }

    pub(super) async fn advance(&self, seconds: u64) {
        let reply = self.request("POST", "clock/advance", &json!({ "seconds": seconds }).to_string()).await;
        assert_eq!(reply.status, 204, "{}", reply.body);
    }

    /// How many entries this part of the queue has.
    pub(super) async fn count(&self, part: &str) -> usize {
        self.get("queue").await[part].as_array().unwrap().len()
    }

    /// Waits, in real time, until that many deliveries were made.
    pub(super) async fn until_delivered(&self, count: usize) {
        let all = async { while self.count("delivered").await < count {} };
        let in_time = tokio::time::timeout(Duration::from_secs(5), all).await;
        assert!(in_time.is_ok(), "not {count} deliveries after 5 s: {}", self.get("queue").await);
    }
}
