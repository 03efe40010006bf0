//! The binary as a process: what it prints and where, how it ends, and what it makes of the environment it is started in.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use rds_seal::emulator::Emulator;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::configuration::written;
use crate::world::{ACCOUNT, INSTANCE, event, request};

/// What no output may ever hold.
const SECRETS: [&str; 5] = [
    "testAccessKeySecret",
    "a-secret-of-somebody",
    "a-path-that-is-a-secret",
    "captured.invalid",
    "c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi",
];

/// The samples, and the lines that say how each ends.
const SAMPLES: [(&str, &[&str]); 6] = [
    (
        "bulk-created.json",
        &[
            "✓ enabled  rm-demo1bulk0000001  cn-hangzhou",
            "✓ enabled  rm-demo1bulk0000002  cn-hangzhou",
            "✓ enabled  rm-demo1bulk0000003  cn-hangzhou",
        ],
    ),
    ("clone-created.json", &["✓ enabled  rm-demo1clone0000001  cn-hangzhou"]),
    ("direct-request-plan.json", &["? planned  rm-demo1direct000002  cn-hangzhou"]),
    ("direct-request.json", &["✓ enabled  rm-demo1direct000001  cn-hangzhou"]),
    (
        "failed-create.json",
        &["○ ignored  event 00000000-0000-4000-8000-000000000003: this CreateDBInstance failed with \
           OperationDenied.ZoneResource"],
    ),
    ("instance-created.json", &["✓ enabled  rm-demo1bp1q2w3e4r5  cn-hangzhou"]),
];

const SAMPLE: &str = "events/instance-created.json";

/// A run of the binary. It ends with the test at the latest, and then nothing it wrote may hold a secret or a colour.
struct Process {
    child: Child,
    out: Stream,
    err: Stream,
}

/// What a process writes to one of its pipes, as it comes.
struct Stream {
    text: watch::Receiver<String>,
    reader: Option<JoinHandle<()>>,
}

/// A run that has ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// The binary with these words, and with nothing in its environment but where programs are.
fn seal(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rds-seal"));
    command.args(words).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

async fn run(command: &mut Command) -> Ended {
    Process::start(command).ended().await
}

/// Runs a command that reads this from its standard input.
async fn run_on(input: impl AsRef<[u8]>, command: &mut Command) -> Ended {
    Process::fed(input.as_ref(), command).ended().await
}

/// Nothing here takes half a minute; what does is stuck.
async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it is stuck")
}

impl Process {
    fn start(command: &mut Command) -> Self {
        Self::fed(b"", command)
    }

    fn fed(input: &[u8], command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (Stream::of(child.stdout.take().unwrap()), Stream::of(child.stderr.take().unwrap()));
        // A process that wants no input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input);
        Self { child, out, err }
    }

    async fn ended(mut self) -> Ended {
        let (stdout, stderr) = within(async { (self.out.whole().await, self.err.whole().await) }).await;
        Ended { code: self.child.wait().unwrap().code(), stdout, stderr }
    }

    fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// Ends it as a platform does, and returns all it said.
    async fn stopped(self) -> Ended {
        self.terminate();
        self.ended().await
    }

    /// Resolves when it answers on this port.
    async fn answering(mut self, port: u16) -> Self {
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
    fn of(pipe: impl Read + Send + 'static) -> Self {
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
    async fn line(&mut self, part: &str) -> String {
        let text = within(self.text.wait_for(|text| text.contains(part))).await;
        let text = text.unwrap_or_else(|_| panic!("it ended without saying {part:?}"));
        text.lines().find(|line| line.contains(part)).unwrap().to_owned()
    }

    fn so_far(&self) -> String {
        self.text.borrow().clone()
    }

    /// Waits for the end of it.
    async fn whole(&mut self) -> String {
        while self.text.changed().await.is_ok() {}
        self.so_far()
    }
}

impl Ended {
    /// The lines that say how something ended; what is said about it is indented.
    fn headlines(&self) -> Vec<&str> {
        self.stdout.lines().filter(|line| !line.starts_with(' ')).collect()
    }

    /// The one line of JSON that is all of stdout.
    fn json(&self) -> Value {
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {}{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }

    fn outcomes(&self) -> Vec<String> {
        let answer = self.json();
        let reports = answer["reports"].as_array().unwrap();
        reports.iter().map(|report| report["outcome"].as_str().unwrap().to_owned()).collect()
    }

    /// The records in one of the two streams that carry this schema.
    fn records(stream: &str, schema: &str) -> Vec<Value> {
        let records = stream.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        records.filter(|record| record["schema"] == schema).collect()
    }

    /// One sentence on stderr, nothing on stdout, exit code 2.
    fn complaint(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{}", self.stderr);
        let complaint = self.stderr.strip_prefix("error: ").unwrap_or_else(|| panic!("{}", self.stderr));
        assert_eq!(complaint.matches('\n').count(), 1, "one line: {complaint}");
        complaint.trim_end()
    }
}

fn http() -> reqwest::Client {
    rds_seal::outbound::client(None).unwrap()
}

async fn get(url: &str) -> (u16, String) {
    let response = within(http().get(url).send()).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn get_json(url: &str) -> Value {
    serde_json::from_str(&get(url).await.1).unwrap()
}

/// Delivers a body as Function Compute does.
async fn deliver(port: u16, body: String) -> (u16, Value) {
    let url = format!("http://127.0.0.1:{port}/invoke");
    let response = within(http().post(url).header("x-fc-control-path", "/invoke").body(body).send()).await.unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Gives a command the stand-in's key pair, and this place in place of the real cloud.
fn for_cloud_at(address: SocketAddr, command: &mut Command) -> &mut Command {
    command
        .env("SEAL_MODE", "enforce")
        .env("SEAL_ENDPOINT", format!("http://{address}"))
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAccessKeyId")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testAccessKeySecret")
}

/// A stand-in cloud of this test, which fails so.
async fn cloud_with(faults: Value) -> SocketAddr {
    let address = Emulator::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let scripted = http().post(format!("http://{address}/_emulator/faults")).body(faults.to_string()).send().await;
    assert_eq!(scripted.unwrap().status(), 204);
    address
}

/// Resolves when the cloud has been asked for something.
async fn asked(cloud: SocketAddr) {
    within(async {
        while get_json(&format!("http://{cloud}/_emulator/calls")).await == json!([]) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A place of somebody's own, where nothing may arrive.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn origin(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn url(&self) -> String {
        format!("{}/a-path-that-is-a-secret", self.origin())
    }

    fn assert_is_untouched(&self) {
        self.0.set_nonblocking(true).unwrap();
        assert!(self.0.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "somebody came");
    }
}

#[tokio::test]
async fn every_sample_ends_as_its_page_says() {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("events")).unwrap();
    let files = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let mut names: Vec<_> = files.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    assert!(names.iter().eq(SAMPLES.map(|(name, _)| name).iter()), "a sample without an end: {names:?}");
    for (name, headlines) in SAMPLES {
        let ended = run(&mut seal(&["invoke", &format!("events/{name}"), "--emulator"])).await;
        assert_eq!(ended.headlines(), headlines, "{name}");
        assert_eq!(ended.code, Some(0), "{name}");
    }
}

#[tokio::test]
async fn with_json_stdout_is_the_answer_and_stderr_has_the_audit_stream() {
    let ended = run(&mut seal(&["invoke", SAMPLE, "--emulator", "--json"])).await;

    let answer = ended.json();
    let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["delivery", "ignored", "rejected", "reports"]);
    assert_eq!(answer["delivery"], "done");
    assert_eq!(answer["reports"][0]["instance"], INSTANCE);
    assert_eq!(Ended::records(&ended.stderr, "rds-seal.report/1"), *answer["reports"].as_array().unwrap());
    let intents = Ended::records(&ended.stderr, "rds-seal.intent/1");
    assert_eq!(intents[0]["correlation_id"], answer["reports"][0]["correlation_id"]);
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn an_outcome_decides_the_exit_code() {
    for (input, code, word) in [
        (request("rm-demo1"), 0, "✓ enabled"),
        (event("direct-request-plan.json"), 0, "? planned"),
        (event("failed-create.json"), 0, "○ ignored"),
        ("{\"instance\":".to_owned(), 2, "✗ rejected  body ends too early"),
        (String::new(), 2, "✗ rejected  body is empty"),
        (" ".repeat(256 * 1024 + 1), 2, "✗ rejected  body is larger than 256 KiB"),
        (
            json!({"instance": "rm-demo1", "region": "cn-hangzhou", "account": "6543210987654321"}).to_string(),
            3,
            "✗ refused",
        ),
        (request("rm-absent"), 4, "✗ failed"),
    ] {
        let ended = run_on(&input, &mut seal(&["invoke", "-", "--emulator"])).await;
        assert_eq!(ended.headlines().len(), 1, "{}", ended.stdout);
        assert!(ended.stdout.starts_with(word), "{word}: {}", ended.stdout);
        assert_eq!(ended.code, Some(code), "{word}");
    }
}

#[tokio::test]
async fn of_several_files_the_highest_code_counts_and_json_is_still_one_line() {
    let file = |content: &str| written(content).to_str().unwrap().to_owned();
    let foreign = json!({"instance": "rm-demo2", "region": "cn-hangzhou", "account": "6543210987654321"});
    let (done, unreadable, refused, failed) =
        (file(&request("rm-demo1")), file("{"), file(&foreign.to_string()), file(&request("rm-absent")));
    let invoke = async |files: &[&str]| run(&mut seal(&[&["invoke"], files, &["--emulator", "--json"]].concat())).await;

    let all = invoke(&[&failed, &refused, &unreadable, &done, &done]).await;
    assert_eq!(all.outcomes(), ["failed", "refused", "enabled", "already_enabled"]);
    assert_eq!(all.json()["rejected"].as_array().unwrap().len(), 1);
    assert_eq!((all.code, &all.json()["delivery"]), (Some(4), &json!("again")));
    assert_eq!(invoke(&[&done, &refused, &unreadable]).await.code, Some(3));
    assert_eq!(invoke(&[&unreadable, &done]).await.code, Some(2));
    assert_eq!(invoke(&[&done, &done]).await.code, Some(0));
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let ended = run(&mut seal(&["invoke", "events/absent.json", "--emulator"])).await;
    assert!(ended.complaint().starts_with("events/absent.json cannot be read: No such file"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_file_that_is_not_there_hides_nothing_that_was_done_for_another() {
    let ended = run(&mut seal(&["invoke", SAMPLE, "events/absent.json", "--emulator", "--json"])).await;

    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("events/absent.json cannot be read"), "{}", ended.stderr);
    let done = Ended::records(&ended.stderr, "rds-seal.report/1");
    let told = if ended.stdout.is_empty() { json!([]) } else { ended.json()["reports"].clone() };
    assert_eq!(told, json!(done), "what was done is answered");
}

#[tokio::test]
async fn a_reader_who_leaves_early_does_not_bring_it_down() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = seal(&["invoke", SAMPLE, "events/clone-created.json", "--emulator"]);
    let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();

    let output = output.wait_with_output().unwrap();

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(Ended::records(&stderr, "rds-seal.report/1").len(), 2, "both files are worked on");
}

#[tokio::test]
async fn words_that_make_no_command_end_with_2_and_the_usage() {
    for (words, part) in [
        (&["frobnicate"][..], "unrecognized subcommand 'frobnicate'"),
        (&["invok"], "a similar subcommand exists: 'invoke'"),
        (&["invoke"], "<FILE>"),
        (&["invoke", "x.json", "--emulater"], "--emulator"),
        (&["explain"], "<CODE>"),
        (&["emulator"], "--listen <ADDR>"),
        (&["emulator", "--listen", "here"], "'here'"),
    ] {
        let ended = run(&mut seal(words)).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{words:?}");
        assert!(ended.stderr.contains(part) && ended.stderr.contains("--help"), "{words:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn help_and_version_are_no_errors() {
    let help = run(&mut seal(&["--help"])).await;
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for command in ["serve", "invoke", "dev", "explain", "emulator"] {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{command}: {}", help.stdout);
    }
    let version = run(&mut seal(&["--version"])).await;
    assert_eq!((version.code, version.stdout), (Some(0), format!("rds-seal {}\n", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn a_configuration_that_is_not_understood_ends_every_command_that_needs_one() {
    for words in [&[][..], &["serve"], &["dev", "--listen", "127.0.0.1:0"], &["invoke", SAMPLE, "--emulator"]] {
        let ended = run(seal(words).env("SEAL_MODE", "enforced")).await;
        assert_eq!(ended.complaint(), "SEAL_MODE must be plan or enforce", "{words:?}");
    }
    let garbled = run(seal(&["serve"]).env("SEAL_MODE", OsStr::from_bytes(b"enforce\xff"))).await;
    assert_eq!(garbled.complaint(), "SEAL_MODE must be plan or enforce");
    let file = written("# a comment\nmodes = \"plan\"\n").display().to_string();
    let ended = run(seal(&["invoke", SAMPLE, "--emulator"]).env("SEAL_CONFIG", &file)).await;
    assert!(ended.complaint().starts_with(&format!("{file}:2: unknown field `modes`")), "{}", ended.stderr);
}

#[tokio::test]
async fn a_file_of_roots_without_a_certificate_is_blamed_on_who_named_it() {
    let roots = written("no certificate").display().to_string();
    let invoke = ["invoke", SAMPLE, "--emulator"];
    let of_variable = run(seal(&invoke).env("SEAL_CA_FILE", &roots)).await;
    assert!(of_variable.complaint().starts_with("SEAL_CA_FILE "), "{}", of_variable.stderr);
    assert!(of_variable.stderr.contains("certificate"), "{}", of_variable.stderr);

    let file = written(format!("ca_file = \"{roots}\"\n")).display().to_string();
    let of_file = run(seal(&invoke).env("SEAL_CONFIG", &file)).await;
    assert!(of_file.complaint().starts_with(&format!("{file}:1: ca_file ")), "{}", of_file.stderr);
}

#[tokio::test]
async fn a_variable_of_the_platform_that_is_wrong_is_named() {
    for words in [&["invoke", SAMPLE, "--emulator"][..], &["dev", "--listen", "127.0.0.1:0"]] {
        let ended = run(seal(words).env("FC_REGION", "CN Hangzhou")).await;
        assert_eq!(ended.complaint(), "FC_REGION is not a region id: write one like cn-hangzhou", "{words:?}");
    }
    let on_fc = |name, value| {
        let mut command = seal(&["serve"]);
        command.env("FC_FUNCTION_NAME", "seal").env("SEAL_LOG", "off").env("FC_SERVER_PORT", "0").env(name, value);
        command
    };
    let account = run(&mut on_fc("FC_ACCOUNT_ID", "me")).await;
    assert_eq!(account.complaint(), "FC_ACCOUNT_ID is not an account id: write its digits, like 1234567890123456");
    let port = run(&mut on_fc("FC_SERVER_PORT", "nine")).await;
    assert_eq!(port.complaint(), "FC_SERVER_PORT must be a port number");
}

#[tokio::test]
async fn without_credentials_it_says_what_to_set() {
    for sample in ["direct-request-plan.json", "instance-created.json"] {
        let ended = run(&mut seal(&["invoke", &format!("events/{sample}")])).await;
        assert!(ended.stdout.starts_with("✗ failed"), "{sample}: {}", ended.stdout);
        assert!(ended.stdout.contains("There are no credentials"), "{sample}: {}", ended.stdout);
        for variable in ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] {
            assert!(ended.stdout.contains(variable), "{sample}: {}", ended.stdout);
        }
        assert_eq!(ended.code, Some(4), "{sample}");
    }
}

#[tokio::test]
async fn on_the_real_cloud_a_mode_that_nobody_chose_is_said_loudly() {
    let ended = run(&mut seal(&["invoke", "events/direct-request.json"])).await;
    let warning = ended.stderr.lines().find(|line| line.contains("no mode is set")).unwrap();
    assert!(warning.contains("WARN"), "{warning}");
    let rehearsed = run(&mut seal(&["invoke", "events/direct-request.json", "--emulator"])).await;
    assert!(!rehearsed.stderr.contains("no mode is set"), "{}", rehearsed.stderr);
}

#[tokio::test]
async fn half_a_key_pair_says_which_half_is_missing() {
    let ended = run_on(
        request("rm-demo1"),
        seal(&["invoke", "-"]).env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret-of-somebody"),
    )
    .await;
    let sentence = "ALIBABA_CLOUD_ACCESS_KEY_SECRET is set but ALIBABA_CLOUD_ACCESS_KEY_ID is not.";
    assert!(ended.stdout.contains(sentence), "{}", ended.stdout);
    assert_eq!(ended.code, Some(4));
}

#[tokio::test]
async fn what_may_succeed_later_or_is_in_doubt_ends_with_5() {
    let busy = cloud_with(json!([{"fault": "throttle", "retry_after_ms": 60_000}])).await;
    let waiting = run_on(request("rm-demo1"), for_cloud_at(busy, &mut seal(&["invoke", "-", "--json"]))).await;
    assert_eq!((waiting.code, waiting.outcomes()), (Some(5), vec!["waiting".to_owned()]));

    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let mut command = seal(&["invoke", "-"]);
    let unreachable = run_on(request("rm-demo1"), for_cloud_at(nobody, &mut command).env("SEAL_TIMEOUT", "3s")).await;
    assert!(unreachable.stdout.starts_with("… waiting"), "{}", unreachable.stdout);
    assert_eq!(unreachable.code, Some(5));

    let silent = cloud_with(json!([{"fault": "drop", "times": 9}])).await;
    let mut command = seal(&["invoke", "-"]);
    let unknown = run_on(request("rm-demo1"), for_cloud_at(silent, &mut command).env("SEAL_TIMEOUT", "3s")).await;
    assert!(unknown.stdout.starts_with("✗ unknown"), "{}", unknown.stdout);
    assert_eq!(unknown.code, Some(5));
}

#[tokio::test]
async fn a_required_sink_that_is_not_reached_ends_with_4_whatever_the_outcome() {
    let cloud = cloud_with(json!([])).await;
    let file = written(format!(
        "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nrequired = true\nurl = \"http://127.0.0.1:{}/a-path-that-is-a-secret\"\n",
        free_port()
    ));
    let mut command = seal(&["invoke", "-"]);
    let ended = run_on(
        request("rm-demo1"),
        for_cloud_at(cloud, &mut command).env("SEAL_CONFIG", file).env("SEAL_LOG", "debug"),
    )
    .await;

    let headlines = ended.headlines();
    assert!(headlines[0].starts_with("✓ enabled"), "{}", ended.stdout);
    assert!(headlines[1].starts_with("✗ a required sink was not reached"), "{}", ended.stdout);
    assert!(ended.stderr.contains("sink ops did not take report"), "{}", ended.stderr);
    assert_eq!(ended.code, Some(4));
}

#[tokio::test]
async fn a_rehearsal_uses_nothing_of_the_environment_that_is_real() {
    let elsewhere = Elsewhere::new();
    let real = |words: &[&str]| {
        let mut command = seal(words);
        command
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "somebody")
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret-of-somebody")
            .env("ALIBABA_CLOUD_SECURITY_TOKEN", "expired")
            .env("SEAL_ENDPOINT", elsewhere.origin())
            .env("SEAL_SLACK_URL", elsewhere.url())
            .env("SEAL_WEBHOOK_URL", elsewhere.url())
            .env("SEAL_WEBHOOK_SINK_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi");
        command
    };
    let invoked = run(&mut real(&["invoke", SAMPLE, "--emulator", "--json"])).await;
    assert_eq!((invoked.code, invoked.outcomes()), (Some(0), vec!["enabled".to_owned()]));
    assert_eq!(invoked.json()["reports"][0]["account"], ACCOUNT);
    let half = run(real(&["invoke", SAMPLE, "--emulator"]).env_remove("ALIBABA_CLOUD_ACCESS_KEY_ID")).await;
    assert_eq!(half.code, Some(0), "{}", half.stdout);

    let mut dev = Process::start(&mut real(&["dev", "--listen", "127.0.0.1:0"]));
    let told = follow(&dev.out.line("/invoke").await).await;
    assert_eq!(told["reports"][0]["outcome"], "enabled");
    elsewhere.assert_is_untouched();
}

#[tokio::test]
async fn a_rehearsal_keeps_to_the_configured_mode() {
    let ended = run(seal(&["invoke", SAMPLE, "--emulator", "--json"]).env("SEAL_MODE", "plan")).await;
    assert_eq!(ended.outcomes(), ["planned"]);
    assert!(Ended::records(&ended.stderr, "rds-seal.intent/1").is_empty());
}

#[tokio::test]
async fn a_code_is_explained_and_an_unknown_one_has_suggestions() {
    let known = run(&mut seal(&["explain", "IncorrectDBInstanceState"])).await;
    assert!(known.stdout.starts_with("IncorrectDBInstanceState  HTTP 403  kind not_ready\n"), "{}", known.stdout);
    assert!(known.stdout.contains("\n  next: "), "{}", known.stdout);
    assert_eq!((known.code, known.stderr.as_str()), (Some(0), ""));

    let misspelt = run(&mut seal(&["explain", "incorrectDBInstanceStat"])).await;
    assert!(misspelt.complaint().contains("did you mean IncorrectDBInstanceState"), "{}", misspelt.stderr);
    let strange = run(&mut seal(&["explain", "\u{1b}[31mzzzz"])).await;
    assert_eq!(strange.complaint(), "[31mzzzz is not a code this program knows");
}

#[tokio::test]
async fn the_stand_in_says_where_it_listens_and_forgets_all_at_its_end() {
    let mut emulator = Process::start(&mut seal(&["emulator", "--listen", "127.0.0.1:0"]));
    let line = emulator.out.line("listening on").await;
    let url = line.strip_prefix("listening on ").unwrap();
    assert_eq!(get_json(&format!("{url}/_emulator/instances")).await, json!([]));
    assert_eq!(emulator.stopped().await.code, Some(0));
}

#[tokio::test]
async fn the_stand_in_keeps_its_instances_in_a_file() {
    let state = written("");
    std::fs::remove_file(&state).unwrap();
    let state = state.to_str().unwrap();
    let start = async || {
        let mut emulator = Process::start(&mut seal(&["emulator", "--listen", "127.0.0.1:0", "--state", state]));
        let line = emulator.out.line("listening on").await;
        (emulator, format!("{}/_emulator/instances", line.strip_prefix("listening on ").unwrap()))
    };

    let (emulator, url) = start().await;
    let body = json!([{"id": "rm-kept", "backup_encryption": true}]).to_string();
    assert_eq!(within(http().put(&url).body(body).send()).await.unwrap().status(), 204);
    let before = get_json(&url).await;
    drop(emulator);

    let (_emulator, url) = start().await;
    assert_eq!(get_json(&url).await, before);
    assert_eq!(before[0]["backup_encryption"], true);
}

#[tokio::test]
async fn a_state_file_that_is_none_is_shown_by_its_line_and_left_alone() {
    let state = written("[\n  {}\n]\n");
    let path = state.to_str().unwrap();
    let ended = run(&mut seal(&["emulator", "--listen", "127.0.0.1:0", "--state", path])).await;
    assert_eq!(ended.complaint(), format!("{path}:2: missing field `id`"));
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "[\n  {}\n]\n");
}

/// Does what a printed curl line says.
async fn follow(curl: &str) -> Value {
    let url = curl.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let (name, value) = curl.split('\'').nth(1).unwrap().split_once(": ").unwrap();
    let body = std::fs::read(curl.rsplit('@').next().unwrap()).unwrap();
    let response = within(http().post(url).header(name, value).body(body).send()).await.unwrap();
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_whole_thing_runs_on_this_machine_and_its_printed_lines_work() {
    let mut dev = Process::start(&mut seal(&["dev", "--listen", "127.0.0.1:0"]));
    let told = follow(&dev.out.line("/invoke").await).await;

    assert_eq!(told["reports"][0]["outcome"], "enabled");
    dev.out.line("rds-seal.report/1").await;
    let url = |line: String| line.split_whitespace().last().unwrap().to_owned();
    let calls = get_json(&url(dev.out.line("/_emulator/calls").await)).await;
    assert_eq!(calls[0]["operation"], "EnableBackupEncryption");
    let taken = get_json(&url(dev.out.line("/_emulator/notifications").await)).await;
    let mut sinks: Vec<_> = taken.as_array().unwrap().iter().map(|one| one["sink"].as_str().unwrap()).collect();
    sinks.sort_unstable();
    assert_eq!(sinks, ["slack", "webhook"]);

    let ended = dev.stopped().await;
    assert_eq!(ended.code, Some(0));
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.intent/1").len(), 1);
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.report/1"), *told["reports"].as_array().unwrap());
    assert!(!ended.stderr.contains("rds-seal.report/1"), "{}", ended.stderr);
}

#[tokio::test]
async fn the_function_is_served_with_the_word_and_without_it() {
    for words in [&["serve"][..], &[]] {
        for sign in ["FC_FUNCTION_NAME", "FC_INSTANCE_ID"] {
            let port = free_port();
            let mut command = seal(words);
            let function = Process::start(command.env(sign, "seal").env("FC_SERVER_PORT", port.to_string()));
            let function = function.answering(port).await;
            assert_eq!(get(&format!("http://127.0.0.1:{port}/healthz")).await, (200, "ok\n".to_owned()));
            let (status, answer) = deliver(port, "{}".to_owned()).await;
            assert_eq!((status, &answer["rejected"][0]["field"]), (400, &json!("instance")), "{words:?} {sign}");
            let ended = function.stopped().await;
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn the_platform_s_names_for_the_port_come_first() {
    let names = ["FC_SERVER_PORT", "FC_CUSTOM_LISTEN_PORT", "PORT"];
    for first in 0..names.len() {
        let ports = names.map(|_| free_port());
        let mut command = seal(&["serve"]);
        command.envs(names.iter().zip(ports).skip(first).map(|(name, port)| (name, port.to_string())));
        Process::start(&mut command).answering(ports[first]).await;
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(seal(&["serve"]).env("SEAL_LOG", "off").env("PORT", &port)).await;
    assert!(ended.complaint().starts_with(&format!("cannot listen on 0.0.0.0:{port}: ")), "{}", ended.stderr);
}

#[tokio::test]
async fn on_plain_http_no_door_is_open_and_it_says_so() {
    let port = free_port();
    let host = Process::start(seal(&["serve"]).env("PORT", port.to_string())).answering(port).await;
    let url = format!("http://127.0.0.1:{port}/invoke");
    let invoke = http().post(&url).header("x-fc-control-path", "/invoke").body(request("rm-demo1"));

    assert_eq!(within(invoke.send()).await.unwrap().status(), 404);
    let ended = host.stopped().await;
    let warning = ended.stderr.lines().find(|line| line.contains("no door is open")).unwrap();
    assert!(warning.contains("WARN"), "{warning}");
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn a_host_that_is_forced_by_hand_is_served_and_the_function_s_is_warned_of() {
    let port = free_port();
    let mut command = seal(&["serve"]);
    let mut function = Process::start(command.env("SEAL_HOST", "fc").env("PORT", port.to_string()));
    assert!(function.err.line("SEAL_HOST=fc was set by hand").await.contains("WARN"));
    let function = function.answering(port).await;
    assert_eq!(deliver(port, "{}".to_owned()).await.0, 400);
    drop(function);

    let port = free_port();
    let mut command = seal(&["serve"]);
    command.env("SEAL_HOST", "http").env("FC_FUNCTION_NAME", "seal").env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1");
    let _host = Process::start(command.env("PORT", port.to_string())).answering(port).await;
    assert_eq!(get(&format!("http://127.0.0.1:{port}/invoke")).await.0, 404);
}

#[tokio::test]
async fn lambda_is_not_served_yet_and_it_says_so() {
    let ended = run(seal(&["serve"]).env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")).await;
    assert_eq!(ended.complaint(), "AWS Lambda is not supported yet");
}

#[tokio::test]
async fn a_function_without_a_mode_says_loudly_that_it_only_plans() {
    let says = async |mode: &str| {
        let port = free_port();
        let mut command = seal(&["serve"]);
        command.env("FC_FUNCTION_NAME", "seal").env("FC_SERVER_PORT", port.to_string()).env("SEAL_MODE", mode);
        let function = Process::start(&mut command).answering(port).await;
        function.stopped().await.stderr.lines().find(|line| line.contains("no mode is set")).map(str::to_owned)
    };
    let warning = says("").await.unwrap();
    assert!(warning.contains("WARN") && warning.contains("it is plan"), "{warning}");
    assert!(warning.contains("SEAL_MODE=enforce"), "{warning}");
    assert_eq!(says("plan").await, None);
    assert_eq!(says("enforce").await, None);
}

/// A function in the middle of the write: the cloud has made the change and takes its time to say so.
async fn in_the_middle_of_the_write(port: u16) -> (Process, SocketAddr) {
    let cloud = cloud_with(json!([{"fault": "slow", "ms": 1500}])).await;
    let mut command = seal(&["serve"]);
    command.env("FC_FUNCTION_NAME", "seal").env("FC_SERVER_PORT", port.to_string());
    (Process::start(for_cloud_at(cloud, &mut command)).answering(port).await, cloud)
}

/// Tells it to stop while the cloud's answer is out, and returns all it said by its end.
async fn stopped_in_the_middle(mut function: Process) -> Ended {
    function.terminate();
    function.err.line("told to stop").await;
    let so_far = function.out.so_far();
    assert!(so_far.contains("rds-seal.intent/1") && !so_far.contains("rds-seal.report/1"), "{so_far}");
    function.ended().await
}

#[tokio::test]
async fn told_to_stop_in_the_middle_of_a_call_it_finishes_reports_and_answers() {
    let port = free_port();
    let (function, cloud) = in_the_middle_of_the_write(port).await;
    let asking = tokio::spawn(deliver(port, request("rm-demo1")));
    asked(cloud).await;

    let ended = stopped_in_the_middle(function).await;

    let (status, answer) = asking.await.unwrap();
    assert_eq!((status, &answer["reports"][0]["outcome"]), (200, &json!("enabled")));
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.report/1"), *answer["reports"].as_array().unwrap());
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn told_to_stop_after_the_caller_has_left_it_still_finishes_and_reports() {
    let port = free_port();
    let (function, cloud) = in_the_middle_of_the_write(port).await;
    let asking = tokio::spawn(deliver(port, request("rm-demo1")));
    asked(cloud).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());

    let ended = stopped_in_the_middle(function).await;

    let reports = Ended::records(&ended.stdout, "rds-seal.report/1");
    assert_eq!((reports.len(), &reports[0]["outcome"]), (1, &json!("enabled")));
    assert_eq!(ended.code, Some(0));
}
