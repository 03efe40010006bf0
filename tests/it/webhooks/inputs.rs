//! What every webhook door says to bad input.

use super::pushes::{pinned, pushed};
use super::*;
use crate::doors::{BOMB, By, turned_at};
use crate::raw::in_chunks;
use crate::world::Host;

/// A door with a name for people, and a way of proving who sends.
struct Way {
    title: &'static str,
    path: &'static str,
    /// The header that carries the proof.
    proof: &'static str,
    /// For how many seconds it holds.
    window: Option<i64>,
}

const WAYS: [Way; 6] = [
    Way { title: "`v1`", path: "/v1/requests", proof: "webhook-signature", window: Some(300) },
    Way { title: "`v1a`", path: "/v1/requests", proof: "webhook-signature", window: Some(300) },
    Way { title: "bearer token", path: "/v1/requests", proof: "authorization", window: None },
    Way { title: "`X-Hub-Signature-256`", path: "/v1/requests", proof: "x-hub-signature-256", window: None },
    Way { title: "`v1` at `/v1/events`", path: "/v1/events", proof: "webhook-signature", window: Some(300) },
    Way { title: "EventBridge", path: "/v1/eventbridge", proof: "x-eventbridge-signature-v2", window: Some(60) },
];

const INPUTS: [(&str, By); 28] = [
    ("as it should be", By::TheSender),
    ("the same once more", By::TheSender),
    ("in chunks", By::TheSender),
    ("outside the sender's bounds", By::TheSender),
    ("another content type", By::TheSender),
    ("not JSON", By::TheSender),
    ("nested ten thousand deep", By::TheSender),
    ("a thousand more fields", By::TheSender),
    ("no body", By::TheSender),
    ("no proof", By::Anybody),
    ("an empty proof", By::Anybody),
    ("a wrong proof", By::Anybody),
    ("of another secret", By::Anybody),
    ("another algorithm's prefix", By::Anybody),
    ("shorter by one", By::Anybody),
    ("base64 without its padding", By::Anybody),
    ("before the window", By::Anybody),
    ("after the window", By::Anybody),
    ("another body under the proof", By::Anybody),
    ("one byte of the body is another", By::Anybody),
    ("the proof twice", By::Anybody),
    ("a proof of 8 KB", By::Anybody),
    ("a look-alike host of the certificate", By::Anybody),
    ("nothing at all", By::Anybody),
    ("said to be packed with gzip", By::TheSender),
    ("16 KB of gzip for 16 MiB", By::Anybody),
    ("a body over 256 KiB", By::Anybody),
    ("PUT", By::Anybody),
];

impl Way {
    fn is_push(&self) -> bool {
        self.title == "EventBridge"
    }

    /// What is asked for where nothing is wrong.
    fn body(&self, instance: &str) -> String {
        let mut event: Value = serde_json::from_str(&crate::world::event("instance-created.json")).unwrap();
        match self.path {
            "/v1/events" => {
                event["data"]["responseElements"]["DBInstanceId"] = instance.into();
                event.to_string()
            }
            _ => asking(&json!({"instance": instance, "mode": "plan"})),
        }
    }

    /// A request with this body that the sender proves at this moment. Nobody but the bus can prove a push.
    fn proven(&self, body: &str, at: i64) -> Call {
        let call = Call::anonymous(body).to(self.path);
        match self.title {
            "bearer token" => call.with("authorization", &format!("Bearer {BEARER}")),
            "`X-Hub-Signature-256`" => Call::hub(body),
            "`v1a`" => call.signed_by_key("msg_1", at),
            "EventBridge" => pushed(),
            "`v1`" => call.signed_at("msg_1", at),
            _ => call.signed_at("msg_1", at).with("content-type", "application/cloudevents+json"),
        }
    }

    /// The request, or nothing where this door has no such thing.
    fn request(&self, input: &str, now: i64) -> Option<Call> {
        let good = self.proven(&self.body(INSTANCE), now);
        let proof = good.header(self.proof).to_owned();
        let with = |proof: &str| good.clone().with(self.proof, proof);
        let is_body = |body: String| (!self.is_push()).then(|| self.proven(&body, now));
        let text = || String::from_utf8(good.body.clone()).unwrap();
        Some(match input {
            "outside the sender's bounds" if self.path == "/v1/requests" => {
                self.proven(&asking(&json!({"account": OTHER_ACCOUNT, "mode": "plan"})), now)
            }
            "outside the sender's bounds" if !self.is_push() => {
                self.proven(&self.body(INSTANCE).replace("cn-hangzhou", "eu-central-1"), now)
            }
            "another content type" => good.with("content-type", "application/x-www-form-urlencoded"),
            "not JSON" => return is_body("instance=rm-demo1".to_owned()),
            "nested ten thousand deep" => return is_body("[".repeat(10_000) + &"]".repeat(10_000)),
            "a thousand more fields" => {
                let mut body: Value = serde_json::from_str(&self.body(INSTANCE)).unwrap();
                body.as_object_mut().unwrap().extend((0..1000).map(|n| (format!("f{n}"), json!("x"))));
                return is_body(body.to_string());
            }
            "no body" => return is_body(String::new()),
            "no proof" => good.clone().without(self.proof),
            "an empty proof" => with(""),
            "a wrong proof" => with(&turned_at(&proof, proof.len() - 8)),
            "of another secret" => match self.title {
                "EventBridge" => good.with("x-eventbridge-signature-token", "another-token-of-the-target"),
                "bearer token" => with(&format!("Bearer {GITHUB}")),
                "`v1a`" => good.signed_by(&Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap(), "msg_1", now),
                "`X-Hub-Signature-256`" => {
                    with(&format!("sha256={}", base16ct::lower::encode_string(&mac(b"another", &good.body))))
                }
                _ => with(&format!("v1,{}", BASE64_STANDARD.encode(mac(b"another", &good.content("msg_1", now))))),
            },
            "another algorithm's prefix" => match self.title {
                "EventBridge" => good.with("x-eventbridge-hash-method", "SHA1"),
                "bearer token" => with(&proof.replace("Bearer", "Basic")),
                "`X-Hub-Signature-256`" => with(&proof.replace("sha256=", "sha1=")),
                _ => with(&proof.replace("v1", "v2")),
            },
            "shorter by one" => with(&proof[..proof.len() - 1]),
            "base64 without its padding" if proof.ends_with('=') => with(proof.trim_end_matches('=')),
            "before the window" => return Some(self.proven(&self.body(INSTANCE), now - self.window? - 5)),
            "after the window" => return Some(self.proven(&self.body(INSTANCE), now + self.window? + 5)),
            "another body under the proof" => good.over(self.body("rm-demo2")),
            "one byte of the body is another" => {
                let at = text().find("cn-hangzhou").unwrap() + 3;
                good.clone().over(turned_at(&text(), at))
            }
            "the proof twice" => good.and(self.proof, &proof),
            "a proof of 8 KB" => with(&(proof + &"A".repeat(8192))),
            "a look-alike host of the certificate" if self.is_push() => {
                let url = "https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com.example.com/a.pem";
                good.with("x-eventbridge-signature-url", url)
            }
            "nothing at all" => Call { headers: Vec::new(), body: Vec::new(), ..good },
            "said to be packed with gzip" => good.with("content-encoding", "gzip"),
            "16 KB of gzip for 16 MiB" => good.over(BOMB).with("content-encoding", "gzip"),
            "a body over 256 KiB" => {
                let padded = text() + &" ".repeat(256 * 1024);
                good.over(padded)
            }
            // Where they are not made above.
            "outside the sender's bounds" | "base64 without its padding" | "a look-alike host of the certificate" => {
                return None;
            }
            _ => good,
        })
    }
}

/// What one door says to one input, in a cell of the table.
async fn cell(way: &Way, input: &str, world: &World) -> String {
    // A recorded push holds at the second it was made.
    let off = match (input, way.is_push()) {
        ("before the window", true) => 65,
        ("after the window", true) => -65,
        _ => 0,
    };
    let now = world.now();
    let Some(call) = way.request(input, now) else { return "–".to_owned() };
    if off != 0 {
        world.it_is(now + off).await;
    }
    world.forget("calls").await;
    if input == "the same once more" {
        assert_eq!(call.clone().send(world).await.status, 200);
    }
    let (status, body) = match input {
        "in chunks" => {
            let (status, body) = in_chunks(world.function, call.path, &call.headers, &call.body).await;
            (status, serde_json::from_str(&body).unwrap())
        }
        "PUT" => {
            let request = world.http.put(format!("http://{}{}", world.function, call.path));
            let heard = heard(request).await;
            (heard.status, heard.body)
        }
        _ => {
            let heard = call.send(world).await;
            if heard.status == 401 {
                heard.assert_unauthorised(input);
            }
            (heard.status, heard.body)
        }
    };
    if off != 0 {
        world.it_is(now).await;
    }
    let outcomes = body["reports"].as_array().map_or(&[][..], Vec::as_slice);
    match status {
        200 if outcomes.iter().any(|report| report["outcome"] == "refused") => "refused".to_owned(),
        200 => {
            assert!(!world.calls().await.is_empty() && !outcomes.is_empty(), "{input} at {}: {body}", way.title);
            "served".to_owned()
        }
        other => {
            assert!(world.calls().await.is_empty(), "{input} at {} reached the cloud", way.title);
            other.to_string()
        }
    }
}

/// What every door says to every input, as rows of a table.
pub(crate) async fn table() -> String {
    let mut tables = Vec::new();
    for host in [Host::Function, Host::PlainServer] {
        let mut cells = vec![Vec::new(); INPUTS.len()];
        for way in &WAYS {
            let world = if way.is_push() {
                pinned("mode = \"plan\"", host).await
            } else {
                World::with(Setup { host, ..setup(&format!("mode = \"plan\"\n{DOORS}")) }).await
            };
            for ((input, by), row) in INPUTS.iter().zip(&mut cells) {
                let cell = cell(way, input, &world).await;
                // A bearer token signs nothing of the body.
                let is_unsigned = way.title == "bearer token" && input.contains("body");
                assert!(is_unsigned || by.may_hear(&cell), "{input} at {}: {cell}", way.title);
                row.push(cell);
            }
            assert_eq!(world.writes().await, 0);
        }
        tables.push(cells);
    }
    assert_eq!(tables[0], tables[1], "the host makes no difference");
    crate::doors::table(WAYS.iter().map(|way| way.title), INPUTS.iter().map(|(input, _)| *input).zip(&tables[0]))
}
