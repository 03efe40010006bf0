//! The console: who it takes orders from, what it sends, and how it hears of changes. How it looks is seen in a browser
//! (`tests/console`).

use std::sync::{Arc, Mutex, atomic::Ordering};

use rds_seal::emulator::{ChatAccess, Emulator};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{TcpListener, TcpStream},
};

use super::{Cloud, client::Reply, function::Function, seal};

const OWN_PAGE: &str = "sec-fetch-site: same-origin\r\n";

/// What the page orders.
async fn order(cloud: &Cloud, what: &str, body: Value) -> Reply {
    cloud.request_with("POST", &format!("/_console/{what}"), OWN_PAGE, &body.to_string()).await
}

async fn state(cloud: &Cloud) -> Value {
    cloud.request_with("GET", "/_console/state", "", "").await.json()
}

/// A cloud that knows a function.
async fn with(function: &Function) -> (Emulator, Cloud) {
    let emulator = Emulator::new();
    emulator.deliver_to("seal", function.url.clone());
    (emulator.clone(), Cloud::serve(emulator).await)
}

#[tokio::test]
async fn the_page_and_its_parts_come_under_strict_headers() {
    let cloud = Cloud::start().await;
    for (path, media) in [("", "text/html"), ("style.css", "text/css"), ("cards/slack.js", "text/javascript")] {
        let reply = cloud.request_with("GET", &format!("/_console/{path}"), "", "").await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.header("content-type").unwrap().starts_with(media), "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(policy.ends_with("base-uri 'none'; form-action 'none'; frame-ancestors 'none'"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    assert_eq!(cloud.request_with("GET", "/_console/secrets", "", "").await.status, 404);
    assert_eq!(cloud.request_with("GET", "/_console", "", "").await.header("location"), Some("/_console/"));
}

#[tokio::test]
async fn the_console_takes_orders_from_its_own_page_only() {
    let cloud = Cloud::start().await;
    let own_origin = format!("origin: http://{}\r\n", cloud.address);
    let cases = [
        (OWN_PAGE, 204),
        (own_origin.as_str(), 204),
        ("", 403),
        ("origin: http://127.0.0.1:1\r\n", 403),
        ("origin: https://example.com\r\n", 403),
        ("origin: null\r\n", 403),
        ("sec-fetch-site: cross-site\r\n", 403),
        ("sec-fetch-site: same-site\r\n", 403),
        ("sec-fetch-site: none\r\n", 403),
    ];
    for (headers, status) in cases {
        let reply = cloud.request_with("POST", "/_console/advance", headers, r#"{"seconds": 1}"#).await;
        assert_eq!(reply.status, status, "{headers}");
    }
}

#[tokio::test]
async fn a_page_from_elsewhere_gives_no_orders_and_a_program_does() {
    let cloud = Cloud::start().await;
    let set = async |headers: &str| cloud.request_with("POST", "/_emulator/faults", headers, "[]").await.status;
    assert_eq!(set("").await, 204);
    assert_eq!(set(&format!("origin: http://{}\r\n", cloud.address)).await, 204);
    for foreign in ["origin: https://example.com\r\n", "origin: null\r\n", "sec-fetch-site: cross-site\r\n"] {
        assert_eq!(set(foreign).await, 403, "{foreign}");
    }
}

#[tokio::test]
async fn a_name_that_somebody_leads_to_this_machine_opens_nothing() {
    let cloud = Cloud::start().await;
    for path in ["/_console/", "/_console/state", "/_emulator/calls"] {
        let rebound = "GET ".to_owned() + path + " HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\n\r\n";
        assert_eq!(cloud.send(&rebound).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_sample_reaches_the_function_and_its_answer_is_kept() {
    let function = Function::start().await;
    let (_, cloud) = with(&function).await;
    let sent = order(&cloud, "send", json!({"sample": "timer.json"})).await.json();
    assert_eq!((&sent["status"], &sent["said"]), (&json!(200), &json!("timer.json")));
    assert_eq!(state(&cloud).await["exchanges"]["items"], json!([sent]));
    assert!(function.events()[0].contains("triggerName"), "{:?}", function.events());

    order(&cloud, "send", json!({"body": "an event"})).await;
    assert_eq!(function.events()[1], "an event");
    assert_eq!(order(&cloud, "send", json!({"sample": "no.json"})).await.status, 404);
    assert_eq!(order(&cloud, "send", json!({})).await.status, 400);
}

#[tokio::test]
async fn without_a_function_the_console_says_so() {
    let cloud = Cloud::start().await;
    let sent = order(&cloud, "send", json!({"sample": "timer.json"})).await.json();
    assert!(sent["status"].is_null());
    assert!(sent["answer"].as_str().unwrap().starts_with("there is no function"), "{sent}");
}

#[tokio::test]
async fn the_console_speaks_in_a_chat_and_keeps_its_secrets_to_itself() {
    let function = Function::start().await;
    let (emulator, cloud) = with(&function).await;
    let url = format!("{}/invoke", function.url);
    emulator.open_chats(vec![ChatAccess {
        chat: "slack",
        url,
        secret: Some("the-signing-secret".into()),
        ..ChatAccess::default()
    }]);
    let said = order(&cloud, "say", json!({"chat": "slack", "text": "help"})).await.json();
    assert_eq!((&said["status"], &said["said"]), (&json!(200), &json!("help")));
    assert!(function.events()[0].contains("&text=help&"), "{:?}", function.events());

    let pressed = json!({"chat": "slack", "button": "the-value", "label": "Turn it on"});
    assert_eq!(order(&cloud, "say", pressed).await.json()["said"], "Turn it on");
    assert!(function.events()[1].contains("the-value"), "{:?}", function.events());
    assert_eq!(order(&cloud, "say", json!({"chat": "teams", "text": "help"})).await.status, 404);

    let shown = state(&cloud).await;
    assert_eq!(shown["chats"], json!(["slack"]));
    assert!(!shown.to_string().contains("the-signing-secret"), "{shown}");
}

#[tokio::test]
async fn what_a_sink_got_is_shown_without_its_headers_and_no_application_s_secret() {
    let cloud = Cloud::start().await;
    cloud.request_with("POST", "/_emulator/slack", "x-secret: of-the-header\r\n", r#"{"text": "hi"}"#).await;
    let token = "/_emulator/hosts/open.feishu.cn/open-apis/auth/v3/tenant_access_token/internal";
    cloud.request_with("POST", token, "", r#"{"app_secret": "of-the-app"}"#).await;
    let shown = state(&cloud).await;
    let notifications = shown["notifications"]["items"].clone();
    assert_eq!(
        notifications,
        json!([{"sink": "slack", "body": {"text": "hi"}}, {"sink": "feishu-token", "body": {"app_secret": "…"}}])
    );
    assert!(!shown.to_string().contains("of-the-"), "{shown}");
}

#[tokio::test]
async fn faults_are_switched_on_and_off() {
    let cloud = Cloud::start().await;
    let faults = async || state(&cloud).await["faults"].clone();
    let script = json!([{"fault": "throttle", "times": 2}, {"fault": "drop"}]);
    assert_eq!(order(&cloud, "faults", json!({"on": script})).await.status, 204);
    cloud.call(seal("rm-demo")).await;
    assert_eq!((&faults().await[0]["fault"], &faults().await[0]["times"]), (&json!("throttle"), &json!(1)));
    order(&cloud, "faults", json!({"off": [{"fault": "throttle"}]})).await;
    assert_eq!(faults().await.as_array().unwrap().len(), 1);
    assert_eq!(order(&cloud, "faults", json!({"on": [{"fault": "explode"}]})).await.status, 400);
}

#[tokio::test]
async fn the_clock_that_is_moved_on_is_the_one_a_function_may_go_by() {
    let emulator = Emulator::new();
    let ahead = emulator.seconds_ahead();
    let cloud = Cloud::serve(emulator).await;
    order(&cloud, "advance", json!({"seconds": 3600})).await;
    assert!((3600..3610).contains(&ahead.load(Ordering::Relaxed)), "{ahead:?}");
    cloud.set("clock", json!({"offset_seconds": -60})).await;
    assert_eq!(ahead.load(Ordering::Relaxed), -60);
}

#[tokio::test]
async fn a_language_is_chosen_among_those_on_offer() {
    let emulator = Emulator::new();
    let cloud = Cloud::serve(emulator.clone()).await;
    assert_eq!(state(&cloud).await["languages"], json!([]));
    let chosen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&chosen);
    emulator.offer_languages(&["en", "zh"], "en", move |language| told.lock().unwrap().push(language.to_owned()));

    assert_eq!(order(&cloud, "language", json!({"language": "zh"})).await.status, 204);
    assert_eq!(order(&cloud, "language", json!({"language": "xx"})).await.status, 404);
    assert_eq!(*chosen.lock().unwrap(), ["zh"]);
    let shown = state(&cloud).await;
    assert_eq!((&shown["languages"], &shown["language"]), (&json!(["en", "zh"]), &json!("zh")));
}

#[tokio::test]
async fn each_change_is_told_as_it_happens_until_the_stand_in_stops() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cloud = Cloud { address: listener.local_addr().unwrap() };
    let emulator = Emulator::new();
    let serving = tokio::spawn(emulator.clone().serve(listener));
    let mut stream = listen(&cloud).await;

    let first = change(&mut stream).await.unwrap();
    emulator.audit_line("{}".to_owned());
    let second = change(&mut stream).await.unwrap();
    assert!(second > first, "{first} {second}");
    let shown = state(&cloud).await;
    assert_eq!((&shown["version"], &shown["audit"]["items"]), (&json!(second), &json!(["{}"])));
    cloud.call(seal("rm-demo")).await;
    assert!(change(&mut stream).await.unwrap() > second);

    serving.abort();
    while change(&mut stream).await.is_some() {}
}

#[tokio::test]
async fn looking_is_no_change() {
    let cloud = Cloud::with(json!([{"id": "rm-1", "ready_after_ms": 0}])).await;
    let before = state(&cloud).await["version"].clone();
    cloud.request("GET", "calls", "").await;
    assert_eq!(state(&cloud).await["version"], before);
}

#[tokio::test]
async fn no_more_pages_than_eight_are_told() {
    let cloud = Cloud::start().await;
    let mut streams = Vec::new();
    for _ in 0..8 {
        let mut stream = listen(&cloud).await;
        change(&mut stream).await.unwrap();
        streams.push(stream);
    }
    assert_eq!(cloud.request_with("GET", "/_console/events", "", "").await.status, 503);
}

type Stream = Lines<BufReader<TcpStream>>;

async fn listen(cloud: &Cloud) -> Stream {
    let mut stream = TcpStream::connect(cloud.address).await.unwrap();
    let request = format!("GET /_console/events HTTP/1.1\r\nhost: {}\r\n\r\n", cloud.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    BufReader::new(stream).lines()
}

/// The number of the next change. None once the stream has ended.
async fn change(stream: &mut Stream) -> Option<u64> {
    while let Some(line) = stream.next_line().await.ok()? {
        // The end of a chunked body.
        if line == "0" {
            return None;
        }
        if let Some(number) = line.strip_prefix("data: ") {
            return number.parse().ok();
        }
    }
    None
}
