//! What each shape that arrives at the event door ends in, read without a socket: `tests/fixtures/events` has the samples,
//! and `results.tsv` beside them what each comes to.

mod hostile;
mod messages;
mod notices;

use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use rds_seal::ingress::event::{EventDoor, read};
use rds_seal::ingress::{DeliveryDefaults, Intake, Verified};
use rds_seal::request::SealRequest;
use rds_seal::request::ids::{AccountId, RegionId};
use rds_seal::words::{self, Language};
use serde_json::{Value, json};

use crate::world::event;

pub(super) fn taken(body: impl Into<Bytes>) -> Intake {
    taken_by(
        body,
        &DeliveryDefaults {
            account: Some(AccountId::parse("1234567890123456").unwrap()),
            region: Some(RegionId::parse("cn-shanghai").unwrap()),
            request_id: Some("R-1".to_owned()),
            asked_at: None,
        },
    )
}

/// The same, where the host knows this and no more.
pub(super) fn taken_by(body: impl Into<Bytes>, envelope: &DeliveryDefaults) -> Intake {
    read(&Verified::by_platform(body.into()), &EventDoor::default(), envelope)
}

/// Everything a delivery comes to, one line for each thing.
pub(super) fn lines(intake: &Intake) -> Vec<String> {
    let request = |request: &SealRequest| {
        let account = request.account.as_ref().map_or("-", AccountId::as_str);
        format!("request {} {} {account}", request.instance, request.region)
    };
    let requests = intake.requests.iter().map(request);
    let ignored = intake.ignored.iter().map(|ignored| format!("ignored {}", words::ignored(&ignored.reason)));
    let rejected = intake.rejected.iter().map(|rejection| format!("rejected {}", Language::En.rejection(rejection)));
    requests.chain(ignored).chain(rejected).collect()
}

pub(super) fn result_of(body: impl Into<Bytes>) -> String {
    lines(&taken(body)).join(" | ")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events")
}

/// The samples, by name: as they were published, and with digits where ids were masked.
pub(super) fn samples() -> Vec<(String, String, String)> {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != "README.md" && name != "results.tsv").collect();
    names.sort_unstable();
    let read = |name: String| {
        let published = std::fs::read_to_string(folder().join(&name)).unwrap();
        let unmasked = published.replace("****", "0000");
        (name, published, unmasked)
    };
    names.into_iter().map(read).collect()
}

/// Set `REWRITE_FIXTURES` to write the table anew, and then read what has changed.
#[test]
fn every_sample_ends_as_the_table_says() {
    let row = |(name, published, unmasked): (String, String, String)| {
        let (published, unmasked) = (result_of(published), result_of(unmasked));
        let same = if unmasked == published { "the same".to_owned() } else { unmasked };
        format!("{name}\t{published}\t{same}\n")
    };
    let rows: String = samples().into_iter().map(row).collect();
    let now = format!("file\tas it was published\twith its masks filled in\n{rows}");
    let table = folder().join("results.tsv");
    if std::env::var("REWRITE_FIXTURES").is_ok() {
        std::fs::write(&table, &now).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&table).unwrap(), now);
}

pub(super) fn base64(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

pub(super) fn ask(instance: &str) -> Value {
    json!({"instance": instance, "region": "cn-hangzhou"})
}

pub(super) fn topic(message: &str) -> Value {
    json!({"TopicOwner": "1234567890123456", "TopicName": "t", "Subscriber": "1234567890123456", "SubscriptionName": "s",
        "Message": message, "MessageId": "M-1", "MessageMD5": "0", "PublishTime": 1_795_500_000_000_u64})
}

pub(super) fn queue(message: &str) -> Value {
    json!({"id": "E-1", "source": "MNS-Function-mnstrigger", "specversion": "1.0", "type": "mns:Queue:SendMessage",
        "aliyunaccountid": "1234567890123456", "time": "2026-11-20T02:03:04Z",
        "data": {"requestId": "Q-1", "messageId": "M-2", "messageBody": message}})
}

pub(super) fn dead_letter(payload: &str) -> Value {
    json!({"timestamp": 1_660_120_276_975_u64, "requestPayload": payload, "responsePayload": "",
        "requestContext": {"requestId": "R-0", "functionArn": "acs:fc:r:a:functions/f",
            "condition": "FunctionResourceExhausted", "approximateInvokeCount": 3},
        "responseContext": {"statusCode": 200, "functionError": ""}})
}

pub(super) fn notice() -> Value {
    json!({"annotation": "{\"configuration\":\"false\"}", "dataType": "NonCompliantNotification",
        "complianceType": "NON_COMPLIANT", "accountId": 1_234_567_890_123_456_u64,
        "notificationCreationTime": 1_795_500_000_000_u64,
        "evaluationResultIdentifier": {"orderingTimestamp": 1, "evaluationResultQualifier": {
            "resourceId": "rm-demo1", "resourceType": "ACS::RDS::DBInstance", "regionId": "cn-hangzhou",
            "resourceOwnerId": 1_234_567_890_123_456_u64, "captureTime": 1_630_907_917_476_u64,
            "configRuleId": "cr-1", "configRuleName": "rds-backup-encryption"}}})
}

pub(super) fn record() -> Value {
    serde_json::from_str::<Value>(&event("instance-created.json")).unwrap()["data"].take()
}

pub(super) const ASKED: &str = "request rm-demo1 cn-hangzhou -";
