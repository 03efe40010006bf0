//! `InvokeFunction`: who may ask, how, and what comes back.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    Cloud, Rpc, client,
    client::Reply,
    function::{Act, Function, Invoke},
    signer::date,
};

#[tokio::test]
async fn an_asynchronous_invocation_is_accepted_and_on_record() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    let reply = cloud.invoke(&Invoke::later("DBInstanceId=rm-1", "60")).await;
    assert_eq!((reply.status, reply.body.as_str()), (202, ""));
    assert!(reply.header("x-fc-request-id").is_some());

    let call = json!({
        "operation": "InvokeFunction", "instance": null, "key": null, "region": "cn-hangzhou", "code": "OK",
        "http_status": 202, "signature": "v3",
    });
    assert_eq!(cloud.get("calls").await, json!([call]));
}

#[tokio::test]
async fn a_synchronous_invocation_brings_the_functions_answer() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    function.will([Act::Say(500, Some("200")), Act::Say(200, Some("404"))]);

    let good = cloud.invoke(&Invoke::new("seal", "1")).await;
    assert_eq!((good.status, good.body.as_str()), (200, r#"{"echo":"1"}"#));
    assert_eq!(good.header("x-fc-error-type"), None);
    let bad = cloud.invoke(&Invoke::new("seal", "2").with("x-fc-invocation-type", "Sync")).await;
    assert_eq!((bad.status, bad.header("x-fc-error-type")), (200, Some("UnhandledInvocationError")));
    assert_eq!(cloud.count("delivered").await, 0);
}

#[tokio::test]
async fn every_name_of_the_service_leads_to_the_functions_in_its_reach() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    let cases = [
        ("1234567890123456.cn-hangzhou.fc.aliyuncs.com", 202, Some("cn-hangzhou")),
        ("1234567890123456.cn-hangzhou-internal.fc.aliyuncs.com", 202, Some("cn-hangzhou")),
        ("fcv3.cn-hangzhou.aliyuncs.com", 202, Some("cn-hangzhou")),
        ("127.0.0.1:8080", 202, Some("cn-hangzhou")),
        ("1234567890123456.cn-shanghai.fc.aliyuncs.com", 404, Some("cn-shanghai")),
        ("1.cn-hangzhou.fc.aliyuncs.com", 404, Some("cn-hangzhou")),
        ("rds.aliyuncs.com", 404, None),
    ];
    for (host, status, region) in cases {
        let reply = cloud.invoke(&Invoke::later("1", "60").at(host)).await;
        assert_eq!(reply.status, status, "{host}: {}", reply.body);
        let calls = cloud.get("calls").await;
        assert_eq!(calls.as_array().unwrap().last().unwrap()["region"].as_str(), region, "{host}");
    }
    assert_eq!(cloud.count("waiting").await, 4);
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_in_the_vendors_form() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    let later = |delay: &str| Invoke::later("1", delay);
    let typed = |kind: &str| Invoke::new("seal", "1").with("x-fc-invocation-type", kind);
    let big = |length: usize| Invoke { body: "x".repeat(length), ..later("60") };
    let cases = [
        (big(128 * 1024), 202, ""),
        (big(128 * 1024 + 1), 400, "InvalidArgument"),
        (later("1"), 202, ""),
        (later("3599"), 202, ""),
        (later("0"), 400, "InvalidArgument"),
        (later("3600"), 400, "InvalidArgument"),
        (later("-1"), 400, "InvalidArgument"),
        (later("+1"), 400, "InvalidArgument"),
        (later("1.5"), 400, "InvalidArgument"),
        (later("soon"), 400, "InvalidArgument"),
        (later(""), 400, "InvalidArgument"),
        (typed("async"), 400, "InvalidArgument"),
        (Invoke { query: "qualifier=a%0Ab".to_owned(), ..later("1") }, 400, "InvalidArgument"),
        (Invoke::new("other", "1"), 404, "FunctionNotFound"),
        (Invoke { action: "ListFunctions", ..later("1") }, 404, "InvalidApi.NotFound"),
        (Invoke { path: "/2023-03-30/functions/seal".to_owned(), ..later("1") }, 404, "InvalidApi.NotFound"),
        (Invoke { method: "PUT", ..later("1") }, 404, "InvalidApi.NotFound"),
    ];
    for (invoke, status, code) in cases {
        let reply = cloud.invoke(&invoke).await;
        assert_eq!(reply.status, status, "{code}: {}", reply.body);
        if status == 202 {
            continue;
        }
        let body = reply.json();
        assert_eq!(body["Code"], code);
        assert_eq!(body["RequestId"].as_str(), reply.header("x-fc-request-id"));
        assert!(!body["Message"].as_str().unwrap().is_empty());
        assert_eq!(body.as_object().unwrap().len(), 3);
    }
    assert_eq!(cloud.count("waiting").await, 3);
}

#[tokio::test]
async fn without_a_good_signature_of_version_3_nothing_is_taken() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    let later = Invoke::later("1", "60");
    let signed = later.v3();
    let v1 = Rpc { version: "2023-03-30".to_owned(), ..Rpc::new("InvokeFunction") }.at(&later.host).v1();
    let cases = [
        later.unsigned(),
        v1.replace("POST /?", &format!("POST {}?", later.path)),
        Invoke { secret: "wrong", ..later.clone() }.v3(),
        signed.replace("\r\n\r\n1", "\r\n\r\n2"),
        signed.replace("/functions/seal/", "/functions/other/"),
    ];
    for request in cases {
        let reply = Reply::parse(&client::send(cloud.address, &request).await.unwrap());
        assert_eq!((reply.status, reply.code().as_str()), (400, "SignatureDoesNotMatch"), "{request}");
        assert_eq!(reply.json()["RequestId"].as_str(), reply.header("x-fc-request-id"));
    }
    assert_eq!(Reply::parse(&client::send(cloud.address, &signed).await.unwrap()).status, 202);
    let replayed = Reply::parse(&client::send(cloud.address, &signed).await.unwrap());
    assert_eq!(replayed.code(), "SignatureNonceUsed");

    assert_eq!(cloud.count("waiting").await, 1);
    let calls = cloud.get("calls").await;
    assert!(calls.as_array().unwrap().iter().all(|call| call["operation"] == "InvokeFunction"), "{calls}");
    assert_eq!((&calls[0]["signature"], &calls[1]["signature"]), (&json!(null), &json!("v1")));
}

#[tokio::test]
async fn dates_are_judged_by_the_clock_as_it_was_advanced() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    cloud.advance(3600).await;
    assert_eq!(cloud.invoke(&Invoke::later("1", "60")).await.code(), "InvalidTimeStamp.Expired");
    assert_eq!(cloud.call(Rpc { date: date(3600), ..super::seal("rm-demo") }).await.code(), "OK");
}

#[tokio::test]
async fn a_refusal_can_be_scripted() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    cloud
        .script(json!([
            { "operation": "InvokeFunction", "fault": "code", "code": "ResourceExhausted" },
            { "operation": "InvokeFunction", "fault": "throttle", "retry_after_ms": 50 },
        ]))
        .await;
    let exhausted = cloud.invoke(&Invoke::later("1", "60")).await;
    assert_eq!((exhausted.status, exhausted.code().as_str()), (429, "ResourceExhausted"));
    let throttled = cloud.invoke(&Invoke::later("1", "60")).await;
    assert_eq!((throttled.code().as_str(), throttled.header("x-acs-retry-after")), ("Throttling.User", Some("50")));
    assert_eq!(cloud.count("waiting").await, 0);
    cloud.enqueue("1", 60).await;
}

#[tokio::test]
async fn an_answer_can_be_lost_with_or_without_the_task() {
    for before in [false, true] {
        let function = Function::start().await;
        let cloud = Cloud::serving(&function, json!({})).await;
        cloud.script(json!([{ "operation": "InvokeFunction", "fault": "drop", "before": before }])).await;
        assert_eq!(client::send(cloud.address, &Invoke::later("1", "60").v3()).await.unwrap(), b"");
        assert_eq!(cloud.count("waiting").await, usize::from(!before));
        assert_eq!(cloud.codes().await, ["drop"]);
    }
}

#[tokio::test]
async fn an_acceptance_can_be_slow() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    cloud.script(json!([{ "operation": "InvokeFunction", "fault": "slow", "ms": 30 }])).await;
    let start = Instant::now();
    cloud.enqueue("1", 60).await;
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn an_invocation_can_be_denied_before_the_function_is_looked_for() {
    let function = Function::start().await;
    let cloud = Cloud::serving(&function, json!({})).await;
    cloud.set("denied", json!(["fc:InvokeFunction"])).await;
    for name in ["seal", "none"] {
        let reply = cloud.invoke(&Invoke::new(name, "1")).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "AccessDenied"), "{name}");
        assert_eq!(reply.json()["AccessDeniedDetail"]["AuthAction"], "fc:InvokeFunction");
    }
}
