//! `seal.example.toml` has every key, and nothing in it that would not be understood.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::understood;
use crate::docs::every_key;

const EXAMPLE: &str = include_str!("../../../seal.example.toml");

/// The variables that the file names, each with a value of the form that it needs and no other has.
fn variables() -> Vec<(String, String)> {
    let names: BTreeSet<&str> = EXAMPLE
        .split("{ env = \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|it| *it != "NAME")
        .collect();
    let value = |name: &str| {
        let random = BASE64_STANDARD.encode(format!("{name:.<36}"));
        match name {
            _ if name.ends_with("_URL") => format!("https://example.com/{name}"),
            _ if name.ends_with("_AES_KEY") => "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".to_owned(),
            "TEAMS_TOKEN" => random,
            _ => format!("whsec_{random}"),
        }
    };
    names.into_iter().map(|name| (name.to_owned(), value(name))).collect()
}

/// Reads the file with one line as it would be without its `#`, and without what that line replaces. Files that it names
/// are those of the tests.
fn read(uncommented: Option<usize>) {
    let replaces =
        |at: &usize| EXAMPLE.lines().nth(*at).is_some_and(|line| line.ends_with("in place of the next three"));
    let left_out = uncommented.filter(replaces).map(|at| at + 1..at + 4);
    let line = |(at, line): (usize, &str)| match &left_out {
        Some(lines) if lines.contains(&at) => String::new(),
        _ if uncommented == Some(at) => line.trim_start_matches("# ").to_owned(),
        _ => line.to_owned(),
    };
    let fixture = |path: &str| format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    let toml = EXAMPLE.lines().enumerate().map(line).collect::<Vec<_>>().join("\n");
    let toml = toml.replace("/code/roots.pem", &fixture("config/root-of-the-file.pem"));
    let toml = toml.replace("/code/eventbridge.pem", &fixture("webhook/eventbridge/certificate.pem"));
    let held = variables();
    let held: Vec<(&str, &str)> = held.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    understood(&toml, &held);
}

/// The key that a line sets, be it commented out or not.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.trim_start_matches("# ").split_once(" = ")?;
    key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_').then_some(key)
}

/// Every table and key of the file, as dotted paths.
fn shown() -> BTreeSet<String> {
    let (mut shown, mut table) = (BTreeSet::new(), String::new());
    for line in EXAMPLE.lines() {
        if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut table);
            shown.insert(table.clone());
        } else if let Some(key) = key(line) {
            shown.insert(if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") });
        }
    }
    shown
}

#[test]
fn the_example_is_understood_and_so_is_each_line_that_is_commented_out() {
    read(None);
    let commented = EXAMPLE.lines().enumerate().filter(|(_, line)| line.starts_with('#') && key(line).is_some());
    let commented: Vec<usize> = commented.map(|(at, _)| at).collect();
    assert!(commented.len() > 20, "{commented:?}");
    for at in commented {
        read(Some(at));
    }
}

#[test]
fn the_example_shows_every_key() {
    let (shown, known) = (shown(), every_key());
    let missing: Vec<_> = known.difference(&shown).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
