//! Backups show the seal, but only those made after it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Cloud, Rpc, seal, signer::date};

fn backups(id: &str) -> Rpc {
    Rpc::new("DescribeBackups").with("DBInstanceId", id)
}

fn column(listed: &Value, name: &str) -> Vec<String> {
    let items = listed["Items"]["Backup"].as_array().unwrap();
    items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn listed_backups_are_told_newest_first() {
    let backup = |id: &str, day: u8, more: Value| {
        let mut backup = json!({ "id": id, "start": format!("2026-01-0{day}T18:00:00Z"), "end": format!("2026-01-0{day}T18:10:00Z") });
        backup.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        backup
    };
    let encryption = r#"{"EncryptionKey":"key-1"}"#;
    let cloud = Cloud::with(json!([{ "id": "rm-1", "backups": [
        backup("1", 1, json!({})), backup("3", 3, json!({ "encryption": encryption })), backup("2", 2, json!({ "status": "Failed" })),
    ] }]))
    .await;

    let all = cloud.answer(backups("rm-1")).await;
    assert_eq!(column(&all, "BackupId"), ["3", "2", "1"]);
    assert_eq!(column(&all, "Encryption"), [encryption, "{}", "{}"]);
    assert_eq!(column(&all, "BackupStartTime")[2], "2026-01-01T18:00:00Z");
    assert_eq!(
        (&all["PageNumber"], &all["PageRecordCount"], &all["TotalRecordCount"]),
        (&json!("1"), &json!("3"), &json!("3"))
    );

    let cases = [
        ("BackupStatus", "Success", &["3", "1"][..]),
        ("BackupStatus", "Failed", &["2"]),
        ("StartTime", "2026-01-02T18:00Z", &["3", "2"]),
        ("EndTime", "2026-01-02T17:59Z", &["1"]),
        ("PageNumber", "2", &[]),
    ];
    for (name, value, expected) in cases {
        assert_eq!(
            column(&cloud.answer(backups("rm-1").with(name, value)).await, "BackupId"),
            expected,
            "{name} {value}"
        );
    }
    for (name, value) in [("PageSize", "31"), ("PageNumber", "0")] {
        assert_eq!(cloud.call(backups("rm-1").with(name, value)).await.code(), "InvalidParameter");
    }
    assert_eq!(cloud.call(backups("rm-2")).await.code(), "InvalidDBInstanceId.NotFound");
}

#[tokio::test]
async fn the_first_backup_after_the_seal_is_encrypted_and_no_earlier_one() {
    let soon = (Timestamp::now() + SignedDuration::from_hours(1)).strftime("%Y-%m-%dT%H:%M:00Z").to_string();
    let cloud = Cloud::with(json!([{ "id": "rm-1", "next_backup": soon }])).await;
    let policy = Rpc::new("DescribeBackupPolicy").with("DBInstanceId", "rm-1");
    let next = cloud.answer(policy).await["PreferredNextBackupTime"].clone();
    assert_eq!(next, soon.replace(":00Z", "Z"));
    let at = async |hours: i64, rpc: Rpc| {
        cloud.set("clock", json!({ "offset_seconds": hours * 3600 })).await;
        cloud.answer(Rpc { date: date(hours * 3600), ..rpc }).await
    };

    assert_eq!(column(&at(0, backups("rm-1")).await, "BackupId").len(), 0);
    assert_eq!(column(&at(2, backups("rm-1")).await, "Encryption"), ["{}"]);
    at(3, seal("rm-1").with("EncryptionKey", "key-1")).await;
    assert_eq!(column(&at(4, backups("rm-1")).await, "Encryption"), ["{}"]);
    let told = column(&at(26, backups("rm-1")).await, "Encryption");
    let newest: Value = serde_json::from_str(&told[0]).unwrap();
    assert_eq!((newest["EncryptionKey"].as_str(), told[1].as_str()), (Some("key-1"), "{}"));
}

#[tokio::test]
async fn time_that_passes_unseen_makes_no_more_than_a_week_of_backups() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.set("clock", json!({ "offset_seconds": 3_000_000_000_i64 })).await;
    let later = Rpc { date: date(3_000_000_000), ..backups("rm-1") };
    assert_eq!(column(&cloud.answer(later).await, "BackupId").len(), 7);
}

#[tokio::test]
async fn a_backup_policy_tells_when_but_not_how() {
    let cloud =
        Cloud::with(json!([{ "id": "rm-1", "backup_encryption": true, "next_backup": "2100-01-01T23:30:00Z" }])).await;
    let policy = cloud.answer(Rpc::new("DescribeBackupPolicy").with("DBInstanceId", "rm-1")).await;
    assert_eq!(policy["PreferredBackupTime"], "23:00Z-00:00Z");
    assert_eq!(policy["PreferredNextBackupTime"], "2100-01-01T23:30Z");
    assert!(!policy.to_string().contains("ncrypt"));
}
