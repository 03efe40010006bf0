//! Keys of KMS, in every state, and what the seal makes of them.

use serde_json::json;

use super::{Cloud, Rpc, seal};

fn describe(key: &str) -> Rpc {
    Rpc::kms("DescribeKey").with("KeyId", key)
}

#[tokio::test]
async fn every_key_works_until_some_are_listed() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    let answer = cloud.answer(describe("key-any").at("kms-vpc.cn-chengdu.aliyuncs.com")).await;
    let metadata = json!({
        "KeyId": "key-any", "Arn": "acs:kms:cn-chengdu:1234567890123456:key/key-any", "KeyState": "Enabled",
        "KeySpec": "Aliyun_AES_256", "KeyUsage": "ENCRYPT/DECRYPT", "Origin": "Aliyun_KMS",
        "Creator": "1234567890123456", "DeleteDate": "", "MaterialExpireTime": "", "ProtectionLevel": "SOFTWARE",
        "DKMSInstanceId": "",
    });
    assert_eq!(answer["KeyMetadata"], metadata);
    let call = &cloud.get("calls").await[0];
    assert_eq!((&call["key"], &call["region"]), (&json!("key-any"), &json!("cn-chengdu")));
    assert_eq!(cloud.call(seal("rm-1").with("EncryptionKey", "key-any")).await.code(), "OK");

    cloud.set("keys", json!([])).await;
    let reply = cloud.call(describe("key-any")).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "Forbidden.KeyNotFound"));
}

#[tokio::test]
async fn a_key_is_described_in_every_state_but_seals_only_when_it_can_encrypt() {
    let cases = [
        (json!({ "id": "key-1" }), "Enabled", "OK"),
        (json!({ "id": "key-1", "state": "Disabled" }), "Disabled", "InvalidKmsKey"),
        (json!({ "id": "key-1", "state": "PendingDeletion" }), "PendingDeletion", "InvalidKmsKey"),
        (json!({ "id": "key-1", "state": "PendingImport" }), "PendingImport", "InvalidKmsKey"),
        (json!({ "id": "key-1", "usage": "SIGN/VERIFY", "spec": "RSA_2048" }), "Enabled", "InvalidKmsKey"),
    ];
    for (key, state, code) in cases {
        let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
        cloud.set("keys", json!([key])).await;
        let metadata = cloud.answer(describe("key-1")).await["KeyMetadata"].clone();
        assert_eq!(metadata["KeyState"], state);
        assert_eq!(metadata["DeleteDate"] != "", state == "PendingDeletion");
        assert_eq!(cloud.call(seal("rm-1").with("EncryptionKey", "key-1")).await.code(), code, "{key}");
        assert_eq!(cloud.is_sealed().await, code == "OK");
    }
}

#[tokio::test]
async fn a_key_elsewhere_is_unknown() {
    for key in [
        json!({ "id": "key-2" }),
        json!({ "id": "key-1", "region": "cn-shanghai" }),
        json!({ "id": "key-1", "account": "1" }),
    ] {
        let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
        cloud.set("keys", json!([key])).await;
        assert_eq!(cloud.call(describe("key-1")).await.code(), "Forbidden.KeyNotFound", "{key}");
        let reply = cloud.call(seal("rm-1").with("EncryptionKey", "key-1")).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "KmsApiError"), "{key}");
    }
}

#[tokio::test]
async fn the_seal_leaves_a_tag_on_the_key() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.set("keys", json!([{ "id": "key-1", "tags": { "env": "prod" } }])).await;
    cloud.answer(seal("rm-1").with("EncryptionKey", "key-1")).await;
    let key = json!({
        "id": "key-1", "region": "cn-hangzhou", "account": "1234567890123456", "state": "Enabled",
        "usage": "ENCRYPT/DECRYPT", "spec": "Aliyun_AES_256",
        "tags": { "acs:rds:backup-encryption": "true", "env": "prod" },
    });
    assert_eq!(cloud.get("keys").await, json!([key]));
}

#[tokio::test]
async fn a_loopback_host_finds_a_key_in_any_region() {
    let cloud = Cloud::start().await;
    cloud.set("keys", json!([{ "id": "key-1", "region": "cn-chengdu" }])).await;
    let answer = cloud.answer(describe("key-1").at("127.0.0.1:80")).await;
    assert_eq!(answer["KeyMetadata"]["Arn"], "acs:kms:cn-chengdu:1234567890123456:key/key-1");
    assert_eq!(cloud.call(Rpc::kms("DescribeKey")).await.code(), "MissingKeyId");
}
