//! Several requests in one body: each stands for itself.

use super::*;

fn many(count: usize) -> String {
    let one = |number| json!({"instance": format!("rm-demo{number}"), "region": "cn-hangzhou", "mode": "plan"});
    (0..count).map(one).collect::<Value>().to_string()
}

#[tokio::test]
async fn one_bad_item_stops_no_other() {
    let world = world().await;
    world.instances(json!([{"id": "rm-1"}, {"id": "rm-2"}, {"id": "rm-stopped", "status": "Stopped"}])).await;
    let body = json!([
        {"instance": "rm-1", "region": "cn-hangzhou"},
        {"instance": "RM 1", "region": "cn-hangzhou"},
        {"instance": "rm-2", "region": "ap-southeast-1"},
        7,
        {"DBInstanceName": "rm-2", "RegionId": "cn-hangzhou"},
        {"instance": "rm-stopped", "region": "cn-hangzhou"},
        {"region": "cn-hangzhou"},
    ]);
    let heard = Call::signed(&world, body.to_string()).send(&world).await;
    assert_eq!(heard.verdict(), "200 enabled refused enabled failed", "in the order of the request");
    let rejected = heard.rejected();
    assert_eq!(rejected.len(), 3, "{rejected:?}");
    for (said, place) in rejected.iter().zip(["[1].instance ", "[3] ", "[6].instance is missing"]) {
        assert!(said.starts_with(place), "{said}");
    }
    assert_eq!(heard.body["delivery"], "done");
}

#[tokio::test]
async fn a_batch_of_which_nothing_was_accepted_is_400() {
    let world = world().await;
    let body = json!([{"instance": "RM"}, {}, "rm-1", null]).to_string();
    let heard = Call::signed(&world, body).send(&world).await;
    assert_eq!((heard.status, heard.reports().len(), heard.rejected().len()), (400, 0, 4));
    assert_eq!(heard.body["delivery"], "done", "sending it again would not help");
    let refused = json!([{"instance": "rm-1", "region": "ap-southeast-1"}, {}]).to_string();
    let heard = Call::signed(&world, refused).send(&world).await;
    assert_eq!(heard.verdict(), "200 refused", "what was understood was accepted");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn what_is_asked_for_five_hundred_times_is_done_and_reported_once() {
    let world = world().await;
    let one = json!({"instance": "rm-demo1", "region": "cn-hangzhou"});
    let body = vec![one; 500];
    let heard = Call::signed(&world, json!(body).to_string()).send(&world).await;
    assert_eq!(heard.verdict(), "200 enabled");
    let again = json!([{
        "event_id": "msg_1", "code": "repeated",
        "reason": "its delivery asks for the same more than once, and it is done once",
    }]);
    assert_eq!(heard.body["ignored"], again);
    assert_eq!(world.writes().await, 1);
}

#[tokio::test]
async fn more_than_a_hundred_are_refused_unless_more_are_allowed() {
    let world = world().await;
    let heard = Call::bearer(many(101)).send(&world).await;
    assert_eq!((heard.status, heard.reports().len()), (200, 101));
    assert!(heard.reports().iter().all(|report| report["rule"]["name"] == "max-per-invocation"));
    assert!(world.calls().await.is_empty());
    let world = World::with(setup(&format!("[policy]\nmax_per_invocation = 101\n{DOORS}"))).await;
    let heard = Call::bearer(many(101)).send(&world).await;
    assert!(heard.reports().iter().all(|report| report["rule"]["name"] != "max-per-invocation"));
}

#[tokio::test]
async fn five_hundred_are_the_most() {
    let world = world().await;
    let heard = Call::bearer(many(501)).send(&world).await;
    assert_eq!((heard.status, heard.rejected()), (400, vec!["body has 501 items; the limit is 500".to_owned()]));
    assert!(world.calls().await.is_empty());
    let refused = many(500).replace("cn-hangzhou", "ap-southeast-1");
    let heard = Call::bearer(refused).send(&world).await;
    assert_eq!((heard.status, heard.reports().len()), (200, 500));
    assert!(heard.reports().iter().all(|report| report["rule"]["name"] == "webhook-regions"));
}

#[tokio::test]
async fn one_that_has_to_come_again_brings_the_whole_back() {
    let world = world().await;
    world.instances(json!([{"id": "rm-1"}, {"id": "rm-new", "status": "Creating"}])).await;
    let body: Value =
        ["rm-1", "rm-new"].into_iter().map(|id| json!({"instance": id, "region": "cn-hangzhou"})).collect();
    let heard = Call::signed(&world, body.to_string()).send(&world).await;
    assert_eq!(heard.verdict(), "503 enabled waiting");
    assert_eq!((heard.header("retry-after"), heard.body["delivery"].as_str()), ("60", Some("again")));
    assert_eq!((heard.header("content-type"), heard.header("x-fc-status")), ("application/json", "200"));
    world.instances(json!([{"id": "rm-1", "backup_encryption": true}, {"id": "rm-new"}])).await;
    let again = Call::signed(&world, body.to_string()).send(&world).await;
    assert_eq!(again.verdict(), "200 already_enabled enabled");
    assert_eq!(again.header("retry-after"), "");
}

#[tokio::test]
async fn many_that_cannot_be_read_leave_ten_lines_in_the_log_and_all_are_in_the_answer() {
    let world = world().await;
    let heard = Call::signed(&world, json!(vec![json!({}); 300]).to_string()).send(&world).await;
    assert_eq!((heard.status, heard.rejected().len()), (400, 300));
    let said = world.said();
    assert_eq!(said.matches("a delivery is rejected: ").count(), 10, "{said}");
    assert!(said.contains("and 290 more of this delivery are rejected"), "{said}");
}
