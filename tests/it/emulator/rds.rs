//! What RDS tells about regions, authorization, lists of instances and tags. The vendor's own clients call each
//! operation, leave out what it requires, and go from page to page in `tests/clients`.

use serde_json::{Value, json};

use super::{Cloud, Rpc, describe, seal};

fn in_region(action: &str, region: &str) -> Rpc {
    Rpc::new(action).with("RegionId", region)
}

fn list() -> Rpc {
    in_region("DescribeDBInstances", "cn-hangzhou")
}

fn ids(listed: &Value) -> Vec<&str> {
    let items = listed["Items"]["DBInstance"].as_array().unwrap();
    items.iter().map(|item| item["DBInstanceId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_region_has_backup_encryption_unless_it_is_listed_or_closed() {
    let cloud = Cloud::start().await;
    cloud.set("unsupported_regions", json!(["cn-chengdu"])).await;
    for (region, supported) in [("cn-hangzhou", true), ("cn-chengdu", false), ("ap-south-1", false)] {
        let check = in_region("CheckRegionSupportBackupEncryption", region).at("127.0.0.1:80");
        assert_eq!(cloud.answer(check).await["SupportBackupEncryption"], supported, "{region}");
    }
    assert_eq!(cloud.get("unsupported_regions").await, json!(["cn-chengdu"]));
}

#[tokio::test]
async fn the_question_can_be_put_for_one_instance() {
    let cloud = Cloud::with(json!([
        { "id": "rm-good" }, { "id": "rm-ssd", "storage": "cloud_ssd" }, { "id": "rm-basic", "category": "Basic" },
    ]))
    .await;
    let check = |region, id| in_region("CheckRegionSupportBackupEncryption", region).with("DBInstanceID", id);
    for (id, supported) in [("rm-good", true), ("rm-ssd", false), ("rm-basic", false), ("rm-demo", true)] {
        let answer = cloud.answer(check("cn-hangzhou", id)).await;
        assert_eq!(answer["SupportBackupEncryption"], supported, "{id}");
    }
    assert_eq!(cloud.call(check("cn-shanghai", "rm-good")).await.code(), "InvalidDBInstanceId.NotFound");
    assert_eq!(cloud.call(check("cn-hangzhou", "rm-none")).await.code(), "InvalidDBInstanceId.NotFound");
    let call = &cloud.get("calls").await[0];
    assert_eq!((&call["instance"], &call["region"]), (&json!("rm-good"), &json!("cn-hangzhou")));
}

#[tokio::test]
async fn an_unsupported_region_refuses_the_seal() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.set("unsupported_regions", json!(["cn-hangzhou"])).await;
    let reply = cloud.call(seal("rm-1")).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "BackupEncryptUnsupportRegion"));
    assert!(!cloud.is_sealed().await);
}

#[tokio::test]
async fn a_missing_service_linked_role_is_seen_and_created() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.set("accounts", json!([{ "id": "1234567890123456", "backup_encryption_role": false }])).await;
    let arn = "acs:ram::1234567890123456:role/AliyunServiceRoleForRdsBackupEncryption";

    let refused = cloud.call(seal("rm-1")).await;
    assert_eq!((refused.status, refused.code().as_str()), (404, "BackupAkProvenNotFound"));
    let checked = cloud.answer(in_region("CheckBackupEncryptionAuthorized", "cn-hangzhou")).await;
    assert_eq!((&checked["AuthorizationState"], &checked["RoleARN"]), (&json!("0"), &json!(arn)));

    let granted = cloud.answer(in_region("AuthorizeBackupEncryption", "cn-hangzhou")).await;
    assert_eq!((&granted["AuthorizationState"], &granted["RoleARN"]), (&json!(1), &json!(arn)));
    assert_eq!(granted["Message"], "create backup encrypt service linked role error.");
    let checked = cloud.answer(in_region("CheckBackupEncryptionAuthorized", "cn-hangzhou")).await;
    assert_eq!(checked["AuthorizationState"], "1");
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "OK");
}

#[tokio::test]
async fn required_parameters_are_asked_for_by_name() {
    let cloud = Cloud::start().await;
    let tags = || in_region("ListTagResources", "cn-hangzhou");
    let cases = [
        (Rpc::new("ListTagResources"), "MissingRegionId"),
        (tags().with("ResourceType", "INSTANCE"), "MissingResourceId"),
        (tags().with("ResourceType", "DISK").with("Tag.1.Key", "env"), "InvalidParameter"),
        (in_region("DescribeDBInstances", "cn-chengdu"), "InvalidRegion.NotFound"),
        (Rpc::new("EnableBackupEncryption").at("kms.cn-hangzhou.aliyuncs.com"), "InvalidApi.NotFound"),
        (Rpc::new("DescribeKey"), "InvalidApi.NotFound"),
    ];
    for (rpc, code) in cases {
        let action = rpc.action.clone();
        assert_eq!(cloud.call(rpc).await.code(), code, "{action}");
    }
}

#[tokio::test]
async fn a_list_has_the_facts_without_tags_and_the_category_on_request() {
    let cloud = Cloud::with(json!([{
        "id": "rm-1", "type": "Readonly", "master": "rm-0", "lock_mode": "ManualLock", "resource_group": "rg-1",
        "tags": { "env": "prod" }, "created": "2026-01-02T03:04:05Z",
    }]))
    .await;
    let mut expected = json!({
        "DBInstanceId": "rm-1", "DBInstanceStatus": "Running", "DBInstanceType": "Readonly", "Engine": "MySQL",
        "DBInstanceStorageType": "local_ssd", "EngineVersion": "8.0", "LockMode": "ManualLock",
        "RegionId": "cn-hangzhou", "ResourceGroupId": "rg-1", "MasterInstanceId": "rm-0",
        "CreateTime": "2026-01-02T03:04:05Z",
    });
    let listed = cloud.answer(list()).await;
    assert_eq!(listed["Items"]["DBInstance"], json!([expected]));

    expected["Category"] = json!("HighAvailability");
    let listed = cloud.answer(list().with("InstanceLevel", "1")).await;
    assert_eq!(listed["Items"]["DBInstance"], json!([expected]));

    let attribute = &cloud.answer(describe("rm-1")).await["Items"]["DBInstanceAttribute"][0];
    expected["CreationTime"] = expected.as_object_mut().unwrap().remove("CreateTime").unwrap();
    assert_eq!(*attribute, expected);
}

#[tokio::test]
async fn a_list_is_filtered() {
    let cloud = Cloud::with(json!([
        { "id": "rm-1" }, { "id": "rm-2", "status": "Stopped" }, { "id": "rm-3", "type": "Readonly" },
        { "id": "pgm-4", "engine": "PostgreSQL", "engine_version": "16.0" }, { "id": "rm-5", "resource_group": "rg-1" },
        { "id": "rm-6", "region": "cn-shanghai" }, { "id": "rm-7", "account": "1" },
    ]))
    .await;
    let cases = [
        ("DBInstanceId", "rm-3", &["rm-3"][..]),
        ("DBInstanceId", "rm-6", &[]),
        ("Engine", "PostgreSQL", &["pgm-4"]),
        ("EngineVersion", "16.0", &["pgm-4"]),
        ("DBInstanceStatus", "Stopped", &["rm-2"]),
        ("DBInstanceType", "Readonly", &["rm-3"]),
        ("ResourceGroupId", "rg-1", &["rm-5"]),
        ("DBInstanceId", "rm-demo1", &["rm-demo1"]),
    ];
    assert_eq!(ids(&cloud.answer(list()).await), ["rm-1", "rm-2", "rm-3", "pgm-4", "rm-5"]);
    for (name, value, expected) in cases {
        assert_eq!(ids(&cloud.answer(list().with(name, value)).await), expected, "{name} {value}");
    }
    assert_eq!(ids(&cloud.answer(in_region("DescribeDBInstances", "cn-shanghai")).await), ["rm-6"]);
}

async fn many() -> Cloud {
    Cloud::with((0..65).map(|number| json!({ "id": format!("rm-{number}") })).collect()).await
}

#[tokio::test]
async fn a_page_has_thirty_unless_more_are_asked_for() {
    let cloud = many().await;
    assert_eq!(ids(&cloud.answer(list()).await).len(), 30);
    assert_eq!(ids(&cloud.answer(list().with("MaxResults", "100")).await).len(), 65);
}

#[tokio::test]
async fn pages_that_cannot_be_are_refused() {
    let cloud = many().await;
    let cases = [
        ("MaxResults", "0"),
        ("MaxResults", "101"),
        ("PageSize", "x"),
        ("PageNumber", "0"),
        ("NextToken", "x"),
        ("NextToken", "ZnJvbSA5OTk="),
    ];
    for (name, value) in cases {
        assert_eq!(cloud.call(list().with(name, value)).await.code(), "InvalidParameter", "{name} {value}");
    }
}

#[tokio::test]
async fn tags_are_listed_by_instance_and_by_tag() {
    let cloud = Cloud::with(json!([
        { "id": "rm-1", "tags": { "env": "prod", "team": "a" } }, { "id": "rm-2", "tags": { "env": "test" } },
        { "id": "rm-3" }, { "id": "rm-4", "tags": { "env": "prod" }, "account": "1" },
    ]))
    .await;
    let tags = || in_region("ListTagResources", "cn-hangzhou").with("ResourceType", "INSTANCE");
    let row =
        |id, key, value| json!({ "ResourceId": id, "ResourceType": "INSTANCE", "TagKey": key, "TagValue": value });
    let (env, team, other) = (row("rm-1", "env", "prod"), row("rm-1", "team", "a"), row("rm-2", "env", "test"));
    let cases = [
        (tags().with("ResourceId.1", "rm-1"), json!([env, team])),
        (tags().with("ResourceId.1", "rm-3").with("ResourceId.2", "rm-2"), json!([other])),
        (tags().with("Tag.1.Key", "env"), json!([env, team, other])),
        (tags().with("Tag.1.Key", "env").with("Tag.1.Value", "test"), json!([other])),
        (tags().with("Tag.1.Key", "env").with("Tag.2.Key", "team").with("Tag.2.Value", "a"), json!([env, team])),
        (tags().with("ResourceId.1", "rm-4"), json!([])),
    ];
    for (rpc, expected) in cases {
        assert_eq!(cloud.answer(rpc).await["TagResources"]["TagResource"], expected);
    }
}

#[tokio::test]
async fn many_tags_come_page_by_page() {
    let tags: serde_json::Map<_, _> = (0..70).map(|number| (format!("k{number:02}"), json!("v"))).collect();
    let cloud = Cloud::with(json!([{ "id": "rm-1", "tags": tags }])).await;
    let ask =
        || in_region("ListTagResources", "cn-hangzhou").with("ResourceType", "INSTANCE").with("ResourceId.1", "rm-1");
    let first = cloud.answer(ask()).await;
    let second = cloud.answer(ask().with("NextToken", first["NextToken"].as_str().unwrap())).await;
    let count = |page: &Value| page["TagResources"]["TagResource"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second), &second["NextToken"]), (50, 20, &json!(null)));
}

#[tokio::test]
async fn faults_strike_every_operation() {
    let cloud = Cloud::start().await;
    let cases = [
        (list(), "ServiceUnavailable", 503),
        (Rpc::new("DescribeBackups"), "Forbidden.RAM", 403),
        (in_region("AuthorizeBackupEncryption", "cn-hangzhou"), "BackupEncryptUnsupportCallerType", 400),
        (Rpc::kms("DescribeKey"), "Rejected.Disabled", 409),
        (Rpc::sts("AssumeRole"), "EntityNotExist.Role", 404),
        (Rpc::sts("GetCallerIdentity"), "Throttling.User", 400),
        (Rpc::sts("AssumeRoleWithOIDC"), "AuthenticationFail.OIDCToken.InvalidSignature", 401),
    ];
    for (rpc, code, status) in cases {
        cloud.script(json!([{ "fault": "code", "operation": rpc.action, "code": code }])).await;
        let reply = cloud.call(rpc).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code));
        assert!(!reply.json()["Message"].as_str().unwrap().is_empty());
    }
}
