//! Sessions of roles: who gets one, and what it opens. The vendor's own clients take, use and outlive them in
//! `tests/clients`.

use serde_json::{Value, json};

use super::{Cloud, Rpc, describe, seal};

const ROLE: &str = "acs:ram::222:role/sealer";

/// A cloud where a role in account 222 trusts the default account, with an instance in either account.
async fn two_accounts(role: Value) -> Cloud {
    let cloud = Cloud::with(json!([{ "id": "rm-own" }, { "id": "rm-other", "account": "222" }])).await;
    let mut whole = json!({ "name": "sealer", "trusts": ["1234567890123456"] });
    whole.as_object_mut().unwrap().extend(role.as_object().unwrap().clone());
    cloud.set("accounts", json!([{ "id": "222", "roles": [whole] }])).await;
    cloud
}

fn assume(role: &str) -> Rpc {
    Rpc::sts("AssumeRole").with("RoleArn", role).with("RoleSessionName", "test")
}

impl Cloud {
    async fn session(&self, rpc: Rpc) -> Value {
        self.answer(rpc).await["Credentials"].clone()
    }
}

#[tokio::test]
async fn a_session_acts_in_the_account_of_its_role() {
    let cloud = two_accounts(json!({})).await;
    let answer = cloud.answer(assume(ROLE)).await;
    assert_eq!(answer["AssumedRoleUser"]["Arn"], "acs:ram::222:assumed-role/sealer/test");
    let session = &answer["Credentials"];
    assert!(session["AccessKeyId"].as_str().unwrap().starts_with("STS."));

    assert_eq!(cloud.call(seal("rm-other")).await.code(), "InvalidDBInstanceId.NotFound");
    assert_eq!(cloud.call(describe("rm-own").by(session)).await.code(), "InvalidDBInstanceId.NotFound");
    assert_eq!(cloud.send(&describe("rm-other").by(session).v1()).await.code(), "OK");
    assert_eq!(cloud.call(seal("rm-other").by(session)).await.code(), "OK");
    assert_eq!(cloud.call(describe("rm-demo").by(session)).await.code(), "InvalidDBInstanceId.NotFound");

    let calls = cloud.get("calls").await;
    assert_eq!((&calls[0]["operation"], &calls[0]["account"]), (&json!("AssumeRole"), &json!(null)));
    assert_eq!((&calls[4]["account"], &calls[4]["region"]), (&json!("222"), &json!("cn-hangzhou")));
}

#[tokio::test]
async fn what_sts_refuses_has_its_codes() {
    let cloud = two_accounts(json!({ "max_session_seconds": 7200 })).await;
    let named = |name| Rpc::sts("AssumeRole").with("RoleArn", ROLE).with("RoleSessionName", name);
    let long = format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"{}","Resource":"*"}}]}}"#,
        "x".repeat(2048)
    );
    let cases = [
        (Rpc::sts("AssumeRole").with("RoleArn", ROLE), 400, "MissingRoleSessionName"),
        (assume("acs:ram::333:role/sealer"), 404, "EntityNotExist.Role"),
        (named("a"), 400, "InvalidParameter.RoleSessionName"),
        (named("a b"), 400, "InvalidParameter.RoleSessionName"),
        (assume(ROLE).with("DurationSeconds", "899"), 400, "InvalidParameter.DurationSeconds"),
        (assume(ROLE).with("DurationSeconds", "7201"), 400, "InvalidParameter.DurationSeconds"),
        (assume(ROLE).with("DurationSeconds", "an hour"), 400, "InvalidParameter.DurationSeconds"),
        (assume(ROLE).with("DurationSeconds", "7200"), 200, "OK"),
        (assume(ROLE).with("Policy", &long), 400, "InvalidParameter.PolicyGrammar"),
    ];
    for (rpc, status, code) in cases {
        let parameters = format!("{:?}", rpc.parameters);
        let reply = cloud.call(rpc).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{parameters}");
    }
}

#[tokio::test]
async fn a_session_signs_only_with_its_own_secret() {
    let cloud = two_accounts(json!({})).await;
    let (one, other) = (cloud.session(assume(ROLE)).await, cloud.session(assume(ROLE)).await);
    let secret = other["AccessKeySecret"].as_str().unwrap().to_owned();
    let rpc = Rpc { secret, ..describe("rm-other").by(&one) };
    assert_eq!(cloud.call(rpc).await.code(), "SignatureDoesNotMatch");
}

#[tokio::test]
async fn a_session_outlives_a_new_list_of_accounts() {
    let cloud = two_accounts(json!({})).await;
    let session = cloud.session(assume(ROLE)).await;
    cloud.set("accounts", json!([])).await;
    assert_eq!(cloud.call(describe("rm-other").by(&session)).await.code(), "OK");
    assert_eq!(cloud.call(assume(ROLE)).await.code(), "EntityNotExist.Role");
}

#[tokio::test]
async fn a_session_policy_narrows() {
    let cloud = two_accounts(json!({})).await;
    let statement = |effect: &str, action: &str, resource: &str| json!({ "Effect": effect, "Action": action, "Resource": resource });
    let allow = |action, resource| json!([statement("Allow", action, resource)]);
    let cases = [
        (allow("rds:*", "*"), None),
        (allow("rds:EnableBackupEncryption", "acs:rds:cn-hangzhou:222:dbinstance/rm-other"), None),
        (allow("rds:EnableBackupEncryption", "acs:rds:*:222:dbinstance/*"), None),
        (allow("kms:*", "*"), Some("ImplicitDeny")),
        (allow("rds:*", "acs:rds:*:222:dbinstance/rm-another"), Some("ImplicitDeny")),
        (allow("rds:*", "acs:rds:cn-shanghai:*:dbinstance/*"), Some("ImplicitDeny")),
        (json!([statement("Allow", "*", "*"), statement("Deny", "rds:Enable*", "*")]), Some("ExplicitDeny")),
    ];
    for (statements, denial) in cases {
        let policy = json!({ "Version": "1", "Statement": statements }).to_string();
        let session = cloud.session(assume(ROLE).with("Policy", &policy)).await;
        cloud.set("instances", json!([{ "id": "rm-other", "account": "222" }])).await;
        let reply = cloud.call(seal("rm-other").by(&session)).await;
        match denial {
            None => assert_eq!(reply.code(), "OK", "{policy}"),
            Some(kind) => {
                assert_eq!((reply.status, reply.code().as_str()), (403, "Forbidden.RAM"), "{policy}");
                let detail = &reply.json()["AccessDeniedDetail"];
                assert_eq!(
                    (&detail["NoPermissionType"], &detail["PolicyType"]),
                    (&json!(kind), &json!("SessionPolicy"))
                );
            }
        }
    }
}

#[tokio::test]
async fn callers_can_ask_by_which_ids_they_are_known() {
    let cloud = two_accounts(json!({})).await;
    let user = cloud.answer(Rpc::sts("GetCallerIdentity")).await;
    assert_eq!(
        (&user["IdentityType"], &user["Arn"]),
        (&json!("RAMUser"), &json!("acs:ram::1234567890123456:user/testAccessKeyId"))
    );
    assert!(user["UserId"].is_string() && user["UserId"] == user["PrincipalId"]);

    let answer = cloud.answer(assume(ROLE)).await;
    let role = cloud.answer(Rpc::sts("GetCallerIdentity").by(&answer["Credentials"])).await;
    assert_eq!(role["PrincipalId"], answer["AssumedRoleUser"]["AssumedRoleId"]);
    assert!(role["PrincipalId"].as_str().unwrap().starts_with(role["RoleId"].as_str().unwrap()));
}
