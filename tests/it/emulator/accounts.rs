//! Accounts with key pairs of their own.

use serde_json::json;

use super::{Cloud, Rpc, describe};

fn by(key: &str, secret: &str, rpc: Rpc) -> Rpc {
    Rpc { key_id: key.to_owned(), secret: secret.to_owned(), ..rpc }
}

#[tokio::test]
async fn the_default_account_is_always_there_with_its_test_pair() {
    let cloud = Cloud::start().await;
    let default = json!([{
        "id": "1234567890123456", "backup_encryption_role": true, "roles": [],
        "access_keys": [{ "id": "testAccessKeyId", "secret": "testAccessKeySecret" }],
    }]);
    assert_eq!(cloud.get("accounts").await, default);
    cloud.set("accounts", json!([])).await;
    assert_eq!(cloud.get("accounts").await, default);
    cloud.set("accounts", default.clone()).await;
    assert_eq!(cloud.get("accounts").await, default);
}

#[tokio::test]
async fn what_is_listed_is_shown_with_its_defaults() {
    let cloud = Cloud::start().await;
    cloud.set("accounts", json!([{ "id": "222", "roles": [{ "name": "sealer" }] }])).await;
    let role = json!({
        "name": "sealer", "trusts": [], "external_id": null, "max_session_seconds": 3600, "oidc": null, "denied": [],
    });
    let account = json!({ "id": "222", "backup_encryption_role": true, "access_keys": [], "roles": [role] });
    assert_eq!(cloud.get("accounts").await[1], account);
    let listed = cloud.get("accounts").await;
    cloud.set("accounts", listed).await;
}

#[tokio::test]
async fn a_key_pair_sees_the_instances_of_its_own_account() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }, { "id": "rm-2", "account": "222" }])).await;
    cloud.set("accounts", json!([{ "id": "222", "access_keys": [{ "id": "LTAI2", "secret": "s2" }] }])).await;
    let cases = [
        (by("LTAI2", "s2", describe("rm-2")), "OK"),
        (by("LTAI2", "s2", describe("rm-1")), "InvalidDBInstanceId.NotFound"),
        (by("LTAI2", "s2", describe("rm-demo")), "InvalidDBInstanceId.NotFound"),
        (by("LTAI2", "testAccessKeySecret", describe("rm-2")), "SignatureDoesNotMatch"),
        (by("LTAI3", "s2", describe("rm-2")), "InvalidAccessKeyId.NotFound"),
        (
            Rpc { security_token: Some("any".to_owned()), ..by("LTAI2", "s2", describe("rm-2")) },
            "InvalidSecurityToken.MismatchWithAccessKey",
        ),
        (describe("rm-2"), "InvalidDBInstanceId.NotFound"),
    ];
    for (rpc, code) in cases {
        assert_eq!(cloud.call(rpc).await.code(), code);
    }
    let calls = cloud.get("calls").await;
    assert_eq!(
        (&calls[0]["account"], &calls[4]["account"], &calls[6]["account"]),
        (&json!("222"), &json!(null), &json!(null))
    );
}

#[tokio::test]
async fn a_mistake_in_a_setting_is_one_clear_sentence_and_changes_nothing() {
    let cloud = Cloud::start().await;
    let cases = [
        ("accounts", json!([{ "id": "" }]), "a name of an account is empty"),
        ("accounts", json!([{ "id": "1", "roles": [{ "name": "" }] }]), "a name of a role is empty"),
        ("accounts", json!([{ "id": "1" }, { "id": "1" }]), "the account `1` is listed twice"),
        (
            "accounts",
            json!([{ "id": "1", "roles": [{ "name": "a" }, { "name": "A" }] }]),
            "the role `1/a` is listed twice",
        ),
        (
            "accounts",
            json!([{ "id": "1", "access_keys": [{ "id": "testAccessKeyId", "secret": "x" }] }]),
            "the access key `testAccessKeyId` is listed twice",
        ),
        ("accounts", json!([{ "id": "1", "colour": 1 }]), "unknown field `colour`"),
        ("keys", json!([{ "id": "" }]), "a key's `id` is empty"),
        ("keys", json!([{ "id": "k" }, { "id": "k" }]), "the key `k` is listed twice"),
        ("keys", json!([{ "id": "k", "state": "Lost" }]), "unknown variant `Lost`, expected one of `Enabled`"),
        ("denied", json!(["DescribeBackups"]), "`DescribeBackups` is no action like `rds:DescribeBackups`"),
        ("metadata", json!({ "role": "web" }), "the account 1234567890123456 has no role `web`"),
        ("metadata", json!({ "fault": "flood" }), "unknown variant `flood`, expected one of `hang`"),
        ("unsupported_regions", json!({}), "invalid type: map, expected a sequence"),
        ("instances", json!([{ "id": "rm-1", "created": "today" }]), "line 1: `today` is no time like 2026-"),
    ];
    for (path, body, start) in cases {
        let reply = cloud.put(path, &body).await;
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.body.starts_with(start) && !reply.body.contains('\n'), "{body}: {}", reply.body);
    }
    assert_eq!(cloud.get("accounts").await.as_array().unwrap().len(), 1);
}
