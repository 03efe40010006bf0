//! Where credentials come from, against the stand-in cloud on a real socket: each source, sessions in other accounts,
//! and what is said when none come.

mod metadata;
mod sessions;
mod sources;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use rds_seal::aliyun::credentials::chain;
use rds_seal::aliyun::credentials::identity::Identity;
use rds_seal::aliyun::credentials::{ChainSettings, Credentials, CredentialsError, SourceName};
use rds_seal::aliyun::rds::DescribeDBInstanceAttribute;
use rds_seal::aliyun::{Backoff, Client, Settings, Target, Trace};
use rds_seal::emulator::Emulator;
use rds_seal::env::Env;
use rds_seal::kind::{CredentialProblem, Kind};
use rds_seal::outbound;
use rds_seal::time::{Clock, Deadline};
use serde_json::{Value, json};

const OWN: &str = "1234567890123456";
const OTHER: &str = "222";
const PROVIDER: &str = "acs:ram::222:oidc-provider/ack";
const EXTERNAL_ID: &str = "between/you+and=me";

/// A stand-in cloud with two accounts, and a client whose clock moves with the cloud's.
struct Cloud {
    address: SocketAddr,
    http: reqwest::Client,
    client: Client,
    ahead: Arc<AtomicI64>,
}

impl Cloud {
    async fn start() -> Self {
        let address = Emulator::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let ms = Duration::from_millis;
        let (http, ahead) = (outbound::client(None).unwrap(), Arc::default());
        let settings = Settings {
            endpoint: Some(outbound::parse_origin(&format!("http://{address}")).unwrap()),
            backoff: Backoff { base: ms(1), cap: ms(5), attempt: ms(2000), least: ms(10), retries: 4 },
            clock: Clock::Ahead(Arc::clone(&ahead)),
            ..Settings::default()
        };
        let cloud = Self { address, client: Client::new(http.clone(), settings), http, ahead };
        cloud.trusting("the.first.token").await;
        let instance = |id: &str, region: &str| json!({"id": id, "account": OTHER, "region": region});
        let listed = [instance("rm-1", "cn-hangzhou"), instance("rm-2", "cn-hangzhou"), instance("rm-3", "cn-chengdu")];
        cloud.put("instances", json!([{"id": "rm-own"}, listed[0], listed[1], listed[2]])).await;
        cloud
    }

    /// Both accounts have roles, and this token of the provider is genuine.
    async fn trusting(&self, token: &str) {
        let own = json!({"id": OWN, "roles": [{"name": "machine"}, {"name": "step", "trusts": [OWN]}]});
        let sealer =
            json!({"name": "sealer", "trusts": [OWN], "external_id": EXTERNAL_ID, "max_session_seconds": 7200});
        let pod = json!({"name": "pod", "oidc": {"provider_arn": PROVIDER, "token": token}});
        let closed = json!({"name": "closed", "trusts": ["333"]});
        self.put("accounts", json!([own, {"id": OTHER, "roles": [sealer, pod, closed]}])).await;
    }

    async fn put(&self, path: &str, body: Value) {
        self.control(self.http.put(self.control_url(path)), body).await;
    }

    async fn script(&self, faults: Value) {
        self.control(self.http.post(self.control_url("faults")), faults).await;
    }

    async fn control(&self, request: reqwest::RequestBuilder, body: Value) {
        let reply = request.body(body.to_string()).send().await.unwrap();
        let status = reply.status();
        assert_eq!(status, 204, "{}", String::from_utf8_lossy(&reply.bytes().await.unwrap()));
    }

    fn control_url(&self, path: &str) -> String {
        format!("http://{}/_emulator/{path}", self.address)
    }

    /// How often an operation was asked for so far.
    async fn count(&self, operation: &str) -> usize {
        let body = self.http.get(self.control_url("calls")).send().await.unwrap().bytes().await.unwrap();
        let calls: Value = serde_json::from_slice(&body).unwrap();
        calls.as_array().unwrap().iter().filter(|call| call["operation"] == operation).count()
    }

    async fn pass(&self, seconds: i64) {
        let offset = self.ahead.fetch_add(seconds, Ordering::Relaxed) + seconds;
        self.put("clock", json!({"offset_seconds": offset})).await;
    }

    fn identity<const N: usize>(
        &self,
        pairs: [(&str, &str); N],
        settings: ChainSettings,
    ) -> Result<Identity, CredentialProblem> {
        let metadata = Some(outbound::parse_origin(&format!("http://{}", self.address)).unwrap());
        let settings = ChainSettings { metadata: settings.metadata.or(metadata), ..settings };
        Ok(Identity::found(Ok(chain::find(&Env::fixed(pairs), &settings)?)))
    }

    fn found<const N: usize>(&self, pairs: [(&str, &str); N]) -> Identity {
        self.identity(pairs, ChainSettings::default()).unwrap()
    }

    async fn credentials(&self, identity: &Identity) -> Credentials {
        identity.credentials(&self.client, soon()).await.unwrap().unwrap()
    }

    /// Why there are none, in words and as they are; no secret in either.
    async fn refused(&self, identity: &Identity) -> (String, CredentialsError) {
        self.refused_by(soon(), identity).await
    }

    async fn refused_by(&self, deadline: Deadline, identity: &Identity) -> (String, CredentialsError) {
        told(identity.credentials(&self.client, deadline).await.map(|found| found.is_some()).unwrap_err())
    }

    async fn account(&self, credentials: &Credentials) -> String {
        let identity = Identity::fixed(Ok(None));
        identity.account(&self.client, credentials, "cn-hangzhou", soon()).await.unwrap()
    }

    /// The code of a look at an instance, `OK` if it succeeds.
    async fn look(&self, instance: &str, region: &str, credentials: &Credentials) -> String {
        let operation = DescribeDBInstanceAttribute { instance };
        let target = Target { credentials: Some(credentials), region, deadline: soon() };
        let result = self.client.call(&operation, target, &mut Trace::default()).await;
        result.map_or_else(|failure| failure.code.unwrap(), |_| "OK".to_owned())
    }
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

/// For a source that hangs: it is not worth its own time-out.
fn at_once() -> Deadline {
    Deadline::after(Duration::from_millis(200))
}

/// What is said of a failure. Nothing of it may hold a secret.
fn told(unprovided: CredentialsError) -> (String, CredentialsError) {
    let said = format!("{unprovided} {unprovided:?}");
    for secret in ["testAccessKeySecret", EXTERNAL_ID, "between%2Fyou", "between%252Fyou", "the.first.token", "hush"] {
        assert!(!said.contains(secret), "{said}");
    }
    (unprovided.to_string(), unprovided)
}

fn kind(unprovided: &CredentialsError) -> Option<Kind> {
    match unprovided {
        CredentialsError::Broken(_) => None,
        CredentialsError::Failed { failure, .. } => Some(failure.kind),
    }
}

/// A file of a test's own.
fn file(text: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("identities-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn only(name: SourceName) -> ChainSettings {
    ChainSettings { only: Some(name), ..ChainSettings::default() }
}
