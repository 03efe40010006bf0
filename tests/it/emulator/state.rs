//! A state file outlives the process.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rds_seal::emulator::Emulator;
use serde_json::json;

use super::{Cloud, seal};

/// A directory of this test's own.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::remove_dir_all(&path).ok();
    fs::create_dir_all(&path).unwrap();
    path
}

fn error(file: &Path) -> String {
    Emulator::with_state(file).err().expect("the file is not as it should be").to_string()
}

#[tokio::test]
async fn instances_outlive_the_process() {
    let directory = directory("instances_outlive_the_process");
    let file = directory.join("state.json");

    let cloud = Cloud::serve(Emulator::with_state(&file).unwrap()).await;
    cloud.put("instances", &json!([{ "id": "rm-1" }])).await;
    assert_eq!(cloud.call(seal("rm-1").with("EncryptionKey", "key-1")).await.code(), "OK");
    assert_eq!(cloud.call(seal("rm-demo")).await.code(), "OK");

    let cloud = Cloud::serve(Emulator::with_state(&file).unwrap()).await;
    assert_eq!(cloud.get("instances").await[0]["key"], "key-1");
    assert_eq!(cloud.call(seal("rm-1")).await.code(), "BackupEncryptionAlreadyEnabled");
    assert_eq!(cloud.call(seal("rm-demo")).await.code(), "BackupEncryptionAlreadyEnabled");
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1);
}

#[test]
fn a_malformed_file_is_named_with_its_line() {
    let file = directory("a_malformed_file_is_named_with_its_line").join("state.json");
    let cases = [
        ("[\n  {\"id\": \"rm-1\",\n   \"colour\": 1}\n]", 3, "unknown field `colour`"),
        ("[\n  {\"id\": \"rm-1\"},\n  {\"id\": \"rm-1\"}\n]", 3, "the instance `rm-1` is listed twice"),
        ("[\n  {\"id\": \"\",\n   \"region\": \"\"}\n]", 2, "an instance's `id` is empty"),
        ("[\n", 2, "EOF while parsing a list"),
    ];
    for (text, line, why) in cases {
        fs::write(&file, text).unwrap();
        let error = error(&file);
        assert!(error.starts_with(&format!("{}:{line}: {why}", file.display())), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_refused_at_once() {
    let directory = directory("a_file_that_cannot_be_written_is_refused_at_once");
    let file = directory.join("missing").join("state.json");
    assert!(error(&file).starts_with(&format!("{}: cannot be written: ", file.display())));
    assert!(error(&directory).starts_with(&format!("{}: cannot be read: ", directory.display())));
}
