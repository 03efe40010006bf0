//! Whose hand signs: the headers of an invocation, then the environment, whole or not at all.

use rds_seal::aliyun::credentials::{Credentials, Source, from_environment};
use rds_seal::env::Env;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::world::{ACCOUNT, INSTANCE, Setup, World, request};

const TRIPLE: [(&str, &str); 3] = [
    ("x-fc-access-key-id", "STS.testAccessKeyId"),
    ("x-fc-access-key-secret", "testAccessKeySecret"),
    ("x-fc-security-token", "a-security-token"),
];

fn in_environment(token: Option<&str>, source: Source) -> Option<Credentials> {
    let pair = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAccessKeyId"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testAccessKeySecret"),
    ];
    let env = Env::fixed([pair[0], pair[1], ("ALIBABA_CLOUD_SECURITY_TOKEN", token.unwrap_or(""))]);
    from_environment(&env, source).unwrap()
}

#[tokio::test]
async fn the_headers_of_the_invocation_sign_if_they_carry_a_token() {
    let nobody = Setup { credentials: Ok(None), ..Setup::default() };
    let world = World::with(nobody).await;
    let told = world.deliver_with(&TRIPLE, request("rm-demo1")).await;
    assert_eq!(told.outcome(), "enabled");
}

#[tokio::test]
async fn headers_without_a_token_are_passed_over_for_the_environment() {
    let world =
        World::with(Setup { credentials: Ok(in_environment(None, Source::FunctionEnvironment)), ..Setup::default() })
            .await;
    let wrong = [("x-fc-access-key-id", "somebody-else"), ("x-fc-access-key-secret", "wrong")];
    assert_eq!(world.deliver_with(&wrong, request("rm-demo1")).await.outcome(), "enabled");
}

#[tokio::test]
async fn a_token_without_its_pair_is_broken_and_no_other_identity_is_tried() {
    let world = World::start().await;
    let half = [TRIPLE[0], TRIPLE[2]];
    let told = world.deliver_with(&half, request("rm-demo1")).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("failed", "200 200 done"));
    assert!(told.report()["message"].as_str().unwrap().contains("no x-fc-access-key-secret"));
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_broken_environment_and_a_missing_one_say_what_to_do() {
    let broken =
        from_environment(&Env::fixed([("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAccessKeyId")]), Source::Environment);
    for (credentials, words) in [(broken, "is set but"), (Ok(None), "no credentials")] {
        let world = World::with(Setup { credentials, ..Setup::default() }).await;
        let told = world.ask().await;
        assert_eq!(told.outcome(), "failed");
        assert!(told.report()["message"].as_str().unwrap().contains(words));
        assert!(told.report()["next_step"].is_string());
        assert!(world.audited("rds-seal.intent/1").is_empty(), "nothing was attempted");
    }
}

#[tokio::test]
async fn an_expired_token_of_the_instance_comes_again_and_ends_the_process() {
    let seeing_first = "mode = \"enforce\"\n[key.default]\n\"cn-hangzhou\" = \"key-hangzhou\"";
    for mode in ["mode = \"enforce\"", "mode = \"plan\"", seeing_first] {
        let credentials = Ok(in_environment(Some("expired"), Source::FunctionEnvironment));
        let toml = mode.to_owned();
        let mut world = World::with(Setup { toml, credentials, ..Setup::default() }).await;
        let told = world.ask().await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"), "{mode}");
        world.ended().await;
    }
}

#[tokio::test]
async fn a_connection_that_is_left_half_open_does_not_hold_up_the_end() {
    let credentials = Ok(in_environment(Some("expired"), Source::FunctionEnvironment));
    let mut world = World::with(Setup { credentials, ..Setup::default() }).await;
    let mut idle = TcpStream::connect(world.function).await.unwrap();
    idle.write_all(b"POST /invoke HTTP/1.1\r\ncontent-").await.unwrap();
    assert_eq!(world.ask().await.verdict(), "404 404 again");
    world.ended().await;
}

#[tokio::test]
async fn an_expired_token_of_the_invocation_comes_again_with_the_next_one() {
    let world = World::start().await;
    let expired = [TRIPLE[0], TRIPLE[1], ("x-fc-security-token", "expired")];
    let told = world.deliver_with(&expired, request("rm-demo1")).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"));
    assert_eq!(world.deliver_with(&TRIPLE, request("rm-demo1")).await.outcome(), "enabled", "the process goes on");
}

#[tokio::test]
async fn credentials_that_can_be_had_anew_are_renewed_once_when_they_expire_under_way() {
    let world = World::with(Setup { handed_out: true, ..Setup::default() }).await;
    world.has("accounts", json!([{"id": ACCOUNT, "roles": [{"name": "machine"}]}])).await;
    world.has("metadata", json!({"role": "machine", "session_seconds": 600})).await;
    assert_eq!(world.deliver(request("rm-demo1")).await.outcome(), "enabled");
    // For the cloud they are over, and for the function they are not.
    world.cloud_clock_is_ahead_by(700).await;
    assert_eq!(world.deliver(request("rm-demo2")).await.outcome(), "enabled");
    let enabled = "EnableBackupEncryption OK";
    assert_eq!(world.calls().await, [enabled, "EnableBackupEncryption InvalidSecurityToken.Expired", enabled]);
}

#[tokio::test]
async fn what_waits_is_put_into_the_queue_by_the_new_credentials() {
    let world = World::with(Setup { handed_out: true, named: true, ..Setup::default() }).await;
    world.has("accounts", json!([{"id": ACCOUNT, "roles": [{"name": "machine"}]}])).await;
    world.has("metadata", json!({"role": "machine", "session_seconds": 600})).await;
    world.instances(json!([{"id": "rm-demo1"}, {"id": "rm-new", "status": "Creating"}])).await;
    assert_eq!(world.deliver(request("rm-demo1")).await.outcome(), "enabled");
    world.cloud_clock_is_ahead_by(700).await;
    let told = world.deliver(request("rm-new")).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "200 200 done"), "{:?}", world.calls().await);
    assert_eq!(world.get("queue").await["waiting"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_expired_token_that_a_person_set_is_a_failure() {
    let credentials = Ok(in_environment(Some("expired"), Source::Environment));
    let world = World::with(Setup { credentials, ..Setup::default() }).await;
    let told = world.ask().await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("failed", "200 200 done"));
}

#[tokio::test]
async fn a_wrong_secret_is_a_failure_that_repeats_no_string_to_sign() {
    let credentials = Ok(Some(Credentials {
        access_key_secret: "wrong".into(),
        security_token: Some("a-security-token".into()),
        ..Credentials::stand_in()
    }));
    for signature in ["v1", "v3"] {
        let toml = format!("signature = \"{signature}\"");
        let world = World::with(Setup { credentials: credentials.clone(), toml, ..Setup::default() }).await;
        let told = world.ask().await;
        assert_eq!(told.report()["upstream"]["code"], json!("SignatureDoesNotMatch"));
        let message = told.report()["message"].as_str().unwrap();
        assert!(!message.contains("string to sign"), "{message}");
    }
}

/// Credentials of account 2222222222222222 that somebody wrote into a profile.
async fn of_another_account(toml: &str) -> World {
    let credentials = Credentials {
        access_key_id: "LTAIother".to_owned(),
        access_key_secret: "another-secret".into(),
        security_token: None,
        expires_at: None,
        source: Source::Written,
    };
    let setup = Setup { credentials: Ok(Some(credentials)), toml: toml.to_owned(), ..Setup::default() };
    let world = World::with(setup).await;
    let key = json!({"id": "LTAIother", "secret": "another-secret"});
    world.has("accounts", json!([{"id": "2222222222222222", "access_keys": [key]}])).await;
    world
}

#[tokio::test]
async fn the_platforms_word_is_for_its_own_credentials_and_others_are_asked_whose_they_are() {
    let world = of_another_account("[policy]\naccounts = [\"1234567890123456\"]").await;
    let told = world.deliver_with(&[("x-fc-account-id", "1234567890123456")], request(INSTANCE)).await;
    assert_eq!((told.outcome(), &told.report()["account"]), ("refused", &json!("2222222222222222")));
    assert_eq!(world.calls().await, ["GetCallerIdentity OK"]);
}

#[tokio::test]
async fn a_source_that_is_named_is_the_one_that_signs() {
    let world = of_another_account("[credentials]\nsource = \"profile\"").await;
    let brought = [("x-fc-access-key-id", "testAccessKeyId"), ("x-fc-access-key-secret", "testAccessKeySecret")];
    let brought = [brought[0], brought[1], ("x-fc-security-token", "a-security-token")];
    world.instances(json!([{"id": "rm-theirs", "account": "2222222222222222"}])).await;
    let told = world.deliver_with(&brought, request("rm-theirs")).await;
    assert_eq!(told.outcome(), "enabled", "signed by the profile, whose account has the instance");
}
