//! What RAM denies.

use serde_json::{Value, json};

use super::{Cloud, Rpc, seal};

fn in_hangzhou(action: &str) -> Rpc {
    Rpc::new(action).with("RegionId", "cn-hangzhou")
}

#[tokio::test]
async fn every_operation_can_be_denied_by_its_action() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    let cases = [
        (seal("rm-1"), "rds:EnableBackupEncryption", "Forbidden.RAM"),
        (in_hangzhou("CheckRegionSupportBackupEncryption"), "rds:CheckRegionSupportBackupEncryption", "Forbidden.RAM"),
        (in_hangzhou("CheckBackupEncryptionAuthorized"), "rds:CheckBackupEncryptionAuthorized", "Forbidden.RAM"),
        (in_hangzhou("AuthorizeBackupEncryption"), "rds:AuthorizeBackupEncryption", "Forbidden.RAM"),
        (in_hangzhou("DescribeDBInstances"), "rds:DescribeDBInstances", "Forbidden.RAM"),
        (super::describe("rm-1"), "rds:DescribeDBInstanceAttribute", "Forbidden.RAM"),
        (Rpc::new("DescribeBackups").with("DBInstanceId", "rm-1"), "rds:DescribeBackups", "Forbidden.RAM"),
        (Rpc::new("DescribeBackupPolicy").with("DBInstanceId", "rm-1"), "rds:DescribeBackupPolicy", "Forbidden.RAM"),
        (in_hangzhou("ListTagResources"), "rds:ListTagResources", "Forbidden.RAM"),
        (Rpc::kms("DescribeKey").with("KeyId", "key-1"), "kms:DescribeKey", "Forbidden.RAM"),
        (Rpc::kms("GetSecretValue").with("SecretName", "one"), "kms:GetSecretValue", "Forbidden.RAM"),
        (
            Rpc {
                version: "2020-04-01".to_owned(),
                ..Rpc::new("PutEvents").at("eventbridge.cn-hangzhou.aliyuncs.com")
            },
            "eventbridge:PutEvents",
            "Forbidden.RAM",
        ),
        (Rpc::sts("AssumeRole"), "sts:AssumeRole", "NoPermission"),
        (Rpc::sts("GetCallerIdentity"), "sts:GetCallerIdentity", "NoPermission"),
    ];
    for (rpc, action, code) in cases {
        cloud.set("denied", json!([action])).await;
        let reply = cloud.call(rpc).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, code), "{action}");
        assert_eq!(reply.json()["AccessDeniedDetail"]["AuthAction"], action);
    }
    assert!(!cloud.is_sealed().await);
    cloud.set("denied", json!([])).await;
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "OK");
}

#[tokio::test]
async fn a_denial_says_who_lacks_what() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.set("denied", json!(["rds:*"])).await;
    let body = cloud.call(seal("rm-1")).await.json();
    let detail = body["AccessDeniedDetail"].as_object().unwrap();
    let expected = [
        ("AuthAction", "rds:EnableBackupEncryption"),
        ("AuthPrincipalType", "SubUser"),
        ("AuthPrincipalOwnerId", "1234567890123456"),
        ("NoPermissionType", "ImplicitDeny"),
        ("PolicyType", "AccountLevelIdentityBasedPolicy"),
    ];
    for (name, value) in expected {
        assert_eq!(detail[name], value);
    }
    for name in ["AuthPrincipalDisplayName", "EncodedDiagnosticMessage"] {
        assert!(!detail[name].as_str().unwrap().is_empty(), "{name}");
    }
    assert_eq!((detail.len(), &cloud.get("denied").await), (7, &json!(["rds:*"])));
}

#[tokio::test]
async fn a_role_can_be_denied_what_others_may() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    let role = |denied: Value| {
        json!([{ "id": "1234567890123456", "roles": [
        { "name": "sealer", "trusts": ["1234567890123456"], "denied": denied },
    ] }])
    };
    cloud.set("accounts", role(json!(["rds:EnableBackupEncryption"]))).await;
    let assume = Rpc::sts("AssumeRole").with("RoleArn", "acs:ram::1234567890123456:role/sealer");
    let session = cloud.answer(assume.with("RoleSessionName", "test")).await["Credentials"].clone();

    let reply = cloud.call(seal("rm-1").by(&session)).await;
    assert_eq!(reply.code(), "Forbidden.RAM");
    let detail = &reply.json()["AccessDeniedDetail"];
    assert_eq!(
        (&detail["AuthPrincipalType"], &detail["AuthPrincipalDisplayName"]),
        (&json!("AssumedRoleUser"), &json!("sealer:test"))
    );
    assert_eq!(cloud.call(super::describe("rm-1").by(&session)).await.code(), "OK");

    cloud.set("accounts", role(json!([]))).await;
    assert_eq!(cloud.call(seal("rm-1").by(&session)).await.code(), "OK");
}

#[tokio::test]
async fn a_denied_request_uses_no_fault_up() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.script(json!([{ "fault": "throttle" }])).await;
    cloud.set("denied", json!(["rds:EnableBackupEncryption"])).await;
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "Forbidden.RAM");
    cloud.set("denied", json!([])).await;
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "Throttling.User");
}
