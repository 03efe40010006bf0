//! How far a sender may go: accounts, regions, mode, and what signs no time.

use super::*;

/// A function whose one sender signs, within these bounds.
async fn bounded(bounds: &str, head: &str) -> World {
    let toml = format!("{head}\n[[doors.webhook]]\nname = \"ci\"\nsecrets = [{{ env = \"CI_SECRET\" }}]\n{bounds}\n");
    let mut setup = setup(&toml);
    setup.env.retain(|(name, _)| name == "CI_SECRET");
    World::with(setup).await
}

#[tokio::test]
async fn outside_the_scope_is_a_refusal_that_names_the_rule_and_calls_nothing() {
    for (bounds, body, rule) in [
        (
            "accounts = [\"6543210987654321\"]\nregions = [\"*\"]",
            request(INSTANCE),
            ("webhook-accounts", "1234567890123456"),
        ),
        (
            "accounts = [\"1234567890123456\"]\nregions = [\"*\"]",
            asking(&json!({"account": OTHER_ACCOUNT})),
            ("webhook-accounts", OTHER_ACCOUNT),
        ),
        (
            "accounts = [\"*\"]\nregions = [\"*\"]",
            asking(&json!({"account": OTHER_ACCOUNT})),
            ("foreign-account", OTHER_ACCOUNT),
        ),
        ("accounts = [\"*\"]\nregions = [\"ap-*\"]", request(INSTANCE), ("webhook-regions", "cn-hangzhou")),
        (
            "accounts = [\"*\"]\nregions = [\"cn-hangzhou\"]",
            asking(&json!({"region": "cn-shanghai"})),
            ("webhook-regions", "cn-shanghai"),
        ),
    ] {
        let world = bounded(&format!("{bounds}\nmode = \"enforce\""), "").await;
        let heard = Call::signed(&world, body).send(&world).await;
        assert_eq!((heard.verdict().as_str(), heard.rule()), ("200 refused", rule), "{bounds}");
        assert!(world.calls().await.is_empty(), "{bounds}");
    }
}

#[tokio::test]
async fn the_policy_holds_besides_the_scope() {
    let bounds = "accounts = [\"*\"]\nregions = [\"*\"]\nmode = \"enforce\"";
    let world = bounded(bounds, "[policy]\ninstances = [\"pgm-*\"]").await;
    let heard = Call::signed(&world, request(INSTANCE)).send(&world).await;
    assert_eq!((heard.verdict().as_str(), heard.rule()), ("200 refused", ("instances", INSTANCE)));
    let world = bounded(bounds, "[key]\nallowed = [\"key-a*\"]").await;
    let heard = Call::signed(&world, asking(&json!({"key": "key-b1"}))).send(&world).await;
    assert_eq!(heard.verdict(), "200 refused");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_claimed_region_inside_the_scope_is_seen_before_it_is_believed() {
    let bounds = "accounts = [\"*\"]\nregions = [\"cn-hangzhou\"]\nmode = \"enforce\"";
    let world = bounded(bounds, "").await;
    world.instances(json!([{"id": "rm-here"}, {"id": "rm-there", "region": "cn-shanghai"}])).await;
    let here = Call::signed(&world, request("rm-here")).send(&world).await;
    assert_eq!(here.verdict(), "200 enabled");
    assert_eq!(world.calls().await, ["DescribeDBInstanceAttribute OK", "EnableBackupEncryption OK"]);
    let there = Call::signed(&world, request("rm-there")).send(&world).await;
    assert_eq!((there.verdict().as_str(), there.rule()), ("200 refused", ("region-mismatch", "cn-shanghai")));
    assert_eq!(world.writes().await, 1);

    let anywhere = bounded("accounts = [\"*\"]\nregions = [\"*\"]\nmode = \"enforce\"", "").await;
    let heard = Call::signed(&anywhere, request(INSTANCE)).send(&anywhere).await;
    assert_eq!(heard.verdict(), "200 enabled");
    assert_eq!(anywhere.calls().await, ["EnableBackupEncryption OK"], "nothing hangs on the region");
}

#[tokio::test]
async fn the_weakest_of_configuration_scope_and_request_is_the_mode() {
    let scope = |mode: &str| format!("accounts = [\"*\"]\nregions = [\"*\"]\n{mode}");
    let (plan, enforce) = ("mode = \"plan\"", "mode = \"enforce\"");
    for (configured, scoped, asked, outcome) in [
        (enforce, enforce, "enforce", "200 enabled"),
        (enforce, enforce, "plan", "200 planned"),
        (enforce, plan, "enforce", "200 planned"),
        (enforce, "", "enforce", "200 planned"),
        (plan, enforce, "enforce", "200 planned"),
        (plan, plan, "plan", "200 planned"),
    ] {
        let world = bounded(&scope(scoped), configured).await;
        let heard = Call::signed(&world, asking(&json!({"mode": asked}))).send(&world).await;
        assert_eq!(heard.verdict(), outcome, "{configured}, {scoped}, {asked}");
        assert_eq!(mode_of(heard.report()) == Mode::Enforce, outcome == "200 enabled");
        assert_eq!(world.writes().await, usize::from(outcome == "200 enabled"));
    }
}

#[tokio::test]
async fn what_signs_no_time_only_plans_unless_repeats_are_accepted() {
    for (accepting, outcome) in [(false, "200 planned"), (true, "200 enabled")] {
        let doors = DOORS
            .split("[[doors.webhook]]")
            .map(|entry| {
                let signs = entry.is_empty() || entry.contains("\nsecrets");
                if accepting && !signs { format!("{entry}accept_replay = true\n") } else { entry.to_owned() }
            })
            .collect::<Vec<_>>()
            .join("[[doors.webhook]]");
        let world = World::with(setup(&doors)).await;
        let demand = |instance: &str| json!({"instance": instance, "region": "cn-hangzhou", "mode": "enforce"});
        let bearer = Call::bearer(demand("rm-demo1").to_string()).send(&world).await;
        let hub = Call::hub(demand("rm-demo2").to_string()).send(&world).await;
        assert_eq!((bearer.verdict().as_str(), hub.verdict().as_str()), (outcome, outcome));
        assert_eq!(world.writes().await, if accepting { 2 } else { 0 });
    }
}

#[tokio::test]
async fn a_repeat_inside_the_window_is_harmless_and_recognisable_and_outside_it_is_refused() {
    let world = world().await;
    let captured = Call::signed(&world, json!({"instance": INSTANCE, "region": "cn-hangzhou"}).to_string());
    let first = captured.clone().send(&world).await;
    let again = captured.clone().send(&world).await;
    assert_eq!((first.verdict().as_str(), again.verdict().as_str()), ("200 enabled", "200 already_enabled"));
    let correlation = |heard: &Heard| heard.report()["correlation_id"].clone();
    assert_eq!(correlation(&first), correlation(&again), "the repeat says whose repeat it is");
    assert_eq!(first.report()["origin"]["event_id"], "msg_1");
    assert_ne!(first.report()["id"], again.report()["id"], "and is another result");

    let another = Call::anonymous(captured.body.clone()).signed_at("msg_2", world.now()).send(&world).await;
    assert_ne!(correlation(&first), correlation(&another), "a new delivery is a new ask");
    let calls = world.calls().await;
    world.it_is(world.now() + 305).await;
    captured.send(&world).await.assert_unauthorised("outside the window");
    assert_eq!(world.calls().await, calls);
}

#[tokio::test]
async fn a_request_is_named_by_its_own_id_then_the_delivery_then_its_body() {
    let world = world().await;
    let nameless = json!({"instance": INSTANCE, "region": "cn-hangzhou", "mode": "plan"}).to_string();
    let named = Call::signed(&world, request(INSTANCE)).send(&world).await;
    assert_eq!(named.report()["origin"]["event_id"], "ask-1");
    let hub = Call::hub(nameless.clone()).send(&world).await;
    let again = Call::hub(nameless.clone()).with("x-github-delivery", "another").send(&world).await;
    let ids = |heard: &Heard| {
        let report = heard.report();
        [&report["origin"]["event_id"], &report["correlation_id"], &report["id"]].map(Clone::clone)
    };
    assert_eq!(ids(&hub), ids(&again), "a captured request has no new name: what names it is not signed");
    let with_id = Call::bearer(nameless.clone()).with("webhook-id", "own-1").send(&world).await;
    assert_eq!(with_id.report()["origin"]["event_id"], "own-1");
    let (one, two) =
        (Call::bearer(nameless.clone()).send(&world).await, Call::bearer(nameless + "\n").send(&world).await);
    let id = |heard: &Heard| heard.report()["origin"]["event_id"].as_str().unwrap().to_owned();
    assert_eq!(id(&one).len(), 64, "a digest of the body");
    assert_ne!(id(&one), id(&two));
}
