//! `sign`: what it prints is taken by the running function, and holds no secret.

use std::process::Command;

use serde_json::{Value, json};

use super::process::*;
use crate::configuration::written;
use crate::webhooks::{BEARER, DOORS, GITHUB, SIGNING, setup};
use crate::world::request;

/// Gives a command the doors and their secrets.
fn with_doors<'c>(command: &'c mut Command, doors: &str) -> &'c mut Command {
    let setup = setup(doors);
    command.env("SEAL_CONFIG", written(doors)).envs(setup.env)
}

/// What the command prints for a request in a file, with more words.
async fn signed(doors: &str, file: &str, words: &[&str]) -> Ended {
    run(with_doors(&mut seal(&[&["sign", file], words].concat()), doors)).await
}

fn assert_no_secret(text: &str) {
    for secret in [SIGNING, &SIGNING[6..], BEARER, GITHUB, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_shell_that_is_given_it_has_the_request_accepted() {
    let cloud = cloud_with(json!([])).await;
    let port = free_port();
    let mut server = seal(&["serve"]);
    with_doors(for_cloud_at(cloud, &mut server), DOORS).env("PORT", port.to_string());
    let _server = Process::start(&mut server).answering(port).await;
    let url = format!("http://127.0.0.1:{port}");
    // Its name means much to a shell.
    let file = written(request("rm-demo1"));
    let awkward = file.with_file_name("a 'request' $(exit 9) \"é\" `x`.json");
    std::fs::copy(&file, &awkward).unwrap();
    for (name, outcome) in [("ci", "enabled"), ("cron", "planned"), ("hub", "planned")] {
        let ended = signed(DOORS, awkward.to_str().unwrap(), &["--name", name, "--url", &url]).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{name}");
        assert_no_secret(&ended.stdout);
        let mut shell = Command::new("sh");
        shell.args(["-c", &ended.stdout]).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        let sent = run(shell.env("CRON_TOKEN", BEARER)).await;
        assert_eq!(sent.code, Some(0), "{}", sent.stderr);
        let answer: Value = serde_json::from_str(&sent.stdout).unwrap_or_else(|_| panic!("{}", sent.stdout));
        let report = &answer["reports"][0];
        assert_eq!((&report["outcome"], &report["origin"]["actor"]), (&json!(outcome), &json!(name)));
    }
}

#[tokio::test]
async fn a_bearer_token_is_named_and_not_shown() {
    let file = written(request("rm-demo1")).display().to_string();
    let ended = signed(DOORS, &file, &["--name", "cron"]).await;
    assert!(ended.stdout.contains("-H \"authorization: Bearer ${CRON_TOKEN}\""), "{}", ended.stdout);
    assert!(ended.stdout.contains("http://127.0.0.1:9000/v1/requests"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with(&format!("--data-binary '@{file}'\n")), "{}", ended.stdout);
}

#[tokio::test]
async fn each_request_has_a_name_of_its_own() {
    let only = DOORS.split("\n[[").next().unwrap();
    let mut ids = std::collections::BTreeSet::new();
    let file = written(request("rm-demo1")).display().to_string();
    for _ in 0..3 {
        let mut command = seal(&["sign", &file]);
        let ended = run(with_doors(&mut command, only).env_remove("HUB_SECRET").env_remove("CRON_TOKEN")).await;
        let id = ended.stdout.split("webhook-id: ").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        ids.insert(id);
    }
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn what_cannot_be_signed_is_one_sentence() {
    let file = written(request("rm-demo1")).display().to_string();
    let large = written(" ".repeat(256 * 1024 + 1)).display().to_string();
    let public = DOORS.replacen("{ env = \"CI_SECRET_OLD\" }, { env = \"CI_SECRET\" }, ", "", 1);
    for (doors, words, part) in [
        ("", &[&*file][..], "no webhook door is configured"),
        (DOORS, &[&file], "there are several webhooks: say --name, one of ci, cron, hub"),
        (DOORS, &[&file, "--name", "c"], "no webhook has that name: there is ci, cron, hub"),
        (&public, &[&file, "--name", "ci"], "webhook ci holds a public key (whpk_), which cannot sign"),
        (DOORS, &[&file, "--name", "ci", "--url", "me@example.com"], "--url is not an address"),
        (DOORS, &[&file, "--name", "ci", "--url", "https://me@example.com"], "--url must be"),
        (DOORS, &["absent.json", "--name", "ci"], "absent.json cannot be read: "),
        (DOORS, &["-", "--name", "ci"], "standard input is gone"),
        (DOORS, &[&large, "--name", "ci"], "is larger than 256 KiB"),
    ] {
        let mut command = seal(&[&["sign"], words].concat());
        let ended = run(with_doors(&mut command, doors)).await;
        assert!(ended.complaint().contains(part), "{part}: {}", ended.stderr);
        assert_no_secret(&ended.stderr);
    }
}
