//! What the tables of doors, grants and confirmations are told when they let in nobody, or everybody.

use super::*;

/// Files with doors, where these variables are set, and what is said of each.
fn doors<const N: usize>(rows: [(&str, &str); N]) {
    let variables = [
        ("SIGNING", SECRET),
        ("SHORT", "whsec_c2hvcnQ="),
        ("TOKEN", "a-bearer-token-of-the-nightly-cron-0001"),
        ("WORD", "a-word"),
        ("AES", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"),
    ];
    compare(rows.map(|(toml, wanted)| (complaint(toml, &variables), wanted.to_owned())));
}

#[test]
fn a_webhook_that_would_let_in_nobody_or_everybody_stops_the_start() {
    let bounded =
        |proof: &str| format!("[[doors.webhook]]\nname = \"ci\"\n{proof}\naccounts = [\"1\"]\nregions = [\"*\"]\n");
    let [none, two, replay, missing, short, twice, shared] = [
        "",
        "secrets = [{ env = \"SIGNING\" }]\nbearer_tokens = [{ env = \"TOKEN\" }]",
        "secrets = [{ env = \"SIGNING\" }]\naccept_replay = true",
        "secrets = [{ env = \"ABSENT\" }]",
        "secrets = [{ env = \"SHORT\" }]",
        "bearer_tokens = [{ env = \"TOKEN\" }]",
        "bearer_tokens = [{ env = \"TOKEN\" }]",
    ]
    .map(bounded);
    let twice = twice.clone() + &twice;
    let shared = shared.clone() + &shared.replace("\"ci\"", "\"cron\"");
    doors([
        (&none, "seal.toml:1: webhook ci needs one way to prove itself: secrets, bearer_tokens or github_secrets"),
        (&two, "seal.toml:1: webhook ci needs one way to prove itself: secrets, bearer_tokens or github_secrets"),
        (&replay, "seal.toml:1: webhook ci signs the time, so accept_replay means nothing: leave it out"),
        (&missing, "seal.toml:1: webhook ci needs the variable ABSENT, which is not set"),
        (&short, "seal.toml:1: the variable SHORT of webhook ci must be whsec_ and base64 of 24 to 64 random bytes"),
        (&twice, "seal.toml:6: two webhooks are named ci: give each its own name"),
        (&shared, "seal.toml:6: webhooks ci and cron share a secret: give each its own"),
        (
            "[[doors.webhook]]\nname = \"ci\"\nbearer_tokens = [{ env = \"TOKEN\" }]\naccounts = []\nregions = [\"*\"]\n",
            "seal.toml:1: webhook ci reaches nothing: name accounts and regions, \"*\" for every one",
        ),
        (
            "[[doors.webhook]]\nname = \"ci\"\nbearer_tokens = [{ env = \"TOKEN\" }]\nregions = [\"*\"]\n",
            "seal.toml:1: missing field `accounts`",
        ),
        (
            "[[doors.webhook]]\nname = \"ci\"\nbearer_tokens = [\"a-token-in-the-file\"]\naccounts = [\"1\"]\nregions = [\"*\"]\n",
            "seal.toml:3: a secret is not written into the file: write { env = \"NAME\" } and set that variable, or { secret = \"name\" } of KMS",
        ),
    ]);
}

#[test]
fn secrets_that_would_verify_nothing_stop_the_start() {
    let encrypted = "token = { env = \"WORD\" }\nencoding_aes_key = { env = \"AES\" }\nowner_key = \"ding\"\n";
    doors([(
        &format!("[doors.dingtalk]\napp_secrets = [{{ env = \"TOKEN\" }}]\n{encrypted}"),
        "seal.toml:1: doors.dingtalk: app_secrets verify nothing once messages are encrypted: leave them out, or token, \
         encoding_aes_key and owner_key",
    )]);
}

#[test]
fn an_event_bus_that_could_not_be_verified_stops_the_start() {
    let bus =
        |url: &str, more: &str| format!("[doors.eventbridge]\nurl = \"{url}\"\nregion = \"cn-hangzhou\"\n{more}\n");
    let url = "https://f.example.com/v1/eventbridge";
    doors([
        (&bus(url, ""), "seal.toml:1: missing field `tokens`"),
        (
            &bus(url, "tokens = []"),
            "seal.toml:1: doors.eventbridge needs tokens: the signature is the region's, and only the token tells whose …",
        ),
        (
            &bus(url, "tokens = [{ env = \"ABSENT\" }]"),
            "seal.toml:1: doors.eventbridge needs the variable ABSENT, which is not set",
        ),
        (
            &bus(url, "tokens = [{ env = \"WORD\" }]"),
            "seal.toml:1: the variable WORD of doors.eventbridge must have 16 to 1024 characters: letters, digits and …",
        ),
        (
            &bus("f.example.com", "tokens = [{ env = \"TOKEN\" }]"),
            "seal.toml:1: doors.eventbridge.url must be the https address that the target has",
        ),
        (
            &bus(url, "tokens = [{ env = \"TOKEN\" }]\ncertificate = \"/nowhere.pem\""),
            "seal.toml:1: doors.eventbridge.certificate names /nowhere.pem, which cannot be read or is larger than 64 KiB",
        ),
        (
            &bus(url, "tokens = [{ env = \"TOKEN\" }]\ncertificate = \"Cargo.toml\""),
            "seal.toml:1: doors.eventbridge.certificate must name a PEM file with an X.509 certificate",
        ),
        (
            &bus(url, "tokens = [{ env = \"TOKEN\" }]").replace("cn-hangzhou", "Hangzhou"),
            "seal.toml:3: not a region id: write one like cn-hangzhou",
        ),
    ]);
}

#[test]
fn a_chat_that_could_not_be_verified_or_answered_stops_the_start() {
    doors([
        (
            "[doors.slack]\nsigning_secrets = []\n",
            "seal.toml:1: doors.slack has no secret, and would verify nothing: name one, like [{ env = \"NAME\" }]",
        ),
        (
            "[doors.slack]\nsigning_secrets = [{ env = \"ABSENT\" }]\n",
            "seal.toml:1: doors.slack needs the variable ABSENT, which is not set",
        ),
        (
            "[doors.dingtalk]\n",
            "seal.toml:1: doors.dingtalk has no secret, and would verify nothing: name one, like [{ env = \"NAME\" }]",
        ),
        (
            "[doors.dingtalk]\ntoken = { env = \"WORD\" }\nencoding_aes_key = { env = \"AES\" }\n",
            "seal.toml:1: doors.dingtalk: token, encoding_aes_key and owner_key come together",
        ),
        (
            "[doors.dingtalk]\ntoken = { env = \"WORD\" }\nencoding_aes_key = { env = \"WORD\" }\nowner_key = \"suite\"\n",
            "seal.toml:1: doors.dingtalk: encoding_aes_key must be the 43 letters and digits that the console shows",
        ),
        (
            "[doors.feishu]\nencrypt_key = { env = \"WORD\" }\nverification_token = { env = \"WORD\" }\napp_id = \"cli\"\n",
            "seal.toml:1: missing field `app_secret`",
        ),
        (
            "[doors.feishu]\nencrypt_key = { env = \"WORD\" }\nverification_token = { env = \"WORD\" }\napp_id = \"\"\napp_secret = { env = \"WORD\" }\n",
            "seal.toml:1: doors.feishu: app_id is empty: it begins with cli_",
        ),
        (
            "[doors.feishu]\nencrypt_key = { env = \"WORD\" }\nverification_token = { env = \"WORD\" }\napp_id = \"cli\"\napp_secret = { env = \"WORD\" }\nwindow = \"9h\"\n",
            "seal.toml:1: doors.feishu: window …",
        ),
        (
            "[doors.wecom]\ntoken = { env = \"WORD\" }\nencoding_aes_key = { env = \"WORD\" }\n",
            "seal.toml:1: doors.wecom: encoding_aes_key must be the 43 letters and digits that the console shows",
        ),
        (
            "[doors.teams]\nsecurity_tokens = [{ env = \"WORD\" }]\n",
            "seal.toml:1: doors.teams: security_tokens must be the base64 that Teams showed when the webhook was created",
        ),
        (
            "[doors.telegram]\n",
            "seal.toml:1: unknown field `telegram`, expected one of `event`, `webhook`, `eventbridge`, …",
        ),
    ]);
}

#[test]
fn confirmations_and_grants_that_mean_nothing_stop_the_start() {
    let grant = |more: &str| format!("[[grants]]\nchat = \"slack\"\ntenant = \"T1\"\n{more}\n");
    let lists = "channels = [\"*\"]\nusers = [\"*\"]\ncommands = [\"plan\"]\naccounts = [\"*\"]\nregions = [\"*\"]";
    doors([
        ("[confirm]\nvalid_for = \"11m\"\n", "seal.toml:1: confirm.valid_for must be at most 10m"),
        ("[confirm]\nkey = { env = \"TOKEN\" }\n", "seal.toml:2: unknown field `key`, expected `valid_for`"),
        (&grant("channels = [\"*\"]"), "seal.toml:1: missing field `users`"),
        (
            &grant(&lists.replace("users = [\"*\"]", "users = []")),
            "seal.toml:1: a grant with no users grants nothing: name them, or \"*\" for every one",
        ),
        (&grant(&lists.replace("\"plan\"", "\"confirm\"")), "seal.toml:6: must be plan, status or seal"),
        (&grant(lists).replace("slack", "irc"), "seal.toml:2: must be slack, dingtalk, feishu, wecom or teams"),
    ]);
}
