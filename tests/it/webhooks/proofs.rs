//! Each way of proving who sends: taken as it should be, and refused in every other form.

use super::*;

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

#[tokio::test]
async fn every_secret_of_a_rotation_verifies_and_every_signature_is_tried() {
    let world = world().await;
    let call = Call::signed(&world, request(INSTANCE));
    let good = call.header("webhook-signature").to_owned();
    let other = format!("v1,{}", BASE64_STANDARD.encode([7; 32]));
    for signatures in [format!("{other} {good}"), format!("{good} {other}"), format!("v9,what {good}")] {
        let heard = call.clone().with("webhook-signature", &signatures).send(&world).await;
        assert_eq!(heard.status, 200, "{signatures}");
    }
    let old = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let tag = mac(&old, &call.content("msg_1", world.now()));
    let rotated = call.with_signature("msg_1", world.now(), &format!("v1,{}", BASE64_STANDARD.encode(tag)));
    assert_eq!(rotated.send(&world).await.status, 200);
}

#[tokio::test]
async fn a_signature_that_is_not_over_this_by_somebody_we_know_now_is_refused() {
    let world = world().await;
    let now = world.now();
    let call = Call::signed(&world, request(INSTANCE));
    let good = call.header("webhook-signature").to_owned();
    let tag = good.strip_prefix("v1,").unwrap();
    let unpadded = good.trim_end_matches('=');
    let raw = BASE64_STANDARD.decode(tag).unwrap();
    let signature = |text: &str| call.clone().with("webhook-signature", text);
    let anonymous = || Call::anonymous(request(INSTANCE));
    let mut calls = vec![
        ("nothing", anonymous()),
        ("no signature", call.clone().without("webhook-signature")),
        ("no id", call.clone().without("webhook-id")),
        ("no time", call.clone().without("webhook-timestamp")),
        ("stale", anonymous().signed_at("msg_1", now - 305)),
        ("future", anonymous().signed_at("msg_1", now + 305)),
        ("moved time", call.clone().with("webhook-timestamp", &(now + 1).to_string())),
        ("milliseconds", anonymous().signed_at("msg_1", now * 1000)),
        ("another id", call.clone().with("webhook-id", "msg_2")),
        ("an id with a dot", anonymous().signed_at("msg.1", now)),
        ("another body", call.clone().over(request("rm-demo2"))),
        ("a newline more", call.clone().over(request(INSTANCE) + "\n")),
        ("nothing of it", call.clone().over("")),
        ("an empty one", signature("")),
        ("no version", signature(tag)),
        ("another version", signature(&good.replace("v1,", "v2,"))),
        ("as another kind", signature(&good.replace("v1,", "v1a,"))),
        ("another separator", signature(&good.replace(',', "="))),
        ("too short", signature(&format!("v1,{}", BASE64_STANDARD.encode(&raw[..31])))),
        ("too long", signature(&format!("v1,{}", BASE64_STANDARD.encode([&raw[..], &[0]].concat())))),
        ("no padding", signature(unpadded)),
        ("more padding", signature(&format!("{good}="))),
        ("in hexadecimal", signature(&format!("v1,{}", base16ct::lower::encode_string(&raw)))),
        ("another tag", signature(&format!("v1,{}", BASE64_STANDARD.encode([7; 32])))),
        ("commas between", signature(&format!("{good},{good}"))),
        ("17 of them", signature(&vec![good.as_str(); 17].join(" "))),
        ("8 KB of them", signature(&format!("{good} v9,{}", "a".repeat(8192)))),
        ("8 KB of id", call.clone().with("webhook-id", &"a".repeat(8192))),
        ("a bearer besides", call.clone().with("authorization", &format!("Bearer {BEARER}"))),
        ("by the key, another body", anonymous().signed_by_key("msg_1", now).over(request("rm-demo2"))),
        ("by the key, stale", anonymous().signed_by_key("msg_1", now - 305)),
    ];
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        calls.push((name, call.clone().and(name, call.header(name))));
    }
    for (why, call) in calls {
        call.send(&world).await.assert_unauthorised(why);
    }
    assert!(world.calls().await.is_empty() && world.audited("rds-seal.report/1").is_empty());
    for off in [-295, 295] {
        assert_eq!(anonymous().signed_at("msg_1", now + off).send(&world).await.status, 200, "{off}");
    }
}

#[tokio::test]
async fn a_bearer_is_the_whole_token_once_and_nothing_else() {
    let world = world().await;
    let bearer = |value: &str| Call::anonymous(request(INSTANCE)).with("authorization", value);
    for value in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        BEARER.to_owned(),
        format!("Basic {BEARER}"),
        format!("Bearer {BEARER}x"),
        format!("Bearer {}", &BEARER[1..]),
        format!("Bearer  {BEARER}"),
        format!("Bearer {BEARER}, Bearer {BEARER}"),
        format!("Bearer {}", BEARER.to_uppercase()),
        format!("Bearer {GITHUB}"),
        format!("Bearer {SIGNING}"),
        format!("Bearer {}", "a".repeat(8192)),
    ] {
        bearer(&value).send(&world).await.assert_unauthorised(&value);
    }
    let good = format!("Bearer {BEARER}");
    bearer(&good).and("authorization", &good).send(&world).await.assert_unauthorised("twice");
    let in_query = Call::anonymous(request(INSTANCE)).to("/v1/requests?access_token=a-bearer-token");
    in_query.send(&world).await.assert_unauthorised("in the address");
    assert!(world.calls().await.is_empty());
    assert_eq!(bearer(&format!("bearer {BEARER}")).send(&world).await.status, 200, "a scheme has no case");
}

#[tokio::test]
async fn a_github_signature_is_lower_case_hexadecimal_over_this_body() {
    let world = world().await;
    let call = Call::hub(request(INSTANCE));
    let good = call.header("x-hub-signature-256").to_owned();
    let tag = good.strip_prefix("sha256=").unwrap();
    let raw = base16ct::lower::decode_vec(tag).unwrap();
    let signature = |text: &str| call.clone().with("x-hub-signature-256", text);
    for (why, call) in [
        ("none", call.clone().without("x-hub-signature-256")),
        ("the older header", call.clone().without("x-hub-signature-256").with("x-hub-signature", &good)),
        ("no prefix", signature(tag)),
        ("another prefix", signature(&format!("sha1={tag}"))),
        ("upper case", signature(&format!("sha256={}", tag.to_uppercase()))),
        ("too short", signature(&good[..good.len() - 2])),
        ("too long", signature(&format!("{good}00"))),
        ("in base64", signature(&format!("sha256={}", BASE64_STANDARD.encode(raw)))),
        ("another body", call.clone().over(request("rm-demo2"))),
        ("a newline more", call.clone().over(request(INSTANCE) + "\n")),
        ("twice", call.clone().and("x-hub-signature-256", &good)),
        ("two ids", call.clone().and("x-github-delivery", "delivery-2")),
        ("8 KB", signature(&format!("sha256={}", "a".repeat(8192)))),
    ] {
        call.send(&world).await.assert_unauthorised(why);
    }
    assert!(world.calls().await.is_empty());
    let renamed = call.with("x-github-delivery", "delivery-2").send(&world).await;
    assert_eq!(renamed.verdict(), "200 planned", "the delivery's name is not signed, and only plans hang on it");
}

#[tokio::test]
async fn whoever_is_turned_away_is_told_the_same_at_every_door() {
    let world = world().await;
    for path in ["/v1/requests", "/v1/events"] {
        for body in ["", "{", "{}", &request(INSTANCE)] {
            for kind in ["application/json", "application/cloudevents+json", "text/plain"] {
                let call = Call::anonymous(body).to(path).with("content-type", kind);
                call.send(&world).await.assert_unauthorised(&format!("{path} {kind} {body}"));
            }
        }
    }
    assert!(world.calls().await.is_empty());
}
