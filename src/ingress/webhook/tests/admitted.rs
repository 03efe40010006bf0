use proptest::prelude::*;

use super::*;

const ANOTHER: &str = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

#[test]
fn the_vectors_are_answered_as_they_say() {
    assert!(vectors().len() >= 7);
    for vector in vectors() {
        let admitted = vector.admit(&[bearer(), vector.credential()]);
        assert_eq!(admitted.is_ok(), vector.accept, "{}", vector.name);
    }
}

#[test]
fn a_delivery_is_called_what_its_sender_calls_it() {
    let vector = Vector::named("v1a");
    assert_eq!(vector.admit(&[vector.credential()]).unwrap().as_str(), "msg_v1a_0001");
    let hub = Vector::named("github_official");
    let digest = "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f";
    assert_eq!(hub.admit(&[hub.credential()]).unwrap().as_str(), digest, "of the body");
    for name in ["x-github-delivery", "webhook-id"] {
        let renamed = hub.clone().with(name, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
        let called = renamed.admit(&[renamed.credential()]).unwrap();
        assert_eq!(called.as_str(), digest, "a repeat has the name of the first: {name} is not signed");
    }
}

#[test]
fn an_empty_list_verifies_nothing() {
    for vector in vectors() {
        assert!(vector.admit(&[]).is_err());
        assert!(vector.admit(&[signing("ci", &[]), credential("hub", Proof::GitHub { secrets: Vec::new() })]).is_err());
    }
    let tokenless = credential("cron", Proof::Bearer { tokens: Vec::new() });
    for value in [format!("Bearer {BEARER}"), "Bearer ".to_owned(), "Bearer".to_owned()] {
        assert!(by_bearer(&value).admit(std::slice::from_ref(&tokenless)).is_err());
    }
}

#[test]
fn secrets_are_rotated_on_either_side() {
    let vector = Vector::named("stdwh_rds_encrypt");
    assert!(vector.admit(&[signing("ci", &[ANOTHER, &vector.secret])]).is_ok());
    assert!(vector.admit(&[signing("ci", &[ANOTHER])]).is_err());
    let good = vector.headers["webhook-signature"].clone();
    let old = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for both in [
        format!("{old} {good}"),
        format!("{good} {old}"),
        format!("v9,new {good}"),
        format!("v1,torn {good}"),
        format!("{good} v1a,torn v1"),
    ] {
        let rotated = vector.clone().with("webhook-signature", &both);
        assert!(rotated.admit(&[rotated.credential()]).is_ok(), "{both}");
    }
    let unknown = vector.clone().with("webhook-signature", &good.replace("v1,", "v2,"));
    assert!(unknown.admit(&[unknown.credential()]).is_err());
}

#[test]
fn a_signature_of_one_version_is_not_taken_for_the_other() {
    // What a public key would sign as a shared secret, and a tag that claims to be ed25519.
    let vector = Vector::named("v1a");
    let key = vector.secret.replace("whpk_", "whsec_");
    assert!(vector.admit(&[signing("ci", &[&key])]).is_err());
    let hmac = Vector::named("stdwh_rds_encrypt");
    let claimed = hmac.headers["webhook-signature"].replace("v1,", "v1a,");
    let claimed = hmac.with("webhook-signature", &claimed);
    assert!(claimed.admit(&[claimed.credential()]).is_err());
}

#[test]
fn five_minutes_are_the_window_in_both_directions() {
    let vector = Vector::named("stdwh_rds_encrypt");
    for (seconds, is_recent) in [(300, true), (-300, true), (301, false), (-301, false), (-1_767_225_600, false)] {
        let then = Vector { now_unix: vector.now_unix + seconds, ..vector.clone() };
        assert_eq!(then.admit(&[then.credential()]).is_ok(), is_recent, "{seconds}");
    }
    for timestamp in ["18446744073709551615", "-1", "1767225600.0", " 1767225600", ""] {
        let other = vector.clone().with("webhook-timestamp", timestamp);
        assert!(other.admit(&[other.credential()]).is_err(), "{timestamp}");
    }
}

#[test]
fn what_proves_is_there_once() {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let vector = Vector::named("stdwh_rds_encrypt");
    let hub = Vector::named("github_official");
    let token = by_bearer(&format!("Bearer {BEARER}")).with("webhook-id", "1").with("webhook-timestamp", "1");
    let cases = names.map(|name| (name, &vector)).into_iter().chain([
        ("x-hub-signature-256", &hub),
        ("authorization", &token),
        ("webhook-id", &token),
        ("webhook-timestamp", &token),
    ]);
    let known = [vector.credential(), hub.credential(), bearer()];
    for (name, vector) in cases {
        let mut doubled = headers(&vector.headers);
        let body = || Bytes::copy_from_slice(vector.body.as_bytes());
        assert!(admit(&known, &doubled, body(), vector.now()).is_ok());
        let value = doubled[name].clone();
        doubled.append(name, value);
        assert!(admit(&known, &doubled, body(), vector.now()).is_err(), "{name} twice");
    }
    for name in names {
        let lacking = vector.clone().without(name);
        assert!(lacking.admit(&known).is_err(), "no {name}");
    }
}

#[test]
fn two_kinds_at_once_are_none() {
    let vector = Vector::named("stdwh_rds_encrypt");
    let hub = Vector::named("github_official");
    let known = [vector.credential(), hub.credential(), bearer()];
    let bearer = format!("Bearer {BEARER}");
    assert!(vector.clone().with("authorization", &bearer).admit(&known).is_err());
    assert!(hub.clone().with("authorization", &bearer).admit(&known).is_err());
    let signature = hub.headers["x-hub-signature-256"].clone();
    assert!(vector.clone().with("x-hub-signature-256", &signature).admit(&known).is_err());
    // Another scheme is a gateway's own affair.
    assert!(vector.with("authorization", "acs3 whatever").admit(&known).is_ok());
    assert!(by_bearer(&bearer).without("authorization").admit(&known).is_err(), "nor is none");
}

#[test]
fn a_bearer_shows_the_whole_token_and_nothing_else() {
    for value in [format!("Bearer {BEARER}"), format!("bearer {BEARER}")] {
        assert!(by_bearer(&value).admit(&[bearer()]).is_ok(), "{value}");
    }
    for value in [
        BEARER.to_owned(),
        format!("Bearer  {BEARER}"),
        format!("Bearer {BEARER} "),
        format!("Bearer {}", &BEARER[1..]),
        format!("Bearer {BEARER}1"),
        format!("Bearer {}", BEARER.to_uppercase()),
        format!("Bearer {BEARER}, Bearer {BEARER}"),
        format!("Basic {BEARER}"),
        format!("Bearer {}", "a".repeat(8 * 1024)),
    ] {
        assert!(by_bearer(&value).admit(&[bearer()]).is_err(), "{value}");
    }
}

#[test]
fn a_hub_signature_is_written_in_one_way() {
    let hub = Vector::named("github_official");
    let good = hub.headers["x-hub-signature-256"].clone();
    let hex = good.strip_prefix("sha256=").unwrap();
    for value in [
        hex.to_owned(),
        format!("sha1={hex}"),
        format!("sha256:{hex}"),
        format!("sha256={}", hex.to_uppercase()),
        format!("sha256={}", &hex[2..]),
        format!("sha256={hex}00"),
        "sha256=".to_owned(),
    ] {
        assert!(hub.clone().with("x-hub-signature-256", &value).admit(&[hub.credential()]).is_err(), "{value}");
    }
}

#[test]
fn a_proof_with_two_owners_has_none() {
    let vector = Vector::named("stdwh_rds_encrypt");
    let twice = [signing("ci", &[&vector.secret]), signing("cron", &[ANOTHER, &vector.secret])];
    assert_eq!(sharing_a_secret(&twice), Some(("ci", "cron")));
    assert!(vector.admit(&twice).is_err());
}

#[test]
fn another_byte_anywhere_is_refused() {
    for vector in vectors().into_iter().filter(|vector| vector.accept) {
        let known = [vector.credential()];
        for at in 0..vector.body.len() {
            let mut body = vector.body.clone().into_bytes();
            body[at] ^= 1;
            assert!(admit(&known, &headers(&vector.headers), body.into(), vector.now()).is_err(), "{}", vector.name);
        }
        let signature = if vector.name.starts_with("github") { "x-hub-signature-256" } else { "webhook-signature" };
        for (name, at) in [signature, "webhook-id", "webhook-timestamp"].iter().flat_map(|name| {
            let length = vector.headers.get(*name).map_or(0, String::len);
            (0..length).map(move |at| (*name, at))
        }) {
            let mut value = vector.headers[name].clone().into_bytes();
            value[at] = if value[at] == b'0' { b'1' } else { b'0' };
            let other = vector.clone().with(name, std::str::from_utf8(&value).unwrap());
            assert!(other.admit(&known).is_err(), "{name} of {}, character {at}", vector.name);
        }
    }
}

proptest! {
    #[test]
    fn no_request_makes_it_panic(
        values in proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 0..80)), 6),
        body: Vec<u8>,
        now in -377_705_023_201_i64..253_402_207_200,
    ) {
        let vector = Vector::named("stdwh_rds_encrypt");
        let names = [
            "webhook-id", "webhook-timestamp", "webhook-signature", "x-hub-signature-256", "x-github-delivery", "authorization",
        ];
        let mut given = headers(&vector.headers);
        for (name, value) in names.into_iter().zip(values) {
            if let Some(Ok(value)) = value.map(|value| HeaderValue::from_bytes(&value)) {
                given.insert(name, value);
            }
        }
        let known = [vector.credential(), bearer(), github("It's a Secret to Everybody")];
        prop_assert!(admit(&known, &given, body.into(), Timestamp::from_second(now).unwrap()).is_err());
    }
}
