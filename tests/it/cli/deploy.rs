//! The files of `deploy/` and the Dockerfile, held to what the code calls, reads and takes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rds_seal::aliyun::ram::{self, Needs, Scope};
use rds_seal::config::{self, VARIABLES};
use rds_seal::env::Env;
use serde_json::Value;

use super::process::*;

const TERRAFORM: &str = "deploy/terraform/";
const SERVERLESS: &str = "deploy/serverless-devs/s.yaml";
const KUBERNETES: &str = "deploy/kubernetes/rds-seal.yaml";

/// What Function Compute does as the role of the function: it keeps its output, and what could not be handled.
const KEEPS_LOGS: &str = "log:PostLogStoreLogs";
const KEEPS_FAILURES: &str = "mns:SendMessage";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A file without its comments.
fn read(name: &str) -> String {
    let text = std::fs::read_to_string(file(name)).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

fn terraform() -> String {
    let mut names: Vec<PathBuf> = std::fs::read_dir(file(TERRAFORM)).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    names.iter().map(|name| read(name.to_str().unwrap())).collect::<Vec<_>>().join("\n")
}

/// What is between two words, which are both there.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split_once(start).unwrap_or_else(|| panic!("no {start}")).1.split_once(end).unwrap().0
}

/// Every text in quotes.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every action that is named.
fn actions(text: &str) -> BTreeSet<String> {
    const PRODUCTS: [&str; 8] = ["rds", "kms", "fc", "sts", "ram", "eventbridge", "mns", "log"];
    const A_CONDITION: &str = "ram:ServiceName";
    let is_action = |word: &&str| {
        let (product, name) = word.split_once(':').unwrap_or_default();
        PRODUCTS.contains(&product) && name.starts_with(char::is_uppercase) && *word != A_CONDITION
    };
    let words = text.split(|it: char| it != ':' && !it.is_alphanumeric());
    words.filter(is_action).map(str::to_owned).collect()
}

/// What a function calls, by whether it may change anything.
fn called(only_reads: bool) -> BTreeSet<String> {
    let scope = Scope { account: "1", region: "r", instance: "*" };
    let needs = Needs { listing: true, authorize: true, only_reads };
    let statements = ram::statements(&[scope], &[ram::key("1", "r", "*")], needs);
    let mut called: BTreeSet<String> = statements.iter().flat_map(|it| actions(&it["Action"].to_string())).collect();
    called.extend([ram::TO_WAIT, ram::ON_SECRETS, ram::ON_KEYS_OF_SECRETS, ram::TO_ASSUME].map(str::to_owned));
    if !only_reads {
        called.insert(ram::TO_PUT_EVENTS.to_owned());
    }
    called
}

#[test]
fn each_function_of_the_module_may_do_what_it_calls_and_nothing_else() {
    let roles = read("deploy/terraform/roles.tf");
    let table = between(&roles, "\n  actions = {\n", "\n  }\n");
    for (function, only_reads) in [("events", false), ("door", true), ("worker", false)] {
        let allowed = actions(between(table, &format!("    {function} = {{\n"), "\n    }"));
        let mut expected = called(only_reads);
        expected.insert(KEEPS_LOGS.to_owned());
        if !only_reads {
            expected.insert(KEEPS_FAILURES.to_owned());
        }
        assert_eq!(allowed, expected, "{function}");
    }
    let elsewhere = terraform().replace(table, "");
    assert_eq!(actions(&elsewhere), BTreeSet::from([ram::TO_ASSUME.to_owned()]), "the trust in Function Compute");
}

/// Set `REWRITE_DOCS` to write the file anew from what is printed.
#[tokio::test]
async fn the_role_of_a_member_is_what_is_printed_for_it() {
    let mut command = seal(&["policy", "--account-template"]);
    command.env("SEAL_CONFIG", file("deploy/org/seal.toml")).env("ACCOUNT_EXTERNAL_ID", "an-external-id");
    let ended = run(&mut command).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    if std::env::var("REWRITE_DOCS").is_ok() {
        std::fs::write(file("deploy/org/member-role.json"), &ended.stdout).unwrap();
    }
    assert_eq!(read("deploy/org/member-role.json"), ended.stdout.trim_end(), "run the test with REWRITE_DOCS=1");
}

#[test]
fn nothing_else_of_deploy_allows_anything() {
    for name in [SERVERLESS, KUBERNETES, "deploy/org/stack-group.yml", "Dockerfile"] {
        assert_eq!(actions(&read(name)), BTreeSet::new(), "{name}");
    }
    let trust = read("deploy/kubernetes/trust-policy.json");
    assert_eq!(actions(&trust), BTreeSet::from([ram::TO_ASSUME.to_owned()]));
}

#[test]
fn only_variables_that_exist_are_set() {
    for (name, text) in [("terraform", terraform()), ("s.yaml", read(SERVERLESS)), ("kubernetes", read(KUBERNETES))] {
        let is_ours = |word: &&str| word.starts_with("SEAL_");
        let set: BTreeSet<&str> = text.split(|it: char| it != '_' && !it.is_alphanumeric()).filter(is_ours).collect();
        assert!(!set.is_empty(), "{name}");
        for variable in set {
            assert!(VARIABLES.iter().any(|(known, _)| *known == variable), "{name}: {variable}");
        }
    }
}

#[test]
fn each_gives_more_time_than_a_delivery_takes() {
    let takes = config::load(&Env::fixed([]), None).unwrap().timeout.as_secs();
    for (text, start) in [
        (terraform(), "\n  timeout              = "),
        (read(SERVERLESS), "\n      timeout: "),
        (read(KUBERNETES), "\n      terminationGracePeriodSeconds: "),
    ] {
        let given: u64 = between(&text, start, "\n").parse().unwrap();
        assert!(takes < given, "{start}{given}");
    }
}

#[test]
fn each_rule_lets_through_the_calls_that_the_function_follows() {
    let followed = config::load(&Env::fixed([]), None).unwrap().event_door.creating_calls;
    assert_eq!(quoted(between(&terraform(), "eventName = [", "]")), followed);
    assert_eq!(quoted(between(&read(SERVERLESS), "\"eventName\":[", "]")), followed);
}

/// The map of variables of the one secret, as they are written there.
fn secrets_of(manifest: &str) -> Vec<(&str, &str)> {
    let data = between(manifest, "\nstringData:\n", "\n---");
    data.lines().map(|line| line.trim().split_once(": ").unwrap()).collect()
}

#[tokio::test]
async fn the_configuration_of_the_cluster_is_understood_with_its_secrets() {
    let manifest = read(KUBERNETES);
    let indented = between(&manifest, "  seal.toml: |\n", "\n---");
    let toml: Vec<&str> = indented.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    let mut command = seal(&["policy"]);
    command.env("SEAL_CONFIG", crate::configuration::written(toml.join("\n"))).envs(secrets_of(&manifest));
    let ended = run(&mut command).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(!printed.to_string().contains(ram::TO_WAIT), "there is no queue in a cluster: {printed}");
}

#[test]
fn the_image_and_the_pod_start_the_same_server() {
    let started = between(&read("Dockerfile"), "CMD ", "]").replace('"', "") + "]";
    assert_eq!(started, between(&read(KUBERNETES), "args: ", "\n"));
}
