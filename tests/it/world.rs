//! A whole deployment in one process: the function behind its real host, the stand-in cloud and captured sinks on real
//! sockets, and everything that was said, so that a secret in it fails the test.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use rds_seal::aliyun::credentials::chain;
use rds_seal::aliyun::credentials::identity::Identity;
use rds_seal::aliyun::credentials::{ChainSettings, Credentials, Found, Source};
use rds_seal::aliyun::sts::AssumeRole;
use rds_seal::aliyun::{Backoff, Client, Settings, Target, Trace};
use rds_seal::app::App;
use rds_seal::app::Deployment;
use rds_seal::cli::{Assembly, StandIn};
use rds_seal::config;
use rds_seal::emulator::Emulator;
use rds_seal::env::Env;
use rds_seal::hosts::{BodyLimits, ConnectionLimits, Deliveries, HostState, PlatformSettings, fc, http};
use rds_seal::notify::Sinks;
use rds_seal::notify::audit::Audit;
use rds_seal::outbound::{Outbound, RetryPolicy};
use rds_seal::request::ids::{AccountId, RegionId};
use rds_seal::telemetry;
use rds_seal::time::{Clock, Deadline};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tracing::level_filters::LevelFilter;

pub(crate) const ACCOUNT: &str = "1234567890123456";
pub(crate) const INSTANCE: &str = "rm-demo1bp1q2w3e4r5";
const FUNCTION: &str = "rds-seal";
const WORKER: &str = "rds-seal-worker";

/// How many seconds the queue takes to deliver to the worker.
const LATENCY: i64 = 30;
pub(crate) const SECRET: &str = "a-secret-of-the-deployment-of-tests";
pub(crate) const DOOR_SECRET: &str = "a-secret-of-the-door-of-these-tests";

/// What no output may ever hold.
const SECRETS: [&str; 20] = [
    "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "a-bearer-token-of-the-nightly-cron",
    "a-secret-of-a-repository",
    "a-token-of-the-eventbridge-target",
    "testAccessKeySecret",
    "a-security-token",
    "an-external-id",
    "a-secret-of-another-account",
    "captured.invalid",
    "c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi",
    "a-secret-of-slack",
    "a-secret-of-dingtalk",
    "a-key-of-feishu",
    "a-word-of-feishu",
    "a-secret-of-feishu",
    "a-word-of-an-envelope",
    "YS1zZWNyZXQtb2YtdGVhbXM=",
    "a-secret-of-the-deployment",
    "a-secret-of-the-door",
];

/// How a world is set up. The default is a function in `enforce` with the stand-in's key pair and impatient clocks.
pub(crate) struct Setup {
    pub(crate) toml: String,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) credentials: Found,
    /// They come from the cloud's own address for them instead, which can hand out new ones.
    pub(crate) handed_out: bool,
    /// Whose those credentials are has to be asked.
    pub(crate) whose_is_unknown: bool,
    pub(crate) backoff: Backoff,
    pub(crate) timeout: Duration,
    /// The most that the time of a chat counts for.
    pub(crate) answer_within: Option<Duration>,
    pub(crate) notify_slice: Duration,
    pub(crate) retry: RetryPolicy,
    /// Where every sink is looked for, the event bus too, instead of at the cloud.
    pub(crate) sinks_at: Option<String>,
    /// The audit stream takes so many records, and then breaks, as a pipe does whose reader leaves.
    pub(crate) records: usize,
    /// The function has a name, so that the platform's queue can deliver to it.
    pub(crate) named: bool,
    pub(crate) name: &'static str,
    pub(crate) host: Host,
    /// How many connections a plain server holds, and for how long.
    pub(crate) connections: ConnectionLimits,
    /// How much is read of a body before its sender has proved anything.
    pub(crate) bodies: BodyLimits,
}

/// What the function runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    Function,
    PlainServer,
}

impl Setup {
    /// The same as one of several functions among which the work is split.
    pub(crate) fn in_role(self, role: &str) -> Self {
        let name = if role == "worker" { WORKER } else { "rds-seal-door" };
        let mut roles = vec![("SEAL_ROLE", role), ("SEAL_DOOR_SECRET", DOOR_SECRET), ("SEAL_WORKER", WORKER)];
        if role == "door" {
            roles.push(("SEAL_SECRET", ""));
        }
        let roles = roles.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let toml = format!("deployment = \"split\"\n{}", self.toml);
        Self { name, named: true, toml, env: self.env.iter().cloned().chain(roles).collect(), ..self }
    }
}

impl Default for Setup {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            toml: String::new(),
            env: Vec::new(),
            credentials: Ok(Some(Credentials::stand_in())),
            handed_out: false,
            whose_is_unknown: false,
            backoff: Backoff { base: ms(1), cap: ms(5), attempt: ms(2000), least: ms(10), retries: 4 },
            timeout: ms(20_000),
            answer_within: None,
            notify_slice: ms(1000),
            retry: RetryPolicy { attempts: 3, base: ms(1), attempt: ms(2000) },
            sinks_at: None,
            records: usize::MAX,
            named: false,
            name: FUNCTION,
            host: Host::Function,
            connections: ConnectionLimits::default(),
            bodies: BodyLimits::default(),
        }
    }
}

pub(crate) struct World {
    pub(crate) cloud: SocketAddr,
    pub(crate) function: SocketAddr,
    pub(crate) deliveries: Deliveries,
    /// How many seconds the function's clock is ahead.
    ahead: Arc<AtomicI64>,
    said: Said,
    serving: JoinHandle<std::io::Result<()>>,
    pub(crate) http: reqwest::Client,
    _log: tracing::subscriber::DefaultGuard,
}

/// What the function told its caller.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) fc_status: String,
    pub(crate) body: Value,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// A world whose configuration file holds this.
    pub(crate) async fn configured(toml: &str) -> Self {
        Self::with(Setup { toml: toml.to_owned(), ..Setup::default() }).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let cloud = Emulator::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        Self::facing(cloud, setup).await
    }

    /// A world whose cloud nobody answers for.
    pub(crate) async fn at_a_dead_endpoint(setup: Setup) -> Self {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dead = taken.local_addr().unwrap();
        drop(taken);
        Self::facing(dead, setup).await
    }

    /// A world in which this is the cloud.
    pub(crate) async fn facing(cloud: SocketAddr, setup: Setup) -> Self {
        let said = Said::default();
        let out = said.clone();
        let log = telemetry::log(LevelFilter::DEBUG, false, move || out.clone());
        let log = tracing::subscriber::set_default(log);
        let mut config = config::load(&environment(&setup), None).unwrap();
        config.cloud.backoff = setup.backoff;
        let named_source = config.credential_source;
        let mut assembly =
            Assembly::rehearsal(config, StandIn(cloud), Audit::to(Pipe { said: said.clone(), room: setup.records }))
                .unwrap();
        assembly.identity = if setup.handed_out { handed_out_by(cloud) } else { Identity::fixed(setup.credentials) };
        assembly.config.credential_source = named_source;
        assembly.test_account = assembly.test_account.filter(|_| !setup.whose_is_unknown);
        assembly.retry = setup.retry;
        assembly.notify_slice = setup.notify_slice;
        let ahead = Arc::<AtomicI64>::default();
        assembly.clock = Clock::Ahead(Arc::clone(&ahead));
        let deliveries = Deliveries::default();
        let settings = PlatformSettings {
            account: setup.named.then(|| AccountId::parse(ACCOUNT).unwrap()),
            region: setup.named.then(|| RegionId::parse("cn-hangzhou").unwrap()),
            function: setup.named.then(|| setup.name.to_owned()),
            timeout: setup.timeout,
            answer_within: setup.answer_within,
            bodies: setup.bodies,
        };
        let doors = assembly.config.doors();
        let deployment = match &setup.sinks_at {
            Some(place) => {
                let mut app = assembly.app().unwrap();
                app.sinks = sinks_at(place, &app, setup.retry, setup.backoff);
                Deployment::of(app, doors)
            }
            None => assembly.deployment().unwrap(),
        };
        let router = match setup.host {
            Host::Function => fc::router(&HostState::for_function(deployment, deliveries.clone(), settings)),
            Host::PlainServer => http::router(&HostState::for_server(deployment, deliveries.clone(), settings)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let function = listener.local_addr().unwrap();
        let never = std::future::pending();
        let limits = (setup.host == Host::PlainServer).then_some(setup.connections);
        let serving = tokio::spawn(http::serve_until(listener, router, deliveries.clone(), limits, never));
        let http = rds_seal::outbound::client(None).unwrap();
        let world = Self { cloud, function, deliveries, ahead, said, serving, http, _log: log };
        if setup.named && setup.name == FUNCTION {
            world.queue_behaves(json!({})).await;
        }
        world
    }

    /// Delivers a body as the platform would.
    pub(crate) async fn deliver(&self, body: impl Into<reqwest::Body>) -> Told {
        self.deliver_with(&[], body).await
    }

    /// Delivers a body with more headers.
    pub(crate) async fn deliver_with(&self, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Told {
        let mut request = self.http.post(format!("http://{}/invoke", self.function)).body(body);
        let usual = [("x-fc-control-path", "/invoke"), ("x-fc-request-id", "R-1")];
        let usual = usual.iter().filter(|(name, _)| !headers.iter().any(|(given, _)| given == name));
        for (name, value) in usual.chain(headers) {
            request = request.header(*name, *value);
        }
        told(request).await
    }

    /// Delivers one of the files in `events/`.
    pub(crate) async fn deliver_event(&self, name: &str) -> Told {
        self.deliver(event(name)).await
    }

    /// Asks for the usual instance to be sealed.
    pub(crate) async fn ask(&self) -> Told {
        self.deliver(request(INSTANCE)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.http.get(format!("http://{}/_emulator/{path}", self.cloud)).send().await.unwrap().json_body().await
    }

    async fn tell(&self, request: reqwest::RequestBuilder, body: &Value) {
        let answer = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 204, "{}", answer.text().await.unwrap());
    }

    /// Puts something into the cloud in place of what it has of it: accounts, keys, what is denied.
    pub(crate) async fn has(&self, what: &str, now: Value) {
        self.tell(self.http.put(format!("http://{}/_emulator/{what}", self.cloud)), &now).await;
    }

    /// Replaces all instances of the cloud.
    pub(crate) async fn instances(&self, instances: Value) {
        self.has("instances", instances).await;
    }

    /// Tells the cloud how to fail.
    pub(crate) async fn script(&self, faults: Value) {
        self.tell(self.http.post(format!("http://{}/_emulator/faults", self.cloud)), &faults).await;
    }

    /// Has the cloud say something in a chat, and returns what it saw, or the request itself where the order has no URL.
    pub(crate) async fn say(&self, chat: &str, order: &Value) -> Value {
        let url = format!("http://{}/_emulator/chats/{chat}", self.cloud);
        let answer = self.http.post(url).body(order.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        answer.json_body().await
    }

    /// Makes the cloud forget something.
    pub(crate) async fn forget(&self, what: &str) {
        self.tell(self.http.delete(format!("http://{}/_emulator/{what}", self.cloud)), &Value::Null).await;
    }

    pub(crate) async fn cloud_clock_is_ahead_by(&self, seconds: i64) {
        self.has("clock", json!({"offset_seconds": seconds})).await;
    }

    /// Makes the platform's queue deliver to the function, in its usual way but for these differences.
    pub(crate) async fn queue_behaves(&self, differently: Value) {
        let mut function = json!({"name": FUNCTION, "url": format!("http://{}", self.function)});
        function.as_object_mut().unwrap().extend(differently.as_object().unwrap().clone());
        self.has("functions", json!([function])).await;
    }

    /// Makes the queue deliver to a worker what a door hands over to it, a few seconds later.
    pub(crate) async fn is_worker(&self, differently: Value) {
        let mut function =
            json!({"name": WORKER, "url": format!("http://{}", self.function), "latency_ms": LATENCY * 1000});
        function.as_object_mut().unwrap().extend(differently.as_object().unwrap().clone());
        self.has("functions", json!([function])).await;
    }

    /// Lets the worker do what was handed over to it.
    pub(crate) async fn its_turn_comes(&self) {
        self.seconds_pass(LATENCY + 1).await;
    }

    /// Waits until the queue has delivered everything that is due by now.
    pub(crate) async fn queue_delivers_what_is_due(&self) {
        self.seconds_pass(0).await;
    }

    /// Lets minutes pass for the cloud and the function alike, from one task of the queue to the next. What falls due in
    /// them is delivered.
    pub(crate) async fn minutes_pass(&self, minutes: u32) {
        let mut left = i64::from(minutes) * 60;
        while left > 0 {
            let seconds = self.until_the_next_task().await.map_or(left, |wait| wait.clamp(1, left));
            left -= seconds;
            self.seconds_pass(seconds).await;
        }
    }

    async fn seconds_pass(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
        let advance = self.http.post(format!("http://{}/_emulator/clock/advance", self.cloud));
        self.tell(advance, &json!({ "seconds": seconds })).await;
    }

    /// How many seconds it is, by the function's clock, until a task of the queue falls due, if one waits.
    async fn until_the_next_task(&self) -> Option<i64> {
        let queue = self.get("queue").await;
        let due = queue["waiting"].as_array().unwrap().iter().map(|task| task["due"].as_str().unwrap());
        let next = due.map(|due| due.parse::<Timestamp>().unwrap()).min()?;
        Some(next.as_second() + 1 - self.now())
    }

    /// The function's clock, in seconds.
    pub(crate) fn now(&self) -> i64 {
        Clock::Ahead(Arc::clone(&self.ahead)).now().as_second()
    }

    /// Lets it be this second for the cloud and the function alike.
    pub(crate) async fn it_is(&self, second: i64) {
        let offset = second - Clock::System.now().as_second();
        self.ahead.store(offset, Ordering::Relaxed);
        self.cloud_clock_is_ahead_by(offset).await;
    }

    /// The cloud's requests so far, as `operation code`.
    pub(crate) async fn calls(&self) -> Vec<String> {
        let calls = self.get("calls").await;
        let text = |call: &Value, key: &str| call[key].as_str().unwrap_or("-").to_owned();
        calls
            .as_array()
            .unwrap()
            .iter()
            .map(|call| format!("{} {}", text(call, "operation"), text(call, "code")))
            .collect()
    }

    /// How many writes the cloud was asked for.
    pub(crate) async fn writes(&self) -> usize {
        self.calls().await.iter().filter(|call| call.starts_with("Enable")).count()
    }

    /// What a sink took, oldest first.
    pub(crate) async fn taken_by(&self, sink: &str) -> Vec<Value> {
        let all = self.get("notifications").await;
        all.as_array().unwrap().iter().filter(|one| one["sink"] == sink).cloned().collect()
    }

    /// Whether the cloud has the instance sealed.
    pub(crate) async fn is_sealed(&self, instance: &str) -> bool {
        let all = self.get("instances").await;
        all.as_array().unwrap().iter().any(|one| one["id"] == instance && one["backup_encryption"] == true)
    }

    /// The records of the audit stream that carry this schema.
    pub(crate) fn audited(&self, schema: &str) -> Vec<Value> {
        let lines = self.said.text();
        let records = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        records.filter(|record| record["schema"] == schema).collect()
    }

    /// Everything the function has written: its audit stream and its log.
    pub(crate) fn said(&self) -> String {
        self.said.text()
    }

    /// Resolves when the host has ended by itself.
    pub(crate) async fn ended(&mut self) {
        (&mut self.serving).await.unwrap().unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let said = self.said.text();
            for secret in SECRETS {
                assert!(!said.contains(secret), "a secret was written: {secret}");
            }
        }
    }
}

impl Told {
    pub(crate) fn report(&self) -> &Value {
        assert_eq!(self.body["reports"].as_array().map(Vec::len), Some(1), "one report: {}", self.body);
        &self.body["reports"][0]
    }

    pub(crate) fn outcome(&self) -> &str {
        self.report()["outcome"].as_str().unwrap()
    }

    /// A text of the report; empty where there is none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.report()[field].as_str().unwrap_or_default()
    }

    /// What a plan comes to, and why.
    pub(crate) fn plan(&self) -> (&str, Vec<&str>) {
        let verdict = &self.report()["verdict"];
        let why = verdict["why"].as_array().map(Vec::as_slice).unwrap_or_default();
        (verdict["is"].as_str().unwrap_or_default(), why.iter().map(|why| why.as_str().unwrap()).collect())
    }

    /// The policy statement that the next step holds, between marks for what is to be copied.
    #[track_caller]
    pub(crate) fn statement(&self) -> Value {
        let step = self.text("next_step").strip_prefix("Add this statement to a policy of the role that signs: `");
        let statement = step.and_then(|step| step.strip_suffix('`'));
        serde_json::from_str(statement.unwrap_or_else(|| panic!("{}", self.report()))).unwrap()
    }

    /// The rule that refused, and the value that broke it.
    pub(crate) fn rule(&self) -> (&str, &str) {
        let rule = &self.report()["rule"];
        (rule["name"].as_str().unwrap_or_default(), rule["value"].as_str().unwrap_or_default())
    }

    /// Status, the platform's status and the delivery, in one line.
    pub(crate) fn verdict(&self) -> String {
        format!("{} {} {}", self.status, self.fc_status, self.body["delivery"].as_str().unwrap_or("-"))
    }
}

/// The same sinks, all in one other place.
fn sinks_at(place: &str, app: &App, retry: RetryPolicy, backoff: Backoff) -> Sinks {
    let place = Url::parse(place).unwrap();
    let http = rds_seal::outbound::client(None).unwrap();
    let clock = app.clock.clone();
    let settings = Settings { endpoint: Some(place.clone()), backoff, clock: clock.clone(), ..Settings::default() };
    let (outbound, client) = (Outbound::new(http.clone(), Some(place)), Client::new(http, settings));
    Sinks::new(outbound, client, app.sinks.all.clone(), retry, clock)
}

/// The text of an answer, which may hold no secret either.
pub(crate) async fn read(response: reqwest::Response) -> String {
    let text = response.text().await.unwrap();
    for secret in SECRETS {
        assert!(!text.contains(secret), "a secret was answered: {secret}");
    }
    text
}

/// Sends a request to the function and reads the answer.
pub(crate) async fn told(request: reqwest::RequestBuilder) -> Told {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let fc_status = response.headers().get("x-fc-status").map(|value| value.to_str().unwrap().to_owned());
    let text = read(response).await;
    Told {
        status,
        fc_status: fc_status.expect("every response carries x-fc-status"),
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

/// A direct request for an instance in cn-hangzhou.
pub(crate) fn request(instance: &str) -> String {
    json!({"instance": instance, "region": "cn-hangzhou", "id": "ask-1"}).to_string()
}

/// What a door's role may not do.
const WRITES: [&str; 2] = ["rds:EnableBackupEncryption", "rds:AuthorizeBackupEncryption"];

/// Credentials of a role that the cloud lets read and not write.
pub(crate) async fn of_a_reader(cloud: SocketAddr) -> Credentials {
    let keys = json!([{"id": "testAccessKeyId", "secret": "testAccessKeySecret"}]);
    let role = json!({"name": "door", "trusts": [ACCOUNT], "denied": WRITES});
    let accounts = json!([{"id": ACCOUNT, "access_keys": keys, "roles": [role]}]);
    let http = rds_seal::outbound::client(None).unwrap();
    let put = http.put(format!("http://{cloud}/_emulator/accounts")).body(accounts.to_string()).send().await.unwrap();
    assert_eq!(put.status(), 204, "{}", put.text().await.unwrap());
    let endpoint = Some(Url::parse(&format!("http://{cloud}")).unwrap());
    let client = Client::new(http, Settings { endpoint, ..Settings::default() });
    let assume = AssumeRole {
        role: "acs:ram::1234567890123456:role/door",
        session_name: "door",
        duration: "3600",
        policy: None,
        external_id: None,
        endpoint: None,
    };
    let own = Credentials::stand_in();
    let deadline = Deadline::after(Duration::from_secs(5));
    let target = Target { credentials: Some(&own), region: "cn-hangzhou", deadline };
    let session = client.call(&assume, target, &mut Trace::default()).await.unwrap().credentials;
    Credentials {
        access_key_id: session.access_key_id,
        access_key_secret: session.access_key_secret,
        security_token: Some(session.security_token),
        expires_at: Some(session.expiration),
        source: Source::Role,
    }
}

/// The identity that the cloud's address for credentials hands out.
fn handed_out_by(cloud: SocketAddr) -> Identity {
    let address = format!("http://{cloud}/_emulator/credentials");
    let env = Env::fixed([("ALIBABA_CLOUD_CREDENTIALS_URI", address.as_str())]);
    Identity::found(Ok(chain::find(&env, &ChainSettings::default()).unwrap()))
}

/// A file of `events/`.
pub(crate) fn event(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("events").join(name)).unwrap()
}

fn environment(setup: &Setup) -> Env {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let file = format!("seal-{}-{}.toml", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&path, &setup.toml).unwrap();
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut pairs = vec![own("SEAL_CONFIG", &path.display().to_string()), own("SEAL_SECRET", SECRET)];
    if setup.named {
        let function = [("FC_ACCOUNT_ID", ACCOUNT), ("FC_REGION", "cn-hangzhou"), ("FC_FUNCTION_NAME", setup.name)];
        pairs.extend(function.map(|(name, value)| own(name, value)));
    }
    Env::Fixed(Arc::new(pairs.into_iter().chain(setup.env.iter().cloned()).collect()))
}

trait JsonBody {
    async fn json_body(self) -> Value;
}

impl JsonBody for reqwest::Response {
    async fn json_body(self) -> Value {
        serde_json::from_str(&self.text().await.unwrap()).unwrap()
    }
}

/// Where the audit stream goes, which has room for so many records.
struct Pipe {
    said: Said,
    room: usize,
}

impl Write for Pipe {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if line.starts_with(b"{") {
            let Some(room) = self.room.checked_sub(1) else { return Ok(0) };
            self.room = room;
        }
        self.said.write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was written, by the audit stream and the log alike.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
