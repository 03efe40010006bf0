//! A run of the binary, and what is around it.

use std::io::{BufRead as _, BufReader, ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use rds_seal::emulator::Emulator;
use serde_json::{Value, json};
use tokio::sync::watch;

/// What no output may ever hold.
pub(super) const SECRETS: [&str; 6] = [
    "testAccessKeySecret",
    "an-external-id",
    "a-secret-of-somebody",
    "a-path-that-is-a-secret",
    "captured.invalid",
    "c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi",
];

/// The samples, and the lines that say how each ends.
pub(super) const SAMPLES: [(&str, &[&str]); 13] = [
    ("bare-actiontrail.json", &["✓ enabled  rm-demo1bare00000001  cn-hangzhou"]),
    (
        "bulk-created.json",
        &[
            "✓ enabled  rm-demo1bulk0000001  cn-hangzhou",
            "✓ enabled  rm-demo1bulk0000002  cn-hangzhou",
            "✓ enabled  rm-demo1bulk0000003  cn-hangzhou",
        ],
    ),
    ("clone-created.json", &["✓ enabled  rm-demo1clone0000001  cn-hangzhou"]),
    ("config-noncompliant.json", &["✓ enabled  rm-demo1config000001  cn-hangzhou"]),
    ("dead-letter.json", &["✓ enabled  rm-demo1dead00000001  cn-hangzhou"]),
    ("direct-request-plan.json", &["? planned  rm-demo1direct000002  cn-hangzhou"]),
    ("direct-request.json", &["✓ enabled  rm-demo1direct000001  cn-hangzhou"]),
    (
        "failed-create.json",
        &["○ ignored  event 00000000-0000-4000-8000-000000000003: this CreateDBInstance failed with \
           OperationDenied.ZoneResource"],
    ),
    ("instance-created.json", &["✓ enabled  rm-demo1bp1q2w3e4r5  cn-hangzhou"]),
    (
        "remediation.json",
        &["✓ enabled  rm-demo1remedy000001  cn-hangzhou", "✓ enabled  rm-demo1remedy000002  cn-hangzhou"],
    ),
    (
        "smq-queue.json",
        &["✓ enabled  rm-demo1queue0000001  cn-hangzhou", "✓ enabled  rm-demo1queue0000002  cn-hangzhou"],
    ),
    ("smq-topic.json", &["✓ enabled  rm-demo1topic0000001  cn-hangzhou"]),
    ("timer.json", &["○ ignored  event nightly 2026-11-20T03:23:00Z: sweep is not configured"]),
];

pub(super) const SAMPLE: &str = "events/instance-created.json";

/// A run of the binary. It ends with the test at the latest, and then nothing it wrote may hold a secret or a colour.
pub(super) struct Process {
    pub(super) child: Child,
    pub(super) out: Stream,
    pub(super) err: Stream,
}

/// What a process writes to one of its pipes, as it comes.
pub(super) struct Stream {
    text: watch::Receiver<String>,
    pub(super) reader: Option<JoinHandle<()>>,
}

/// A run that has ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// The binary with these words, and with nothing in its environment but where programs are.
pub(super) fn seal(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rds-seal"));
    command.args(words).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

pub(super) async fn run(command: &mut Command) -> Ended {
    Process::start(command).ended().await
}

/// Runs a command that reads this from its standard input.
pub(super) async fn run_on(input: impl AsRef<[u8]>, command: &mut Command) -> Ended {
    Process::fed(input.as_ref(), command).ended().await
}

/// Nothing here takes half a minute; what does is stuck.
pub(super) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it is stuck")
}

impl Process {
    pub(super) fn start(command: &mut Command) -> Self {
        Self::fed(b"", command)
    }

    pub(super) fn fed(input: &[u8], command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (Stream::of(child.stdout.take().unwrap()), Stream::of(child.stderr.take().unwrap()));
        // A process that wants no input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input);
        Self { child, out, err }
    }

    /// A process whose output goes where it is told, and is read as far as that is a new pipe.
    pub(super) fn over(command: &mut Command, out: Stdio, err: Stdio) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
        // The command would keep what it was told.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let out = child.stdout.take().map_or_else(|| Stream::of(std::io::empty()), Stream::of);
        let err = child.stderr.take().map_or_else(|| Stream::of(std::io::empty()), Stream::of);
        Self { child, out, err }
    }

    pub(super) async fn ended(mut self) -> Ended {
        let (stdout, stderr) = within(async { (self.out.whole().await, self.err.whole().await) }).await;
        Ended { code: self.child.wait().unwrap().code(), stdout, stderr }
    }

    pub(super) fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// Ends it as a platform does, and returns all it said.
    pub(super) async fn stopped(self) -> Ended {
        self.terminate();
        self.ended().await
    }

    /// Resolves when it answers on this port.
    pub(super) async fn answering(mut self, port: u16) -> Self {
        let (http, url) = (http(), format!("http://127.0.0.1:{port}/healthz"));
        within(async {
            while http.get(&url).send().await.is_err() {
                assert!(self.child.try_wait().unwrap().is_none(), "it ended: {}", self.err.whole().await);
                tokio::task::yield_now().await;
            }
        })
        .await;
        self
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for stream in [&mut self.out, &mut self.err] {
            let read = stream.reader.take().is_none_or(|reader| reader.join().is_ok());
            if !std::thread::panicking() {
                let text = stream.so_far();
                assert!(read, "what it wrote could not be read");
                assert!(!text.contains('\u{1b}'), "a colour where there is no terminal: {text}");
                for secret in SECRETS {
                    assert!(!text.contains(secret), "a secret was written: {secret}");
                }
            }
        }
    }
}

impl Stream {
    pub(super) fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, text) = watch::channel(String::new());
        let reader = std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = String::new();
            while 0 < pipe.read_line(&mut line).unwrap() {
                sender.send_modify(|text| text.push_str(&line));
                line.clear();
            }
        });
        Self { text, reader: Some(reader) }
    }

    /// Waits for a line that holds this.
    pub(super) async fn line(&mut self, part: &str) -> String {
        let text = within(self.text.wait_for(|text| text.contains(part))).await;
        let text = text.unwrap_or_else(|_| panic!("it ended without saying {part:?}"));
        text.lines().find(|line| line.contains(part)).unwrap().to_owned()
    }

    pub(super) fn so_far(&self) -> String {
        self.text.borrow().clone()
    }

    /// Waits for the end of it.
    pub(super) async fn whole(&mut self) -> String {
        while self.text.changed().await.is_ok() {}
        self.so_far()
    }
}

impl Ended {
    /// The lines that say how something ended; what is said about it is indented.
    pub(super) fn headlines(&self) -> Vec<&str> {
        self.stdout.lines().filter(|line| !line.starts_with(' ')).collect()
    }

    /// The one line of JSON that is all of stdout.
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {}{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    pub(super) fn outcomes(&self) -> Vec<String> {
        let answer = self.json();
        let reports = answer["reports"].as_array().unwrap();
        reports.iter().map(|report| report["outcome"].as_str().unwrap().to_owned()).collect()
    }

    /// The records in one of the two streams that carry this schema.
    pub(super) fn records(stream: &str, schema: &str) -> Vec<Value> {
        let records = stream.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        records.filter(|record| record["schema"] == schema).collect()
    }

    /// One sentence on stderr, nothing on stdout, exit code 2.
    pub(super) fn complaint(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{}", self.stderr);
        let complaint = self.stderr.strip_prefix("error: ").unwrap_or_else(|| panic!("{}", self.stderr));
        assert_eq!(complaint.matches('\n').count(), 1, "one line: {complaint}");
        complaint.trim_end()
    }
}

pub(super) fn http() -> reqwest::Client {
    rds_seal::outbound::client(None).unwrap()
}

pub(super) async fn get(url: &str) -> (u16, String) {
    let response = within(http().get(url).send()).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

pub(super) async fn get_json(url: &str) -> Value {
    serde_json::from_str(&get(url).await.1).unwrap()
}

/// Delivers a body as Function Compute does.
pub(super) async fn deliver(port: u16, body: String) -> (u16, Value) {
    let url = format!("http://127.0.0.1:{port}/invoke");
    let response = within(http().post(url).header("x-fc-control-path", "/invoke").body(body).send()).await.unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

/// A port that nobody listens on.
pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Gives a command the stand-in's key pair, and this place in place of the real cloud.
pub(super) fn for_cloud_at(address: SocketAddr, command: &mut Command) -> &mut Command {
    command
        .env("SEAL_MODE", "enforce")
        .env("SEAL_SECRET", "a-secret-of-thirty-two-bytes-or-more")
        .env("SEAL_ENDPOINT", format!("http://{address}"))
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAccessKeyId")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testAccessKeySecret")
}

/// A stand-in cloud of this test, which fails so.
pub(super) async fn cloud_with(faults: Value) -> SocketAddr {
    let address = Emulator::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let scripted = http().post(format!("http://{address}/_emulator/faults")).body(faults.to_string()).send().await;
    assert_eq!(scripted.unwrap().status(), 204);
    address
}

/// Puts something into a stand-in cloud in place of what it has of it.
pub(super) async fn has(cloud: SocketAddr, what: &str, now: Value) {
    let put = http().put(format!("http://{cloud}/_emulator/{what}")).body(now.to_string()).send().await.unwrap();
    assert_eq!(put.status(), 204, "{}", put.text().await.unwrap());
}

/// The cloud's requests so far, as `operation code`.
pub(super) async fn calls(cloud: SocketAddr) -> Vec<String> {
    let calls = get_json(&format!("http://{cloud}/_emulator/calls")).await;
    let text = |call: &Value, key: &str| call[key].as_str().unwrap_or("-").to_owned();
    let calls = calls.as_array().unwrap().iter();
    calls.map(|call| format!("{} {}", text(call, "operation"), text(call, "code"))).collect()
}

/// Resolves when the cloud has been asked for something.
pub(super) async fn asked(cloud: SocketAddr) {
    within(async {
        while get_json(&format!("http://{cloud}/_emulator/calls")).await == json!([]) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A place of somebody's own, where nothing may arrive.
pub(super) struct Elsewhere(TcpListener);

impl Elsewhere {
    pub(super) fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    pub(super) fn url(&self) -> String {
        format!("{}/a-path-that-is-a-secret", self.origin())
    }

    pub(super) fn assert_is_untouched(&self) {
        self.0.set_nonblocking(true).unwrap();
        assert!(self.0.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "somebody came");
    }
}

/// Does what a printed curl line says.
pub(super) async fn follow(curl: &str) -> Value {
    let url = curl.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let (name, value) = curl.split('\'').nth(1).unwrap().split_once(": ").unwrap();
    let body = std::fs::read(curl.rsplit('@').next().unwrap()).unwrap();
    let response = within(http().post(url).header(name, value).body(body).send()).await.unwrap();
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}
