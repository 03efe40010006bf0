//! What the platform's event bus pushes, end to end, with its certificate pinned or fetched.

use super::*;
use crate::world::Host;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/webhook/eventbridge");
const TOKEN: &str = "a-token-of-the-eventbridge-target-0001";

/// The recorded push: its headers, its body, its second.
fn fixture() -> Value {
    serde_json::from_str(&std::fs::read_to_string(format!("{FOLDER}/push.json")).unwrap()).unwrap()
}

pub(super) fn pushed() -> Call {
    let push = fixture();
    let mut call = Call::anonymous(push["body"].as_str().unwrap()).to("/v1/eventbridge");
    for (name, value) in push["headers"].as_object().unwrap() {
        call = call.with(name, value.as_str().unwrap());
    }
    call
}

/// A function at the second of the push, whose target is that of the push.
async fn at_its_moment(certificate: Option<&str>, head: &str) -> World {
    set_up(certificate, head, Host::Function).await
}

async fn set_up(certificate: Option<&str>, head: &str, host: Host) -> World {
    let push = fixture();
    let pinned = certificate.map(|name| format!("certificate = \"{FOLDER}/{name}\"\n")).unwrap_or_default();
    let toml = format!(
        "{head}\n[doors.eventbridge]\nurl = {}\nregion = \"cn-hangzhou\"\ntokens = [{{ env = \"BUS_OLD\" }}, {{ env = \"BUS\" }}]\n{pinned}",
        push["url"]
    );
    let env = [("BUS_OLD", "another-token-of-the-target"), ("BUS", TOKEN)];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let world = World::with(Setup { toml, env, host, ..Setup::default() }).await;
    world.it_is(push["now_unix"].as_i64().unwrap()).await;
    world.instances(json!([{"id": "rm-bp1q2w3e4r5t6y7u8"}])).await;
    world
}

/// One whose certificate is pinned, so that nothing is fetched.
pub(super) async fn pinned(head: &str, host: Host) -> World {
    set_up(Some("certificate.pem"), head, host).await
}

#[tokio::test]
async fn a_push_is_sealed_and_its_region_is_looked_at_where_regions_are_limited() {
    let world = at_its_moment(Some("certificate.pem"), "[policy]\nregions = [\"cn-hangzhou\"]").await;
    let heard = pushed().send(&world).await;
    assert_eq!((heard.verdict().as_str(), heard.header("x-fc-status")), ("200 enabled", "200"));
    assert_eq!(world.calls().await, ["DescribeDBInstanceAttribute OK", "EnableBackupEncryption OK"]);
    let origin = &heard.report()["origin"];
    assert_eq!((&origin["door"], &origin["event_name"]), (&json!("webhook"), &json!("CreateDBInstance")));

    let again = pushed().send(&world).await;
    assert_eq!(again.verdict(), "200 already_enabled");
    assert_eq!(heard.report()["correlation_id"], again.report()["correlation_id"], "a repeat is recognisable");
}

#[tokio::test]
async fn what_was_changed_on_the_way_or_comes_late_is_refused() {
    let world = pinned("", Host::Function).await;
    let body = String::from_utf8(pushed().body).unwrap();
    let header = |name: &str, value: &str| pushed().with(name, value);
    let good = pushed().header("x-eventbridge-signature-v2").to_owned();
    for (why, call) in [
        ("another instance", pushed().over(body.replace("bp1q2w3e", "bp1q2w3f"))),
        ("a newline more", pushed().over(body.clone() + "\n")),
        ("no body", pushed().over("")),
        ("another signature", header("x-eventbridge-signature-v2", &good.replace('A', "B"))),
        ("no base64", header("x-eventbridge-signature-v2", good.trim_end_matches('='))),
        ("the first version", pushed().without("x-eventbridge-signature-v2").with("x-eventbridge-signature", &good)),
        ("another method", header("x-eventbridge-hash-method", "SHA1")),
        ("another version", header("x-eventbridge-signature-version", "2.0")),
        ("another time", header("x-eventbridge-signature-timestamp", "1767225600001")),
        ("seconds", header("x-eventbridge-signature-timestamp", "1767225600")),
        ("the other token", header("x-eventbridge-signature-token", "another-token-of-the-target")),
        ("a wrong token", header("x-eventbridge-signature-token", "a-token-of-somebody-else-0001")),
        ("no token", pushed().without("x-eventbridge-signature-token")),
        ("8 KB of token", header("x-eventbridge-signature-token", &"a".repeat(8192))),
    ] {
        call.send(&world).await.assert_unauthorised(why);
    }
    for (name, value) in pushed().headers.iter().filter(|(name, _)| name.starts_with("x-eventbridge")) {
        pushed().and(name, value).send(&world).await.assert_unauthorised(name);
    }
    let at = fixture()["now_unix"].as_i64().unwrap();
    for off in [-62, 62] {
        world.it_is(at + off).await;
        pushed().send(&world).await.assert_unauthorised("a minute is over");
    }
    assert!(world.calls().await.is_empty() && world.audited("rds-seal.report/1").is_empty());
    world.it_is(at).await;
    assert_eq!(pushed().send(&world).await.status, 200);
}

#[tokio::test]
async fn another_certificate_verifies_nothing() {
    for name in ["of-another-key.pem", "expired.pem", "not-yet-valid.pem", "elliptic.pem", "rsa-1024.pem"] {
        let world = at_its_moment(Some(name), "").await;
        pushed().send(&world).await.assert_unauthorised(name);
        assert!(world.calls().await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_host_that_only_looks_like_the_vendors_is_never_asked() {
    let world = at_its_moment(None, "").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap();
    let host = "cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com";
    for url in [
        format!("http://{own}/a.pem"),
        format!("https://{own}/a.pem"),
        format!("https://{own}/{host}/a.pem"),
        format!("https://{own}#{host}/a.pem"),
        format!("https://{host}@{own}/a.pem"),
        format!("https://{host}.localhost:{}/a.pem", own.port()),
        format!("http://{host}/a.pem"),
        "https://cn-shanghai-eventbridge.oss-accelerate.aliyuncs.com/a.pem".to_owned(),
        "https://evil-cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com/a.pem".to_owned(),
        "https://cn-hangzhou-eventbridge.oss-cn-hangzhou.aliyuncs.com/a.pem".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        pushed().with("x-eventbridge-signature-url", &url).send(&world).await.assert_unauthorised(&url);
    }
    let nobody = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "somebody came");
    assert!(world.calls().await.is_empty());
}

#[tokio::test]
async fn a_push_is_limited_by_the_configuration_alone() {
    let planning = at_its_moment(Some("certificate.pem"), "mode = \"plan\"").await;
    assert_eq!(pushed().send(&planning).await.verdict(), "200 planned");
    let limited = at_its_moment(Some("certificate.pem"), "[policy]\ninstances = [\"pgm-*\"]").await;
    let heard = pushed().send(&limited).await;
    assert_eq!((heard.verdict().as_str(), heard.rule().0), ("200 refused", "instances"));
    assert!(limited.calls().await.is_empty());
}

#[tokio::test]
async fn only_a_push_gets_in_there_and_only_there() {
    let world = pinned("", Host::Function).await;
    let get = heard(world.http.get(format!("http://{}/v1/eventbridge", world.function))).await;
    assert_eq!((get.problem(405), get.header("allow")), ("this path takes POST", "POST"));
    let large = pushed().over(" ".repeat(256 * 1024 + 1)).send(&world).await;
    assert_eq!(large.status, 413);
    Call::bearer(request(INSTANCE)).to("/v1/eventbridge").send(&world).await.assert_unauthorised("a bearer");
    assert_eq!(pushed().to("/v1/requests").send(&world).await.status, 404, "that door is closed");
    let described = world.http.get(format!("http://{}/openapi.json", world.function)).send().await.unwrap();
    assert_eq!(described.status(), 200);
    for kind in ["text/plain", "application/octet-stream", ""] {
        assert_eq!(pushed().with("content-type", kind).send(&world).await.status, 200, "no type is documented: {kind}");
    }
}

/// Puts this at the address of the certificate that the push names.
async fn hands_out(world: &World, text: &str) {
    let url = fixture()["headers"]["x-eventbridge-signature-url"].as_str().unwrap().to_owned();
    world.has("files", json!({ url.strip_prefix("https://").unwrap(): text })).await;
}

fn pem(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

#[tokio::test]
async fn a_certificate_is_fetched_once_and_kept() {
    let world = at_its_moment(None, "").await;
    hands_out(&world, &pem("certificate.pem")).await;
    assert_eq!(pushed().send(&world).await.verdict(), "200 enabled");
    world.has("files", json!({})).await;
    assert_eq!(pushed().send(&world).await.verdict(), "200 already_enabled");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_had_is_the_bus_to_try_again() {
    let world = at_its_moment(None, "").await;
    for text in [None, Some("-".repeat(65 * 1024))] {
        if let Some(text) = &text {
            hands_out(&world, text).await;
        }
        let heard = pushed().send(&world).await;
        assert_eq!((heard.status, heard.header("retry-after")), (503, "60"));
        assert_eq!(heard.body["detail"], "the certificate of the event bus cannot be had");
    }
    assert!(world.calls().await.is_empty());
    hands_out(&world, &pem("certificate.pem")).await;
    assert_eq!(pushed().send(&world).await.verdict(), "200 enabled");
}

#[tokio::test]
async fn a_certificate_that_verifies_nothing_is_refused_and_not_kept() {
    let world = at_its_moment(None, "").await;
    for name in ["of-another-key.pem", "expired.pem", "not-yet-valid.pem", "elliptic.pem"] {
        hands_out(&world, &pem(name)).await;
        pushed().send(&world).await.assert_unauthorised(name);
    }
    hands_out(&world, "no certificate").await;
    pushed().send(&world).await.assert_unauthorised("no certificate");
    assert!(world.calls().await.is_empty());
    hands_out(&world, &pem("certificate.pem")).await;
    assert_eq!(pushed().send(&world).await.verdict(), "200 enabled");
}

#[tokio::test]
async fn a_kept_certificate_that_verifies_no_more_is_fetched_anew() {
    let world = at_its_moment(None, "").await;
    let at = fixture()["now_unix"].as_i64().unwrap();
    world.it_is(at - 31).await;
    hands_out(&world, &pem("certificate.pem")).await;
    assert_eq!(pushed().send(&world).await.verdict(), "200 enabled");
    world.has("files", json!({})).await;
    pushed().over("{}").send(&world).await.assert_unauthorised("within the minute nobody is asked");
    world.it_is(at + 30).await;
    assert_eq!(pushed().over("{}").send(&world).await.status, 503, "it may be genuine by a new one");
    pushed().over("{}").send(&world).await.assert_unauthorised("and once more nobody is asked");
    assert_eq!(pushed().send(&world).await.verdict(), "200 already_enabled", "the good one is still kept");
}
