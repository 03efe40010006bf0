//! Events without an envelope: notices and remediations of Cloud Config, and bare records of `ActionTrail`.

use rds_seal::ingress::DeliveryDefaults;
use rds_seal::request::ids::AccountId;
use rds_seal::request::pattern::Pattern;
use serde_json::{Value, json};

use super::*;
use crate::world::event;

#[test]
fn a_notice_says_whose_instance_it_is_by_number_or_text() {
    let usual = "request rm-demo1 cn-hangzhou 1234567890123456";
    assert_eq!(result_of(notice().to_string()), usual);
    for (pointer, value, result) in [
        ("/annotation", json!({"configuration": "false"}), usual),
        ("/accountId", json!("1234567890123456"), usual),
        ("/accountId", json!(6_543_210_987_654_321_u64), usual),
        ("/dataType", json!(null), usual),
        (
            "/dataType",
            json!("ConfigurationItemChangeNotification"),
            "ignored notices of Cloud Config with the dataType",
        ),
        ("/complianceType", json!("COMPLIANT"), "ignored the rule found it COMPLIANT, not NON_COMPLIANT"),
        ("/complianceType", json!(null), "rejected complianceType is missing"),
        ("/evaluationResultIdentifier/evaluationResultQualifier/resourceOwnerId", json!(null), usual),
        (
            "/evaluationResultIdentifier/evaluationResultQualifier/resourceOwnerId",
            json!(1.5),
            "rejected evaluationResultIdentifier.evaluationResultQualifier.resourceOwnerId is not an account id",
        ),
        (
            "/evaluationResultIdentifier/evaluationResultQualifier/resourceType",
            json!("ACS::ECS::Instance"),
            "ignored ACS::ECS::Instance is not ACS::RDS::DBInstance",
        ),
        (
            "/evaluationResultIdentifier/evaluationResultQualifier/resourceId",
            json!("rm;"),
            "rejected evaluationResultIdentifier.evaluationResultQualifier.resourceId is not an RDS instance id",
        ),
        (
            "/evaluationResultIdentifier/evaluationResultQualifier/regionId",
            json!(null),
            "request rm-demo1 cn-shanghai 1234567890123456",
        ),
        (
            "/evaluationResultIdentifier",
            json!({}),
            "rejected evaluationResultIdentifier.evaluationResultQualifier.resourceType is missing",
        ),
    ] {
        let mut changed = notice();
        *changed.pointer_mut(pointer).unwrap() = value.clone();
        let now = result_of(changed.to_string());
        assert!(now.starts_with(result), "{pointer} = {value}: {now}");
    }
}

#[test]
fn a_notice_keeps_its_id_when_it_comes_again_and_tells_its_rule_and_time() {
    let first = taken(notice().to_string()).requests.remove(0);
    assert_eq!(first.origin.event_id, "cr-1/rm-demo1/1795500000000");
    assert_eq!(first.origin.actor.as_deref(), Some("rds-backup-encryption"));
    assert_eq!(first.happened_at, Some("2026-11-24T06:00:00Z".parse().unwrap()));
    let by_topic = taken(topic(&notice().to_string()).to_string()).requests.remove(0);
    assert_eq!(by_topic.origin, first.origin);
    let mut later = notice();
    later["notificationCreationTime"] = 1_795_500_000_001_u64.into();
    assert_eq!(taken(later.to_string()).requests[0].origin.event_id, "cr-1/rm-demo1/1795500000001");

    let mut event: Value = serde_json::from_str(&event("instance-created.json")).unwrap();
    event["type"] = "rds:Config:NonCompliantNotification".into();
    event["data"] = notice();
    event["data"]["notificationCreationTime"] = Value::Null;
    event["aliyunoriginalaccountid"] = "6543210987654321".into();
    let enveloped = taken(event.to_string()).requests.remove(0);
    assert_eq!(enveloped.origin.event_id, "00000000-0000-4000-8000-000000000001");
    assert_eq!(enveloped.account.as_ref().map(AccountId::as_str), Some("1234567890123456"), "the resource's owner");
    assert_eq!(enveloped.happened_at, Some("2026-11-20T02:03:04Z".parse().unwrap()));
    event["data"]["evaluationResultIdentifier"]["evaluationResultQualifier"]["resourceOwnerId"] = Value::Null;
    event["data"]["accountId"] = Value::Null;
    let by_the_envelope = taken(event.to_string()).requests.remove(0);
    assert_eq!(by_the_envelope.account.as_ref().map(AccountId::as_str), Some("6543210987654321"));
    event["data"]["complianceType"] = Value::Null;
    assert_eq!(result_of(event.to_string()), "rejected data.complianceType is missing");
}

#[test]
fn a_remediation_names_resources_and_only_instances_are_for_us() {
    let resource = |kind: &str, id: &str| json!({"accountId": 1_234_567_890_123_456_u64, "regionId": "cn-hangzhou", "resourceId": id, "resourceType": kind});
    let rds = "ACS::RDS::DBInstance";
    let body = json!([resource(rds, "rm-demo1"), resource("ACS::ECS::Instance", "i-1"), resource(rds, "RM")]);
    assert_eq!(
        result_of(body.to_string()),
        "request rm-demo1 cn-hangzhou 1234567890123456 | ignored ACS::ECS::Instance is not \
         ACS::RDS::DBInstance, the only kind of resource that is for us | rejected [2].resourceId is not an RDS instance \
         id: write one like rm-bp1q2w3e4r5t6y7u8"
    );
}

#[test]
fn a_bare_record_passes_the_same_rules_as_one_in_an_envelope() {
    let usual = "request rm-demo1bp1q2w3e4r5 cn-hangzhou -";
    for (pointer, value, result) in [
        ("/eventVersion", json!(1), usual),
        ("/serviceName", json!("Ecs"), "ignored CreateDBInstance is a call of Ecs, not of Rds"),
        ("/eventName", json!("EnableBackupEncryption"), "ignored EnableBackupEncryption is our own call"),
        ("/eventName", json!("RestartDBInstance"), "ignored RestartDBInstance is not one of the configured"),
        ("/responseElements", json!(null), "rejected responseElements.DBInstanceId is missing"),
        ("/acsRegion", json!("CN"), "rejected acsRegion is not a region id"),
        ("/acsRegion", json!(null), "request rm-demo1bp1q2w3e4r5 cn-shanghai -"),
    ] {
        let mut changed = record();
        *changed.pointer_mut(pointer).unwrap() = value.clone();
        let now = result_of(changed.to_string());
        assert!(now.starts_with(result), "{pointer} = {value}: {now}");
    }
    let with = |name: &str, value: Value| {
        let mut changed = record();
        changed[name] = value;
        result_of(changed.to_string())
    };
    assert_eq!(with("errorCode", json!("OrderFailed")), "ignored this CreateDBInstance failed with OrderFailed");
    assert!(with("recipientAccountId", json!("1234567890123456")).ends_with("cn-hangzhou 1234567890123456"));
    let mut copy = serde_json::from_str::<Value>(&event("clone-created.json")).unwrap()["data"].take();
    copy["responseElements"]["DBInstanceId"] = "rm-demo1source000001".into();
    assert!(result_of(copy.to_string()).starts_with("ignored rm-demo1source000001 is the source"));
    let asked = taken(record().to_string()).requests.remove(0);
    assert_eq!(asked.origin.event_id, "4EC856C0-A735-52D0-A7E6-000000000001");
    assert_eq!(asked.happened_at, Some("2026-11-20T02:03:04Z".parse().unwrap()));
}

#[test]
fn a_region_that_nobody_names_is_missing_in_the_whole() {
    let nobody = |body: &Value| lines(&taken_by(body.to_string(), &DeliveryDefaults::default())).join(" | ");
    let mut created: Value = serde_json::from_str(&event("instance-created.json")).unwrap();
    created["aliyunregionid"] = Value::Null;
    created["data"]["acsRegion"] = Value::Null;
    assert_eq!(nobody(&created), "rejected region is missing");
    assert_eq!(nobody(&created["data"]), "rejected region is missing");
    created["aliyunregionid"] = "cn-beijing".into();
    assert!(nobody(&created).contains("cn-beijing"));
    let resource = json!([{"accountId": 1, "resourceId": "rm-demo1", "resourceType": "ACS::RDS::DBInstance"}]);
    assert_eq!(
        nobody(&resource),
        "rejected [0].accountId is not an account id: write its digits, like 1234567890123456"
    );
}

#[test]
fn only_the_rules_that_are_named_are_followed() {
    let rule = notice()["evaluationResultIdentifier"]["evaluationResultQualifier"]["configRuleName"].clone();
    let rule = rule.as_str().unwrap();
    for (named, is_followed) in [(rule, true), ("*", true), ("another-rule", false)] {
        let rules = Some(vec![Pattern::new(named)]);
        let door = EventDoor { config_rules: rules, ..EventDoor::default() };
        let intake = read(&Verified::by_platform(notice().to_string().into()), &door, &DeliveryDefaults::default());
        assert_eq!((intake.requests.len(), intake.ignored.len()), if is_followed { (1, 0) } else { (0, 1) }, "{named}");
    }
}
