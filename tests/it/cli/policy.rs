//! `policy`: the least that a configuration needs to be allowed.

use std::collections::BTreeSet;

use rds_seal::aliyun::ram;
use serde_json::{Value, json};

use super::process::*;
use crate::configuration::written;

const EVERYTHING: &str = r#"
authorize = true
[key.default]
"cn-hangzhou" = "key-1"
[policy]
accounts = ["1234567890123456", "6543210987654321"]
regions = ["cn-hangzhou", "ap-*"]
instances = ["rm-*"]
[accounts]
role = "acs:ram::{account}:role/rds-seal"
external_id = { env = "EXTERNAL_ID" }
"#;

/// What is said besides where secrets are in KMS.
const KEY_OF_SECRETS: &str = "where a key of your own encrypts the secrets in KMS, allow kms:Decrypt on that key too\n";

/// What the command prints for a file, with more words and on a function's environment.
async fn printed(toml: &str, words: &[&str]) -> Value {
    let mut command = seal(&[&["policy"], words].concat());
    command.env("SEAL_CONFIG", written(toml)).env("EXTERNAL_ID", "an-external-id");
    let for_function =
        [("FC_ACCOUNT_ID", "1234567890123456"), ("FC_REGION", "cn-hangzhou"), ("FC_FUNCTION_NAME", "sealer")];
    let ended = run(command.envs(for_function)).await;
    let has_secrets = toml.contains("secret = \"") && words.is_empty();
    let said = if has_secrets { KEY_OF_SECRETS } else { "" };
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), said), "{toml}");
    serde_json::from_str(&ended.stdout).unwrap()
}

/// Every action that a document lets through.
fn actions(document: &Value) -> BTreeSet<&str> {
    let statements = document["Statement"].as_array().unwrap();
    assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"), "{document}");
    statements
        .iter()
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|it| it.as_str().unwrap())
        .collect()
}

/// On what a document lets an action through.
fn resources<'d>(document: &'d Value, action: &str) -> &'d Value {
    let statements = document["Statement"].as_array().unwrap();
    let allows = |statement: &&Value| statement["Action"].as_array().unwrap().iter().any(|it| it == action);
    &statements.iter().find(allows).unwrap_or_else(|| panic!("{action}: {document}"))["Resource"]
}

#[tokio::test]
async fn a_full_configuration_needs_every_action_where_its_rules_let_it_act() {
    let printed = printed(EVERYTHING, &[]).await;
    let policy = &printed["policy"];
    let every = [&ram::ON_INSTANCES[..], &ram::ON_ANYTHING, &ram::ON_KEYS];
    let more = [ram::TO_AUTHORIZE, ram::TO_CREATE_THE_ROLE, ram::TO_WAIT, ram::TO_ASSUME, ram::TO_LIST];
    assert_eq!(actions(policy), every.concat().into_iter().chain(more).collect());
    let on = |region: &str| format!("acs:rds:{region}:1234567890123456:dbinstance/rm-*");
    assert_eq!(*resources(policy, "rds:EnableBackupEncryption"), json!([on("cn-hangzhou"), on("ap-*")]));
    let every = |region: &str| format!("acs:rds:{region}:1234567890123456:dbinstance/*");
    assert_eq!(*resources(policy, ram::TO_LIST), json!([every("cn-hangzhou"), every("ap-*")]), "a list names none");
    let key = json!(["acs:kms:cn-hangzhou:1234567890123456:key/key-1"]);
    assert_eq!(*resources(policy, "kms:TagResource"), key, "the key that is known, where it may be used");
    let function = "acs:fc:cn-hangzhou:1234567890123456:functions/sealer";
    assert_eq!(*resources(policy, ram::TO_WAIT), json!([function, format!("{function}/*")]));
    let roles = resources(policy, ram::TO_ASSUME).as_array().unwrap();
    assert!(roles.contains(&json!("acs:ram::6543210987654321:role/rds-seal")), "{roles:?}");
    let statements = policy["Statement"].as_array().unwrap();
    let creation = statements.iter().find(|it| it["Action"] == json!([ram::TO_CREATE_THE_ROLE])).unwrap();
    let only = json!({"StringEquals": {"ram:ServiceName": "backupencryption.rds.aliyuncs.com"}});
    assert_eq!(creation["Condition"], only, "no other service's role");
    let trust = &printed["trust_policy"]["Statement"][0];
    assert_eq!(
        (&trust["Action"], &trust["Principal"]),
        (&json!("sts:AssumeRole"), &json!({"Service": ["fc.aliyuncs.com"]}))
    );
}

#[tokio::test]
async fn keys_that_a_caller_may_name_are_allowed_by_their_patterns_and_those_of_other_accounts_are_not() {
    let toml = r#"
[key]
allowed = ["key-hzz*"]
[key.default]
"cn-hangzhou" = "key-1"
"cn-chengdu" = "key-outside-the-policy"
"6543210987654321/cn-hangzhou" = "key-of-another-account"
[policy]
regions = ["cn-hangzhou", "ap-*"]
"#;
    let printed = printed(toml, &[]).await;
    let on = |place: &str| format!("acs:kms:{place}");
    let wanted = [
        on("ap-*:1234567890123456:key/key-hzz*"),
        on("cn-hangzhou:1234567890123456:key/key-1"),
        on("cn-hangzhou:1234567890123456:key/key-hzz*"),
    ];
    assert_eq!(*resources(&printed["policy"], "kms:TagResource"), json!(wanted));
}

#[tokio::test]
async fn what_a_configuration_does_not_use_is_not_allowed() {
    let base: BTreeSet<&str> =
        [&ram::ON_INSTANCES[..], &ram::ON_ANYTHING, &[ram::TO_LIST]].concat().into_iter().collect();
    for (toml, more) in [
        ("", &[ram::TO_WAIT][..]),
        ("relay = false", &[]),
        ("relay = false\nauthorize = true", &[ram::TO_AUTHORIZE, ram::TO_CREATE_THE_ROLE]),
        ("relay = false\n[key]\nallowed = [\"key-*\"]", &ram::ON_KEYS),
        ("relay = false\n[policy]\naccounts = [\"1234567890123456\"]", &[]),
    ] {
        let printed = printed(toml, &[]).await;
        assert_eq!(actions(&printed["policy"]), base.iter().chain(more).copied().collect(), "{toml}");
    }
}

#[tokio::test]
async fn events_may_be_put_on_the_buses_that_are_sinks_and_on_no_other() {
    let sink = |bus: &str, region: &str| {
        format!("[[sinks]]\nname = \"{bus}\"\nkind = \"eventbridge\"\nbus = \"{bus}\"\nregion = \"{region}\"\n")
    };
    let toml = [sink("audit", "cn-hangzhou"), sink("ops", "cn-shanghai")].concat();
    let printed = printed(&toml, &[]).await;
    let on = |region: &str, bus: &str| format!("acs:eventbridge:{region}:1234567890123456:eventbus/{bus}");
    let buses = json!([on("cn-hangzhou", "audit"), on("cn-shanghai", "ops")]);
    assert_eq!(*resources(&printed["policy"], ram::TO_PUT_EVENTS), buses);
}

#[tokio::test]
async fn off_the_function_what_is_not_known_is_a_star() {
    let ended = run(&mut seal(&["policy"])).await;
    let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(*resources(&printed["policy"], "rds:EnableBackupEncryption"), json!(["acs:rds:*:*:dbinstance/*"]));
    assert!(ended.stdout.lines().count() > 10, "it is meant to be read");
}

#[tokio::test]
async fn the_template_of_an_account_is_for_ros_and_asks_for_what_its_role_needs() {
    let template = printed(EVERYTHING, &["--account-template"]).await;
    assert_eq!(template["ROSTemplateFormatVersion"], "2015-09-01");
    let role = &template["Resources"]["Role"];
    assert_eq!((&role["Type"], &role["Properties"]["RoleName"]), (&json!("ALIYUN::RAM::Role"), &json!("rds-seal")));
    let policy = &role["Properties"]["Policies"][0]["PolicyDocument"];
    let every = [&ram::ON_INSTANCES[..], &ram::ON_ANYTHING, &ram::ON_KEYS].concat();
    let wanted = every.into_iter().chain([ram::TO_AUTHORIZE, ram::TO_CREATE_THE_ROLE, ram::TO_LIST]).collect();
    assert_eq!(actions(policy), wanted, "neither the queue nor further roles");
    let own = json!({"Fn::Sub": "acs:rds:cn-hangzhou:${ALIYUN::TenantId}:dbinstance/rm-*"});
    assert_eq!(resources(policy, "rds:EnableBackupEncryption")[0], own, "the account that the stack is in");
    let trust = &role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(trust["Principal"], json!({"RAM": [{"Ref": "TrustedRole"}]}));
    assert_eq!(trust["Condition"], json!({"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}));
    let parameters = template["Parameters"].as_object().unwrap();
    assert_eq!(parameters.keys().collect::<Vec<_>>(), ["ExternalId", "TrustedRole"]);
    assert_eq!(parameters["ExternalId"]["NoEcho"], true);

    let without = EVERYTHING.replace("external_id = { env = \"EXTERNAL_ID\" }", "");
    let template = printed(&without, &["--account-template"]).await;
    assert_eq!(template["Parameters"].as_object().unwrap().keys().collect::<Vec<_>>(), ["TrustedRole"]);
    assert!(!template.to_string().contains("ExternalId"), "{template}");
}

#[tokio::test]
async fn without_a_role_there_is_no_template() {
    let ended = run(&mut seal(&["policy", "--account-template"])).await;
    let sentence =
        "no role is configured for other accounts: set accounts.role, like \"acs:ram::{account}:role/rds-seal\"";
    assert_eq!(ended.complaint(), sentence);
}

#[tokio::test]
async fn a_role_that_cannot_be_meant_ends_every_command_that_would_take_it_on() {
    for role in [
        "acs:ram::1234567890123456:role/rds-seal",
        "rds-seal",
        "acs:ram::{account}:role/{account}",
        "acs:ram::{account}:role/",
    ] {
        let toml = EVERYTHING.replace("acs:ram::{account}:role/rds-seal", role);
        for words in [
            &["invoke", SAMPLE, "--emulator"][..],
            &["plan", "rm-demo1", "--emulator"],
            &["check", "--emulator"],
            &["policy"],
        ] {
            let mut command = seal(words);
            let ended = run(command.env("SEAL_CONFIG", written(&toml)).env("EXTERNAL_ID", "an-external-id")).await;
            assert!(
                ended.complaint().contains(":9: accounts.role cannot be used. The role"),
                "{role}: {}",
                ended.stderr
            );
        }
    }
}

#[tokio::test]
async fn the_secrets_of_kms_that_are_named_may_be_read_and_no_others() {
    let toml = "secret = { secret = \"own\" }\n[doors.slack]\n\
                signing_secrets = [{ secret = \"chats\", field = \"slack\" }]\n\
                [doors.teams]\nsecurity_tokens = [{ secret = \"acs:kms:cn-shanghai:1:secret/teams\" }]\n";
    let printed = printed(toml, &[]).await;
    let secret = |name: &str| format!("acs:kms:cn-hangzhou:1234567890123456:secret/{name}");
    let named = json!(["acs:kms:cn-shanghai:1:secret/teams", secret("chats"), secret("own")]);
    assert_eq!(resources(&printed["policy"], ram::ON_SECRETS), &named);
    assert!(!self::printed("", &[]).await.to_string().contains(ram::ON_SECRETS));
}
