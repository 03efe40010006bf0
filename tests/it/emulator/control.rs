//! Control requests.

use std::net::{SocketAddr, UdpSocket};

use rds_seal::emulator::Emulator;
use serde_json::json;

use super::{Cloud, client, client::Reply, seal};

#[tokio::test]
async fn calls_are_listed_in_order_and_can_be_forgotten() {
    let cloud = Cloud::with(json!([{ "id": "rm-1", "region": "cn-shanghai" }])).await;
    cloud.call(seal("rm-1").with("EncryptionKey", "key-1")).await;
    cloud.call(seal("rm-2").at("rds.cn-chengdu.aliyuncs.com")).await;

    let call = |instance, key, region, code, status| {
        json!({
            "operation": "EnableBackupEncryption", "instance": instance, "key": key, "region": region,
            "code": code, "http_status": status, "signature": "v3",
        })
    };
    let sealed = call("rm-1", json!("key-1"), "cn-shanghai", "OK", 200);
    let unknown = call("rm-2", json!(null), "cn-chengdu", "InvalidDBInstanceId.NotFound", 400);
    assert_eq!(cloud.get("calls").await, json!([sealed, unknown]));
    assert_eq!(cloud.request("DELETE", "calls", "").await.status, 204);
    assert_eq!(cloud.get("calls").await, json!([]));
}

#[tokio::test]
async fn instances_are_replaced_as_a_whole_and_need_only_an_id() {
    let cloud = Cloud::with(json!([{ "id": "rm-0" }])).await;
    assert_eq!(cloud.put("instances", &json!([{ "id": "rm-1", "key": null }])).await.status, 204);
    let listed = cloud.get("instances").await;
    let instance = json!({
        "id": "rm-1", "region": "cn-hangzhou", "account": "1234567890123456", "engine": "MySQL", "engine_version": "8.0",
        "category": "HighAvailability", "storage": "local_ssd", "status": "Running", "backup_encryption": false,
        "key": null, "ready_after_calls": null, "ready_after_ms": null, "type": "Primary", "lock_mode": "Unlock",
        "resource_group": null, "master": null, "tags": {}, "backups": [], "created": listed[0]["created"],
        "next_backup": listed[0]["next_backup"],
    });
    assert_eq!(listed, json!([instance]));
    assert!(listed[0]["created"].is_string() && listed[0]["next_backup"].as_str().unwrap().ends_with("T18:00:00Z"));
    assert_eq!(cloud.put("instances", &listed).await.status, 204);
}

#[tokio::test]
async fn a_malformed_control_request_is_answered_with_one_clear_sentence() {
    let cloud = Cloud::with(json!([{ "id": "rm-0" }])).await;
    let cases = [
        ("PUT", "instances", "[", "line 1: EOF while parsing a list"),
        ("PUT", "instances", "{}", "line 1: invalid type: map, expected a sequence"),
        ("PUT", "instances", "[{}]", "line 1: missing field `id`"),
        ("PUT", "instances", r#"[{"id": ""}]"#, "line 1: an instance's `id` is empty"),
        (
            "PUT",
            "instances",
            r#"[{"id": "rm-1", "colour": 1}]"#,
            "line 1: unknown field `colour`, expected one of `id`, `region`",
        ),
        ("PUT", "instances", r#"[{"id": "rm-1"}, {"id": "rm-1"}]"#, "line 1: the instance `rm-1` is listed twice"),
        ("PUT", "clock", r#"{"offset": 1}"#, "unknown field `offset`, expected `offset_seconds`"),
        ("PUT", "clock", r#"{"offset_seconds": 9000000000}"#, "`offset_seconds` may be at most"),
        ("POST", "faults", r#"[{"fault": "drop"}, {"fault": "slow"}]"#, "fault 2: missing field `ms`"),
    ];
    for (method, path, body, start) in cases {
        let reply = cloud.request(method, path, body).await;
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.body.starts_with(start) && !reply.body.contains('\n'), "{body}: {}", reply.body);
    }
    assert_eq!(cloud.get("instances").await[0]["id"], "rm-0");
    assert_eq!(cloud.call(seal("rm-0")).await.code(), "OK");
}

#[tokio::test]
async fn faults_that_wait_can_be_forgotten() {
    let cloud = Cloud::start().await;
    cloud.script(json!([{ "fault": "drop", "times": 1000 }])).await;
    assert_eq!(cloud.request("DELETE", "faults", "").await.status, 204);
    assert_eq!(cloud.call(seal("rm-demo")).await.code(), "OK");
}

#[tokio::test]
async fn control_requests_that_do_not_exist_say_so_and_are_no_calls() {
    let cloud = Cloud::start().await;
    assert_eq!(cloud.request("GET", "weather", "").await.status, 404);
    assert_eq!(cloud.request("POST", "calls", "").await.status, 405);
    assert_eq!(cloud.get("calls").await, json!([]));
}

#[tokio::test]
async fn other_machines_may_call_the_cloud_but_not_control_it() {
    // Offline there is no other machine to be.
    let Some(own) = own_address() else { return };
    let any: SocketAddr = (own.ip(), 0).into();
    let address = Emulator::new().start(any).await.unwrap();

    let request = "GET /_emulator/calls HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert_eq!(Reply::parse(&client::send(address, request).await.unwrap()).status, 403);
    assert_eq!(Reply::parse(&client::send(address, &seal("rm-demo").v3()).await.unwrap()).status, 200);
}

/// An address of this machine that is not loopback, if it has one. Nothing is sent.
fn own_address() -> Option<SocketAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().filter(|address| !address.ip().is_loopback())
}
