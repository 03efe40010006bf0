//! `template.yml` gives each function what `policy` prints for its role, and what the platform does for it, and no more.

use std::collections::{BTreeMap, BTreeSet};

use rds_seal::aliyun::ram;
use serde_json::Value;

use super::process::*;
use crate::configuration::written;
use crate::docs::template;

/// Makes use of all that a parameter of the template opens. Creating the service-linked role (`authorize`) is left to an
/// administrator, as the template says.
const EVERYTHING: &str = r#"
deployment = "production"
secret = { secret = "rds-seal" }
door_secret = { secret = "rds-seal-door" }
[key.default]
"cn-hangzhou" = "key-1"
[policy]
accounts = ["1234567890123456", "6543210987654321"]
[accounts]
role = "acs:ram::{account}:role/rds-seal"
door_role = "acs:ram::{account}:role/rds-seal-reader"
[[sinks]]
name = "bus"
kind = "eventbridge"
bus = "compliance"
region = "cn-hangzhou"
"#;

/// What Function Compute does as the role: it writes logs, and puts what failed into a queue.
const LOGS: &str = "log:PostLogStoreLogs";
const FAILURES: &str = "mns:SendMessage";

/// The functions, with their roles in the template and in `SEAL_ROLE`.
const FUNCTIONS: [(&str, &str, &[&str]); 3] =
    [("Function", "Role", &["events", "all"]), ("Worker", "WorkerRole", &["worker"]), ("Door", "DoorRole", &["door"])];

/// The entries of a section, as they are written.
fn entries(section: &str) -> BTreeMap<String, String> {
    let text = template();
    let begins = |line: &&str| *line == format!("{section}:");
    let lines = text.lines().skip_while(|line| !begins(line)).skip(1);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in lines.take_while(|line| line.is_empty() || line.starts_with(' ')) {
        if let Some(entry) = line.strip_prefix("  ").filter(|rest| rest.starts_with(char::is_alphabetic)) {
            entry.trim_end_matches(':').clone_into(&mut name);
        }
        let entry = found.entry(name.clone()).or_default();
        entry.push_str(line);
        entry.push('\n');
    }
    found
}

/// A text with the locals that it names.
fn with_locals(text: &str, locals: &BTreeMap<String, String>) -> String {
    let named = locals.iter().filter(|(name, _)| text.contains(&format!("Ref: {name}\n")));
    named.fold(text.to_owned(), |all, (_, local)| all + &with_locals(local, locals))
}

/// The words of a text that are actions of RAM, like `rds:ListTagResources`.
fn actions(text: &str) -> BTreeSet<String> {
    let is_action = |word: &&str| {
        word.split_once(':').is_some_and(|(product, name)| {
            product.starts_with(char::is_lowercase) && name.starts_with(char::is_uppercase)
        })
    };
    text.split([' ', '\n', '[', ']', ',']).filter(is_action).map(str::to_owned).collect()
}

/// What the template lets a role do, by its own policy and by those that are attached to it.
fn granted(role: &str) -> BTreeSet<String> {
    let (resources, locals) = (entries("Resources"), entries("Locals"));
    let (trust, own) = resources[role].split_once("\n      Policies:\n").unwrap();
    assert_eq!(actions(trust), BTreeSet::from([ram::TO_ASSUME.to_owned()]), "Function Compute takes it on");
    let is_attached = |text: &&String| {
        text.contains("Type: ALIYUN::RAM::ManagedPolicy")
            && with_locals(text, &locals).contains(&format!("GetAtt: [{role}, RoleName]"))
    };
    let attached = resources.values().filter(is_attached).flat_map(|text| actions(text));
    actions(own).into_iter().chain(attached).collect()
}

/// What `policy` prints for a function of this role.
async fn called(role: &str) -> BTreeSet<String> {
    let mut command = seal(&["policy"]);
    command.env("SEAL_CONFIG", written(EVERYTHING)).env("SEAL_ROLE", role).env("SEAL_WORKER", "rds-seal-worker");
    let ended = run(&mut command).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains(ram::ON_KEYS_OF_SECRETS), "{}", ended.stderr);
    let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
    let statements = printed["policy"]["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_role_of_the_template_may_do_exactly_what_its_function_calls() {
    for (function, role, served) in FUNCTIONS {
        for of_code in served {
            let mut wanted = called(of_code).await;
            wanted.extend([ram::ON_KEYS_OF_SECRETS, LOGS].map(str::to_owned));
            if function != "Door" {
                wanted.insert(FAILURES.to_owned());
            }
            assert_eq!(granted(role), wanted, "{role} of a function that is {of_code}");
        }
    }
}

#[test]
fn the_door_of_the_template_may_write_nothing_and_call_the_worker_alone() {
    let may = granted("DoorRole");
    for write in ["rds:EnableBackupEncryption", "kms:TagResource", ram::TO_PUT_EVENTS, FAILURES] {
        assert!(!may.contains(write) && granted("WorkerRole").contains(write), "{write}");
    }
    let resources = entries("Resources");
    for (role, function) in [("DoorRole", "-worker"), ("WorkerRole", "-worker"), ("Role", "")] {
        let called = resources[role].lines().filter_map(|line| line.split_once(":functions/"));
        let called: Vec<&str> = called.map(|(_, name)| name).collect();
        let own = format!("${{FunctionName}}{function}");
        assert_eq!(called, [own.clone(), format!("{own}/*")], "{role}");
    }
}

#[test]
fn each_function_of_the_template_acts_as_its_own_role() {
    let resources = entries("Resources");
    for (function, role, served) in FUNCTIONS {
        let text = &resources[function];
        assert!(text.contains(&format!("      Role:\n        Fn::GetAtt: [{role}, Arn]\n")), "{function}");
        let said = text.split_once("SEAL_ROLE:").unwrap().1.split("SEAL_MODE").next().unwrap();
        let said: Vec<&str> = said.split([' ', '\n', '[', ']', ',']).filter(|word| !word.is_empty()).collect();
        assert!(said.ends_with(served), "{function} is {said:?}");
    }
    let functions = resources.values().filter(|text| text.contains("Type: ALIYUN::FC3::Function\n"));
    assert_eq!(functions.count(), FUNCTIONS.len());
}

#[tokio::test]
async fn each_function_of_the_template_starts_on_the_variables_it_gets() {
    let resources = entries("Resources");
    let door = "[doors.slack]\nsigning_secrets = [{ env = \"SLACK_SIGNING_SECRET\" }]\n";
    let config = written(format!("deployment = \"production\"\n{door}"));
    for (function, _, served) in FUNCTIONS {
        for role in served {
            let mut command = seal(&["policy"]);
            command.env("SEAL_CONFIG", &config).env("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5");
            for name in resources[function].split([' ', '\n', ':']).filter(|word| word.starts_with("SEAL_")) {
                command.env(name, if name == "SEAL_ROLE" { role } else { as_given(name) });
            }
            let ended = run(&mut command).await;
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{function} as {role}");
        }
    }
}

/// What a variable holds where only what must be given is given. Empty is unset.
fn as_given(name: &str) -> &'static str {
    match name {
        "SEAL_MODE" => "plan",
        "SEAL_SECRET" => "example-secret-of-32-bytes-or-more",
        "SEAL_DOOR_SECRET" => "another-secret-of-32-bytes-or-more",
        "SEAL_WORKER" => "rds-seal-worker",
        "SEAL_SINKS_REQUIRED" => "false",
        _ => "",
    }
}
