//! What a webhook asks for and cannot be done yet: the queue takes it, or the sender is told when to come again; and
//! required sinks.

use super::*;

const SINK: &str =
    "[[sinks]]\nname = \"ops\"\nkind = \"slack\"\nurl = \"https://captured.invalid/1\"\nrequired = true\n";

/// A function that has a name, so that the platform's queue can deliver to it.
async fn named(toml: &str) -> World {
    World::with(Setup { named: true, ..setup(toml) }).await
}

/// Asks for an instance that is not ready, and returns the task that waits for it.
async fn waiting(world: &World, call: impl Fn(&World, String) -> Call) -> Value {
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    let heard = call(world, request("rm-new")).send(world).await;
    assert_eq!((heard.verdict().as_str(), &heard.body["delivery"]), ("202 waiting", &json!("done")));
    assert_eq!((heard.header("retry-after"), heard.header("x-fc-status")), ("", "200"));
    world.get("queue").await["waiting"][0]["body"].clone()
}

/// Another deployment of the function, when the time of a task has come.
async fn later(setup: Setup) -> World {
    let world = World::with(setup).await;
    world.it_is(world.now() + 61).await;
    world
}

#[tokio::test]
async fn what_the_queue_took_is_202_and_ends_later_under_the_same_credential() {
    let world = named(DOORS).await;
    let task = waiting(&world, Call::signed).await;
    let content: Value = serde_json::from_str(task["task"].as_str().unwrap()).unwrap();
    assert_eq!(content["errand"]["request"]["credential"], "ci");
    world.instances(json!([{"id": "rm-new"}])).await;
    world.minutes_pass(2).await;
    let reports = world.audited("rds-seal.report/1");
    let [first, last] = reports.as_slice() else { panic!("two reports: {reports:?}") };
    assert_eq!(
        (&last["outcome"], &last["attempt"], &last["origin"]["actor"]),
        (&json!("enabled"), &json!(2), &json!("ci"))
    );
    assert_eq!(first["correlation_id"], last["correlation_id"]);
}

#[tokio::test]
async fn a_task_whose_credential_is_gone_is_refused() {
    let task = waiting(&named(DOORS).await, Call::signed).await;
    for doors in ["", &DOORS.replace("\"ci\"", "\"ci-2\"")] {
        let without = later(Setup { named: true, ..setup_for(doors) }).await;
        let told = without.deliver(task.to_string()).await;
        assert_eq!((told.outcome(), told.rule()), ("refused", ("webhook-credential", "")));
        assert_eq!(told.verdict(), "200 200 done");
        assert!(without.calls().await.is_empty());
    }
}

/// The variables of a file that names no sender would be unknown to it.
fn setup_for(doors: &str) -> Setup {
    let whole = setup(doors);
    if doors.is_empty() { Setup { env: Vec::new(), ..whole } } else { whole }
}

#[tokio::test]
async fn a_task_is_judged_by_the_scope_as_it_is_when_it_comes_back() {
    let task = waiting(&named(DOORS).await, Call::signed).await;
    for (was, now, rule) in [
        ("regions = [\"cn-*\"]", "regions = [\"cn-shanghai\"]", ("webhook-regions", "cn-hangzhou")),
        (
            "accounts = [\"1234567890123456\"]",
            "accounts = [\"6543210987654321\"]",
            ("webhook-accounts", "1234567890123456"),
        ),
    ] {
        let narrowed = later(Setup { named: true, ..setup(&DOORS.replacen(was, now, 1)) }).await;
        let told = narrowed.deliver(task.to_string()).await;
        assert_eq!((told.outcome(), told.rule()), ("refused", rule));
        assert!(narrowed.calls().await.is_empty());
    }
    for toml in [DOORS.replacen("mode = \"enforce\"", "mode = \"plan\"", 1), format!("mode = \"plan\"\n{DOORS}")] {
        let planning = later(Setup { named: true, ..setup(&toml) }).await;
        assert_eq!(planning.deliver(task.to_string()).await.outcome(), "planned");
        assert_eq!(planning.writes().await, 0);
    }
}

#[tokio::test]
async fn a_task_of_a_credential_that_may_no_longer_be_repeated_only_plans() {
    let accepting = DOORS.replacen("bearer_tokens", "accept_replay = true\nbearer_tokens", 1);
    let task = waiting(&named(&accepting).await, |_, body| Call::bearer(body)).await;
    let strict = later(Setup { named: true, ..setup(DOORS) }).await;
    strict.instances(json!([{"id": "rm-new"}])).await;
    assert_eq!(strict.deliver(task.to_string()).await.outcome(), "planned");
    assert_eq!(strict.writes().await, 0);
    let widened = named(&DOORS.replacen("accounts = [\"1234567890123456\"]", "accounts = [\"*\"]", 1)).await;
    let planned = waiting_plan(&widened).await;
    assert_eq!(planned, "planned", "and a plan is a plan for good");
}

/// What a plan by a bearer comes to: it never waits.
async fn waiting_plan(world: &World) -> String {
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    let heard = Call::bearer(request("rm-new")).send(world).await;
    heard.report()["outcome"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_cannot_be_read_is_said_at_once_and_keeps_nothing_out_of_the_queue() {
    let world = named(DOORS).await;
    world.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    let heard = Call::signed(&world, format!("[{}, 7]", request("rm-new"))).send(&world).await;
    assert_eq!(
        (heard.verdict().as_str(), heard.rejected().len()),
        ("202 waiting", 1),
        "the sender sends no part again"
    );
    assert_eq!(world.get("queue").await["waiting"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_task_cannot_be_handed_in_by_a_sender() {
    let world = named(DOORS).await;
    let task = waiting(&world, Call::signed).await;
    world.forget("calls").await;
    let event =
        json!({"specversion": "1.0", "id": "e", "source": "s", "type": "rds:ActionTrail:ApiCall", "data": task});
    for call in [
        Call::signed(&world, task.to_string()),
        Call::signed(&world, json!([task]).to_string()),
        Call::signed(&world, event.to_string()).to("/v1/events").with("content-type", "application/cloudevents+json"),
    ] {
        let heard = call.send(&world).await;
        assert_eq!((heard.status, heard.reports().len()), (400, 0), "{heard:?}");
    }
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn without_a_queue_the_sender_is_told_when_to_come_again() {
    let world = world().await;
    for faults in
        [json!([{"fault": "throttle", "times": 100}]), json!([{"fault": "drop", "before": true, "times": 100}])]
    {
        world.forget("faults").await;
        world.script(faults).await;
        let heard = Call::signed(&world, request(INSTANCE)).send(&world).await;
        assert_eq!((heard.status, heard.header("retry-after")), (503, "60"), "{heard:?}");
        assert_eq!((heard.header("x-fc-status"), &heard.body["delivery"]), ("200", &json!("again")));
    }
    world.forget("faults").await;
    assert_eq!(Call::signed(&world, request(INSTANCE)).send(&world).await.status, 200);
}

#[tokio::test]
async fn a_required_sink_that_took_nothing_brings_the_request_back_or_waits_in_the_queue() {
    let refusing = json!([{"operation": "slack", "fault": "status", "status": 403, "times": 1}]);
    let alone = World::with(setup(&format!("{SINK}{DOORS}"))).await;
    alone.script(refusing.clone()).await;
    let heard = Call::signed(&alone, request(INSTANCE)).send(&alone).await;
    assert_eq!((heard.verdict().as_str(), heard.header("retry-after")), ("503 enabled", "60"), "what was done is said");
    let again = Call::signed(&alone, request(INSTANCE)).send(&alone).await;
    assert_eq!((again.verdict().as_str(), alone.taken_by("slack").await.len()), ("200 already_enabled", 1));

    let queued = named(&format!("{SINK}{DOORS}")).await;
    queued.script(refusing).await;
    let heard = Call::signed(&queued, request(INSTANCE)).send(&queued).await;
    assert_eq!(heard.status, 200, "the change is made, and the report waits for its sink alone: {heard:?}");
    queued.minutes_pass(2).await;
    assert_eq!(queued.taken_by("slack").await.len(), 1);
}
