//! `serve`: hosts, ports, and the end.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use serde_json::json;

use super::process::*;
use crate::configuration::written;
use crate::world::request;

/// The program as the platform starts it, at this port.
fn on_the_platform(words: &[&str], port: u16) -> Command {
    let mut command = seal(words);
    command.envs([("FC_FUNCTION_NAME", "seal"), ("FC_INSTANCE_ID", "c-1")]).env("FC_SERVER_PORT", port.to_string());
    command
}

#[tokio::test]
async fn the_function_is_served_with_the_word_and_without_it() {
    for words in [&["serve"][..], &[]] {
        let port = free_port();
        let function = Process::start(&mut on_the_platform(words, port)).answering(port).await;
        assert_eq!(get(&format!("http://127.0.0.1:{port}/healthz")).await, (200, "ok\n".to_owned()));
        let (status, answer) = deliver(port, "{}".to_owned()).await;
        assert_eq!((status, &answer["rejected"][0]["field"]), (400, &json!("instance")), "{words:?}");
        let ended = function.stopped().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let said = format!(
            "serving as a function of Function Compute because FC_FUNCTION_NAME and FC_INSTANCE_ID are set, on \
             0.0.0.0:{port}, open doors: event\n"
        );
        assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn one_variable_of_the_platform_makes_no_function() {
    for lone in ["FC_FUNCTION_NAME", "FC_INSTANCE_ID"] {
        let port = free_port();
        let mut command = seal(&["serve"]);
        let server = Process::start(command.env(lone, "seal").env("PORT", port.to_string())).answering(port).await;
        assert_eq!(get(&format!("http://127.0.0.1:{port}/invoke")).await.0, 404, "{lone}");
        let ended = server.stopped().await;
        let said = format!(
            "serving as a plain HTTP server because {lone} alone does not make a function: FC_FUNCTION_NAME and \
             FC_INSTANCE_ID do, on 127.0.0.1:{port}, open doors: none\n"
        );
        assert!(ended.stderr.contains(&said), "{}", ended.stderr);

        let without_a_word = run(seal(&[]).env(lone, "seal")).await;
        assert_eq!((without_a_word.code, without_a_word.stdout.as_str()), (Some(2), ""), "{lone}");
    }
}

#[tokio::test]
async fn without_a_word_and_a_platform_it_shows_its_words() {
    let ended = run(&mut seal(&[])).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("Usage: rds-seal") && ended.stderr.contains("serve"), "{}", ended.stderr);
    let by_hand = free_port();
    let mut command = seal(&[]);
    command.env("SEAL_HOST", "http").env("PORT", by_hand.to_string());
    Process::start(&mut command).answering(by_hand).await;
}

#[tokio::test]
async fn where_it_listens_can_be_said_in_the_environment_and_on_the_command_line_which_wins() {
    let [said, set, port] = [free_port(), free_port(), free_port()];
    let address = |port: u16| format!("127.0.0.1:{port}");
    let mut command = seal(&["serve", "--listen", &address(said)]);
    Process::start(command.env("SEAL_LISTEN", address(set)).env("PORT", port.to_string())).answering(said).await;
    let mut command = on_the_platform(&[], port);
    let function = Process::start(command.env("SEAL_LISTEN", address(set))).answering(set).await;
    let ended = function.stopped().await;
    assert!(ended.stderr.contains(&format!("on {}, open doors", address(set))), "{}", ended.stderr);
}

#[tokio::test]
async fn the_platform_s_names_for_the_port_come_first() {
    let names = ["FC_SERVER_PORT", "FC_CUSTOM_LISTEN_PORT", "PORT"];
    for first in 0..names.len() {
        let ports = names.map(|_| free_port());
        let mut command = seal(&["serve"]);
        command.envs(names.iter().zip(ports).skip(first).map(|(name, port)| (name, port.to_string())));
        Process::start(&mut command).answering(ports[first]).await;
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(seal(&["serve"]).env("SEAL_LOG", "off").env("PORT", &port)).await;
    assert!(ended.complaint().starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{}", ended.stderr);
}

#[tokio::test]
async fn on_plain_http_no_door_is_open_and_it_says_so() {
    let port = free_port();
    let host = Process::start(seal(&["serve"]).env("PORT", port.to_string())).answering(port).await;
    let url = format!("http://127.0.0.1:{port}/invoke");
    let invoke = http().post(&url).header("x-fc-control-path", "/invoke").body(request("rm-demo1"));

    assert_eq!(within(invoke.send()).await.unwrap().status(), 404);
    let ended = host.stopped().await;
    let warning = ended.stderr.lines().find(|line| line.contains("no door is open")).unwrap();
    assert!(warning.contains("WARN"), "{warning}");
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn the_doors_that_are_open_are_named_at_the_start() {
    let file = written(
        "[doors.dingtalk]\napp_secrets = [{ env = \"SLACK\" }]\n[doors.slack]\nsigning_secrets = [{ env = \"SLACK\" }]\n[[doors.webhook]]\nname = \"ci\"\n\
         bearer_tokens = [{ env = \"TOKEN\" }]\naccounts = [\"*\"]\nregions = [\"*\"]\n",
    );
    let port = free_port();
    let mut command = seal(&["serve"]);
    command.env("SEAL_CONFIG", &file).env("SLACK", "a-secret").env("TOKEN", "a-bearer-token-of-thirty-two-characters");
    let host = Process::start(command.env("PORT", port.to_string())).answering(port).await;
    let ended = host.stopped().await;
    assert!(ended.stderr.contains("open doors: webhook ci, slack, dingtalk\n"), "{}", ended.stderr);
    for said in [
        "no grant names slack",
        "no grant names dingtalk",
        "dingtalk does not encrypt its messages",
        "no secret is set (SEAL_SECRET): nothing is sealed from a chat",
    ] {
        assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_server_that_gives_out_tokens_has_a_name() {
    let file = |more: &str| {
        written(format!(
            "secret = {{ env = \"KEY\" }}\n{more}\n[doors.slack]\nsigning_secrets = [{{ env = \"SLACK\" }}]\n"
        ))
    };
    let start = |file: &std::path::Path| {
        let mut command = seal(&["serve"]);
        command
            .env("SEAL_CONFIG", file)
            .env("KEY", "a-secret-of-thirty-two-bytes-or-more")
            .env("SLACK", "a-secret")
            .env("FC_REGION", "cn-hangzhou");
        command
    };
    let ended = run(start(&file("")).env("PORT", free_port().to_string())).await;
    assert!(ended.complaint().starts_with("deployment is missing: "), "{}", ended.stderr);
    let port = free_port();
    Process::start(start(&file("deployment = \"production\"")).env("PORT", port.to_string())).answering(port).await;
    let port = free_port();
    let mut function = start(&file(""));
    function.envs([("FC_FUNCTION_NAME", "seal"), ("FC_INSTANCE_ID", "c-1")]).env("FC_SERVER_PORT", port.to_string());
    Process::start(&mut function).answering(port).await;
}

#[tokio::test]
async fn a_host_that_is_forced_by_hand_is_served_and_the_function_s_is_warned_of() {
    let port = free_port();
    let mut command = seal(&["serve"]);
    let mut function = Process::start(command.env("SEAL_HOST", "fc").env("PORT", port.to_string()));
    assert!(function.err.line("SEAL_HOST=fc was set by hand").await.contains("WARN"));
    let function = function.answering(port).await;
    assert_eq!(deliver(port, "{}".to_owned()).await.0, 400);
    drop(function);

    let port = free_port();
    let mut command = seal(&["serve"]);
    command.env("SEAL_HOST", "http").env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1").env("PORT", port.to_string());
    command.envs([("FC_FUNCTION_NAME", "seal"), ("FC_INSTANCE_ID", "c-1")]);
    let _host = Process::start(&mut command).answering(port).await;
    assert_eq!(get(&format!("http://127.0.0.1:{port}/invoke")).await.0, 404);
}

#[tokio::test]
async fn a_function_that_makes_the_change_has_a_secret_or_says_that_nothing_waits() {
    let function = |mode: &str| {
        let mut command = seal(&["serve"]);
        command.envs([("FC_FUNCTION_NAME", "seal"), ("FC_INSTANCE_ID", "c-1"), ("SEAL_MODE", mode)]);
        command
    };
    let ended = run(&mut function("enforce")).await;
    let sentence = "mode is enforce and no secret is set, without which nothing can wait in the function's queue: ";
    assert!(ended.complaint().starts_with(sentence), "{}", ended.stderr);
    assert_eq!(ended.code, Some(2));

    let port = free_port();
    let warned = Process::start(function("plan").env("FC_SERVER_PORT", port.to_string())).answering(port).await;
    let said = warned.stopped().await.stderr;
    assert!(said.contains("no secret is set (SEAL_SECRET): nothing waits in the function's queue"), "{said}");

    let without = written("relay = false").display().to_string();
    for (name, value) in [("SEAL_CONFIG", without.as_str()), ("SEAL_SECRET", "a-secret-of-thirty-two-bytes-or-more")] {
        let port = free_port();
        let mut command = function("enforce");
        command.env(name, value).env("FC_SERVER_PORT", port.to_string());
        let ended = Process::start(&mut command).answering(port).await.stopped().await;
        assert!(!ended.stderr.contains("nothing waits"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn lambda_is_not_served_yet_and_it_says_so() {
    let ended = run(seal(&["serve"]).env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")).await;
    assert_eq!(ended.complaint(), "AWS Lambda is not supported yet");
}

#[tokio::test]
async fn a_function_without_a_mode_says_loudly_that_it_only_plans() {
    let says = async |mode: &str| {
        let port = free_port();
        let mut command = on_the_platform(&["serve"], port);
        command.env("SEAL_SECRET", "a-secret-of-thirty-two-bytes-or-more");
        let function = Process::start(command.env("SEAL_MODE", mode)).answering(port).await;
        function.stopped().await.stderr.lines().find(|line| line.contains("no mode is set")).map(str::to_owned)
    };
    let warning = says("").await.unwrap();
    assert!(warning.contains("WARN") && warning.contains("it is plan"), "{warning}");
    assert!(warning.contains("SEAL_MODE=enforce"), "{warning}");
    assert_eq!(says("plan").await, None);
    assert_eq!(says("enforce").await, None);
}

/// A function in the middle of the write: the cloud has made the change and takes its time to say so.
async fn in_the_middle_of_the_write(port: u16) -> (Process, SocketAddr) {
    let cloud = cloud_with(json!([{"fault": "slow", "ms": 1500}])).await;
    let mut command = on_the_platform(&["serve"], port);
    (Process::start(for_cloud_at(cloud, &mut command)).answering(port).await, cloud)
}

/// Tells it to stop while the cloud's answer is out, and returns all it said by its end.
async fn stopped_in_the_middle(mut function: Process) -> Ended {
    function.terminate();
    function.err.line("told to stop").await;
    let so_far = function.out.so_far();
    assert!(so_far.contains("rds-seal.intent/1") && !so_far.contains("rds-seal.report/1"), "{so_far}");
    function.ended().await
}

#[tokio::test]
async fn told_to_stop_in_the_middle_of_a_call_it_finishes_reports_and_answers() {
    let port = free_port();
    let (function, cloud) = in_the_middle_of_the_write(port).await;
    let asking = tokio::spawn(deliver(port, request("rm-demo1")));
    asked(cloud).await;

    let ended = stopped_in_the_middle(function).await;

    let (status, answer) = asking.await.unwrap();
    assert_eq!((status, &answer["reports"][0]["outcome"]), (200, &json!("enabled")));
    assert_eq!(Ended::records(&ended.stdout, "rds-seal.report/1"), *answer["reports"].as_array().unwrap());
    assert_eq!(ended.code, Some(0));
}

#[tokio::test]
async fn told_to_stop_after_the_caller_has_left_it_still_finishes_and_reports() {
    let port = free_port();
    let (function, cloud) = in_the_middle_of_the_write(port).await;
    let asking = tokio::spawn(deliver(port, request("rm-demo1")));
    asked(cloud).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());

    let ended = stopped_in_the_middle(function).await;

    let reports = Ended::records(&ended.stdout, "rds-seal.report/1");
    assert_eq!((reports.len(), &reports[0]["outcome"]), (1, &json!("enabled")));
    assert_eq!(ended.code, Some(0));
}
