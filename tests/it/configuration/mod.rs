//! What a deployment may say, and what it is told when it is not understood: one sentence, with the place and what to
//! write instead, and never a secret.

mod doors;
mod example;
mod leaks;
mod secret;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rds_seal::aliyun::endpoint::Network;
use rds_seal::aliyun::sign::SignatureVersion;
use rds_seal::config::{Config, HostName, load};
use rds_seal::env::Env;
use rds_seal::notify::sink::SinkKind;
use rds_seal::outcome::Outcome;
use rds_seal::policy::Pattern;
use rds_seal::request::Mode;
use rds_seal::request::ids::{AccountId, KeyId, RegionId};
use tracing::level_filters::LevelFilter;

/// A secret of the right form; base64 of 26 bytes.
const SECRET: &str = "whsec_bm9ib2R5IG1heSBldmVyIHJlYWQgdGhpcw==";

type Variables<'a> = &'a [(&'a str, &'a str)];

/// Writes a file that no other test has, and returns where it is.
pub(crate) fn written(content: impl AsRef<[u8]>) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("written-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn environment(variables: Variables<'_>) -> Env {
    Env::Fixed(Arc::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
}

/// What is made of a file and an environment; in a complaint the file is called `seal.toml`.
fn read(toml: impl AsRef<[u8]>, variables: Variables<'_>) -> Result<Config, String> {
    let path = written(toml).display().to_string();
    let variables = [variables, &[("SEAL_CONFIG", &path)]].concat();
    load(&environment(&variables), None).map_err(|error| error.to_string().replace(&path, "seal.toml"))
}

fn understood(toml: &str, variables: Variables<'_>) -> Config {
    read(toml, variables).unwrap_or_else(|complaint| panic!("{complaint}\n{toml}"))
}

/// The one sentence about a file and an environment.
fn complaint(toml: impl AsRef<[u8]>, variables: Variables<'_>) -> String {
    let complaint = read(toml.as_ref(), variables)
        .err()
        .unwrap_or_else(|| panic!("this was understood: {} {variables:?}", String::from_utf8_lossy(toml.as_ref())));
    assert!(!complaint.contains('\n'), "more than one line: {complaint}");
    complaint
}

/// Compares each complaint with what it should be; `…` at the end stands for more. All that differ are shown at once.
fn compare(rows: impl IntoIterator<Item = (String, String)>) {
    let differ = |said: &str, wanted: &str| match wanted.strip_suffix('…') {
        Some(beginning) => !said.starts_with(beginning),
        None => said != wanted,
    };
    let wrong: Vec<_> = rows
        .into_iter()
        .filter(|(said, wanted)| differ(said, wanted))
        .map(|(said, wanted)| format!("  said    {said}\n  wanted  {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Files, and what is said of each.
pub(crate) fn files<const N: usize>(rows: [(&str, &str); N]) {
    compare(rows.map(|(toml, wanted)| (complaint(toml, &[]), wanted.to_owned())));
}

/// Sinks of a file, by what follows their name, where `SECRET` and `SHORT` are set; what is said of each.
fn sinks<const N: usize>(rows: [(&str, &str); N]) {
    let variables = [("SECRET", SECRET), ("SHORT", "whsec_c2hvcnQ=")];
    compare(rows.map(|(sink, wanted)| {
        let toml = format!("mode = \"plan\"\n[[sinks]]\nname = \"ops\"\n{sink}");
        (complaint(toml, &variables), wanted.to_owned())
    }));
}

/// Single variables, and what is said of each.
fn variables<const N: usize>(rows: [(&str, &str, &str); N]) {
    compare(rows.map(|(name, value, wanted)| (complaint("", &[(name, value)]), wanted.to_owned())));
}

/// Complaints that must hold each of these parts, whatever else they say.
fn mentions(rows: &[(String, &[&str])]) {
    let lacks = |said: &str, part: &str| format!("  said    {said}\n  lacks   {part}");
    let wrong: Vec<_> = rows
        .iter()
        .flat_map(|(said, parts)| {
            parts.iter().filter(|part| !said.contains(**part)).map(|part| lacks(said.as_str(), part))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_key_that_does_not_exist_is_named_with_those_that_do() {
    files([
        ("\nmodes = \"plan\"\n", "seal.toml:2: unknown field `modes`, expected one of `mode`, `timeout`, …"),
        ("[key]\nrequird = true\n", "seal.toml:2: unknown field `requird`, expected one of `required`, `allowed`, …"),
        ("[key.defaults]\n\"cn-hangzhou\" = \"key-1\"\n", "seal.toml:1: unknown field `defaults`, expected one of …"),
        ("[doors.evnt]\n", "seal.toml:1: unknown field `evnt`, expected one of `event`, …"),
        ("[doors.event]\ncalls = []\n", "seal.toml:2: unknown field `calls`, expected `creating_calls` …"),
    ]);
    sinks([(
        "kind = \"slack\"\nurl = \"https://example.com\"\ncolour = 1\n",
        "seal.toml:6: unknown field `colour`, expected one of `name`, `kind`, `url`, `secret`, …",
    )]);
}

#[test]
fn a_value_that_does_not_exist_is_answered_with_those_that_do() {
    const A_TIME: &str = "seal.toml:1: must be a time of 3s to 24h, like 55s";
    files([
        ("mode = \"enforced\"", "seal.toml:1: must be plan or enforce"),
        ("mode = \"Plan\"", "seal.toml:1: must be plan or enforce"),
        ("timeout = \"55\"", A_TIME),
        ("timeout = \"0s\"", A_TIME),
        ("timeout = \"999ms\"", A_TIME),
        ("timeout = \"24h 1s\"", A_TIME),
        ("timeout = \"-5s\"", A_TIME),
        ("timeout = \"\"", A_TIME),
        ("log = \"trace\"", "seal.toml:1: must be off, error, warn, info or debug"),
        ("signature = \"v2\"", "seal.toml:1: must be v3 or v1"),
        ("network = \"private\"", "seal.toml:1: must be public or vpc"),
        ("endpoint = \"http://example.com\"", "seal.toml:1: endpoint must begin with https:// (http:// is for this…"),
        ("ca_file = \"/absent\"", "seal.toml:1: ca_file names /absent, which cannot be read: No such file or …"),
    ]);
}

#[test]
fn a_key_of_the_cloud_and_where_it_applies_have_their_alphabets() {
    const A_PLACE: &str =
        "must be a region like cn-hangzhou, or an account and a region like 1234567890123456/cn-hangzhou";
    const A_KEY: &str = "not a KMS key id: write one like key-hzz62bb4a8d3j4qp9jo7g";
    let rows = [
        (r#""CN-Hangzhou" = "key-1""#, A_PLACE),
        (r#""" = "key-1""#, A_PLACE),
        (r#""12345/cn-hangzhou" = "key-1""#, A_PLACE),
        (r#""1234567890123456/" = "key-1""#, A_PLACE),
        (r#""1234567890123456/cn-hangzhou/x" = "key-1""#, A_PLACE),
        (r#""cn-beijing" = "key with blank""#, A_KEY),
        (r#""cn-beijing" = """#, A_KEY),
    ];
    compare(rows.map(|(line, wanted)| {
        let toml = format!("[key]\nrequired = true\n[key.default]\n\"cn-shanghai\" = \"key-1\"\n{line}\n");
        (complaint(toml, &[]), format!("seal.toml:5: {wanted}"))
    }));
}

#[test]
fn a_value_of_the_wrong_type_is_answered_with_what_to_write() {
    let of = |toml: &str| complaint(toml, &[]);
    mentions(&[
        (of("mode = 1"), &["seal.toml:1: ", "plan", "enforce"]),
        (of("signature = 1"), &["seal.toml:1: ", "v3", "v1"]),
        (of("network = true"), &["seal.toml:1: ", "public", "vpc"]),
        (of("timeout = 55"), &["seal.toml:1: ", "55s"]),
        (of("log = 3"), &["seal.toml:1: ", "off, error, warn, info or debug"]),
        (of("endpoint = 1"), &["seal.toml:1: ", "`endpoint` must be a text"]),
        (of("[[sinks]]\nname = \"ops\"\nkind = 1\n"), &["seal.toml:3: ", "slack", "webhook"]),
        (of("[[sinks]]\nname = \"ops\"\nkind = \"slack\"\non = [1]\n"), &["seal.toml:4: ", "enabled", "waiting"]),
        (of("[key]\nrequired = \"yes\""), &["seal.toml:2: ", "`key.required` must be true or false"]),
        (of("[key.default]\n\"cn-hangzhou\" = 5"), &["seal.toml:2: ", "`key.default.cn-hangzhou` must be a text"]),
    ]);
}

#[test]
fn a_table_or_an_array_that_is_none_is_asked_for_in_the_words_of_the_file() {
    let of = |toml: &str| complaint(toml, &[]);
    for said in [of("key = \"key-1\""), of("doors = 1"), of("[doors]\nevent = true")] {
        assert!(said.contains("table"), "{said}");
        assert!(!said.contains("struct"), "a type of the program means nothing to who wrote the file: {said}");
    }
    for said in [of("[key]\nallowed = \"key-1\""), of("sinks = \"https://example.com\"")] {
        assert!(said.contains("array") || said.contains('['), "{said}");
    }
}

#[test]
fn what_is_no_toml_is_shown_by_its_line() {
    files([
        ("# fine\nmode =\n", "seal.toml:2: …"),
        ("# fine\nmode = plan\n", "seal.toml:2: string values must be quoted…"),
        ("[key\n", "seal.toml:1: unclosed table…"),
        ("mode = \"plan\"\r\n\r\nmode = \"plan\"\r\n", "seal.toml:3: duplicate key"),
    ]);
}

#[test]
fn a_sink_says_all_it_needs() {
    const URL: &str = "url = \"https://example.com\"\n";
    let sink = |rest: &str| format!("{URL}{rest}");
    sinks([
        (&sink(""), "seal.toml:2: missing field `kind`"),
        ("kind = \"slack\"\n", "seal.toml:2: sink ops needs a `url`: write url = { env = \"NAME\" }"),
        (
            &sink("kind = \"sms\"\n"),
            "seal.toml:5: must be slack, dingtalk, feishu, lark, wecom, teams, webhook, cloudevents, eventbridge or \
             pagerduty",
        ),
        (
            &sink("kind = \"webhook\"\n"),
            "seal.toml:2: sink ops needs a `secret` to sign with: write secret = { env = \"NAME\" }",
        ),
        (
            &sink("kind = \"slack\"\nsecret = { env = \"SECRET\" }\n"),
            "seal.toml:2: sink ops is of a kind that takes no `secret`: leave it out",
        ),
        (
            &sink("kind = \"webhook\"\nsecret = { env = \"SHORT\" }\n"),
            "seal.toml:2: the variable SHORT of sink ops must be whsec_ and base64 of 24 to 64 random bytes, or whsk_ …",
        ),
        (
            &sink("kind = \"webhook\"\nsecret = { env = \"ABSENT\" }\n"),
            "seal.toml:2: sink ops needs the variable ABSENT, which is not set",
        ),
        (
            "kind = \"slack\"\nurl = { env = \"ABSENT\" }\n",
            "seal.toml:2: sink ops needs the variable ABSENT, which is not set",
        ),
        (
            "kind = \"slack\"\nurl = \"http://example.com/hook\"\n",
            "seal.toml:2: the url of sink ops must begin with https:// (http:// is for this machine only)",
        ),
        (
            &sink("kind = \"slack\"\non = []\n"),
            "seal.toml:2: sink ops has an empty `on`: leave `on` out to send everything",
        ),
        (
            &sink("kind = \"slack\"\non = [\"done\"]\n"),
            "seal.toml:6: must be an outcome: enabled, already_enabled, planned, refused, waiting, failed or unknown",
        ),
        (&sink("kind = \"slack\"\nrequired = 1\n"), "seal.toml:6: `sinks.required` must be true or false"),
    ]);
}

#[test]
fn a_sink_has_a_name_and_it_fits_on_a_line() {
    for name in ["", "two\\nlines", "\\u001b[31mred"] {
        let said =
            complaint(format!("[[sinks]]\nname = \"{name}\"\nkind = \"slack\"\nurl = \"https://example.com\"\n"), &[]);
        assert!(said.starts_with("seal.toml:") && said.contains("name"), "{said}");
        assert!(!said.contains('\u{1b}'), "{said}");
    }
}

#[test]
fn two_sinks_with_one_name_are_told_apart_by_their_lines() {
    let sink = "[[sinks]]\nname = \"slack\"\nkind = \"slack\"\nurl = \"https://example.com\"\n";
    files([(&format!("{sink}\n\n{sink}"), "seal.toml:7: two sinks are named slack: give each its own name")]);
    assert_eq!(
        complaint(sink, &[("SEAL_SLACK_URL", "https://example.com")]),
        "SEAL_SLACK_URL makes a sink named slack, and the file has one: give that one another name"
    );
}

#[test]
fn two_sinks_of_one_address_or_one_secret_are_a_mistake() {
    let sink =
        |name: &str, kind: &str, rest: &str| format!("[[sinks]]\nname = \"{name}\"\nkind = \"{kind}\"\n{rest}\n");
    let url = |path: &str| format!("url = \"https://example.com/{path}\"");
    let secret = |path: &str| url(path) + "\nsecret = { env = \"SECRET\" }";
    let twice = url("c") + "\nsecrets = [{ env = \"SECRET\" }, { env = \"SECRET\" }]";
    for (toml, wanted) in [
        (sink("a", "slack", &url("x")) + &sink("b", "slack", &url("x#y")), "sinks a and b have one address"),
        (sink("a", "dingtalk", &secret("x")) + &sink("b", "dingtalk", &secret("y")), "sinks a and b have one secret"),
        (sink("a", "webhook", &secret("x")) + &sink("b", "webhook", &secret("y")), "sinks a and b have one secret"),
        (sink("a", "webhook", &twice), "sink a has one secret twice"),
        (sink("a", "eventbridge", "bus = \"default\"\nregion = \"cn-hangzhou\""), "goes to the default bus"),
        (
            sink("a", "eventbridge", &format!("bus = \"b\"\nregion = \"cn-hangzhou\"\n{}", url("x"))),
            "is of a kind that takes no `url`",
        ),
    ] {
        let said = complaint(&toml, &[("SECRET", "whsec_c2VjcmV0IG9mIHRoZSBzaW5rLCAyNCBi")]);
        assert!(said.contains(wanted), "{said}");
        assert!(!said.contains("c2VjcmV0"), "{said}");
    }
}

#[test]
fn a_secret_is_never_repeated() {
    let webhook = |secret: &str| {
        format!("[[sinks]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"https://example.com\"\nsecret = {secret}\n")
    };
    let slack = |url: &str| format!("[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = {url}\n");
    let rows: [(String, Variables<'_>); 11] = [
        (webhook(&format!("\"{SECRET}\"")), &[]),
        (webhook(SECRET), &[]),
        (webhook(&format!("\"{SECRET}")), &[]),
        (webhook(&format!("[\"{SECRET}\"]")), &[]),
        (webhook(&format!("{{ value = \"{SECRET}\" }}")), &[]),
        (webhook("{ env = \"S\" }"), &[("S", "bm9ib2R5 and no base64")]),
        (slack(&format!("\"http://example.com/{SECRET}\"")), &[]),
        (slack(&format!("\"example.com/{SECRET}\"")), &[]),
        (slack("{ env = \"U\" }"), &[("U", "http://example.com/bm9ib2R5")]),
        (String::new(), &[("SEAL_SLACK_URL", "http://example.com/bm9ib2R5")]),
        (String::new(), &[("SEAL_WEBHOOK_URL", "https://example.com"), ("SEAL_WEBHOOK_SINK_SECRET", "bm9ib2R5")]),
    ];
    for (toml, variables) in rows {
        let said = complaint(&toml, variables);
        assert!(!said.contains("bm9ib2R5"), "{said}");
    }
    assert_eq!(
        complaint(webhook(&format!("\"{SECRET}\"")), &[]),
        "seal.toml:5: a secret is not written into the file: write { env = \"NAME\" } and set that variable, or { secret = \"name\" } of KMS"
    );
}

#[test]
fn a_secret_in_the_place_of_a_variable_s_name_is_not_repeated_either() {
    let said = complaint(
        format!(
            "[[sinks]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"https://example.com\"\nsecret = {{ env = \"{SECRET}\" }}\n"
        ),
        &[],
    );
    assert!(!said.contains("bm9ib2R5"), "{said}");
    let url = "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = { env = \"https://example.com/bm9ib2R5\" }\n";
    let said = complaint(url, &[]);
    assert!(!said.contains("bm9ib2R5"), "{said}");
}

#[test]
fn what_is_no_url_is_answered_with_what_one_looks_like() {
    let sink = "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"hooks.example.com\"\n";
    mentions(&[
        (complaint("endpoint = \"rds.example.com\"", &[]), &["seal.toml:1: endpoint", "https://"]),
        (complaint(sink, &[]), &["seal.toml:1: the url of sink ops", "https://"]),
        (complaint("", &[("SEAL_ENDPOINT", "rds.example.com")]), &["SEAL_ENDPOINT", "https://"]),
        (complaint("", &[("SEAL_SLACK_URL", "hooks.example.com")]), &["SEAL_SLACK_URL", "https://"]),
        (complaint("", &[("SEAL_WEBHOOK_URL", "example.com")]), &["SEAL_WEBHOOK_URL", "https://"]),
    ]);
}

#[test]
fn a_variable_that_is_not_understood_says_what_it_takes() {
    const A_TIME: &str = "SEAL_TIMEOUT must be a time of 3s to 24h, like 55s";
    variables([
        ("SEAL_MODE", "enforced", "SEAL_MODE must be plan or enforce"),
        ("SEAL_MODE", " plan", "SEAL_MODE must be plan or enforce"),
        ("SEAL_TIMEOUT", "55", A_TIME),
        ("SEAL_TIMEOUT", "0s", A_TIME),
        ("SEAL_TIMEOUT", "25h", A_TIME),
        ("SEAL_SIGNATURE", "2", "SEAL_SIGNATURE must be v3 or v1"),
        ("SEAL_NETWORK", "private", "SEAL_NETWORK must be public or vpc"),
        ("SEAL_HOST", "lambda", "SEAL_HOST must be fc or http"),
        ("SEAL_LISTEN", "9000", "SEAL_LISTEN must be an address with a port, like 0.0.0.0:9000"),
        ("SEAL_LISTEN", "localhost:9000", "SEAL_LISTEN must be an address with a port, like 0.0.0.0:9000"),
        ("SEAL_LOG", "trace", "SEAL_LOG must be off, error, warn, info or debug"),
        ("SEAL_ENDPOINT", "http://example.com", "SEAL_ENDPOINT must begin with https:// (http:// is for this …"),
        ("SEAL_CA_FILE", "/absent", "SEAL_CA_FILE names /absent, which cannot be read: No such file or directory…"),
        ("SEAL_SLACK_URL", "http://example.com", "SEAL_SLACK_URL must begin with https:// …"),
        ("SEAL_WEBHOOK_URL", "https://example.com", "SEAL_WEBHOOK_URL needs SEAL_WEBHOOK_SINK_SECRET beside it"),
        ("SEAL_WEBHOOK_SINK_SECRET", SECRET, "SEAL_WEBHOOK_SINK_SECRET needs SEAL_WEBHOOK_URL beside it"),
        ("SEAL_SINKS_REQUIRED", "yes", "SEAL_SINKS_REQUIRED must be true or false"),
        ("SEAL_SINKS_REQUIRED", "true", "SEAL_SINKS_REQUIRED is about sinks of the environment, and there is none: …"),
    ]);
    let short = [("SEAL_WEBHOOK_URL", "https://example.com"), ("SEAL_WEBHOOK_SINK_SECRET", "c2hvcnQ=")];
    let wanted = "SEAL_WEBHOOK_SINK_SECRET must be whsec_ and base64 of 24 to 64 random bytes, or whsk_ …";
    compare([(complaint("", &short), wanted.to_owned())]);
}

#[test]
fn a_misspelt_variable_is_answered_with_the_one_that_was_meant() {
    variables([
        ("SEAL_MODES", "plan", "SEAL_MODES is not a variable of this program: did you mean SEAL_MODE?"),
        ("SEAL_TIME_OUT", "55s", "SEAL_TIME_OUT is not a variable of this program: did you mean SEAL_TIMEOUT?"),
        ("SEAL_SLACK", "x", "SEAL_SLACK is not a variable of this program: did you mean SEAL_SLACK_URL?"),
        ("SEAL_WEBHOOK_SECRET", "x", "SEAL_WEBHOOK_SECRET is not a variable of this program: did you mean SEAL_WEB…"),
    ]);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let of = |path: &str| load(&environment(&[("SEAL_CONFIG", path)]), None).unwrap_err().to_string();
    let directory = env!("CARGO_TARGET_TMPDIR");
    mentions(&[
        (of("/absent/seal.toml"), &["/absent/seal.toml: ", "cannot be read", "No such file"]),
        (of(directory), &[directory, "cannot be read"]),
        (complaint(b"mode = \"\xff\"", &[]), &["seal.toml: cannot be read", "UTF-8"]),
        (complaint("#".repeat(1024 * 1024 + 1), &[]), &["seal.toml: is larger than 1 MiB"]),
    ]);
    assert!(read("#".repeat(1024 * 1024), &[]).is_ok());
}

#[test]
fn roots_that_are_none_are_blamed_on_who_named_their_file() {
    let no_root = written("no certificate").display().to_string();
    mentions(&[
        (complaint("", &[("SEAL_CA_FILE", &no_root)]), &["SEAL_CA_FILE names ", &no_root, "no PEM certificate"]),
        (
            complaint(format!("\nca_file = \"{no_root}\""), &[]),
            &["seal.toml:2: ca_file names ", &no_root, "no PEM certificate"],
        ),
    ]);
}

#[test]
fn an_endpoint_is_an_origin() {
    files([(
        "endpoint = \"https://rds.example.com/v1\"",
        "seal.toml:1: endpoint must be scheme, host and port alone, like https://10.0.0.1:8443",
    )]);
    variables([(
        "SEAL_ENDPOINT",
        "https://rds.example.com/?x=1",
        "SEAL_ENDPOINT must be scheme, host and port alone, like https://10.0.0.1:8443",
    )]);
}

#[test]
fn nothing_at_all_is_a_configuration() {
    let config = load(&Env::fixed([("SEAL_MODE", ""), ("SEAL_ANYTHING", "")]), None).unwrap();

    assert_eq!((config.mode, config.host), (None, None));
    assert_eq!((config.timeout, config.log), (Duration::from_secs(55), LevelFilter::INFO));
    assert_eq!((config.cloud.signature, config.cloud.network), (SignatureVersion::V3, Network::Public));
    assert!(config.cloud.endpoint.is_none() && config.extra_roots.is_none() && config.sinks.is_empty());
    assert!(!config.keys.required && config.keys.allowed.is_empty() && config.keys.defaults.is_empty());
    assert!(config.event_door.creating_calls.contains("CreateDBInstance"));
}

#[test]
fn the_whole_file_is_understood() {
    let toml = include_str!("../../fixtures/config/whole.toml");
    let config =
        understood(toml, &[("SLACK_WEBHOOK_URL", "https://hooks.example.com/T0"), ("SIEM_WEBHOOK_SECRET", SECRET)]);

    assert_eq!((config.mode, config.timeout), (Some(Mode::Enforce), Duration::from_secs(90)));
    assert_eq!(config.log, LevelFilter::DEBUG);
    assert_eq!((config.cloud.signature, config.cloud.network), (SignatureVersion::V1, Network::Vpc));
    assert_eq!(config.cloud.endpoint.unwrap().as_str(), "https://rds.example.com/");
    assert!(config.keys.required);
    assert_eq!(config.keys.allowed, [Pattern::new("key-hzz*")]);
    let key = |account: Option<&str>, region: &str| {
        let account = account.map(|account| AccountId::parse(account).unwrap());
        config.keys.defaults.get(&(account, RegionId::parse(region).unwrap())).map(KeyId::as_str)
    };
    assert_eq!(key(None, "cn-hangzhou"), Some("key-hzz62bb4a8d3j4qp9jo7g"));
    assert_eq!(key(Some("1234567890123456"), "cn-shanghai"), Some("key-shz63ad4c2b9xk2m1v8fp"));
    assert_eq!(config.keys.defaults.len(), 2);
    assert!(config.event_door.creating_calls.iter().eq(["CloneDBInstance", "CreateDBInstance"]));
    let [ops, siem] = config.sinks.as_slice() else { panic!("two sinks: {:?}", config.sinks) };
    assert!(matches!(ops.kind, SinkKind::Slack { .. }) && ops.name == "ops" && ops.required);
    assert!(matches!(siem.kind, SinkKind::Webhook { .. }) && siem.name == "siem" && !siem.required);
    let but_these = BTreeSet::from([Outcome::AlreadyEnabled, Outcome::Planned]);
    assert_eq!(ops.route.on, Some(BTreeSet::from(Outcome::ALL).difference(&but_these).copied().collect()));
    assert_eq!(siem.route.on, None);
}

#[test]
fn a_time_is_written_as_people_write_it() {
    for (text, seconds) in [("3s", 3), ("55s", 55), ("2m", 120), ("1m30s", 90), ("1m 30s", 90), ("24h", 86_400)] {
        let time = Duration::from_secs(seconds);
        assert_eq!(understood(&format!("timeout = \"{text}\""), &[]).timeout, time, "{text}");
        assert_eq!(understood("", &[("SEAL_TIMEOUT", text)]).timeout, time, "{text}");
    }
}

#[test]
fn an_editor_s_own_bytes_do_no_harm() {
    let config = understood("\u{feff}mode = \"plan\"\r\n[key]\r\nrequired = true\r\n", &[]);
    assert_eq!((config.mode, config.keys.required), (Some(Mode::Plan), true));
}

#[test]
fn the_environment_beats_the_file() {
    let root = |of: &str| format!("{}/tests/fixtures/config/root-of-the-{of}.pem", env!("CARGO_MANIFEST_DIR"));
    let file = format!(
        "mode = \"enforce\"\ntimeout = \"10s\"\nlog = \"error\"\nsignature = \"v3\"\nnetwork = \"public\"\n\
         endpoint = \"https://file.example.com\"\nca_file = \"{}\"\n",
        root("file")
    );
    let config = understood(
        &file,
        &[
            ("SEAL_MODE", "plan"),
            ("SEAL_TIMEOUT", "20s"),
            ("SEAL_LOG", "off"),
            ("SEAL_SIGNATURE", "v1"),
            ("SEAL_NETWORK", "vpc"),
            ("SEAL_ENDPOINT", "http://127.0.0.1:9001"),
            ("SEAL_CA_FILE", &root("environment")),
            ("SEAL_HOST", "http"),
            ("SEAL_LISTEN", "0.0.0.0:8080"),
        ],
    );

    assert_eq!((config.mode, config.timeout), (Some(Mode::Plan), Duration::from_secs(20)));
    assert_eq!(config.listen, Some(SocketAddr::from(([0, 0, 0, 0], 8080))));
    assert_eq!((config.log, config.host), (LevelFilter::OFF, Some(HostName::Http)));
    assert_eq!((config.cloud.signature, config.cloud.network), (SignatureVersion::V1, Network::Vpc));
    assert_eq!(config.cloud.endpoint.as_ref().unwrap().as_str(), "http://127.0.0.1:9001/");
    assert!(trusts(&config, "a root of the environment"));

    let alone = understood(&file, &[]);
    assert_eq!(alone.mode, Some(Mode::Enforce));
    assert!(trusts(&alone, "a root of the file"));
}

/// Whether the one extra root has this name.
fn trusts(config: &Config, name: &str) -> bool {
    let roots = &config.extra_roots.as_ref().unwrap().roots;
    roots.len() == 1 && roots[0].subject.windows(name.len()).any(|part| part == name.as_bytes())
}

#[test]
fn a_file_may_name_a_variable_that_begins_as_ours_do() {
    let toml = "[[sinks]]\nname = \"ops\"\nkind = \"webhook\"\nurl = { env = \"SEAL_OPS_URL\" }\n\
                secret = { env = \"SEAL_OPS_SECRET\" }\n";
    let both = [("SEAL_OPS_URL", "http://localhost:1/hook"), ("SEAL_OPS_SECRET", SECRET)];
    assert_eq!(understood(toml, &both).sinks.len(), 1);
    mentions(&[(complaint("", &both), &["SEAL_OPS_SECRET is not a variable of this program"])]);
}

#[test]
fn a_variable_of_ours_that_the_file_names_belongs_to_the_file_s_sink() {
    let toml = "[[sinks]]\nname = \"slack\"\nkind = \"slack\"\nurl = { env = \"SEAL_SLACK_URL\" }\n";
    let config = understood(toml, &[("SEAL_SLACK_URL", "https://example.com")]);
    assert_eq!(config.sinks.len(), 1);
}

#[test]
fn a_sink_of_each_kind_can_be_had_without_a_file() {
    let config = load(
        &Env::fixed([
            ("SEAL_SLACK_URL", "https://hooks.example.com/T0"),
            ("SEAL_WEBHOOK_URL", "https://example.com/hook"),
            ("SEAL_WEBHOOK_SINK_SECRET", SECRET),
        ]),
        None,
    )
    .unwrap();

    let [slack, webhook] = config.sinks.as_slice() else { panic!("two sinks: {:?}", config.sinks) };
    assert!(matches!(slack.kind, SinkKind::Slack { .. }) && slack.name == "slack");
    assert!(matches!(webhook.kind, SinkKind::Webhook { .. }) && webhook.name == "webhook");
    assert!(config.sinks.iter().all(|sink| !sink.required && sink.route.on.is_none()));
    let shown = format!("{config:?}");
    for secret in ["hooks.example.com", "example.com/hook", "bm9ib2R5", "nobody may ever"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_file_beside_the_binary_is_read_if_it_is_there_and_no_other_is_named() {
    let (beside, named) = (written("mode = \"plan\""), written("mode = \"enforce\""));
    let mode = |env: &Env, beside: &Path| load(env, Some(beside)).unwrap().mode;

    assert_eq!(mode(&Env::fixed([]), &beside), Some(Mode::Plan));
    assert_eq!(mode(&Env::fixed([]), Path::new("/absent/seal.toml")), None);
    let env = environment(&[("SEAL_CONFIG", named.to_str().unwrap())]);
    assert_eq!(mode(&env, &beside), Some(Mode::Enforce));
}
