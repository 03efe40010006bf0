//! Sessions for tokens of an identity provider.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Cloud, Rpc, describe};

const PROVIDER: &str = "acs:ram::222:oidc-provider/ack";

async fn cloud_trusting(token: &str) -> Cloud {
    let cloud = Cloud::with(json!([{ "id": "rm-1", "account": "222" }])).await;
    let oidc = json!({ "provider_arn": PROVIDER, "token": token });
    cloud
        .set("accounts", json!([{ "id": "222", "roles": [{ "name": "pod", "oidc": oidc }, { "name": "closed" }] }]))
        .await;
    cloud
}

fn exchange(token: &str) -> Rpc {
    let rpc = Rpc::sts("AssumeRoleWithOIDC").with("RoleArn", "acs:ram::222:role/pod").with("RoleSessionName", "test");
    rpc.with("OIDCProviderArn", PROVIDER).with("OIDCToken", token)
}

fn jwt(claims: &Value) -> String {
    format!("e30.{}.sig", BASE64.encode(claims.to_string()))
}

#[tokio::test]
async fn a_good_token_is_exchanged_without_a_signature() {
    let cloud = cloud_trusting("good+/=token").await;
    for in_form in [true, false] {
        let reply = cloud.send(&exchange("good+/=token").unsigned(in_form)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let answer = reply.json();
        assert_eq!(answer["AssumedRoleUser"]["Arn"], "acs:ram::222:assumed-role/pod/test");
        assert_eq!(cloud.call(describe("rm-1").by(&answer["Credentials"])).await.code(), "OK");
    }
    let call = &cloud.get("calls").await[0];
    assert_eq!(
        (&call["operation"], &call["signature"], &call["account"]),
        (&json!("AssumeRoleWithOIDC"), &json!(null), &json!(null))
    );
}

#[tokio::test]
async fn new_sdks_name_the_operation_in_headers() {
    let cloud = cloud_trusting("good").await;
    let query = "RoleArn=acs:ram::222:role/pod&RoleSessionName=test&OIDCToken=good&OIDCProviderArn=acs:ram::222:oidc-provider/ack";
    let request = format!(
        "POST /?{query} HTTP/1.1\r\nhost: sts.aliyuncs.com\r\nx-acs-action: AssumeRoleWithOIDC\r\n\
         x-acs-version: 2015-04-01\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    assert_eq!(cloud.send(&request).await.code(), "OK");
}

#[tokio::test]
async fn bad_tokens_and_strangers_are_turned_away() {
    let cloud = cloud_trusting("good").await;
    let other = |name: &str, value: &str| {
        let mut rpc = exchange("good");
        rpc.parameters.iter_mut().find(|(key, _)| key == name).unwrap().1 = value.to_owned();
        rpc
    };
    let cases = [
        (exchange("bad"), 401, "AuthenticationFail.OIDCToken.Invalid"),
        (exchange("expired"), 401, "AuthenticationFail.OIDCToken.Expired"),
        (exchange(&jwt(&json!({ "exp": 1 }))), 401, "AuthenticationFail.OIDCToken.Expired"),
        (other("OIDCProviderArn", "acs:ram::222:oidc-provider/none"), 401, "AuthenticationFail.NoPermission"),
        (other("RoleArn", "acs:ram::222:role/closed"), 401, "AuthenticationFail.NoPermission"),
        (other("RoleArn", "acs:ram::222:role/none"), 404, "EntityNotExist.Role"),
        (other("RoleSessionName", "a b"), 400, "InvalidParameter.RoleSessionName"),
        (other("OIDCToken", ""), 400, "MissingOIDCToken"),
        (other("OIDCProviderArn", ""), 400, "MissingOIDCProviderArn"),
        (exchange("good").with("DurationSeconds", "3601"), 400, "InvalidParameter.DurationSeconds"),
    ];
    for (rpc, status, code) in cases {
        let reply = cloud.send(&rpc.unsigned(true)).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{:?}", rpc.parameters);
    }
}

#[tokio::test]
async fn a_genuine_token_expires_by_its_own_claim() {
    let token = jwt(&json!({ "exp": Timestamp::now().as_second() + 600 }));
    let cloud = cloud_trusting(&token).await;
    assert_eq!(cloud.send(&exchange(&token).unsigned(true)).await.code(), "OK");
    cloud.set("clock", json!({ "offset_seconds": 601 })).await;
    let late = cloud.send(&exchange(&token).unsigned(true)).await;
    assert_eq!(late.code(), "AuthenticationFail.OIDCToken.Expired");
}

#[tokio::test]
async fn other_operations_still_need_a_signature() {
    let cloud = cloud_trusting("good").await;
    let reply = cloud.send(&Rpc::sts("GetCallerIdentity").unsigned(true)).await;
    assert_eq!(reply.code(), "MissingParameter");
}
