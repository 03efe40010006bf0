//! `invoke` with several files: what cannot be read is found.

use super::process::*;
use crate::configuration::written;
use crate::world::request;

#[tokio::test]
async fn of_several_files_the_one_that_cannot_be_read_is_named() {
    let (good, cut) = (written(request("rm-demo1")), written("{\"instance\":"));
    let (good, cut) = (good.to_str().unwrap(), cut.to_str().unwrap());
    let ended = run(&mut seal(&["invoke", good, cut, "--emulator"])).await;
    let line = format!("✗ rejected  {cut}: body ends too early, at line 1, column 12");
    assert!(ended.stdout.lines().any(|printed| printed == line), "{}", ended.stdout);
    assert_eq!(ended.code, Some(2));

    let alone = run(&mut seal(&["invoke", cut, "--emulator"])).await;
    assert!(alone.stdout.starts_with("✗ rejected  body ends too early"), "{}", alone.stdout);
}
