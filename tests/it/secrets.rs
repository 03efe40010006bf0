//! Secrets that are in KMS: read when they are needed, and not again before it is time; while they are rotated, and while
//! KMS cannot be reached.

use serde_json::{Value, json};

use crate::webhooks::{Call, Heard, SIGNING};
use crate::world::{INSTANCE, Setup, World, request};

/// What `ci` signs with after a rotation.
const NEW: &str = "whsec_Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

const DOOR: &str = "\
[[doors.webhook]]
name = \"ci\"
secrets = [{ secret = \"seal/ci\" }]
accounts = [\"1234567890123456\"]
regions = [\"cn-*\"]
mode = \"enforce\"
";

/// A door that takes one field of a secret.
const FIELD: &str = "\
[[doors.webhook]]
name = \"ci\"
secrets = [{ secret = \"seal/ci\", field = \"token\" }]
accounts = [\"1234567890123456\"]
regions = [\"cn-*\"]
mode = \"enforce\"
";

async fn world_with(toml: &str, secrets: Value) -> World {
    let world = World::with(Setup { toml: toml.to_owned(), named: true, ..Setup::default() }).await;
    world.has("secrets", secrets).await;
    world
}

async fn signed(world: &World, secret: &str) -> Heard {
    Call::anonymous(request(INSTANCE)).signed_with(secret, "msg_1", world.now()).send(world).await
}

/// How often a secret was asked for.
async fn reads(world: &World) -> usize {
    world.calls().await.iter().filter(|call| call.starts_with("GetSecretValue")).count()
}

async fn pass(world: &World, seconds: i64) {
    world.it_is(world.now() + seconds).await;
}

async fn kms_is_out_of_reach(world: &World) {
    world.script(json!([{"operation": "GetSecretValue", "fault": "drop", "times": 1000}])).await;
}

#[tokio::test]
async fn they_are_read_at_the_first_need_and_not_again_for_five_minutes() {
    let world = world_with(DOOR, json!([{"name": "seal/ci", "data": SIGNING}])).await;
    assert_eq!(world.calls().await, [""; 0], "nothing is read at the start");

    assert_eq!(signed(&world, SIGNING).await.verdict(), "200 enabled");
    let mut first = world.calls().await;
    first.truncate(2);
    first.sort();
    assert_eq!(
        first,
        ["GetSecretValue Forbidden.ResourceNotFound", "GetSecretValue OK"],
        "both versions, before all else"
    );

    pass(&world, 299).await;
    assert_eq!(signed(&world, SIGNING).await.status, 200);
    assert_eq!(reads(&world).await, 2);
    pass(&world, 2).await;
    assert_eq!(signed(&world, SIGNING).await.status, 200);
    assert_eq!(reads(&world).await, 4);
}

#[tokio::test]
async fn a_deployment_without_secrets_of_kms_asks_it_nothing() {
    let world = World::start().await;
    world.ask().await;
    assert_eq!(reads(&world).await, 0);
}

#[tokio::test]
async fn while_one_is_rotated_both_versions_prove_a_sender() {
    let world = world_with(DOOR, json!([{"name": "seal/ci", "data": NEW, "previous": SIGNING}])).await;
    for secret in [NEW, SIGNING] {
        assert_eq!(signed(&world, secret).await.status, 200);
    }
    signed(&world, "whsec_c29tZWJvZHkgZWxzZSBhbHRvZ2V0aGVyIQ==").await.assert_unauthorised("neither");
}

#[tokio::test]
async fn a_failed_proof_has_them_read_early_but_a_stranger_does_not_drain_the_quota() {
    let world = world_with(DOOR, json!([{"name": "seal/ci", "data": SIGNING}])).await;
    assert_eq!(signed(&world, SIGNING).await.status, 200);
    world.has("secrets", json!([{"name": "seal/ci", "data": NEW, "previous": SIGNING}])).await;
    signed(&world, NEW).await.assert_unauthorised("within the first minute");

    pass(&world, 61).await;
    assert_eq!(signed(&world, NEW).await.status, 200, "read anew");
    assert_eq!((reads(&world).await, signed(&world, SIGNING).await.status), (4, 200));

    pass(&world, 61).await;
    for _ in 0..20 {
        let stranger = Call::anonymous(request(INSTANCE)).signed_with("whsec_AAAA", "msg_2", world.now());
        assert_eq!(stranger.send(&world).await.status, 401);
        assert_eq!(Call::anonymous(request(INSTANCE)).send(&world).await.status, 401);
    }
    assert_eq!(reads(&world).await, 6, "once a minute, whoever is refused");
}

#[tokio::test]
async fn out_of_reach_of_kms_what_was_read_serves_for_an_hour_and_no_longer() {
    let world = world_with(DOOR, json!([{"name": "seal/ci", "data": SIGNING}])).await;
    assert_eq!(signed(&world, SIGNING).await.status, 200);
    kms_is_out_of_reach(&world).await;

    pass(&world, 59 * 60).await;
    assert_eq!(signed(&world, SIGNING).await.status, 200);
    assert!(world.said().contains("those read 3540 s ago serve on, for an hour at most"), "{}", world.said());
    let asked = reads(&world).await;
    assert_eq!(signed(&world, SIGNING).await.status, 200);
    assert_eq!(reads(&world).await, asked, "not for every request");

    pass(&world, 61).await;
    let heard = signed(&world, SIGNING).await;
    assert_eq!(heard.problem(503), "the secrets of this deployment cannot be read now");
    assert_eq!(heard.header("retry-after"), "60");
    let event = world.ask().await;
    assert_eq!((event.status, &*event.fc_status, &event.body["delivery"]), (404, "404", &json!("again")));

    world.forget("faults").await;
    pass(&world, 5).await;
    assert_eq!(signed(&world, SIGNING).await.status, 200);
}

#[tokio::test]
async fn without_any_every_door_says_so_in_its_own_form() {
    let chats = "[doors.slack]\nsigning_secrets = [{ secret = \"none\" }]\nlanguage = \"ja\"\n\
                 [doors.teams]\nsecurity_tokens = [{ secret = \"none\" }]\n\
                 [doors.feishu]\nencrypt_key = { secret = \"none\" }\nverification_token = { secret = \"none\" }\n\
                 app_id = \"cli_1\"\napp_secret = { secret = \"none\" }\n";
    let world = world_with(&format!("{DOOR}{chats}"), json!([])).await;
    let post = async |path: &str| {
        let answer = world.http.post(format!("http://{}{path}", world.function)).body("{}").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(signed(&world, SIGNING).await.status, 503);
    let (status, words) = post("/chat/slack").await;
    assert!(status == 200 && words.contains("シークレットを読み取れません"), "{words}");
    let (status, words) = post("/chat/teams").await;
    assert!(status == 200 && words.contains("The secrets of this deployment cannot be read now."), "{words}");
    assert_eq!(post("/chat/feishu").await.0, 503);
    assert_eq!(world.ask().await.body["delivery"], "again");
    let said = "secret none of KMS cannot be read. Forbidden.ResourceNotFound";
    let also = "secret seal/ci of KMS cannot be read. Forbidden.ResourceNotFound";
    assert!(world.said().contains(said) || world.said().contains(also), "{}", world.said());
    assert_eq!(world.writes().await, 0);
}

#[tokio::test]
async fn a_secret_that_is_of_no_use_is_named_and_nothing_of_it_is_said() {
    let binary = json!({"name": "seal/ci", "data": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "binary": true});
    let holding = |data: &str| json!({"name": "seal/ci", "data": data});
    let other = json!({"other": SIGNING}).to_string();
    let number = json!({"token": 1, "other": SIGNING}).to_string();
    for (toml, secret, why) in [
        (DOOR, binary, "secret seal/ci of KMS is binary: store it as text"),
        (DOOR, holding("a-secret-of-slack"), "secret seal/ci of KMS of webhook ci must"),
        (FIELD, holding(SIGNING), "secret seal/ci of KMS, which is not a JSON object, so it has no field token"),
        (FIELD, holding(&other), "secret seal/ci of KMS, which has no field token"),
        (FIELD, holding(&number), "secret seal/ci of KMS, which has a field token that is no text, or an empty one"),
    ] {
        let world = world_with(toml, json!([secret])).await;
        assert_eq!(signed(&world, SIGNING).await.status, 503, "{why}");
        assert!(world.said().contains(why), "{why}: {}", world.said());
    }
}

#[tokio::test]
async fn a_field_of_a_secret_of_thirty_kilobytes_is_found_and_throttling_is_waited_for() {
    let mut large = json!({"token": SIGNING, "pad": ""});
    large["pad"] = "x".repeat(30_720 - large.to_string().len()).into();
    let large = large.to_string();
    assert_eq!(large.len(), 30_720);
    let world = world_with(FIELD, json!([{"name": "seal/ci", "data": large}])).await;
    let throttled = json!({"operation": "GetSecretValue", "fault": "code", "code": "Rejected.Throttling", "times": 3});
    world.script(json!([throttled])).await;
    assert_eq!(signed(&world, SIGNING).await.verdict(), "200 enabled");
    assert!(world.calls().await.contains(&"GetSecretValue Rejected.Throttling".to_owned()));
}

#[tokio::test]
async fn what_signs_never_uses_a_previous_version_and_hears_of_a_rotation() {
    let sink = "[[sinks]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"https://captured.invalid/x\"\nsecret = { secret = \"siem\" }\n";
    let world = world_with(sink, json!([{"name": "siem", "data": NEW, "previous": SIGNING}])).await;
    assert_eq!(world.ask().await.outcome(), "enabled");
    let taken = world.taken_by("webhook").await;
    let signature = taken[0]["headers"]["webhook-signature"].as_str().unwrap();
    assert_eq!(signature.split(' ').count(), 1, "{signature}");
    assert_eq!(reads(&world).await, 1, "the previous version is not even read");
}

#[tokio::test]
async fn a_sink_that_refuses_has_them_read_early_but_no_oftener_than_a_stranger() {
    let sink = "[[sinks]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"https://captured.invalid/x\"\n\
                secret = { secret = \"siem\" }\nrequired = true\n";
    let world = world_with(sink, json!([{"name": "siem", "data": SIGNING}])).await;
    let refuses = |times: u32| json!([{"operation": "webhook", "fault": "status", "status": 401, "times": times}]);
    world.script(refuses(1)).await;
    assert_eq!(world.ask().await.verdict(), "200 200 done", "the report is in the queue");
    world.has("secrets", json!([{"name": "siem", "data": NEW}])).await;
    world.minutes_pass(1).await;
    assert_eq!(world.taken_by("webhook").await.len(), 1);
    assert!(world.said().contains("the secrets of this deployment have changed"), "{}", world.said());
    assert_eq!(reads(&world).await, 2);

    world.script(refuses(20)).await;
    for _ in 0..10 {
        world.ask().await;
    }
    assert_eq!(reads(&world).await, 2);
    pass(&world, 61).await;
    for _ in 0..10 {
        world.ask().await;
    }
    assert_eq!(reads(&world).await, 3, "once a minute, whoever refuses");
}

#[tokio::test]
async fn a_task_that_a_newer_secret_signed_is_taken_once_that_has_been_read() {
    let (old, new) = ("a-secret-of-the-deployment-as-it-was", "a-secret-of-the-deployment-as-it-is!");
    let toml = "secret = { secret = \"own\" }\n";
    let setup = || Setup {
        toml: toml.to_owned(),
        env: vec![("SEAL_SECRET".to_owned(), String::new())],
        named: true,
        ..Setup::default()
    };
    let world = World::with(setup()).await;
    world.has("secrets", json!([{"name": "own", "data": old}])).await;
    world.instances(json!([{"id": "rm-1", "status": "Creating", "ready_after_ms": 150_000}])).await;
    assert_eq!(world.deliver(request("rm-1")).await.outcome(), "waiting");
    world.has("secrets", json!([{"name": "own", "data": new, "previous": old}])).await;
    world.minutes_pass(30).await;
    assert!(world.is_sealed("rm-1").await, "{:?}", world.calls().await);
}

#[tokio::test]
async fn one_reading_serves_all_who_wait_for_it() {
    let world = world_with(DOOR, json!([{"name": "seal/ci", "data": SIGNING}])).await;
    world.script(json!([{"operation": "GetSecretValue", "fault": "slow", "ms": 50, "times": 2}])).await;
    let asking = (0..8).map(|_| signed(&world, SIGNING));
    for heard in futures_util::future::join_all(asking).await {
        assert_eq!(heard.status, 200);
    }
    assert_eq!(reads(&world).await, 2);
}
