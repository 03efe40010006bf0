//! Instances of other accounts: whose they are, who may touch them, and as whom.

use rds_seal::aliyun::credentials::identity::Identity;
use rds_seal::aliyun::credentials::{Credentials, Source};
use rds_seal::time::Deadline;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::configuration;
use crate::webhooks::{self, Call, DOORS};
use crate::world::{ACCOUNT, Host, Setup, Told, World, request};

const OTHER: &str = "6543210987654321";
const THIRD: &str = "1111222233334444";
const ASSUMED: &str = "AssumeRole OK";
const ENABLED: &str = "EnableBackupEncryption OK";

/// May touch its own account and the other one, there by a role.
const BY_ROLE: &str = r#"
[policy]
accounts = ["1234567890123456", "6543210987654321"]
[accounts]
role = "acs:ram::{account}:role/rds-seal"
"#;

/// A world in which the other account has this role, two instances in hangzhou and one in shanghai.
async fn with(setup: Setup, role: Value) -> World {
    let world = World::with(setup).await;
    let mut whole = json!({"name": "rds-seal", "trusts": [ACCOUNT]});
    whole.as_object_mut().unwrap().extend(role.as_object().unwrap().clone());
    world.has("accounts", json!([{"id": OTHER, "roles": [whole]}])).await;
    world
        .instances(json!([
            {"id": "rm-own"},
            {"id": "rm-other1", "account": OTHER},
            {"id": "rm-other2", "account": OTHER},
            {"id": "rm-far", "account": OTHER, "region": "cn-shanghai"},
        ]))
        .await;
    world
}

fn by_role(more: &str) -> Setup {
    Setup { toml: format!("{BY_ROLE}{more}"), ..Setup::default() }
}

async fn ask(world: &World, instance: &str, account: &str) -> Told {
    ask_in(world, instance, account, "cn-hangzhou").await
}

async fn ask_in(world: &World, instance: &str, account: &str, region: &str) -> Told {
    world.deliver(json!({"instance": instance, "region": region, "account": account, "id": "ask-1"}).to_string()).await
}

#[tokio::test]
async fn an_instance_of_another_account_is_sealed_by_its_role_and_the_session_is_kept() {
    let world = with(by_role(""), json!({})).await;

    let told = ask(&world, "rm-other1", OTHER).await;
    assert_eq!((told.outcome(), told.text("account")), ("enabled", OTHER));
    assert_eq!(world.calls().await, [ASSUMED, ENABLED]);
    assert_eq!(world.get("calls").await[1]["account"], OTHER, "it is signed in that account");
    assert_eq!(told.report()["upstream"]["operation"], "EnableBackupEncryption");

    assert_eq!(ask(&world, "rm-other2", OTHER).await.outcome(), "enabled");
    assert_eq!(world.calls().await, [ASSUMED, ENABLED, ENABLED], "a warm session adds no call");
    assert_eq!(ask_in(&world, "rm-far", OTHER, "cn-shanghai").await.outcome(), "enabled");
    assert_eq!(world.calls().await[3..], [ASSUMED, ENABLED], "another region has a session of its own");
}

#[tokio::test]
async fn its_own_account_is_never_taken_on() {
    let world = with(by_role(""), json!({})).await;
    assert_eq!(ask(&world, "rm-own", ACCOUNT).await.outcome(), "enabled");
    let unnamed = world.deliver(json!({"instance": "rm-own", "region": "cn-hangzhou"}).to_string()).await;
    assert_eq!((unnamed.outcome(), unnamed.text("account")), ("already_enabled", ACCOUNT));
    assert!(world.calls().await.iter().all(|call| !call.starts_with("AssumeRole")));
}

#[tokio::test]
async fn a_plan_for_another_account_is_read_by_its_role_too() {
    let world = with(Setup { toml: format!("mode = \"plan\"\n{BY_ROLE}"), ..Setup::default() }, json!({})).await;
    let told = ask(&world, "rm-other1", OTHER).await;
    assert_eq!((told.outcome(), told.plan().0), ("planned", "would enable"), "{}", told.report());
    assert_eq!((world.calls().await[0].as_str(), world.writes().await), (ASSUMED, 0));
    assert!(world.calls().await.iter().all(|call| call.ends_with(" OK")), "{:?}", world.calls().await);
}

#[tokio::test]
async fn a_session_may_do_all_that_is_ever_done_and_no_more_is_needed() {
    let more = "isolate = true\n[key]\nallowed = [\"key-*\"]\n";
    let rules = BY_ROLE.replace("[accounts]", "exempt_tags = [\"seal:exempt\"]\n[accounts]");
    let setup = Setup { toml: format!("authorize = true\n{rules}{more}"), ..Setup::default() };
    let world = with(setup, json!({})).await;
    let role = json!([{"name": "rds-seal", "trusts": [ACCOUNT]}]);
    world.has("accounts", json!([{"id": OTHER, "roles": role, "backup_encryption_role": false}])).await;
    let request = |mode: &str| {
        json!({"instance": "rm-other1", "region": "cn-hangzhou", "account": OTHER, "key": "key-1", "mode": mode})
            .to_string()
    };
    let plan = world.deliver(request("plan")).await;
    assert_eq!(plan.plan().0, "would enable", "{}", plan.report());
    let told = world.deliver(request("enforce")).await;
    assert_eq!((told.outcome(), &told.report()["evidence"]["role_present"]), ("enabled", &json!(true)));
    let calls = world.calls().await;
    assert!(calls.iter().all(|call| !call.contains("Forbidden")), "{calls:?}");
    assert!(calls.contains(&"AuthorizeBackupEncryption OK".to_owned()), "{calls:?}");
}

#[tokio::test]
async fn a_batch_for_one_account_takes_its_role_on_once() {
    let world = with(by_role(""), json!({})).await;
    let instances: Vec<_> = (0..20).map(|index| json!({"id": format!("rm-{index}"), "account": OTHER})).collect();
    world.instances(json!(instances)).await;
    let batch: Vec<_> = (0..20)
        .map(|index| json!({"instance": format!("rm-{index}"), "region": "cn-hangzhou", "account": OTHER}))
        .collect();
    let told = world.deliver(json!(batch).to_string()).await;
    assert!(told.body["reports"].as_array().unwrap().iter().all(|report| report["outcome"] == "enabled"));
    let calls = world.calls().await;
    assert_eq!((calls.iter().filter(|call| *call == ASSUMED).count(), calls.len()), (1, 21));
}

#[test]
fn accounts_and_limits_that_cannot_be_meant_are_said_at_start() {
    configuration::files([
        ("[accounts]\nrole = \"acs:ram::{account}:role/x\"\n", "seal.toml:1: accounts.role needs policy.accounts, …"),
        ("[accounts]\nisolate = true\n", "seal.toml:1: [accounts] has no `role`, and the rest of it is of no use …"),
        (
            "[policy]\naccounts = [\"1234567890123456\"]\n[accounts]\nrole = \"acs:ram::{account}:role/x\"\nexternal_id = { env = \"ABSENT\" }\n",
            "seal.toml:3: accounts.external_id needs the variable ABSENT, which is not set",
        ),
        (
            "[accounts]\nexternal_id = \"an-external-id\"\n",
            "seal.toml:2: a secret is not written into the file: write { env = \"NAME\" } …",
        ),
        (
            "[policy]\naccounts = [\"12345x\"]\n",
            "seal.toml:2: must be an account id: its digits, like 1234567890123456",
        ),
        ("[policy]\naccounts = [\"*\"]\n", "seal.toml:2: must be an account id: its digits, like 1234567890123456"),
        ("[policy]\naccounts = []\n", "seal.toml:1: policy.accounts lets nothing through: leave it out"),
        ("[policy]\nmax_per_invocation = 0\n", "seal.toml:1: policy.max_per_invocation lets nothing through…"),
        ("[policy]\nmax_event_age = \"10s\"\n", "seal.toml:2: must be a time of 1m to 8784h, like 2h"),
        ("[policy]\nexempt_tags = [\"=x\"]\n", "seal.toml:2: must be a tag: its key, or key=value"),
        ("[policy]\nregion = [\"cn-*\"]\n", "seal.toml:2: unknown field `region`, expected one of `accounts`, …"),
    ]);
}

#[tokio::test]
async fn an_account_that_the_policy_does_not_name_is_refused_without_a_call() {
    let world = with(by_role(""), json!({})).await;
    let told = ask(&world, "rm-third", THIRD).await;
    assert_eq!((told.outcome(), told.rule()), ("refused", ("accounts", THIRD)));
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_role_that_cannot_be_taken_on_is_said_with_what_to_do() {
    let external = "external_id = { env = \"EXTERNAL_ID\" }\n";
    let env = || vec![("EXTERNAL_ID".to_owned(), "an-external-id".to_owned())];
    let trust = "Allow sts:AssumeRole for the function's role, and name that role (and the external id, if one is used) in the trust \
                 policy";
    for (more, role, code, next_step) in [
        ("", json!({"trusts": []}), "NoPermission", trust),
        ("", json!({"external_id": "another-external-id"}), "NoPermission", trust),
        (external, json!({"external_id": "another-external-id"}), "NoPermission", trust),
        ("", json!({"name": "another-role"}), "EntityNotExist.Role", ""),
        ("", json!({"max_session_seconds": 900}), "InvalidParameter.DurationSeconds", ""),
    ] {
        let world = with(Setup { env: env(), ..by_role(more) }, role.clone()).await;
        let told = ask(&world, "rm-other1", OTHER).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("failed", "200 200 done"), "{role}");
        let message = format!("No credentials from the role of account {OTHER}. {code}: ");
        assert!(told.text("message").starts_with(&message), "{}", told.text("message"));
        assert!(
            !told.text("next_step").is_empty() && told.text("next_step").starts_with(next_step),
            "{}",
            told.report()
        );
        assert_eq!(world.calls().await, [format!("AssumeRole {code}")], "once, and nothing is tried without it");
    }
    let world = with(Setup { env: env(), ..by_role(external) }, json!({"external_id": "an-external-id"})).await;
    assert_eq!(ask(&world, "rm-other1", OTHER).await.outcome(), "enabled", "with the right one");
}

#[tokio::test]
async fn an_external_id_that_the_service_repeats_is_shown_to_nobody() {
    let env = vec![("EXTERNAL_ID".to_owned(), "an-external-id".to_owned())];
    let world = with(Setup { env, ..by_role("external_id = { env = \"EXTERNAL_ID\" }\n") }, json!({})).await;
    let body = json!({"Code": "NoPermission", "Message": "ExternalId an-external-id does not fit.", "RequestId": "R"});
    world.script(json!([{"operation": "AssumeRole", "fault": "raw", "status": 403, "body": body.to_string()}])).await;
    let told = ask(&world, "rm-other1", OTHER).await;
    assert_eq!(told.text("message"), format!("No credentials from the role of account {OTHER}. NoPermission."));
}

#[tokio::test]
async fn a_throttled_sts_is_waited_for_by_the_sender_or_in_the_queue() {
    let throttled = json!([{"operation": "AssumeRole", "fault": "throttle", "times": 5}]);
    let world = with(by_role(""), json!({})).await;
    world.script(throttled.clone()).await;
    let told = ask(&world, "rm-other1", OTHER).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"));
    assert!(told.text("message").contains(" Throttling.User: "), "{}", told.text("message"));
    assert_eq!(told.report()["certain"], true, "nothing was tried");

    let world = with(Setup { named: true, ..by_role("") }, json!({})).await;
    world.script(throttled).await;
    let told = ask(&world, "rm-other1", OTHER).await;
    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "200 200 done"));
    world.minutes_pass(2).await;
    assert!(world.is_sealed("rm-other1").await);
}

#[tokio::test]
async fn a_request_for_another_account_waits_in_our_own_queue() {
    let world = with(Setup { named: true, ..by_role("") }, json!({})).await;
    world.instances(json!([{"id": "rm-new", "account": OTHER, "ready_after_ms": 90_000}])).await;
    assert_eq!(ask(&world, "rm-new", OTHER).await.verdict(), "200 200 done");
    world.minutes_pass(5).await;
    assert!(world.is_sealed("rm-new").await);
    let calls = world.get("calls").await;
    let of = |operation: &str| {
        calls.as_array().unwrap().iter().filter(|call| call["operation"] == operation).cloned().collect::<Vec<_>>()
    };
    assert!(of("InvokeFunction").iter().all(|call| call["account"].is_null() && call["code"] == "OK"), "{calls}");
    assert!(of("EnableBackupEncryption").iter().all(|call| call["account"] == OTHER), "{calls}");
    assert_eq!(of("AssumeRole").len(), 1);
}

#[tokio::test]
async fn a_session_is_good_for_its_region_only() {
    let world = with(by_role(""), json!({})).await;
    let told = ask(&world, "rm-far", OTHER).await;
    assert_eq!(told.outcome(), "failed", "the host serves both regions, and the session does not");
    assert_eq!(world.calls().await, [ASSUMED, "EnableBackupEncryption Forbidden.RAM"]);
    assert!(!world.is_sealed("rm-far").await);
}

/// The first thing that a deployment asks a cloud which hangs up on it and is gone.
async fn first_words(setup: Setup) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cloud = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        let (mut heard, mut piece) = (Vec::new(), [0; 4096]);
        while !heard.ends_with(b"\r\n\r\n") {
            let length = peer.read(&mut piece).await.unwrap();
            heard.extend_from_slice(&piece[..length]);
        }
        String::from_utf8(heard).unwrap()
    });
    let world = World::facing(cloud, setup).await;
    assert_eq!(ask(&world, "rm-other1", OTHER).await.outcome(), "waiting");
    let heard = heard.await.unwrap();
    Url::parse(&format!("http://{cloud}{}", heard.split(' ').nth(1).unwrap())).unwrap()
}

#[tokio::test]
async fn a_session_is_narrowed_to_the_instances_of_its_region_or_to_the_one() {
    for (more, name, instances) in [("", "rds-seal", "*"), ("isolate = true\n", "rds-seal-rm-other1", "rm-other1")] {
        let asked = first_words(by_role(more)).await;
        let parameter = |wanted: &str| asked.query_pairs().find(|(name, _)| name == wanted).unwrap().1.into_owned();
        assert_eq!(parameter("RoleArn"), format!("acs:ram::{OTHER}:role/rds-seal"));
        assert_eq!(parameter("RoleSessionName"), name);
        let policy: Value = serde_json::from_str(&parameter("Policy")).unwrap();
        let write = &policy["Statement"][0];
        assert!(write["Action"].as_array().unwrap().contains(&json!("rds:EnableBackupEncryption")), "{policy}");
        assert_eq!(write["Resource"], json!([format!("acs:rds:cn-hangzhou:{OTHER}:dbinstance/{instances}")]));
        assert!(!policy.to_string().contains("sts:") && !policy.to_string().contains("kms:"), "{policy}");
    }
}

#[tokio::test]
async fn an_isolated_session_is_bought_for_each_instance_and_kept_by_nobody() {
    let world = with(by_role("isolate = true\n"), json!({})).await;
    for instance in ["rm-other1", "rm-other2", "rm-other1"] {
        ask(&world, instance, OTHER).await;
    }
    let calls = world.calls().await;
    assert_eq!(calls.iter().filter(|call| *call == ASSUMED).count(), 3);
    assert_eq!(calls.iter().filter(|call| *call == ENABLED).count(), 2);
}

#[tokio::test]
async fn a_session_that_has_run_out_is_replaced_before_it_is_used() {
    let world = with(by_role(""), json!({})).await;
    assert_eq!(ask(&world, "rm-other1", OTHER).await.outcome(), "enabled");
    world.minutes_pass(70).await;
    assert_eq!(ask(&world, "rm-other2", OTHER).await.outcome(), "enabled");
    assert_eq!(world.calls().await, [ASSUMED, ENABLED, ASSUMED, ENABLED]);
}

#[tokio::test]
async fn a_session_that_expires_under_way_is_renewed_once() {
    for isolate in ["", "isolate = true\n"] {
        let expired = "EnableBackupEncryption InvalidSecurityToken.Expired";
        let fault = |times: u32| json!([{"fault": "code", "code": "InvalidSecurityToken.Expired", "status": 403, "times": times}]);
        let world = with(by_role(isolate), json!({})).await;
        world.script(fault(1)).await;
        assert_eq!(ask(&world, "rm-other1", OTHER).await.outcome(), "enabled");
        assert_eq!(world.calls().await, [ASSUMED, expired, ASSUMED, ENABLED]);

        let world = with(by_role(isolate), json!({})).await;
        world.script(fault(20)).await;
        let told = ask(&world, "rm-other1", OTHER).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"));
        assert_eq!(world.calls().await, [ASSUMED, expired, ASSUMED, expired], "and no third time");
    }
}

#[tokio::test]
async fn an_expired_token_of_our_own_is_no_fault_of_the_other_account() {
    for source in [Source::FunctionEnvironment, Source::Metadata] {
        let token = Some("expired".into());
        let credentials = Ok(Some(Credentials { security_token: token, source, ..Credentials::stand_in() }));
        let world = with(Setup { credentials, ..by_role("") }, json!({})).await;
        let told = ask(&world, "rm-other1", OTHER).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"), "{}", told.report());
        assert_eq!(world.writes().await, 0);
    }
}

/// A world that signs with a key pair of the third account, and does not know whose it is.
async fn as_a_stranger(toml: &str) -> World {
    let pair = Credentials {
        access_key_id: "LTAIthird".to_owned(),
        access_key_secret: "a-secret-of-another-account".into(),
        ..Credentials::stand_in()
    };
    let credentials = Ok(Some(pair));
    let setup = Setup { toml: toml.to_owned(), credentials, whose_is_unknown: true, ..Setup::default() };
    let world = World::with(setup).await;
    let key = json!({"id": "LTAIthird", "secret": "a-secret-of-another-account"});
    world.has("accounts", json!([{"id": THIRD, "access_keys": [key]}])).await;
    world.instances(json!([{"id": "rm-1", "account": THIRD}, {"id": "rm-2", "account": THIRD}])).await;
    world
}

#[tokio::test]
async fn whose_credentials_they_are_is_asked_once_and_only_where_it_counts() {
    const WHOSE: &str = "GetCallerIdentity OK";
    let world = as_a_stranger("").await;
    let unnamed = world.deliver(json!({"instance": "rm-1", "region": "cn-hangzhou"}).to_string()).await;
    assert_eq!((unnamed.outcome(), &unnamed.report()["account"]), ("enabled", &json!(null)));
    assert_eq!(world.calls().await, [ENABLED], "nobody named an account");

    let named = ask(&world, "rm-2", THIRD).await;
    assert_eq!((named.outcome(), named.text("account")), ("enabled", THIRD));
    assert_eq!(world.calls().await[1..], [WHOSE, ENABLED]);
    let foreign = ask(&world, "rm-1", OTHER).await;
    assert_eq!((foreign.outcome(), foreign.rule()), ("refused", ("foreign-account", OTHER)));
    assert!(foreign.text("message").contains(THIRD), "it says whose they are: {}", foreign.text("message"));
    assert_eq!(world.calls().await.len(), 3, "it is known by now");

    let by_rule = as_a_stranger(&format!("[policy]\naccounts = [\"{THIRD}\"]\n")).await;
    let told = by_rule.deliver(json!({"instance": "rm-1", "region": "cn-hangzhou"}).to_string()).await;
    assert_eq!((told.outcome(), told.text("account")), ("enabled", THIRD));
    assert_eq!(by_rule.calls().await, [WHOSE, ENABLED]);
}

#[tokio::test]
async fn a_key_pair_in_a_function_s_environment_is_not_taken_for_the_function_s_own() {
    for host in [Host::Function, Host::PlainServer] {
        let pair = Credentials {
            access_key_id: "LTAIthird".to_owned(),
            access_key_secret: "a-secret-of-another-account".into(),
            source: Source::FunctionEnvironment,
            ..Credentials::stand_in()
        };
        let toml = format!("[policy]\naccounts = [\"{ACCOUNT}\"]\n{DOORS}");
        let world =
            World::with(Setup { credentials: Ok(Some(pair)), named: true, host, ..webhooks::setup(&toml) }).await;
        let key = json!({"id": "LTAIthird", "secret": "a-secret-of-another-account"});
        world.has("accounts", json!([{"id": THIRD, "access_keys": [key]}])).await;
        world.instances(json!([{"id": "rm-1", "account": THIRD}])).await;
        for _ in 0..2 {
            let heard = Call::signed(&world, request("rm-1")).send(&world).await;
            assert_eq!(heard.verdict(), "200 refused", "{host:?}");
            let rule = &heard.reports()[0]["rule"];
            assert_eq!(*rule, json!({"name": "webhook-accounts", "value": THIRD}), "{host:?}");
        }
        assert_eq!(world.calls().await, ["GetCallerIdentity OK"], "asked once, and nothing else: {host:?}");
    }
}

#[tokio::test]
async fn another_key_pair_is_asked_about_anew() {
    let world = World::start().await;
    let key = |id: &str| json!({"id": id, "secret": "a-secret-of-another-account"});
    let owner = |id: &str, key: Value| json!({"id": id, "access_keys": [key]});
    world.has("accounts", json!([owner(OTHER, key("LTAIother")), owner(THIRD, key("LTAIthird"))])).await;
    let endpoint = Url::parse(&format!("http://{}", world.cloud)).ok();
    let settings = rds_seal::aliyun::Settings { endpoint, ..Default::default() };
    let client = rds_seal::aliyun::Client::new(world.http.clone(), settings);
    let identity = Identity::fixed(Ok(None));
    for (id, account) in [("LTAIother", OTHER), ("LTAIother", OTHER), ("LTAIthird", THIRD)] {
        let pair = Credentials {
            access_key_id: id.to_owned(),
            access_key_secret: "a-secret-of-another-account".into(),
            ..Credentials::stand_in()
        };
        let deadline = Deadline::after(std::time::Duration::from_secs(9));
        assert_eq!(identity.account(&client, &pair, "cn-hangzhou", deadline).await.unwrap(), account);
    }
    assert_eq!(world.calls().await.len(), 2, "once for each pair");
}

#[tokio::test]
async fn a_batch_asks_once_whose_credentials_they_are() {
    let world = as_a_stranger("").await;
    let batch: Vec<_> = (0..20)
        .map(|index| json!({"instance": format!("rm-{index}"), "region": "cn-hangzhou", "account": OTHER}))
        .collect();
    let told = world.deliver(json!(batch).to_string()).await;
    assert!(told.body["reports"].as_array().unwrap().iter().all(|report| report["outcome"] == "refused"));
    assert_eq!(world.calls().await, ["GetCallerIdentity OK"]);
}

#[tokio::test]
async fn credentials_whose_owner_cannot_be_found_out_are_not_used() {
    for (fault, outcome, calls) in [("Throttling.User", "waiting", 5), ("NoPermission", "failed", 1)] {
        let world = as_a_stranger("").await;
        world.script(json!([{"operation": "GetCallerIdentity", "fault": "code", "code": fault, "status": 403, "times": calls}])).await;
        let told = ask(&world, "rm-1", THIRD).await;
        assert_eq!(told.outcome(), outcome, "{fault}");
        assert!(
            told.text("message").starts_with(&format!("No credentials from GetCallerIdentity. {fault}: ")),
            "{}",
            told.text("message")
        );
        assert_eq!((world.calls().await.len(), world.writes().await), (calls, 0));
        assert_eq!(ask(&world, "rm-1", THIRD).await.outcome(), "enabled", "a failure is not kept");
    }
}
