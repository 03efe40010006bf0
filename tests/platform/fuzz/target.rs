//! What is fuzzed: `rds-seal dev`, the function behind its real host with every door open, a stand-in cloud and captured
//! sinks and chats in one process, and everything that it writes.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::messages::Sent;
use crate::clock::{ProcessClock, WorldClock, scratch, shim};
use crate::cloud::{Cloud, FUNCTION, REGION};
use crate::process::DEPLOYMENT_SECRET;
use crate::wire::{self, Patience, request, response, send};

/// When it is there: the push of the event bus was signed then.
pub(crate) const NOW: i64 = 1_767_225_600;
pub(crate) const WEBHOOK: &str = "whsec_YSBtZXNzYWdlIHRoYXQgbm9ib2R5IHdvdWxkIHNlbmQ=";
pub(crate) const BEARER: &str = "a-bearer-token-for-mutated-messages-0001";
pub(crate) const GITHUB: &str = "a-secret-of-a-repository-of-mutations";

/// Instances of which only genuine messages speak.
const GENUINE: &str = "rm-demogenuine*\", \"rm-genuine*";

pub(crate) struct Target {
    pub(crate) port: u16,
    pub(crate) cloud: Cloud,
    world: WorldClock,
    clock: ProcessClock,
    child: Mutex<Child>,
    said: Arc<Mutex<Vec<String>>>,
    _readers: [JoinHandle<()>; 2],
}

impl Target {
    pub(crate) fn start() -> io::Result<Self> {
        let (config, clock) = (scratch().join("fuzz.toml"), scratch().join("fuzz.clock"));
        fs::write(&config, configuration())?;
        let world = WorldClock::default();
        // Later it is taken on to when the genuine task is due.
        world.step(NOW - 600 - world.now().as_second());
        let clock = ProcessClock::new(clock, &world)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_rds-seal"));
        command.args(["dev", "--listen", "127.0.0.1:0"]).env_clear();
        command.env("SEAL_CONFIG", &config).env("SEAL_LOG", "info");
        command.env("LD_PRELOAD", shim().map_err(io::Error::other)?).env("PLATFORM_CLOCK", &clock.path);
        command.envs([("HOOK", WEBHOOK), ("BEARER", BEARER), ("GITHUB", GITHUB)]);
        command.envs([("BUS", "a-token-of-the-eventbridge-target-0001"), ("DEPLOYMENT_SECRET", DEPLOYMENT_SECRET)]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (stdout, stderr) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        let mut stdout = BufReader::new(stdout);
        let Some((function, cloud)) = greeting(&mut stdout)? else {
            return Err(io::Error::other(io::read_to_string(stderr)?));
        };
        let said = Arc::new(Mutex::new(Vec::new()));
        let readers = [watch(stdout, is_audit_line, &said), watch(stderr, is_log_line, &said)];
        let (port, cloud, child) = (function, Cloud { port: cloud }, Mutex::new(child));
        Ok(Self { port, cloud, world, clock, child, said, _readers: readers })
    }

    /// A genuine task: what the function puts into its queue for an instance that is still being created. It is due.
    pub(crate) async fn task(&self) -> io::Result<Vec<u8>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let queue = json!([{"name": FUNCTION, "url": url, "region": REGION, "honours_delay": false}]);
        self.cloud.put("functions", queue).await?;
        self.cloud.put("instances", json!([{"id": "rm-genuine1", "status": "Creating"}])).await?;
        let ask = br#"{"instance":"rm-genuine1","region":"cn-hangzhou","id":"wait-1"}"#;
        let headers = [("x-fc-control-path", "/invoke".to_owned()), ("x-fc-request-id", "r-task".to_owned())];
        let (bytes, head) = request("POST", "/invoke", &headers, ask);
        send(self.port, &bytes, head, Patience::Until(Duration::from_secs(20))).await?;
        let (mut stream, _) = listener.accept().await?;
        let (from, mut to) = stream.split();
        let task = wire::read(&mut tokio::io::BufReader::new(from)).await?.unwrap_or_default();
        to.write_all(&response(200, "x-fc-status: 200\r\n", "")).await?;
        self.cloud.put("instances", json!([{"id": "rm-genuine1"}])).await?;
        self.world.step(600);
        self.clock.follow(&self.world)?;
        Ok(task.body)
    }

    /// The calls that changed something, or tried to, since this was asked last.
    pub(crate) async fn writes(&self) -> io::Result<Vec<Value>> {
        let calls = self.cloud.get("calls").await?;
        for record in ["calls", "notifications", "queue"] {
            self.cloud.forget(record).await?;
        }
        let is_write = |call: &&Value| call["operation"] == "EnableBackupEncryption";
        Ok(calls.as_array().into_iter().flatten().filter(is_write).cloned().collect())
    }

    /// Sends a message, and says what was answered: nothing where the connection was closed.
    pub(crate) async fn send(&self, sent: &Sent, raw: Option<Vec<u8>>) -> io::Result<Option<wire::Message>> {
        let headers: Vec<(&str, String)> =
            sent.headers.iter().map(|(name, value)| (&name[..], value.clone())).collect();
        let (bytes, head) = request("POST", &sent.path, &headers, &sent.body);
        // A head that says another length is waited for in vain.
        let patience = Duration::from_millis(if raw.is_some() { 300 } else { 20_000 });
        send(self.port, &raw.unwrap_or(bytes), head, Patience::Until(patience)).await
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.child.lock().expect("nothing panics while it holds the lock").try_wait().is_ok_and(|code| code.is_some())
    }

    /// The lines that it wrote and that are not of its own making.
    pub(crate) fn odd_lines(&self) -> Vec<String> {
        self.said.lock().expect("nothing panics while it holds the lock").clone()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn configuration() -> String {
    let certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/webhook/eventbridge/certificate.pem");
    let scope = "accounts = [\"*\"]\nregions = [\"*\"]\nmode = \"enforce\"\n";
    let senders = [
        ("ci", "secrets", "HOOK"),
        ("cron", "accept_replay = true\nbearer_tokens", "BEARER"),
        ("hub", "accept_replay = true\ngithub_secrets", "GITHUB"),
    ];
    let table = |(name, by, variable): &(&str, &str, &str)| {
        format!("[[doors.webhook]]\nname = \"{name}\"\n{by} = [{{ env = \"{variable}\" }}]\n{scope}")
    };
    let senders = senders.iter().map(table).collect::<Vec<_>>().concat();
    format!(
        "secret = {{ env = \"DEPLOYMENT_SECRET\" }}\n[policy]\ninstances = [\"{GENUINE}\"]\n{senders}[doors.eventbridge]\n\
         url = \"https://example.cn-hangzhou.fcapp.run/v1/eventbridge?stage=prod\"\nregion = \"cn-hangzhou\"\n\
         tokens = [{{ env = \"BUS\" }}]\ncertificate = \"{certificate}\"\n\
         [[sinks]]\nname = \"people\"\nkind = \"slack\"\nurl = \"https://captured.invalid/\"\n"
    )
}

/// The ports of the function and of the cloud, which it names before it serves, if it does.
fn greeting(stdout: &mut impl io::BufRead) -> io::Result<Option<(u16, u16)>> {
    let (mut function, mut cloud, mut line) = (None, None, String::new());
    loop {
        line.clear();
        if stdout.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let port = |name: &str| line.strip_prefix(name)?.trim().rsplit(':').next()?.parse::<u16>().ok();
        function = function.or_else(|| port("function "));
        cloud = cloud.or_else(|| port("stand-in cloud "));
        if let (Some(function), Some(cloud)) = (function, cloud) {
            return Ok(Some((function, cloud)));
        }
    }
}

/// Reads everything, and keeps the lines that are not what they should be.
fn watch(
    from: impl Read + Send + 'static,
    is_ours: fn(&str) -> bool,
    said: &Arc<Mutex<Vec<String>>>,
) -> JoinHandle<()> {
    let said = Arc::clone(said);
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches('\n');
            let mut said = said.lock().expect("nothing panics while it holds the lock");
            if !is_ours(text) && said.len() < 20 {
                said.push(text.chars().take(300).collect());
            }
            drop(said);
            line.clear();
        }
    })
}

/// A record of the audit stream, or one of the platform's own lines. The greeting goes on for a while.
fn is_audit_line(line: &str) -> bool {
    let is_record = || {
        let record = serde_json::from_str::<Value>(line).unwrap_or_default();
        record["schema"].as_str().is_some_and(|schema| schema.starts_with("rds-seal."))
    };
    let is_platform = ["Start", "End"].iter().any(|what| line.starts_with(&format!("FC Invoke {what} RequestId: ")));
    let is_greeting =
        line.is_empty() || ["Send ", "See ", "  curl ", "  rds-seal sign "].iter().any(|it| line.starts_with(it));
    is_platform || is_greeting || is_record()
}

/// A sentence of the log: when, how grave, what.
fn is_log_line(line: &str) -> bool {
    let Some((time, rest)) = line.split_once(' ') else { return false };
    let grave = rest.trim_start().split(' ').next().unwrap_or_default();
    let is_plain = !line.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    time.parse::<jiff::Timestamp>().is_ok() && ["ERROR", "WARN", "INFO", "DEBUG"].contains(&grave) && is_plain
}
