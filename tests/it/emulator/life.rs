//! The life of an instance, from creation to the seal, and where it can be seen from.

use serde_json::json;

use super::{Cloud, Rpc, describe, seal};

#[tokio::test]
async fn an_instance_is_sealed_once_and_for_all() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;

    let first = cloud.call(seal("rm-1").with("EncryptionKey", "key-1")).await;
    assert_eq!((first.status, first.json()["DBInstanceId"].as_str()), (200, Some("rm-1")));
    let second = cloud.call(seal("rm-1").with("EncryptionKey", "key-2")).await;
    assert_eq!((second.status, second.code().as_str()), (400, "BackupEncryptionAlreadyEnabled"));
    assert_eq!(second.json()["Message"], "backup encryption already enabled.");

    let instance = &cloud.get("instances").await[0];
    assert_eq!((&instance["backup_encryption"], &instance["key"]), (&json!(true), &json!("key-1")));
}

#[tokio::test]
async fn no_key_and_an_empty_key_mean_the_automatic_one() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }, { "id": "rm-2" }])).await;
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "OK");
    assert_eq!(cloud.call(seal("rm-2").with("EncryptionKey", "")).await.code(), "OK");
    for instance in cloud.get("instances").await.as_array().unwrap() {
        assert_eq!((&instance["backup_encryption"], &instance["key"]), (&json!(true), &json!(null)));
    }
}

#[tokio::test]
async fn a_new_instance_becomes_ready_after_some_requests() {
    let cloud = Cloud::with(json!([{ "id": "rm-1", "status": "Creating", "ready_after_calls": 2 }])).await;
    let refused = cloud.call(seal("rm-1")).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "IncorrectDBInstanceState"));
    let seen = cloud.call(describe("rm-1")).await.json();
    assert_eq!(seen["Items"]["DBInstanceAttribute"][0]["DBInstanceStatus"], "Creating");
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "OK");
}

#[tokio::test]
async fn a_new_instance_becomes_ready_after_some_time() {
    let cloud = Cloud::with(json!([{ "id": "rm-1", "ready_after_ms": 3_600_000 }])).await;
    assert_eq!(cloud.get("instances").await[0]["status"], "Creating");
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "IncorrectDBInstanceState");

    cloud.put("clock", &json!({ "offset_seconds": 3601 })).await;

    assert_eq!(cloud.get("instances").await[0]["status"], "Running");
    assert_eq!(cloud.call(Rpc { date: super::signer::date(3601), ..seal("rm-1") }).await.code(), "OK");
}

#[tokio::test]
async fn what_stands_in_the_way_has_the_reference_pages_code_and_status() {
    let cases = [
        (json!({ "status": "Rebooting" }), 403, "IncorrectDBInstanceState"),
        (json!({ "status": "Released" }), 400, "ProductInstanceReleased"),
        (json!({ "storage": "cloud_ssd" }), 403, "CloudSSDNotSupport"),
        (json!({ "category": "Basic" }), 403, "InvalidInstanceLevel.Malformed"),
        (json!({ "region": "ap-southeast-2" }), 400, "RegionEndTimeDissolvedAustralia"),
        (json!({ "region": "ap-south-1" }), 400, "RegionEndTimeDissolvedIndia"),
        (json!({ "account": "1" }), 400, "InvalidDBInstanceId.NotFound"),
        (json!({ "id": "rm-2" }), 400, "InvalidDBInstanceId.NotFound"),
    ];
    for (mut instance, status, code) in cases {
        if instance["id"].is_null() {
            instance["id"] = json!("rm-1");
        }
        let cloud = Cloud::with(json!([instance])).await;
        let reply = cloud.call(seal("rm-1").at("127.0.0.1:80")).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{instance}");
        assert!(!cloud.is_sealed().await, "{instance}");
    }
}

#[tokio::test]
async fn a_description_has_the_facts_but_not_the_seal() {
    let cloud = Cloud::with(json!([{ "id": "rm-1", "engine_version": "5.7", "backup_encryption": true }])).await;
    let reply = cloud.call(describe("rm-1")).await.json();
    let attribute = &reply["Items"]["DBInstanceAttribute"][0];
    let expected = json!({
        "DBInstanceId": "rm-1", "DBInstanceStatus": "Running", "DBInstanceType": "Primary", "Category": "HighAvailability",
        "DBInstanceStorageType": "local_ssd", "Engine": "MySQL", "EngineVersion": "5.7", "LockMode": "Unlock",
        "RegionId": "cn-hangzhou", "CreationTime": attribute["CreationTime"],
    });
    assert_eq!(*attribute, expected);
    assert!(reply["RequestId"].is_string() && attribute["CreationTime"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn a_host_sees_its_own_regions_only() {
    let instances = json!([{ "id": "rm-hz" }, { "id": "rm-cd", "region": "cn-chengdu" }]);
    let cases = [
        ("rds.aliyuncs.com", true, false),
        ("rds-vpc.cn-hangzhou.aliyuncs.com", true, false),
        ("rds.cn-chengdu.aliyuncs.com", false, true),
        ("rds-vpc.cn-chengdu.aliyuncs.com", false, true),
        ("rds.eu-central-1.aliyuncs.com", false, false),
        ("localhost:8080", true, true),
    ];
    let cloud = Cloud::with(instances).await;
    for (host, hangzhou, chengdu) in cases {
        assert_eq!(cloud.call(describe("rm-hz").at(host)).await.status == 200, hangzhou, "{host}");
        assert_eq!(cloud.call(describe("rm-cd").at(host)).await.status == 200, chengdu, "{host}");
    }
}

#[tokio::test]
async fn demo_instances_appear_at_first_sight_where_they_are_looked_for() {
    let cloud = Cloud::start().await;
    assert_eq!(cloud.call(seal("rm-demo1")).await.code(), "OK");
    assert_eq!(cloud.call(seal("rm-demo2").at("rds.cn-chengdu.aliyuncs.com")).await.code(), "OK");
    assert_eq!(cloud.call(seal("rm-demo2")).await.code(), "InvalidDBInstanceId.NotFound");
    assert_eq!(cloud.call(seal("rm-other")).await.code(), "InvalidDBInstanceId.NotFound");

    let instances = cloud.get("instances").await;
    let regions: Vec<_> = instances.as_array().unwrap().iter().map(|instance| &instance["region"]).collect();
    assert_eq!(regions, ["cn-hangzhou", "cn-chengdu"]);
}
