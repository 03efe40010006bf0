//! Which doors there are: none by default, and on each host those that belong there.

use super::*;
use crate::world::Host;

async fn get(world: &World, path: &str) -> Heard {
    heard(world.http.get(format!("http://{}{path}", world.function))).await
}

/// A plain server with these doors.
async fn plain(toml: &str) -> World {
    World::with(Setup { host: Host::PlainServer, ..setup(toml) }).await
}

const PATHS: [&str; 3] = ["/v1/requests", "/v1/events", "/v1/eventbridge"];

#[tokio::test]
async fn every_door_is_closed_until_it_is_configured() {
    for host in [Host::Function, Host::PlainServer] {
        let world = World::with(Setup { host, ..Setup::default() }).await;
        for path in PATHS {
            assert_eq!(Call::bearer(request(INSTANCE)).to(path).send(&world).await.status, 404, "{path}");
        }
        assert_eq!(get(&world, "/openapi.json").await.status, 404);
        assert!(world.calls().await.is_empty());
    }
    let world = world().await;
    assert_eq!(Call::bearer("{}").to("/v1/eventbridge").send(&world).await.status, 404, "that one has its own");
    for path in ["/v1", "/v1/", "/v1/requests/", "/v1//requests", "/V1/requests", "/v1/requests%2f", "/v2/requests"] {
        assert_eq!(Call::bearer(request(INSTANCE)).to(path).send(&world).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn on_function_compute_every_answer_is_a_success_to_the_platform() {
    let world = world().await;
    world.instances(json!([{"id": INSTANCE}, {"id": "rm-new", "status": "Creating"}])).await;
    let large = " ".repeat(300_000);
    for (status, call) in [
        (200, Call::signed(&world, request(INSTANCE))),
        (503, Call::signed(&world, request("rm-new"))),
        (400, Call::signed(&world, "{}")),
        (400, Call::signed(&world, request(INSTANCE)).and("x-fc-region", "a").and("x-fc-region", "b")),
        (401, Call::anonymous(request(INSTANCE))),
        (413, Call::signed(&world, large)),
        (415, Call::signed(&world, request(INSTANCE)).with("content-type", "text/plain")),
    ] {
        let heard = call.send(&world).await;
        assert_eq!((heard.status, heard.header("x-fc-status")), (status, "200"));
    }
    for (path, status) in [("/v1/requests", 405), ("/openapi.json", 200), ("/v1/nothing", 404)] {
        let heard = get(&world, path).await;
        assert_eq!((heard.status, heard.header("x-fc-status")), (status, "200"), "{path}");
    }
}

#[tokio::test]
async fn a_doubled_header_of_the_platform_is_refused_there_and_means_nothing_elsewhere() {
    let doubled = |world: &World, name: &str| Call::signed(world, request(INSTANCE)).and(name, "a").and(name, "b");
    let function = world().await;
    for name in ["x-fc-account-id", "x-fc-security-token", "x-fc-function-deadline"] {
        let heard = doubled(&function, name).send(&function).await;
        assert_eq!((heard.status, heard.header("x-fc-status")), (400, "200"));
        assert!(heard.body.as_str().unwrap().contains(name), "{heard:?}");
    }
    assert!(function.calls().await.is_empty());
    let server = plain(DOORS).await;
    assert_eq!(doubled(&server, "x-fc-account-id").send(&server).await.verdict(), "200 enabled");
}

#[tokio::test]
async fn on_a_plain_server_the_platforms_headers_mean_nothing() {
    let world = plain(DOORS).await;
    let regionless = json!({"instance": INSTANCE, "mode": "plan"}).to_string();
    let forged = |call: Call| {
        call.and("x-fc-account-id", OTHER_ACCOUNT)
            .and("x-fc-region", "cn-hangzhou")
            .and("x-fc-request-id", "R-1")
            .and("x-fc-access-key-id", "somebody")
            .and("x-fc-access-key-secret", "something")
            .and("x-fc-security-token", "a-token")
            .and("x-fc-function-deadline", "1")
            .and("x-fc-control-path", "/invoke")
    };
    let heard = forged(Call::signed(&world, regionless)).send(&world).await;
    assert_eq!((heard.status, heard.rejected()), (400, vec!["region is missing".to_owned()]));
    let heard = forged(Call::signed(&world, request(INSTANCE))).send(&world).await;
    assert_eq!(heard.verdict(), "200 enabled", "neither the account, nor the identity, nor the deadline");
    assert_eq!((&heard.report()["account"], heard.header("x-fc-status")), (&json!("1234567890123456"), ""));
    for path in ["/invoke", "/initialize", "/pre-stop"] {
        let heard = forged(Call::signed(&world, request(INSTANCE))).to(path).send(&world).await;
        assert_eq!(heard.status, 404, "{path}");
    }
    assert_eq!(get(&world, "/healthz").await.status, 200);
}

#[tokio::test]
async fn a_webhook_is_no_event_and_an_event_is_no_webhook() {
    let world = world().await;
    let event = crate::world::event("instance-created.json");
    let heard = Call::signed(&world, event).send(&world).await;
    assert_eq!((heard.status, heard.reports().len()), (400, 0), "an event is for the other path");
    let as_invoke = Call::signed(&world, request(INSTANCE)).to("/invoke").send(&world).await;
    assert_eq!(as_invoke.status, 403, "a signature of ours is not the platform's word");
    let told = world.deliver(request(INSTANCE)).await;
    assert_eq!(told.report()["origin"]["door"], "event");
}

/// Four requests, each with one proof that this deployment knows.
fn proven(world: &World) -> [(&'static str, Call); 4] {
    let ask = || request(INSTANCE);
    [
        ("v1", Call::signed(world, ask())),
        ("v1a", Call::anonymous(ask()).signed_by_key("msg_1", world.now())),
        ("bearer", Call::bearer(ask())),
        ("github", Call::hub(ask())),
    ]
}

#[tokio::test]
async fn each_way_of_proving_is_taken_and_named() {
    let world = world().await;
    for ((way, call), (name, outcome)) in proven(&world).into_iter().zip([
        ("ci", "200 enabled"),
        ("ci", "200 already_enabled"),
        ("cron", "200 planned"),
        ("hub", "200 planned"),
    ]) {
        let heard = call.send(&world).await;
        assert_eq!(heard.verdict(), outcome, "{way}");
        assert_eq!((heard.header("content-type"), &heard.body["delivery"]), ("application/json", &json!("done")));
        let origin = &heard.report()["origin"];
        assert_eq!((&origin["actor"], &origin["door"]), (&json!(name), &json!("webhook")), "{way}");
    }
}
