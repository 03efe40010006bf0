//! Sessions of roles: who gets one, what it opens, and when it ends.

use serde_json::{Value, json};

use super::{Cloud, Rpc, describe, seal, signer::date};

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
async fn roles_can_be_asked_for_in_every_form_of_request() {
    let cloud = two_accounts(json!({})).await;
    for request in [assume(ROLE).v1(), assume(ROLE).v3_form(), Rpc { method: "GET", ..assume(ROLE) }.v1()] {
        assert_eq!(cloud.send(&request).await.code(), "OK", "{request}");
    }
    for host in ["sts.cn-hangzhou.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com", "127.0.0.1:80"] {
        assert_eq!(cloud.call(assume(ROLE).at(host)).await.code(), "OK", "{host}");
    }
}

#[tokio::test]
async fn lack_of_trust_and_a_wrong_external_id_look_alike() {
    let cloud = two_accounts(json!({ "external_id": "secret-1" })).await;
    cloud.answer(assume(ROLE).with("ExternalId", "secret-1")).await;
    let wrong = [assume(ROLE), assume(ROLE).with("ExternalId", "secret-2")];
    let distrusting = two_accounts(json!({ "trusts": ["333"] })).await;
    for (cloud, rpc) in [(&cloud, &wrong[0]), (&cloud, &wrong[1]), (&distrusting, &assume(ROLE))] {
        let reply = cloud.call(rpc.clone()).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "NoPermission"));
        assert_eq!(reply.json()["AccessDeniedDetail"]["PolicyType"], "AssumeRolePolicy");
    }
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
        (Rpc::sts("AssumeRole"), 400, "MissingRoleArn"),
        (Rpc::sts("AssumeRole").with("RoleArn", ROLE), 400, "MissingRoleSessionName"),
        (assume("sealer"), 400, "InvalidParameter.RoleArn"),
        (assume("acs:ram::222:role/other"), 404, "EntityNotExist.Role"),
        (assume("acs:ram::333:role/sealer"), 404, "EntityNotExist.Role"),
        (named("a"), 400, "InvalidParameter.RoleSessionName"),
        (named("a b"), 400, "InvalidParameter.RoleSessionName"),
        (assume(ROLE).with("DurationSeconds", "899"), 400, "InvalidParameter.DurationSeconds"),
        (assume(ROLE).with("DurationSeconds", "7201"), 400, "InvalidParameter.DurationSeconds"),
        (assume(ROLE).with("DurationSeconds", "an hour"), 400, "InvalidParameter.DurationSeconds"),
        (assume(ROLE).with("DurationSeconds", "7200"), 200, "OK"),
        (assume(ROLE).with("Policy", "{}"), 400, "InvalidParameter.PolicyGrammar"),
        (assume(ROLE).with("Policy", &long), 400, "InvalidParameter.PolicyGrammar"),
        (assume(ROLE).with("ExternalId", "x"), 400, "InvalidParameter.ExternalId"),
    ];
    for (rpc, status, code) in cases {
        let parameters = format!("{:?}", rpc.parameters);
        let reply = cloud.call(rpc).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{parameters}");
    }
}

#[tokio::test]
async fn a_session_signs_only_with_its_own_token_and_secret() {
    let cloud = two_accounts(json!({})).await;
    let (one, other) = (cloud.session(assume(ROLE)).await, cloud.session(assume(ROLE)).await);
    let rpc = || describe("rm-other").by(&one);
    let token = |token: &Value| token.as_str().map(str::to_owned);
    let cases = [
        (rpc(), "OK"),
        (Rpc { security_token: None, ..rpc() }, "MissingSecurityToken"),
        (Rpc { security_token: token(&other["SecurityToken"]), ..rpc() }, "InvalidSecurityToken.MismatchWithAccessKey"),
        (Rpc { secret: token(&other["AccessKeySecret"]).unwrap(), ..rpc() }, "SignatureDoesNotMatch"),
        (Rpc { key_id: "STS.unknown".to_owned(), ..rpc() }, "InvalidAccessKeyId.NotFound"),
    ];
    for (rpc, code) in cases {
        for request in [rpc.v1(), Rpc { nonce: format!("{}-3", rpc.nonce), ..rpc.clone() }.v3()] {
            assert_eq!(cloud.send(&request).await.code(), code);
        }
    }
}

#[tokio::test]
async fn a_session_ends_by_the_stand_ins_clock() {
    let cloud = two_accounts(json!({})).await;
    let session = cloud.session(assume(ROLE).with("DurationSeconds", "900")).await;
    let at = async |seconds: i64| {
        cloud.set("clock", json!({ "offset_seconds": seconds })).await;
        cloud.call(Rpc { date: date(seconds), ..describe("rm-other").by(&session) }).await
    };
    assert_eq!(at(890).await.code(), "OK");
    let late = at(901).await;
    assert_eq!((late.status, late.code().as_str()), (400, "InvalidSecurityToken.Expired"));
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
async fn a_session_can_assume_another_role_that_trusts_its_account() {
    let cloud = two_accounts(json!({})).await;
    let roles = json!([
        { "id": "222", "roles": [{ "name": "sealer", "trusts": ["1234567890123456"] }] },
        { "id": "333", "roles": [{ "name": "inner", "trusts": ["222"] }] },
    ]);
    cloud.set("accounts", roles).await;
    let inner = "acs:ram::333:role/inner";
    assert_eq!(cloud.call(assume(inner)).await.code(), "NoPermission");
    let session = cloud.session(assume(ROLE)).await;
    let session = cloud.session(assume(inner).by(&session)).await;
    let identity = cloud.answer(Rpc::sts("GetCallerIdentity").by(&session)).await;
    assert_eq!(identity["Arn"], "acs:ram::333:assumed-role/inner/test");
}

#[tokio::test]
async fn callers_can_ask_who_they_are() {
    let cloud = two_accounts(json!({})).await;
    let user = cloud.answer(Rpc::sts("GetCallerIdentity")).await;
    assert_eq!((&user["IdentityType"], &user["AccountId"]), (&json!("RAMUser"), &json!("1234567890123456")));
    assert_eq!(user["Arn"], "acs:ram::1234567890123456:user/testAccessKeyId");
    assert!(user["UserId"].is_string() && user["UserId"] == user["PrincipalId"]);

    let answer = cloud.answer(assume(ROLE)).await;
    let role = cloud.answer(Rpc::sts("GetCallerIdentity").by(&answer["Credentials"])).await;
    assert_eq!((&role["IdentityType"], &role["AccountId"]), (&json!("AssumedRoleUser"), &json!("222")));
    assert_eq!(role["Arn"], answer["AssumedRoleUser"]["Arn"]);
    assert_eq!(role["PrincipalId"], answer["AssumedRoleUser"]["AssumedRoleId"]);
    assert!(role["PrincipalId"].as_str().unwrap().starts_with(role["RoleId"].as_str().unwrap()));
}
