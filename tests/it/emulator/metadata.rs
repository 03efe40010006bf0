//! Credentials from the metadata of an ECS instance, and from a credentials URI.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Cloud, Rpc, client::Reply, describe, signer::date};

const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

/// An instance with the role `web`.
async fn cloud_with(mut setting: Value) -> Cloud {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.set("accounts", json!([{ "id": "1234567890123456", "roles": [{ "name": "web" }] }])).await;
    setting["role"] = json!("web");
    cloud.set("metadata", setting).await;
    cloud
}

impl Cloud {
    async fn token(&self, seconds: &str) -> Reply {
        let headers = format!("X-aliyun-ecs-metadata-token-ttl-seconds: {seconds}\r\n");
        self.request_with("PUT", "/latest/api/token", &headers, "").await
    }

    async fn metadata(&self, role: &str, token: Option<&str>) -> Reply {
        let headers = token.map_or_else(String::new, |token| format!("X-aliyun-ecs-metadata-token: {token}\r\n"));
        self.request_with("GET", &format!("{ROLES}{role}"), &headers, "").await
    }
}

#[tokio::test]
async fn version_2_leads_from_a_token_to_a_session_that_works() {
    let cloud = cloud_with(json!({ "v1": false })).await;
    let token = cloud.token("21600").await;
    assert_eq!(token.status, 200);
    let role = cloud.metadata("", Some(&token.body)).await;
    assert_eq!((role.status, role.body.as_str()), (200, "web"));
    let session = cloud.metadata("web", Some(&token.body)).await.json();
    assert_eq!(session["Code"], "Success");
    assert!(session["LastUpdated"].is_string());
    assert_eq!(cloud.call(describe("rm-1").by(&session)).await.code(), "OK");
    let identity = cloud.answer(Rpc::sts("GetCallerIdentity").by(&session)).await;
    assert_eq!(identity["Arn"], "acs:ram::1234567890123456:assumed-role/web/stand-in-instance");
}

#[tokio::test]
async fn version_1_works_where_it_is_allowed() {
    let cloud = cloud_with(json!({})).await;
    let session = cloud.metadata("web", None).await.json();
    assert_eq!(cloud.call(describe("rm-1").by(&session)).await.code(), "OK");

    cloud.set("metadata", json!({ "role": "web", "v1": false })).await;
    for token in [None, Some("made-up")] {
        assert_eq!(cloud.metadata("web", token).await.status, 403, "{token:?}");
        assert_eq!(cloud.metadata("", token).await.status, 403, "{token:?}");
    }
}

#[tokio::test]
async fn a_token_lasts_as_long_as_was_asked_for() {
    let cloud = cloud_with(json!({})).await;
    for seconds in ["0", "21601", "long", ""] {
        assert_eq!(cloud.token(seconds).await.status, 400, "{seconds}");
    }
    let token = cloud.token("60").await.body;
    cloud.set("clock", json!({ "offset_seconds": 61 })).await;
    assert_eq!(cloud.metadata("web", Some(&token)).await.status, 403);
}

#[tokio::test]
async fn an_instance_without_a_role_has_no_credentials() {
    let cloud = Cloud::start().await;
    assert_eq!(cloud.metadata("", None).await.status, 404);
    assert_eq!(cloud.request("GET", "credentials", "").await.status, 404);
    let default = json!({ "role": null, "v1": true, "session_seconds": 21600, "fault": null });
    assert_eq!(cloud.get("metadata").await, default);
    let cloud = cloud_with(json!({})).await;
    assert_eq!(cloud.metadata("other", None).await.status, 404);
}

#[tokio::test]
async fn a_credentials_uri_gives_sessions_that_end() {
    let cloud = cloud_with(json!({ "session_seconds": 60 })).await;
    let session = cloud.get("credentials").await;
    assert_eq!(session["Code"], "Success");
    assert_eq!(cloud.call(describe("rm-1").by(&session)).await.code(), "OK");
    assert_ne!(cloud.get("credentials").await["AccessKeyId"], session["AccessKeyId"]);
    cloud.set("clock", json!({ "offset_seconds": 61 })).await;
    let late = Rpc { date: date(61), ..describe("rm-1").by(&session) };
    assert_eq!(cloud.call(late).await.code(), "InvalidSecurityToken.Expired");
}

#[tokio::test]
async fn faults_strike_both_sources() {
    let cloud = cloud_with(json!({ "fault": "html" })).await;
    for reply in
        [cloud.metadata("web", None).await, cloud.token("60").await, cloud.request("GET", "credentials", "").await]
    {
        assert_eq!(reply.status, 200);
        assert!(reply.body.starts_with("<!DOCTYPE html>"));
    }
    cloud.set("metadata", json!({ "role": "web", "fault": "error" })).await;
    assert_eq!(cloud.metadata("web", None).await.status, 500);
    assert_eq!(cloud.request("GET", "credentials", "").await.status, 500);

    cloud.set("metadata", json!({ "role": "web", "fault": "hang" })).await;
    let patience = Duration::from_millis(50);
    assert!(tokio::time::timeout(patience, cloud.metadata("", None)).await.is_err());
    assert!(tokio::time::timeout(patience, cloud.request("GET", "credentials", "")).await.is_err());
}
