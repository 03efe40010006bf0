//! Sessions for tokens of an identity provider. The vendor's own clients exchange them in `tests/clients`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Cloud, Rpc};

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
async fn bad_tokens_and_strangers_are_turned_away() {
    let cloud = cloud_trusting("good").await;
    let other = |name: &str, value: &str| {
        let mut rpc = exchange("good");
        rpc.parameters.iter_mut().find(|(key, _)| key == name).unwrap().1 = value.to_owned();
        rpc
    };
    let cases = [
        (exchange(&jwt(&json!({ "exp": 1 }))), 401, "AuthenticationFail.OIDCToken.Expired"),
        (other("RoleArn", "acs:ram::222:role/closed"), 401, "AuthenticationFail.NoPermission"),
        (other("RoleArn", "acs:ram::222:role/none"), 404, "EntityNotExist.Role"),
        (other("RoleSessionName", "a b"), 400, "InvalidParameter.RoleSessionName"),
        (other("OIDCProviderArn", ""), 400, "MissingOIDCProviderArn"),
        (exchange("good").with("DurationSeconds", "3601"), 400, "InvalidParameter.DurationSeconds"),
    ];
    for (rpc, status, code) in cases {
        let reply = cloud.send(&rpc.unsigned()).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{:?}", rpc.parameters);
    }
}

#[tokio::test]
async fn a_genuine_token_expires_by_its_own_claim() {
    let token = jwt(&json!({ "exp": Timestamp::now().as_second() + 600 }));
    let cloud = cloud_trusting(&token).await;
    assert_eq!(cloud.send(&exchange(&token).unsigned()).await.code(), "OK");
    cloud.set("clock", json!({ "offset_seconds": 601 })).await;
    let late = cloud.send(&exchange(&token).unsigned()).await;
    assert_eq!(late.code(), "AuthenticationFail.OIDCToken.Expired");
}
