//! The picture of the rooms in `docs/architecture.md` is drawn from the table of who may import whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::circles::{Edges, reached_from};
use super::{ALLOWED, PURE};

/// Small rooms that stand beside the line: most others import them, and as arrows they would hide the rest.
const BESIDE: &[&str] = &["kind", "env", "time", "outbound", "secret", "stdio", "telemetry"];

/// It imports nothing and nothing of the line imports it.
const APART: &str = "emulator";

const BEGIN: &str = "<!-- rooms -->\n\n";
const END: &str = "<!-- /rooms -->";

fn is_on_the_line(room: &str) -> bool {
    !BESIDE.contains(&room) && room != APART
}

/// The room of a module that may be named: that of `aliyun::credentials` is `aliyun`.
fn room(allowed: &str) -> &str {
    allowed.split("::").next().unwrap()
}

fn edges_of_the_table() -> Edges {
    let line = ALLOWED.iter().filter(|(name, _)| is_on_the_line(name));
    let targets = |allowed: &[&str]| -> BTreeSet<String> {
        allowed.iter().map(|name| room(name)).filter(|name| is_on_the_line(name)).map(str::to_owned).collect()
    };
    line.map(|(name, allowed)| ((*name).to_owned(), targets(allowed))).collect()
}

/// The edges that no longer way says already.
fn reduced(edges: &Edges) -> Edges {
    let is_said_by_another = |targets: &BTreeSet<String>, target: &str| {
        targets.iter().any(|other| other != target && reached_from(edges, other).contains(target))
    };
    let kept = |targets: &BTreeSet<String>| {
        targets.iter().filter(|target| !is_said_by_another(targets, target)).cloned().collect()
    };
    edges.iter().map(|(room, targets)| (room.clone(), kept(targets))).collect()
}

fn picture() -> String {
    let edges = reduced(&edges_of_the_table());
    let mut text = "```mermaid\nflowchart TD\n".to_owned();
    let line: Vec<&str> = ALLOWED.iter().rev().map(|(name, _)| *name).filter(|name| is_on_the_line(name)).collect();
    for room in &line {
        let [open, close] = if PURE.contains(room) { ["([", "])"] } else { ["[", "]"] };
        writeln!(text, "    {room}{open}{room}{close}").unwrap();
    }
    for room in &line {
        for target in &edges[*room] {
            writeln!(text, "    {room} --> {target}").unwrap();
        }
    }
    text + "```\n\n" + &beside()
}

/// Who may import the rooms that are left out of the picture.
fn beside() -> String {
    let mut text = "| beside the line | imported by |\n|---|---|\n".to_owned();
    for room in BESIDE {
        let importers = ALLOWED.iter().filter(|(_, allowed)| allowed.contains(room));
        let importers: Vec<String> = importers.map(|(name, _)| format!("`{name}`")).collect();
        writeln!(text, "| `{room}` | {} |", importers.join(", ")).unwrap();
    }
    text + "\n"
}

/// Set `REWRITE_DOCS` to draw it anew.
#[test]
fn the_picture_of_the_rooms_is_that_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let now = picture();
    if std::env::var("REWRITE_DOCS").is_ok() {
        std::fs::write(&path, [before, BEGIN, &now, END, after].concat()).unwrap();
        return;
    }
    assert!(written == now, "the picture in docs/architecture.md is stale: run the test with REWRITE_DOCS=1");
}

#[test]
fn an_arrow_that_a_longer_way_says_is_left_out() {
    let to = |targets: &[&str]| targets.iter().map(|target| (*target).to_owned()).collect();
    let edges: BTreeMap<String, BTreeSet<String>> =
        [("a", to(&["b", "c"])), ("b", to(&["c"])), ("c", to(&[]))].map(|(name, to)| (name.to_owned(), to)).into();
    assert_eq!(reduced(&edges)["a"], to(&["b"]));
    assert_eq!(reduced(&edges)["b"], to(&["c"]));
}
