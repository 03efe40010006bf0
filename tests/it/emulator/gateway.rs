//! What is turned away before it reaches RDS, and the form of every answer.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::json;

use super::{Cloud, Rpc, client, client::Reply, describe, seal, signer::date};

#[tokio::test]
async fn both_signature_versions_are_understood_in_get_and_post() {
    let cloud = Cloud::start().await;
    for method in ["GET", "POST"] {
        let rpc = || Rpc { method, ..describe("rm-demo").with("Odd", "+/ ~*=é") };
        for request in [rpc().v1(), rpc().v3()] {
            assert_eq!(Reply::parse(&client::send(cloud.address, &request).await.unwrap()).code(), "OK", "{request}");
        }
    }
    let signatures: Vec<_> =
        cloud.get("calls").await.as_array().unwrap().iter().map(|call| call["signature"].clone()).collect();
    assert_eq!(signatures, ["v1", "v3", "v1", "v3"]);
}

#[tokio::test]
async fn temporary_credentials_work_until_they_are_expired() {
    let cloud = Cloud::start().await;
    let with = |token: &str| Rpc { security_token: Some(token.to_owned()), ..describe("rm-demo") };
    assert_eq!(cloud.call(with("any==")).await.code(), "OK");
    assert_eq!(cloud.call(Rpc { key_id: "STS.testAccessKeyId".to_owned(), ..with("any==") }).await.code(), "OK");
    let expired = Reply::parse(&client::send(cloud.address, &with("expired").v1()).await.unwrap());
    assert_eq!((expired.status, expired.code().as_str()), (400, "InvalidSecurityToken.Expired"));
}

#[tokio::test]
async fn what_the_gateway_refuses_has_its_codes_and_changes_nothing() {
    let cloud = Cloud::with(json!([{ "id": "rm-1" }])).await;
    let rpc = || seal("rm-1");
    let cases = [
        (Rpc { secret: "wrong".to_owned(), ..rpc() }, 400, "SignatureDoesNotMatch"),
        (Rpc { key_id: "LTAI".to_owned(), ..rpc() }, 404, "InvalidAccessKeyId.NotFound"),
        (Rpc { date: date(-901), ..rpc() }, 400, "InvalidTimeStamp.Expired"),
        (Rpc { date: date(910), ..rpc() }, 400, "InvalidTimeStamp.Expired"),
        (Rpc { date: "today".to_owned(), ..rpc() }, 400, "InvalidTimeStamp.Format"),
        (Rpc { action: "DisableBackupEncryption".to_owned(), ..rpc() }, 404, "InvalidApi.NotFound"),
        (Rpc { version: "2014-05-26".to_owned(), ..rpc() }, 404, "InvalidApi.NotFound"),
        (Rpc { method: "PUT", ..rpc() }, 403, "UnsupportedHTTPMethod"),
        (rpc().at("ecs.aliyuncs.com"), 404, "InvalidProduct.NotFound"),
        (Rpc::new("EnableBackupEncryption"), 400, "MissingDBInstanceName"),
        (Rpc::new("DescribeDBInstanceAttribute"), 400, "MissingDBInstanceId"),
    ];
    let expected: Vec<&str> = cases.iter().map(|(.., code)| *code).collect();
    for (rpc, status, code) in cases.clone() {
        let reply = cloud.call(rpc).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.body);
    }
    assert!(!cloud.is_sealed().await);
    assert_eq!(cloud.codes().await, expected);
}

#[tokio::test]
async fn an_unsigned_request_is_recorded_as_such() {
    let cloud = Cloud::start().await;
    let request = "GET /?Action=EnableBackupEncryption&Version=2014-08-15&DBInstanceName=rm-1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let reply = Reply::parse(&client::send(cloud.address, request).await.unwrap());
    assert_eq!(reply.code(), "MissingParameter");
    let call = json!({
        "operation": "EnableBackupEncryption", "instance": "rm-1", "key": null, "region": null,
        "code": "MissingParameter", "http_status": 400, "signature": null,
    });
    assert_eq!(cloud.get("calls").await, json!([call]));
}

#[tokio::test]
async fn a_nonce_works_once_and_only_a_good_signature_uses_it_up() {
    let cloud = Cloud::start().await;
    let rpc = describe("rm-demo");
    assert_eq!(cloud.call(Rpc { secret: "wrong".to_owned(), ..rpc.clone() }).await.code(), "SignatureDoesNotMatch");
    assert_eq!(cloud.call(rpc.clone()).await.code(), "OK");
    let again = cloud.call(rpc).await;
    assert_eq!((again.status, again.code().as_str()), (400, "SignatureNonceUsed"));
}

#[tokio::test]
async fn an_error_has_the_vendors_form() {
    let cloud = Cloud::start().await;
    let reply = cloud.call(seal("rm-1").at("rds.cn-chengdu.aliyuncs.com")).await;
    let body = reply.json();
    assert_eq!(reply.header("content-type"), Some("application/json;charset=utf-8"));
    assert_eq!(reply.header("x-acs-request-id"), body["RequestId"].as_str());
    assert_eq!(body["HostId"], "rds.cn-chengdu.aliyuncs.com");
    assert_eq!(body["Message"], "The DBInstanceId provided does not exist in records.");
    assert!(body["Recommend"].as_str().unwrap().starts_with("https://"));
    assert_eq!(body.as_object().unwrap().len(), 5);
}

#[tokio::test]
async fn every_answer_tells_the_stand_ins_own_time() {
    let cloud = Cloud::start().await;
    cloud.put("clock", &json!({ "offset_seconds": 3600 })).await;
    let stale = cloud.call(describe("rm-demo")).await;
    assert_eq!(stale.code(), "InvalidTimeStamp.Expired");

    for reply in [stale, cloud.request("GET", "calls", "").await] {
        let date: Timestamp = rfc2822::parse(reply.header("date").unwrap()).unwrap().timestamp();
        let ahead = date.duration_since(Timestamp::now());
        assert!((SignedDuration::from_mins(59)..SignedDuration::from_mins(61)).contains(&ahead), "{ahead}");
    }
    assert_eq!(cloud.call(Rpc { date: date(3600), ..describe("rm-demo") }).await.code(), "OK");
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_not_read() {
    let cloud = Cloud::start().await;
    let body = "x".repeat(1024 * 1024 + 1);
    let head = format!(
        "POST / HTTP/1.1\r\nhost: rds.aliyuncs.com\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let reply = Reply::parse(&client::send(cloud.address, &(head + &body)).await.unwrap());
    assert_eq!((reply.status, reply.code().as_str()), (413, "RequestEntityTooLarge"));
}
