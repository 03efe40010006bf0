//! The architecture is checked, not described: who may import whom.

mod circles;
mod picture;

use std::path::{Path, PathBuf};

const BASE: &[&str] = &["kind", "env", "time", "outbound"];

/// A module and what it may name. What is absent from the right-hand side is off limits.
const ALLOWED: &[(&str, &[&str])] = &[
    ("request", &[]),
    ("kind", &[]),
    ("env", &[]),
    ("time", &[]),
    ("outbound", &["time"]),
    ("secret", &[]),
    ("stdio", &[]),
    ("telemetry", &["stdio"]),
    ("outcome", &["request", "kind"]),
    ("words", &["request", "kind", "outcome"]),
    ("card", &["request", "kind", "outcome", "words"]),
    // A refusal is an outcome's reason.
    ("policy", &["request", "time", "outcome", "secret"]),
    // A chat's door wraps a card in that chat's reply, and renders none.
    ("ingress", &["request", "time", "outbound", "card"]),
    ("aliyun", BASE),
    ("seal", &["request", "kind", "outcome", "aliyun", "time"]),
    ("notify", &["request", "kind", "outcome", "words", "card", "aliyun", "time", "outbound", "stdio"]),
    ("relay", &["request", "kind", "outcome", "words", "aliyun", "time", "outbound", "secret"]),
    (
        "app",
        &[
            "request",
            "kind",
            "env",
            "time",
            "outbound",
            "telemetry",
            "policy",
            "outcome",
            "words",
            "card",
            "ingress",
            "aliyun",
            "seal",
            "notify",
            "relay",
            "secret",
        ],
    ),
    ("hosts", &["app", "ingress", "request", "outcome", "aliyun::credentials", "time", "telemetry"]),
    // Shared code would share its mistakes.
    ("emulator", &[]),
];

/// These are pure: no runtime, no network, no clock.
const PURE: &[&str] = &["request", "policy", "outcome", "kind", "secret", "words", "card"];
const IMPURE: &[&str] = &["tokio::", "reqwest::", "axum::", "SystemTime::now", "Timestamp::now"];

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file of `src` with the module it belongs to and its production code.
pub(crate) fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let module_of = |path: &Path| {
        let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    let production = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        let code: Vec<_> = text.split("#[cfg(test)]").next().unwrap().lines().map(str::to_owned).collect();
        code.into_iter().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    files.into_iter().map(|path| (module_of(&path), path.clone(), production(&path))).collect()
}

/// What the code names of this package: `crate::aliyun::Client` gives `aliyun::Client`.
fn edges(code: &str) -> Vec<String> {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    code.match_indices("crate::")
        .map(|(at, prefix)| code[at + prefix.len()..].chars().take_while(|c| name(*c)).collect())
        .collect()
}

fn may(module: &str, edge: &str) -> bool {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else { return true };
    let target = edge.split("::").next().unwrap();
    target == module || allowed.iter().any(|allowed| edge == *allowed || edge.starts_with(&format!("{allowed}::")))
}

#[test]
fn nobody_imports_what_the_table_does_not_allow() {
    let mut violations = Vec::new();
    for (module, path, code) in sources() {
        let broken = edges(&code).into_iter().filter(|edge| !may(&module, edge));
        violations.extend(broken.map(|edge| format!("{}: {module} must not use crate::{edge}", path.display())));
        let is_top = path.file_name().unwrap() == "mod.rs"
            && path.components().rev().nth(1).unwrap().as_os_str() == &*module
            || path.file_stem().unwrap() == &*module;
        if is_top && code.contains("super::") {
            violations.push(format!("{}: an edge out of {module} is written crate::…", path.display()));
        }
        if code.contains("super::super") {
            violations.push(format!("{}: write crate::… instead of super::super", path.display()));
        }
        if module != "cli" && module != "config" && edges(&code).iter().any(|edge| edge.starts_with("config")) {
            violations.push(format!("{}: only cli imports config", path.display()));
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn pure_modules_touch_no_runtime_no_network_and_no_clock() {
    for (module, path, code) in sources() {
        if PURE.contains(&module.as_str()) {
            for word in IMPURE {
                assert!(!code.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn the_table_knows_every_module() {
    let known = |module: &str| {
        ALLOWED.iter().any(|(name, _)| *name == module) || ["cli", "config", "lib", "main"].contains(&module)
    };
    for (module, path, _) in sources() {
        assert!(known(&module), "{} belongs to no module of the table", path.display());
    }
}

#[test]
fn only_the_hosts_and_the_stand_in_start_tasks() {
    for (module, path, code) in sources() {
        let starts = code.contains("tokio::spawn") || code.contains(".spawn(");
        assert!(!starts || module == "hosts" || module == "emulator", "{} starts a task", path.display());
    }
}

#[test]
fn a_forbidden_edge_would_be_seen() {
    assert_eq!(edges("use crate::aliyun::Client;\nlet x = crate::app::App;"), ["aliyun::Client", "app::App"]);
    assert!(!may("policy", "aliyun::Client"));
    assert!(!may("hosts", "aliyun::Client"));
    assert!(may("hosts", "aliyun::credentials::from_invocation"));
    assert!(may("seal", "aliyun::Client"));
}
