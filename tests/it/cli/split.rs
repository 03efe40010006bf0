//! A door and its worker as processes of their own: the cloud lets the door write nothing, and either may be killed.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::process::*;
use crate::configuration::written;
use crate::webhooks::{Call, SIGNING};
use crate::world::{DOOR_SECRET, INSTANCE, of_a_reader, request};

const WORKER: &str = "rds-seal-worker";
const FILE: &str = "deployment = \"split\"\n[[doors.webhook]]\nname = \"ci\"\nsecrets = [{ env = \"CI\" }]\n\
                    accounts = [\"*\"]\nregions = [\"*\"]\nmode = \"enforce\"\n";

/// A function in some role, facing this cloud.
struct Function {
    process: Process,
    port: u16,
}

fn file() -> PathBuf {
    written(FILE)
}

async fn start(role: &str, name: &str, cloud: SocketAddr) -> Function {
    let port = free_port();
    let mut command = seal(&["serve"]);
    for_cloud_at(cloud, &mut command)
        .envs([("FC_FUNCTION_NAME", name), ("FC_INSTANCE_ID", "c-1"), ("FC_REGION", "cn-hangzhou")])
        .envs([("FC_ACCOUNT_ID", "1234567890123456"), ("SEAL_ROLE", role), ("SEAL_WORKER", WORKER)])
        .envs([("SEAL_DOOR_SECRET", DOOR_SECRET), ("CI", SIGNING)])
        .env("SEAL_CONFIG", file())
        .env("FC_SERVER_PORT", port.to_string());
    if role == "door" {
        let reader = of_a_reader(cloud).await;
        command
            .env_remove("SEAL_SECRET")
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &reader.access_key_id)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", reader.access_key_secret.expose_secret())
            .env("ALIBABA_CLOUD_SECURITY_TOKEN", reader.security_token.unwrap().expose_secret());
    }
    Function { process: Process::start(&mut command).answering(port).await, port }
}

/// Makes the queue deliver to a worker, and deliver again what it did not answer.
async fn delivers_to(cloud: SocketAddr, worker: &Function) {
    let url = format!("http://127.0.0.1:{}", worker.port);
    has(cloud, "functions", json!([{"name": WORKER, "url": url, "retry_after_ms": 50, "max_retries": 8}])).await;
}

/// Sends a signed webhook to a door.
async fn send(door: &Function, body: String) -> (u16, Value) {
    let now = jiff::Timestamp::now().as_second();
    let call = Call::anonymous(body).signed_with(SIGNING, "msg_1", now);
    let mut request = http().post(format!("http://127.0.0.1:{}/v1/requests", door.port)).body(call.body);
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    let response = within(request.send()).await.unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn what_a_door_hands_over_is_done_once_though_the_worker_is_killed_in_the_middle() {
    let cloud = cloud_with(json!([{"operation": "EnableBackupEncryption", "fault": "slow", "ms": 60_000}])).await;
    let worker = start("worker", WORKER, cloud).await;
    let door = start("door", "rds-seal-door", cloud).await;
    delivers_to(cloud, &worker).await;
    let (status, answer) = send(&door, request(INSTANCE)).await;
    assert_eq!((status, &answer["reports"][0]["reason"]["code"]), (202, &json!("handed_over")), "{answer}");
    within(async {
        while !calls(cloud).await.iter().any(|call| call.starts_with("Enable")) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(worker);
    let mut worker = start("worker", WORKER, cloud).await;
    delivers_to(cloud, &worker).await;
    worker.process.out.line("rds-seal.report/1").await;
    let ended = worker.process.stopped().await;
    let reports = Ended::records(&ended.stdout, "rds-seal.report/1");
    assert_eq!(reports.len(), 1, "{}", ended.stdout);
    let outcome = reports[0]["outcome"].as_str().unwrap();
    assert!(["enabled", "already_enabled"].contains(&outcome), "{outcome}");
    assert_eq!(reports[0]["correlation_id"], answer["reports"][0]["correlation_id"]);
    let instances = get_json(&format!("http://{cloud}/_emulator/instances")).await;
    let is_sealed = |one: &Value| one["id"] == INSTANCE && one["backup_encryption"] == true;
    assert!(instances.as_array().unwrap().iter().any(is_sealed), "{instances}");
    let door = door.process.stopped().await;
    assert!(Ended::records(&door.stdout, "rds-seal.intent/1").is_empty(), "a door announces no write");
}

#[tokio::test]
async fn a_role_says_at_the_start_what_it_is_and_lacks() {
    let cloud = cloud_with(json!([])).await;
    for (role, open) in
        [("door", "open doors: webhook ci"), ("worker", "open doors: task"), ("events", "open doors: event")]
    {
        let function = start(role, "rds-seal", cloud).await;
        let ended = function.process.stopped().await;
        let first = format!("serving as a function of Function Compute in the role {role} because");
        assert!(ended.stderr.contains(&first) && ended.stderr.contains(open), "{}", ended.stderr);
    }
    let ended = run(seal(&["serve"]).env("SEAL_ROLE", "door").env("SEAL_CONFIG", file()).env("CI", SIGNING)).await;
    assert_eq!(
        ended.complaint(),
        "SEAL_ROLE is door, which needs the secret by which a door signs what it hands over: set SEAL_DOOR_SECRET to 32 \
         random bytes or more"
    );
}
