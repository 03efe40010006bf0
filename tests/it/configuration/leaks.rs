//! A secret that stands where it should not, or has not the form it should have, is never repeated.

use super::*;

/// Every key that holds a secret, in a table that lacks nothing else: `{}` stands for the secret, on the fifth line.
const KEYS: [(&str, &str); 21] = [
    ("secret", "# …\n# …\n# …\n# …\nsecret = {}\n"),
    (
        "accounts.external_id",
        "[policy]\naccounts = [\"1234567890123456\"]\n[accounts]\nrole = \"acs:ram::{account}:role/x\"\nexternal_id = {}\n",
    ),
    (
        "doors.webhook.secrets",
        "[[doors.webhook]]\nname = \"ci\"\naccounts = [\"*\"]\nregions = [\"*\"]\nsecrets = [{}]\n",
    ),
    (
        "doors.webhook.bearer_tokens",
        "[[doors.webhook]]\nname = \"ci\"\naccounts = [\"*\"]\nregions = [\"*\"]\nbearer_tokens = [{}]\n",
    ),
    (
        "doors.webhook.github_secrets",
        "[[doors.webhook]]\nname = \"ci\"\naccounts = [\"*\"]\nregions = [\"*\"]\ngithub_secrets = [{}]\n",
    ),
    (
        "doors.eventbridge.tokens",
        "[doors.eventbridge]\n# …\nregion = \"cn-hangzhou\"\nurl = \"https://f.example.com/v1/eventbridge\"\ntokens = [{}]\n",
    ),
    ("doors.slack.signing_secrets", "[doors.slack]\n# …\n# …\n# …\nsigning_secrets = [{}]\n"),
    ("doors.dingtalk.app_secrets", "[doors.dingtalk]\n# …\n# …\n# …\napp_secrets = [{}]\n"),
    (
        "doors.dingtalk.token",
        "[doors.dingtalk]\n# …\nowner_key = \"ding\"\nencoding_aes_key = { env = \"AES\" }\ntoken = {}\n",
    ),
    (
        "doors.dingtalk.encoding_aes_key",
        "[doors.dingtalk]\n# …\nowner_key = \"ding\"\ntoken = { env = \"AES\" }\nencoding_aes_key = {}\n",
    ),
    (
        "doors.feishu.encrypt_key",
        "[doors.feishu]\napp_id = \"cli_1\"\nverification_token = { env = \"AES\" }\napp_secret = { env = \"AES\" }\nencrypt_key = {}\n",
    ),
    (
        "doors.feishu.verification_token",
        "[doors.feishu]\napp_id = \"cli_1\"\nencrypt_key = { env = \"AES\" }\napp_secret = { env = \"AES\" }\nverification_token = {}\n",
    ),
    (
        "doors.feishu.app_secret",
        "[doors.feishu]\napp_id = \"cli_1\"\nencrypt_key = { env = \"AES\" }\nverification_token = { env = \"AES\" }\napp_secret = {}\n",
    ),
    ("doors.wecom.token", "[doors.wecom]\n# …\n# …\nencoding_aes_key = { env = \"AES\" }\ntoken = {}\n"),
    ("doors.wecom.encoding_aes_key", "[doors.wecom]\n# …\n# …\ntoken = { env = \"AES\" }\nencoding_aes_key = {}\n"),
    ("doors.teams.security_tokens", "[doors.teams]\n# …\n# …\n# …\nsecurity_tokens = [{}]\n"),
    ("sinks.url", "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\n# …\nurl = {}\n"),
    ("sinks.secret", "[[sinks]]\nname = \"ops\"\nkind = \"webhook\"\nurl = \"https://example.com\"\nsecret = {}\n"),
    ("sinks.secrets", "[[sinks]]\nname = \"ops\"\nkind = \"webhook\"\nurl = \"https://example.com\"\nsecrets = [{}]\n"),
    ("sinks.token", "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nchannel = \"C1\"\ntoken = {}\n"),
    ("sinks.routing_key", "[[sinks]]\nname = \"ops\"\nkind = \"pagerduty\"\n# …\nrouting_key = {}\n"),
];

const AES: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

/// What no complaint may hold. The numbers are as somebody might have them for a secret.
const NEVER: [&str; 6] = ["hush", "314159", "2.71828", "1979", "07:32", "HUSH"];

/// Everything that a value can be, and none of it is what should stand there.
const WRONG: [&str; 16] = [
    "\"hush-hush-hush\"",
    "'hush, expected hush'",
    "\"\"\"hush\nkey = hush\"\"\"",
    "\"whsec_hush\"",
    "314159",
    "2.71828",
    "true",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "[\"hush\"]",
    "[[\"hush\", 314159]]",
    "{ value = \"hush\" }",
    "{ hush = \"hush\" }",
    "{ env = \"hush\" }",
    "{ env = 314159 }",
    "{ env = \"AES\", hush = \"hush\" }",
];

#[test]
fn no_complaint_about_a_file_repeats_what_stands_in_the_place_of_a_secret() {
    for (key, table) in KEYS {
        // In its array, in place of the array, and where one is none.
        for value in WRONG {
            for written in [table.replacen("{}", value, 1), table.replacen("[{}]", value, 1)] {
                let said = complaint(&written, &[("AES", AES)]);
                assert!(said.starts_with("seal.toml:5: ") || key == "sinks.url", "{key} = {value}: {said}");
                assert!(NEVER.iter().all(|never| !said.contains(never)), "{key} = {value}: {said}");
                assert!(
                    said.contains("env") || said.contains("https://"),
                    "it says what to write: {key} = {value}: {said}"
                );
            }
        }
    }
}

#[test]
fn a_value_of_the_wrong_type_is_answered_with_the_field_and_the_right_form() {
    let doors = |line: &str| format!("[doors.slack]\n{line}\n");
    files([
        (
            &doors("signing_secrets = \"hush\""),
            "seal.toml:2: `doors.slack.signing_secrets` must be an array, [{ env = \"NAME\" }]",
        ),
        (
            &doors("signing_secrets = [5]"),
            "seal.toml:2: `doors.slack.signing_secrets` must be { env = \"NAME\" } or { secret = \"name\" }",
        ),
        ("[doors]\nslack = \"hush\"", "seal.toml:2: `doors.slack` must be a table, [doors.slack]"),
        ("\n\nkey = { required = true }\ndeployment = 5", "seal.toml:4: `deployment` must be a text, \"…\""),
        ("[policy]\nmax_per_invocation = \"many\"", "seal.toml:2: `policy.max_per_invocation` must be a whole number"),
        ("sinks = \"hush\"", "seal.toml:1: `sinks` must be an array, [ … ]"),
    ]);
}

#[test]
fn no_complaint_about_the_environment_repeats_a_secret_that_has_not_its_form() {
    let values = [
        "hush",
        "hush hush",
        "whsec_HUSH",
        "314159",
        "http://hush.example.com/314159",
        "{ env = \"hush\" }",
        "hu\u{fc}sh-hush",
    ];
    for (key, table) in KEYS {
        let toml = table.replacen("{}", "{ env = \"S\" }", 1);
        for value in values {
            // Some take any text.
            let Err(said) = read(&toml, &[("AES", AES), ("S", value)]) else { continue };
            let field = key.rsplit('.').next().unwrap();
            assert!(said.contains(" S ") || said.contains(field), "it is named: {key}, {value}: {said}");
            assert!(NEVER.iter().all(|never| !said.contains(never)), "{key}, {value}: {said}");
        }
    }
    for name in ["SEAL_SLACK_URL", "SEAL_WEBHOOK_URL", "SEAL_WEBHOOK_SINK_SECRET"] {
        for value in values {
            let said = complaint("", &[(name, value)]);
            assert!(said.starts_with(name), "{said}");
            assert!(NEVER.iter().all(|never| !said.contains(never)), "{name}, {value}: {said}");
        }
    }
}
