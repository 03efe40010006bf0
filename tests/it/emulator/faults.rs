//! Each fault, as the bytes on the socket show it.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Cloud, Rpc, client::Reply, describe, seal};

async fn cloud_with(fault: serde_json::Value) -> Cloud {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    cloud.script(json!([fault])).await;
    cloud
}

#[tokio::test]
async fn a_code_is_answered_as_its_table_has_it_and_changes_nothing() {
    let cloud = cloud_with(json!({ "fault": "code", "code": "ExternalFailure", "times": 2 })).await;
    for _ in 0..2 {
        let reply = cloud.call(seal("rm-1")).await;
        assert_eq!((reply.status, reply.code().as_str()), (500, "ExternalFailure"));
        assert_eq!(reply.json()["Message"], "The request processing has failed due to external service failure.");
    }
    assert!(!cloud.is_sealed().await);
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "OK");
    assert_eq!(cloud.codes().await, ["ExternalFailure", "ExternalFailure", "OK"]);
}

#[tokio::test]
async fn a_code_of_no_table_brings_its_own_status_and_message() {
    let cloud =
        cloud_with(json!({ "fault": "code", "code": "Brand.New", "status": 418, "message": "Never seen." })).await;
    let reply = cloud.call(seal("rm-1")).await;
    assert_eq!((reply.status, reply.code().as_str()), (418, "Brand.New"));
    assert_eq!(reply.json()["Message"], "Never seen.");
}

#[tokio::test]
async fn throttling_says_when_to_come_back() {
    let cloud = cloud_with(json!({ "fault": "throttle", "retry_after_ms": 50 })).await;
    let reply = cloud.call(seal("rm-1")).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "Throttling.User"));
    assert_eq!(reply.header("x-acs-retry-after"), Some("50"));
    assert!(!cloud.is_sealed().await);
}

#[tokio::test]
async fn a_dropped_connection_carries_not_one_byte() {
    for before in [false, true] {
        let cloud = cloud_with(json!({ "fault": "drop", "before": before })).await;
        assert_eq!(cloud.raw(seal("rm-1")).await, b"");
        assert_eq!(cloud.is_sealed().await, !before);
        let call = &cloud.get("calls").await[0];
        assert_eq!((&call["code"], &call["http_status"]), (&json!("drop"), &json!(null)));
    }
}

#[tokio::test]
async fn a_slow_answer_is_the_right_one() {
    for before in [false, true] {
        let cloud = cloud_with(json!({ "fault": "slow", "ms": 30, "before": before })).await;
        let start = Instant::now();
        assert_eq!(cloud.call(seal("rm-1")).await.code(), "OK");
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert!(cloud.is_sealed().await);
        let call = &cloud.get("calls").await[0];
        assert_eq!((&call["code"], &call["http_status"]), (&json!("slow"), &json!(200)));
    }
}

#[tokio::test]
async fn who_leaves_during_a_slow_answer_finds_the_change_made_or_not() {
    for before in [false, true] {
        let cloud = cloud_with(json!({ "fault": "slow", "ms": 60_000, "before": before })).await;
        let patience = Duration::from_millis(50);
        assert!(tokio::time::timeout(patience, cloud.raw(seal("rm-1"))).await.is_err());
        assert_eq!(cloud.is_sealed().await, !before);
        assert_eq!(cloud.get("calls").await[0]["http_status"], if before { json!(null) } else { json!(200) });
    }
}

#[tokio::test]
async fn garbage_is_a_web_page_with_status_200() {
    for before in [false, true] {
        let cloud = cloud_with(json!({ "fault": "garbage", "before": before })).await;
        let reply = Reply::parse(&cloud.raw(seal("rm-1")).await);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(reply.body.starts_with("<!DOCTYPE html>"));
        assert_eq!(cloud.is_sealed().await, !before);
        assert_eq!(cloud.codes().await, ["garbage"]);
    }
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    for before in [false, true] {
        let cloud = cloud_with(json!({ "fault": "truncated", "before": before })).await;
        let reply = Reply::parse(&cloud.raw(seal("rm-1")).await);
        let promised: usize = reply.header("content-length").unwrap().parse().unwrap();
        assert_eq!((reply.status, reply.body.len()), (200, promised / 2));
        assert!(reply.body.starts_with(r#"{"DBInstanceId":"rm-1""#), "{}", reply.body);
        assert_eq!(cloud.is_sealed().await, !before);
        assert_eq!(cloud.codes().await, ["truncated"]);
    }
}

#[tokio::test]
async fn an_empty_answer_is_empty() {
    let cloud = cloud_with(json!({ "fault": "empty" })).await;
    let reply = Reply::parse(&cloud.raw(seal("rm-1")).await);
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert!(cloud.is_sealed().await);
}

#[tokio::test]
async fn a_huge_answer_gives_no_warning() {
    let cloud = cloud_with(json!({ "fault": "huge", "bytes": 10_485_760 })).await;
    let answer = cloud.raw(seal("rm-1")).await;
    assert!(answer.len() > 10_485_760);
    assert_eq!(Reply::parse(&answer[..1024]).header("content-length"), None);
}

#[tokio::test]
async fn a_raw_answer_is_sent_word_for_word() {
    let body = r#"{"Code":"Oops"}"#;
    let cloud = cloud_with(json!({ "fault": "raw", "status": 200, "body": body, "before": true })).await;
    let reply = Reply::parse(&cloud.raw(seal("rm-1")).await);
    assert_eq!((reply.status, reply.body.as_str()), (200, body));
    assert!(!cloud.is_sealed().await);
}

#[tokio::test]
async fn a_fault_waits_for_its_own_operation_and_for_a_good_signature() {
    let cloud = cloud_with(json!({ "fault": "empty", "operation": "DescribeDBInstanceAttribute" })).await;
    assert_eq!(
        cloud.call(Rpc { secret: "wrong".to_owned(), ..describe("rm-1") }).await.code(),
        "SignatureDoesNotMatch"
    );
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "OK");
    assert_eq!(cloud.call(describe("rm-1")).await.body, "");
    assert_ne!(cloud.call(describe("rm-1")).await.body, "");
    assert_eq!(cloud.codes().await, ["SignatureDoesNotMatch", "OK", "empty", "OK"]);
}
