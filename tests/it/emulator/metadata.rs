//! Credentials from the metadata of an ECS instance. The vendor's own library takes them, and those of a credentials
//! URI, in `tests/clients`; the tests of identities take them with every fault.

use serde_json::json;

use super::{Cloud, client::Reply, describe};

const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

/// An instance with the role `web`.
async fn cloud_with_a_role() -> Cloud {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.set("accounts", json!([{ "id": "1234567890123456", "roles": [{ "name": "web" }] }])).await;
    cloud.set("metadata", json!({ "role": "web" })).await;
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
async fn version_1_works_where_it_is_allowed() {
    let cloud = cloud_with_a_role().await;
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
    let cloud = cloud_with_a_role().await;
    for seconds in ["0", "21601", "long", ""] {
        assert_eq!(cloud.token(seconds).await.status, 400, "{seconds}");
    }
    let token = cloud.token("60").await.body;
    cloud.set("clock", json!({ "offset_seconds": 61 })).await;
    assert_eq!(cloud.metadata("web", Some(&token)).await.status, 403);
}

#[tokio::test]
async fn an_instance_has_no_role_until_it_is_given_one() {
    let default = json!({ "role": null, "v1": true, "session_seconds": 21600, "fault": null });
    assert_eq!(Cloud::start().await.get("metadata").await, default);
}
