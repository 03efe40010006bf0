//! The secret of a deployment, and the sinks of the environment that may be required.

use rds_seal::config::Config;

use super::{compare, complaint, understood};

const LONG: &str = "a-secret-of-thirty-two-bytes-or-more";
const OTHER: &str = "another-secret-of-32-bytes-or-more..";

/// What a configuration signs with, so that two can be compared.
fn signs(config: &Config) -> Option<[u8; 32]> {
    config.secret.as_ref().map(|secret| secret.keys("test").sign(&[b"m"]))
}

#[test]
fn a_secret_is_a_variable_or_several_and_the_first_signs() {
    let held = [("A", LONG), ("B", OTHER)];
    let of_file = |toml: &str| signs(&understood(toml, &held));
    let one = of_file("secret = { env = \"A\" }");
    assert!(one.is_some());
    assert_eq!(of_file("secret = [{ env = \"A\" }, { env = \"B\" }]"), one);
    assert_ne!(of_file("secret = [{ env = \"B\" }, { env = \"A\" }]"), one);
    assert_eq!(signs(&understood("", &[])), None);
}

#[test]
fn the_variable_beats_the_file_unless_the_file_names_it() {
    let of_variable = signs(&understood("", &[("SEAL_SECRET", LONG)]));
    let beaten = understood("secret = { env = \"B\" }", &[("SEAL_SECRET", LONG), ("B", OTHER)]);
    assert_eq!(signs(&beaten), of_variable);
    let named = "secret = [{ env = \"B\" }, { env = \"SEAL_SECRET\" }]";
    assert_ne!(signs(&understood(named, &[("SEAL_SECRET", LONG), ("B", OTHER)])), of_variable);
}

#[test]
fn a_secret_that_is_none_stops_the_start_and_is_not_repeated() {
    let short = "only-31-bytes-of-text-are-here.";
    let said = |toml: &str| complaint(toml, &[("SHORT", short)]);
    let wanted = |text: &str| text.to_owned();
    compare([
        (
            said("secret = { env = \"ABSENT\" }"),
            wanted("seal.toml:1: secret needs the variable ABSENT, which is not set"),
        ),
        (
            said("secret = { env = \"SHORT\" }"),
            wanted(
                "seal.toml:1: the variable SHORT of secret must have at least 32 bytes: `openssl rand -base64 32` makes one",
            ),
        ),
        (said("secret = []"), wanted("seal.toml:1: secret is an empty array: leave it out, or name a variable")),
        (said(&format!("secret = \"{LONG}\"")), wanted("seal.toml:1: a secret is not written into the file: …")),
        (said(&format!("secret = [\"{LONG}\"]")), wanted("seal.toml:1: a secret is not written into the file: …")),
        (
            complaint("", &[("SEAL_SECRET", short)]),
            wanted("SEAL_SECRET must have at least 32 bytes: `openssl rand -base64 32` makes one"),
        ),
    ]);
}

#[test]
fn what_names_a_deployment_is_its_function_and_what_the_file_says() {
    let function = [("FC_ACCOUNT_ID", "1234567890123456"), ("FC_REGION", "cn-hangzhou"), ("FC_FUNCTION_NAME", "seal")];
    assert_eq!(understood("", &function).deployment, "1234567890123456/cn-hangzhou/seal/");
    let named = "deployment = \"blue\"";
    assert_eq!(understood(named, &function).deployment, "1234567890123456/cn-hangzhou/seal/blue");
    assert_eq!(understood(named, &[]).deployment, "///blue");
    assert_eq!(understood("", &[]).deployment, "", "and then nothing is signed");
}

#[test]
fn the_sinks_of_the_environment_can_be_required() {
    let sinks = [
        ("SEAL_SLACK_URL", "https://example.com/slack"),
        ("SEAL_WEBHOOK_URL", "https://example.com/hook"),
        ("SEAL_WEBHOOK_SINK_SECRET", super::SECRET),
    ];
    let required = |word: &str| {
        let variables = [&sinks[..], &[("SEAL_SINKS_REQUIRED", word)]].concat();
        understood("", &variables).sinks.iter().map(|sink| sink.required).collect::<Vec<_>>()
    };
    assert_eq!(required("true"), [true, true]);
    assert_eq!((required("false"), required("")), (vec![false, false], vec![false, false]));
}

#[test]
fn a_secret_of_kms_is_noted_and_what_needs_it_is_left_out_until_it_has_been_read() {
    let toml = "secret = { secret = \"own\" }\n[doors.slack]\nsigning_secrets = [{ secret = \"seal/chats\", field = \"slack\" }]\n\
                [[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = { secret = \"acs:kms:cn-hangzhou:1:secret/ops\" }\n";
    let config = understood(toml, &[]);
    let unread = config.unread.as_ref().unwrap();
    let names: Vec<&str> = unread.wanted.names().collect();
    assert_eq!(names, ["acs:kms:cn-hangzhou:1:secret/ops", "own", "seal/chats"]);
    let left_out: Vec<String> = unread.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(left_out, ["sink ops", "doors.slack", "secret"]);
    assert!(config.has_secret() && config.secret.is_none() && config.chats.is_empty() && config.sinks.is_empty());
    assert_eq!(config.doors().chats.len(), 1, "its door is open all the same");
    let beaten = understood(toml, &[("SEAL_SECRET", LONG)]);
    assert!(beaten.secret.is_some() && beaten.unread.unwrap().left_out.len() == 2);
    assert!(understood("", &[]).unread.is_none());
}

#[test]
fn what_is_no_name_of_a_secret_of_kms_stops_the_start_and_is_not_repeated() {
    let write = "write { env = \"NAME\" } or { secret = \"name\" }";
    let name = "secret must be the name of a secret in KMS, or its ARN";
    for (held, why) in [
        ("{ secret = \"whsec_hush\" }", name),
        ("{ secret = \"hush hush\" }", name),
        ("{ secret = \"\" }", name),
        ("{ secret = \"acs:kms:cn-hangzhou:secret/hush\" }", name),
        ("{ secret = \"a\", field = \"hush hush\" }", "field must be the name of a field of the secret"),
        ("{ env = \"A\", secret = \"hush\" }", write),
        ("{ env = \"A\", field = \"hush\" }", write),
        ("{ field = \"hush\" }", write),
    ] {
        let said = complaint(format!("[doors.slack]\nsigning_secrets = [{held}]\n"), &[("A", LONG)]);
        assert!(said.contains(why) && !said.contains("hush"), "{held}: {said}");
    }
}

#[test]
fn what_is_wrong_besides_a_secret_of_kms_is_found_at_the_start() {
    let feishu = "[doors.feishu]\nencrypt_key = { secret = \"a\" }\nverification_token = { env = \"NOT_SET\" }\n\
                  app_id = \"cli_1\"\napp_secret = { secret = \"b\" }\n";
    let twins =
        "[[doors.webhook]]\nname = \"ci\"\nsecrets = [{ secret = \"a\" }]\naccounts = [\"*\"]\nregions = [\"*\"]\n";
    let rows = [
        (feishu.to_owned(), "doors.feishu needs the variable NOT_SET, which is not set"),
        (twins.repeat(2), "two webhooks are named ci: give each its own name"),
        (twins.replace("accounts = [\"*\"]", "accounts = []"), "webhook ci reaches nothing"),
    ];
    for (toml, why) in rows {
        let said = complaint(&toml, &[]);
        assert!(said.contains(why), "{said}");
    }
}
