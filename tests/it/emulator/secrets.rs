//! Secrets of KMS: their versions, dry runs, and what is needed to read one.

use serde_json::{Value, json};

use super::{Cloud, Rpc};

fn read(secret: &str) -> Rpc {
    Rpc::kms("GetSecretValue").with("SecretName", secret)
}

async fn cloud_with(secrets: Value) -> Cloud {
    let cloud = Cloud::start().await;
    cloud.set("secrets", secrets).await;
    cloud
}

#[tokio::test]
async fn the_current_version_is_told_unless_another_is_asked_for() {
    let cloud = cloud_with(json!([{ "name": "one", "data": "now", "previous": "before" }])).await;
    let current = cloud.answer(read("one")).await;
    assert_eq!((&current["SecretName"], &current["SecretData"]), (&json!("one"), &json!("now")));
    assert_eq!(current["VersionStages"], json!({ "VersionStage": ["ACSCurrent"] }));
    for (name, value) in [("VersionStage", "ACSPrevious"), ("VersionId", "v1")] {
        assert_eq!(cloud.answer(read("one").with(name, value)).await["SecretData"], "before", "{name}");
    }
    assert_eq!(cloud.call(read("one").with("VersionStage", "Draft")).await.code(), "Forbidden.ResourceNotFound");

    cloud.set("secrets", json!([{ "name": "one", "data": "now" }])).await;
    let previous = cloud.call(read("one").with("VersionStage", "ACSPrevious")).await;
    assert_eq!((previous.status, previous.code().as_str()), (404, "Forbidden.ResourceNotFound"));
}

#[tokio::test]
async fn a_secret_is_found_in_its_region_by_its_name_or_its_arn() {
    let cloud = cloud_with(json!([{ "name": "one", "data": "x", "region": "cn-chengdu" }])).await;
    assert_eq!(cloud.call(read("one")).await.code(), "Forbidden.ResourceNotFound");
    for name in ["one", "acs:kms:cn-chengdu:1234567890123456:secret/one"] {
        assert_eq!(cloud.answer(read(name).at("kms.cn-chengdu.aliyuncs.com")).await["SecretData"], "x");
    }
    assert_eq!(cloud.answer(read("one").at("127.0.0.1:80")).await["SecretData"], "x");
    assert_eq!(cloud.call(Rpc::kms("GetSecretValue")).await.code(), "MissingSecretName");
}

#[tokio::test]
async fn a_dry_run_is_always_an_error() {
    let cloud = cloud_with(json!([{ "name": "one", "data": "x" }])).await;
    let dry_run = |secret: &str| read(secret).with("DryRun", "true");
    assert_eq!(cloud.call(dry_run("one")).await.code(), "DryRunOperationError");
    assert_eq!(cloud.call(dry_run("two")).await.code(), "Forbidden.ResourceNotFound");
    assert!(!cloud.get("calls").await.to_string().contains("\"x\""));
}

#[tokio::test]
async fn a_key_of_the_customers_own_has_to_be_allowed_too() {
    let cloud =
        cloud_with(json!([{ "name": "own", "data": "x", "key": "key-1" }, { "name": "one", "data": "x" }])).await;
    cloud.set("denied", json!(["kms:Decrypt"])).await;
    let reply = cloud.call(read("own")).await;
    assert_eq!(
        (reply.code().as_str(), &reply.json()["AccessDeniedDetail"]["AuthAction"]),
        ("Forbidden.RAM", &json!("kms:Decrypt"))
    );
    assert_eq!(cloud.call(read("one")).await.code(), "OK");
}

#[tokio::test]
async fn what_is_no_list_of_secrets_is_refused_and_changes_nothing() {
    let cloud = cloud_with(json!([{ "name": "one", "data": "x".repeat(30_720) }])).await;
    for (secrets, why) in [
        (json!([{ "name": "", "data": "x" }]), "a secret's `name` is empty"),
        (json!([{ "name": "a", "data": "x".repeat(30_721) }]), "the secret `a` is longer than 30720 bytes"),
        (json!([{ "name": "a", "data": "x" }, { "name": "a", "data": "y" }]), "the secret `a` is listed twice"),
    ] {
        let reply = cloud.put("secrets", &secrets).await;
        assert_eq!((reply.status, reply.body.as_str()), (400, why));
    }
    assert_eq!(cloud.get("secrets").await[0]["name"], "one");
    assert_eq!(cloud.answer(read("one")).await["SecretData"].as_str().unwrap().len(), 30_720);
}
