//! What a delivery leaves for later: what comes again anyway queues nothing, what is queued was accepted with 202, and a
//! report that a sink did not take has a patience of its own.

use serde_json::{Value, json};

use crate::world::{INSTANCE, Setup, World, request};

const OPS: &str =
    "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"https://captured.invalid/1\"\nrequired = true\n";

async fn function(toml: &str) -> World {
    World::with(Setup { named: true, toml: toml.to_owned(), ..Setup::default() }).await
}

async fn waiting(world: &World) -> Vec<Value> {
    world.get("queue").await["waiting"].as_array().unwrap().clone()
}

/// How often the queue was asked to take something.
async fn asked_the_queue(world: &World) -> usize {
    world.calls().await.iter().filter(|call| call.starts_with("Invoke")).count()
}

fn outcomes(world: &World) -> Vec<String> {
    let reports = world.audited("rds-seal.report/1");
    reports.iter().map(|report| report["outcome"].as_str().unwrap().to_owned()).collect()
}

fn refuses(times: u32) -> Value {
    json!([{"operation": "slack", "fault": "status", "status": 403, "times": times}])
}

/// Some requests in one delivery.
fn together(items: &[&str]) -> String {
    format!("[{}]", items.join(","))
}

#[tokio::test]
async fn a_delivery_with_something_unreadable_comes_again_and_so_queues_nothing_and_says_nothing_of_waiting() {
    let world = function(OPS).await;
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    let body = together(&[&request("rm-new"), r#"{"instance":"RM 1"}"#]);
    for retry in 0..9 {
        let told = world.deliver_with(&[("x-fc-retry-count", &retry.to_string())], body.clone()).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"));
        assert_eq!(told.report()["retry_at"], Value::Null);
    }
    assert_eq!(asked_the_queue(&world).await, 0);
    assert!(world.taken_by("slack").await.is_empty());

    assert_eq!(world.deliver(request("rm-new")).await.verdict(), "200 200 done");
    assert_eq!((waiting(&world).await.len(), world.taken_by("slack").await.len()), (1, 1), "alone it waits once");
}

#[tokio::test]
async fn nor_does_it_queue_a_report_that_each_delivery_makes_anew() {
    let world = function(
        "[[sinks]]\nname = \"siem\"\nkind = \"cloudevents\"\nurl = \"https://captured.invalid/1\"\nrequired = true\n",
    )
    .await;
    world.script(json!([{"operation": "cloudevents", "fault": "status", "status": 403, "times": 1}])).await;
    let body = together(&[&request(INSTANCE), "7"]);
    assert_eq!(world.deliver(body.clone()).await.verdict(), "404 404 again");
    assert_eq!(asked_the_queue(&world).await, 0);
    assert_eq!(
        world.deliver(body).await.verdict(),
        "400 404 again",
        "the report is told, and what is unreadable stays so"
    );
    assert_eq!(world.taken_by("cloudevents").await.len(), 1);
}

#[tokio::test]
async fn what_ends_and_what_waits_are_told_apart_in_one_delivery() {
    let world = function(OPS).await;
    world.instances(json!([{"id": "rm-1"}, {"id": "rm-new", "status": "Creating", "ready_after_ms": 60_000}])).await;
    let told = world.deliver(together(&[&request("rm-1"), &request("rm-new")])).await;
    assert_eq!(told.verdict(), "200 200 done");
    let reports = told.body["reports"].as_array().unwrap();
    assert_eq!(
        (&reports[0]["outcome"], &reports[1]["outcome"]),
        (&json!("enabled"), &json!("waiting")),
        "in their order"
    );
    assert!(reports[1]["retry_at"].is_string());
    assert_eq!((waiting(&world).await.len(), world.taken_by("slack").await.len()), (1, 1), "one card for both");
    world.minutes_pass(3).await;
    assert!(world.is_sealed("rm-new").await);
}

#[tokio::test]
async fn once_the_queue_refuses_it_is_not_asked_for_the_rest() {
    let world = function("").await;
    let ids: Vec<String> = (0..40).map(|number| format!("rm-new{number}")).collect();
    let creating: Vec<Value> = ids.iter().map(|id| json!({"id": id, "status": "Creating"})).collect();
    world.instances(creating.into()).await;
    world.script(json!([{"operation": "InvokeFunction", "fault": "code", "code": "AccessDenied", "times": 100}])).await;
    let requests: Vec<String> = ids.iter().map(|id| request(id)).collect();
    let told = world.deliver(format!("[{}]", requests.join(","))).await;
    assert_eq!(told.verdict(), "404 404 again");
    assert!(asked_the_queue(&world).await <= 8, "at most those that were asked at the same time");
    assert!(told.body["reports"].as_array().unwrap().iter().all(|report| report["retry_at"].is_null()));
}

#[tokio::test]
async fn only_202_says_that_the_queue_has_it() {
    for (status, body, verdict) in [
        (200, "", "404 404 again"),
        (200, "null", "404 404 again"),
        (200, "{\"RequestId\":\"R\"}", "404 404 again"),
        (201, "", "404 404 again"),
        (204, "", "404 404 again"),
        (202, "", "200 200 done"),
        (202, "whatever", "200 200 done"),
    ] {
        let world = function(OPS).await;
        world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
        let answer = json!({"operation": "InvokeFunction", "fault": "raw", "status": status, "body": body});
        world.script(json!([answer])).await;
        let told = world.deliver(request("rm-new")).await;
        assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", verdict), "{status} {body}");
        assert_eq!(told.report()["retry_at"].is_null(), status != 202, "{status} {body}");
        assert_eq!(world.taken_by("slack").await.len(), usize::from(status == 202), "{status} {body}");
        assert_eq!(asked_the_queue(&world).await, 1, "it may have been taken all the same: {status} {body}");
    }
}

#[tokio::test]
async fn a_report_of_what_waited_a_day_has_a_day_of_its_own() {
    let world = function(OPS).await;
    world.instances(json!([{"id": "rm-new", "status": "Creating", "ready_after_ms": 23 * 3_600_000}])).await;
    world.deliver(request("rm-new")).await;
    world.minutes_pass(22 * 60).await;
    world.script(refuses(8)).await;
    world.minutes_pass(12 * 60).await;
    assert_eq!(outcomes(&world).last().map(String::as_str), Some("enabled"));
    assert!(!world.said().contains("is given up"), "it was not taken for some hours only");
    let told = world.taken_by("slack").await;
    assert_eq!(told.len(), 2, "the beginning and the end: {told:?}");
    assert_eq!(world.get("queue").await["dead_letters"], json!([]));
}

/// The task of a report that the sink `ops` did not take.
async fn a_report_that_waits() -> String {
    let world = function(OPS).await;
    world.script(refuses(1)).await;
    assert_eq!(world.ask().await.verdict(), "200 200 done");
    waiting(&world).await[0]["body"].to_string()
}

#[tokio::test]
async fn a_report_for_a_sink_that_is_gone_or_renamed_goes_where_failures_go() {
    let task = a_report_that_waits().await;
    for toml in ["", &OPS.replace("\"ops\"", "\"operations\"")] {
        let world = function(toml).await;
        world.it_is(world.now() + 61).await;
        let told = world.deliver(task.clone()).await;
        assert_eq!(
            (told.verdict().as_str(), &told.body["rejected"][0]["code"]),
            ("400 404 again", &json!("sink_gone"))
        );
        let said = world.said();
        assert!(
            said.contains("ERROR a delivery is rejected: sink names ops, which is not configured any more: report ")
        );
        assert!(world.taken_by("slack").await.is_empty());
    }
}

#[tokio::test]
async fn a_report_is_rendered_for_the_sink_that_has_the_name_when_it_is_sent() {
    let task = a_report_that_waits().await;
    let world = function(&OPS.replace("slack", "cloudevents")).await;
    world.it_is(world.now() + 61).await;
    assert_eq!(world.deliver(task).await.verdict(), "200 200 done");
    let taken = world.taken_by("cloudevents").await;
    assert_eq!((taken.len(), &taken[0]["body"]["data"]["outcome"]), (1, &json!("enabled")), "no Slack JSON: {taken:?}");
}

#[tokio::test]
async fn results_of_one_ask_that_differ_have_ids_that_differ() {
    let world = World::configured("mode = \"plan\"").await;
    let id_of = async |status: &str, body: String| {
        world.instances(json!([{"id": INSTANCE, "status": status}])).await;
        let told = world.deliver(body).await;
        (told.text("id").to_owned(), told.text("correlation_id").to_owned())
    };
    let running = id_of("Running", request(INSTANCE)).await;
    assert_eq!(running, id_of("Running", request(INSTANCE)).await, "the same result of the same ask");
    for status in ["Creating", "Restarting", "Stopped"] {
        let other = id_of(status, request(INSTANCE)).await;
        assert_ne!(running.0, other.0, "{status}");
        assert_eq!(running.1, other.1, "{status}");
    }
    assert_ne!(id_of("Creating", request(INSTANCE)).await.0, id_of("Restarting", request(INSTANCE)).await.0);

    let refused_by = async |rule: &str| {
        let world = World::configured(&format!("[policy]\n{rule}\n")).await;
        let told = world.ask().await;
        assert_eq!(told.outcome(), "refused");
        told.text("id").to_owned()
    };
    let (by_instance, by_region) =
        (refused_by("instances = [\"pgm-*\"]").await, refused_by("regions = [\"ap-*\"]").await);
    assert_ne!(by_instance, by_region, "another rule is another result");
}

#[tokio::test]
async fn a_sink_that_hangs_leaves_the_time_to_queue_what_waits_beside_it() {
    let toml = OPS.replace("slack", "cloudevents").replace("required = true\n", "");
    let timeout = std::time::Duration::from_secs(2);
    let world = World::with(Setup { named: true, toml, timeout, ..Setup::default() }).await;
    world.script(json!([{"operation": "cloudevents", "fault": "slow", "ms": 20_000, "times": 10}])).await;
    world.instances(json!([{"id": "rm-1"}, {"id": "rm-new", "status": "Creating"}])).await;
    let told = world.deliver(together(&[&request("rm-1"), &request("rm-new")])).await;
    assert_eq!(told.verdict(), "200 200 done", "{}", told.body);
    assert_eq!(waiting(&world).await.len(), 1);
}

#[tokio::test]
async fn what_is_not_on_record_comes_again_and_so_waits_in_no_queue() {
    for (items, records) in
        [(&["rm-new"][..], 0), (&["rm-new"], 1), (&["rm-new1", "rm-new2"], 2), (&["rm-new1", "rm-new2"], 3)]
    {
        let world = World::with(Setup { named: true, toml: OPS.to_owned(), records, ..Setup::default() }).await;
        let creating = items.iter().map(|id| json!({"id": id, "status": "Creating"}));
        world.instances(creating.collect()).await;
        let requests: Vec<String> = items.iter().map(|id| request(id)).collect();

        let told = world.deliver(format!("[{}]", requests.join(","))).await;

        assert_eq!(told.verdict(), "404 404 again", "{items:?} {records}");
        assert_eq!(asked_the_queue(&world).await, 0, "each delivery would begin one more wait: {items:?} {records}");
        assert!(world.taken_by("slack").await.is_empty());
        assert!(told.body["reports"].as_array().unwrap().iter().all(|report| report["retry_at"].is_null()));
    }
}

#[tokio::test]
async fn a_wait_is_on_record_before_the_queue_has_it_and_taken_back_where_the_queue_refuses() {
    let world = function(OPS).await;
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    world.script(json!([{"operation": "InvokeFunction", "fault": "code", "code": "AccessDenied", "times": 20}])).await;

    let told = world.deliver(request("rm-new")).await;

    assert_eq!((told.outcome(), told.verdict().as_str()), ("waiting", "404 404 again"));
    let records = world.audited("rds-seal.report/1");
    let waits: Vec<bool> = records.iter().map(|record| record["retry_at"].is_string()).collect();
    assert_eq!((waits.as_slice(), &records[1]), (&[true, false][..], told.report()), "the later line counts");
    assert_eq!(records[0]["id"], records[1]["id"]);
}

#[tokio::test]
async fn a_wait_is_begun_once_though_a_sink_is_gone_or_takes_no_digest() {
    let gone = json!([{"operation": "slack", "fault": "status", "status": 410, "body": "gone", "times": 99}]);
    let new = |id: &str| json!({"id": id, "status": "Creating"});
    for (items, faults) in [(1, gone), (2, refuses(99))] {
        let world = function(OPS).await;
        world.instances(json!([new("rm-new0"), new("rm-new1")])).await;
        world.script(faults).await;
        let names: Vec<String> = (0..items).map(|n| request(&format!("rm-new{n}"))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let told = world.deliver(together(&names)).await;
        assert_eq!(told.verdict(), "200 200 done", "it does not come again: {}", told.body);
        let waits = waiting(&world).await;
        assert_eq!(waits.len(), 2 * items, "each wait, and its report: {waits:?}");
    }
}
