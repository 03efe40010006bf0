//! What stops a command before it has begun: usage, configuration, credentials.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::process::*;
use crate::configuration::written;
use crate::world::request;

#[tokio::test]
async fn words_that_make_no_command_end_with_2_and_the_usage() {
    for (words, part) in [
        (&["frobnicate"][..], "unrecognized subcommand 'frobnicate'"),
        (&["invok"], "a similar subcommand exists: 'invoke'"),
        (&["invoke"], "<FILE>"),
        (&["invoke", "x.json", "--emulater"], "--emulator"),
        (&["explain"], "<CODE>"),
        (&["emulator"], "--listen <ADDR>"),
        (&["emulator", "--listen", "here"], "'here'"),
    ] {
        let ended = run(&mut seal(words)).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{words:?}");
        assert!(ended.stderr.contains(part) && ended.stderr.contains("--help"), "{words:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn help_and_version_are_no_errors() {
    let help = run(&mut seal(&["--help"])).await;
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for command in ["serve", "invoke", "dev", "explain", "emulator"] {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{command}: {}", help.stdout);
    }
    let version = run(&mut seal(&["--version"])).await;
    assert_eq!((version.code, version.stdout), (Some(0), format!("rds-seal {}\n", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn a_configuration_that_is_not_understood_ends_every_command_that_needs_one() {
    for words in [&["serve"][..], &["dev", "--listen", "127.0.0.1:0"], &["invoke", SAMPLE, "--emulator"]] {
        let ended = run(seal(words).env("SEAL_MODE", "enforced")).await;
        assert_eq!(ended.complaint(), "SEAL_MODE must be plan or enforce", "{words:?}");
    }
    let garbled = run(seal(&["serve"]).env("SEAL_MODE", OsStr::from_bytes(b"enforce\xff"))).await;
    assert_eq!(garbled.complaint(), "SEAL_MODE must be plan or enforce");
    let file = written("# a comment\nmodes = \"plan\"\n").display().to_string();
    let ended = run(seal(&["invoke", SAMPLE, "--emulator"]).env("SEAL_CONFIG", &file)).await;
    assert!(ended.complaint().starts_with(&format!("{file}:2: unknown field `modes`")), "{}", ended.stderr);
}

#[tokio::test]
async fn a_file_of_roots_without_a_certificate_is_blamed_on_who_named_it() {
    let roots = written("no certificate").display().to_string();
    let invoke = ["invoke", SAMPLE, "--emulator"];
    let from_variable = run(seal(&invoke).env("SEAL_CA_FILE", &roots)).await;
    assert!(from_variable.complaint().starts_with("SEAL_CA_FILE "), "{}", from_variable.stderr);
    assert!(from_variable.stderr.contains("certificate"), "{}", from_variable.stderr);

    let file = written(format!("ca_file = \"{roots}\"\n")).display().to_string();
    let of_file = run(seal(&invoke).env("SEAL_CONFIG", &file)).await;
    assert!(of_file.complaint().starts_with(&format!("{file}:1: ca_file ")), "{}", of_file.stderr);
}

#[tokio::test]
async fn a_variable_of_the_platform_that_is_wrong_is_named() {
    for words in [&["invoke", SAMPLE, "--emulator"][..], &["dev", "--listen", "127.0.0.1:0"]] {
        let ended = run(seal(words).env("FC_REGION", "CN Hangzhou")).await;
        assert_eq!(ended.complaint(), "FC_REGION is not a region id: write one like cn-hangzhou", "{words:?}");
    }
    let on_fc = |name, value| {
        let mut command = seal(&["serve"]);
        command.envs([("FC_FUNCTION_NAME", "seal"), ("FC_INSTANCE_ID", "c-1"), ("SEAL_LOG", "off")]);
        command.env("FC_SERVER_PORT", "0").env(name, value);
        command
    };
    let account = run(&mut on_fc("FC_ACCOUNT_ID", "me")).await;
    assert_eq!(account.complaint(), "FC_ACCOUNT_ID is not an account id: write its digits, like 1234567890123456");
    let port = run(&mut on_fc("FC_SERVER_PORT", "nine")).await;
    assert_eq!(port.complaint(), "FC_SERVER_PORT must be a port number");
}

#[tokio::test]
async fn without_credentials_it_says_what_to_set() {
    for sample in ["direct-request-plan.json", "instance-created.json"] {
        let ended = run(&mut seal(&["invoke", &format!("events/{sample}")])).await;
        assert!(ended.stdout.starts_with("✗ failed"), "{sample}: {}", ended.stdout);
        assert!(ended.stdout.contains("There are no credentials"), "{sample}: {}", ended.stdout);
        for variable in ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] {
            assert!(ended.stdout.contains(variable), "{sample}: {}", ended.stdout);
        }
        assert_eq!(ended.code, Some(4), "{sample}");
    }
}

#[tokio::test]
async fn on_the_real_cloud_a_mode_that_nobody_chose_is_said_loudly() {
    let ended = run(&mut seal(&["invoke", "events/direct-request.json"])).await;
    let warning = ended.stderr.lines().find(|line| line.contains("no mode is set")).unwrap();
    assert!(warning.contains("WARN"), "{warning}");
    let rehearsed = run(&mut seal(&["invoke", "events/direct-request.json", "--emulator"])).await;
    assert!(!rehearsed.stderr.contains("no mode is set"), "{}", rehearsed.stderr);
}

#[tokio::test]
async fn half_a_key_pair_says_which_half_is_missing() {
    let ended = run_on(
        request("rm-demo1"),
        seal(&["invoke", "-"]).env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret-of-somebody"),
    )
    .await;
    let sentence = "ALIBABA_CLOUD_ACCESS_KEY_SECRET is set but ALIBABA_CLOUD_ACCESS_KEY_ID is not.";
    assert!(ended.stdout.contains(sentence), "{}", ended.stdout);
    assert_eq!(ended.code, Some(4));
}
