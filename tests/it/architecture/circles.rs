//! No file of `src` leads back to itself over what it takes from others.
//!
//! Read as text: `use` declarations, and the paths in the code. A path leads to the file that defines what it names,
//! through every re-export on the way, so that `mod x;` and `pub use x::Y` alone tie nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders whose `mod.rs` tells their story and also defines what their files take from it. That knot is let be, and no
/// other: what such a `mod.rs` takes from its own files is not counted.
const FACES: &[&str] = &["aliyun", "cli", "config", "ingress::event", "ingress::webhook"];

/// The files by their modules: `aliyun/rds/mod.rs` is `aliyun::rds`, and `lib.rs` is the empty name.
struct Tree(BTreeMap<String, File>);

/// What one file says.
#[derive(Default)]
struct File {
    imports: Vec<Import>,
    /// The code without its `use` declarations.
    body: String,
}

/// A name that a `use` declaration binds.
#[derive(Debug, PartialEq)]
struct Import {
    path: Vec<String>,
    name: String,
    is_public: bool,
}

/// What a path leads to.
#[derive(Debug, PartialEq)]
enum Found {
    Module(String),
    /// Something that the file of this module defines.
    ItemOf(String),
}

impl Tree {
    fn read<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(sources.into_iter().map(|(path, code)| (module_of(path), File::read(code))).collect())
    }

    /// What a path in a module leads to; nothing where that is not of this package.
    fn find(&self, module: &str, path: &[String]) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.descend("", rest),
            "self" => self.descend(module, rest),
            "super" => self.descend(module.rsplit_once("::").map_or("", |(parent, _)| parent), rest),
            name if self.0.contains_key(&child(module, name)) || self.import(module, name).is_some() => {
                self.descend(module, path)
            }
            _ => None,
        }
    }

    fn descend(&self, module: &str, path: &[String]) -> Option<Found> {
        let Some((name, rest)) = path.split_first() else { return Some(Found::Module(module.to_owned())) };
        let inner = child(module, name);
        if self.0.contains_key(&inner) {
            return self.descend(&inner, rest);
        }
        match self.import(module, name) {
            Some(import) => self.find(module, &[&import.path, rest].concat()),
            None => Some(Found::ItemOf(module.to_owned())),
        }
    }

    /// The import that binds a name. One that begins with the same name is of another package.
    fn import(&self, module: &str, name: &str) -> Option<&Import> {
        self.0[module].imports.iter().find(|import| import.name == name && import.path[0] != name)
    }

    /// The modules from whose files a module's file takes something.
    fn sources_of(&self, module: &str) -> BTreeSet<String> {
        let File { imports, body } = &self.0[module];
        let is_used = |import: &&Import| !import.is_public || words(body).any(|word| word == import.name);
        let imported = imports.iter().filter(is_used).map(|import| import.path.clone());
        let found = imported.chain(paths(body)).filter_map(|path| match self.find(module, &path)? {
            Found::ItemOf(source) if source != module => Some(source),
            Found::ItemOf(_) | Found::Module(_) => None,
        });
        found.collect()
    }

    fn edges(&self) -> Edges {
        self.0.keys().map(|module| (module.clone(), self.sources_of(module))).collect()
    }
}

impl File {
    fn read(code: &str) -> Self {
        let mut file = Self::default();
        let mut lines = code.lines();
        while let Some(line) = lines.next() {
            let Some((is_public, start)) = use_declaration(line) else {
                if !is_module_declaration(line) {
                    file.body.extend([line, "\n"]);
                }
                continue;
            };
            let mut tree = start.to_owned();
            while !tree.contains(';') {
                tree.push_str(lines.next().unwrap());
            }
            file.expand(&[], tree.split(';').next().unwrap(), is_public);
        }
        file
    }

    /// Takes `a::{b::C, d as e}` apart.
    fn expand(&mut self, prefix: &[String], tree: &str, is_public: bool) {
        if let Some((head, group)) = tree.split_once('{') {
            let prefix = [prefix, &segments(head)].concat();
            for item in items(group.rsplit_once('}').unwrap().0) {
                self.expand(&prefix, item, is_public);
            }
            return;
        }
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
        let mut path = [prefix, &segments(path)].concat();
        path.pop_if(|last| last == "self" && !prefix.is_empty());
        if let Some(last) = path.last() {
            let name = alias.unwrap_or(last).to_owned();
            self.imports.push(Import { path, name, is_public });
        }
    }
}

fn module_of(path: &str) -> String {
    let module = path.trim_end_matches(".rs").replace('/', "::");
    module.strip_suffix("::mod").map(str::to_owned).unwrap_or(if module == "lib" { String::new() } else { module })
}

fn child(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

/// Whether a line begins a `use` declaration: whether others may use the name too, and the rest of the line.
fn use_declaration(line: &str) -> Option<(bool, &str)> {
    let line = line.trim_start();
    let (is_public, rest) = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => (true, rest.split_once(')')?.1),
        Some(rest) => (true, rest),
        None => (false, line),
    };
    Some((is_public, rest.trim_start().strip_prefix("use ")?))
}

/// Whether a line says only that there is another file.
fn is_module_declaration(line: &str) -> bool {
    line.ends_with(';') && line.trim_end_matches(';').rsplit_once(' ').is_some_and(|(words, _)| words.ends_with("mod"))
}

/// What commas outside braces separate.
fn items(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    group.split(move |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    })
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c| !is_word(c))
}

/// Every path of two segments or more.
fn paths(code: &str) -> impl Iterator<Item = Vec<String>> {
    code.split(|c| !is_word(c) && c != ':').map(segments).filter(|path| path.len() > 1)
}

pub(super) type Edges = BTreeMap<String, BTreeSet<String>>;

pub(super) fn reached_from<'e>(edges: &'e Edges, start: &'e str) -> BTreeSet<&'e str> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(node) = next.pop() {
        next.extend(edges[node].iter().map(String::as_str).filter(|target| reached.insert(*target)));
    }
    reached
}

/// The groups of nodes in which each leads to every other.
fn circles(edges: &Edges) -> BTreeSet<BTreeSet<&str>> {
    let reached: BTreeMap<&str, _> = edges.keys().map(|node| (node.as_str(), reached_from(edges, node))).collect();
    let circle = |node: &&str| reached[node].iter().filter(|other| reached[*other].contains(node)).copied().collect();
    reached.keys().map(circle).filter(|circle: &BTreeSet<&str>| !circle.is_empty()).collect()
}

fn is_below(module: &str, folder: &str) -> bool {
    module.strip_prefix(folder).is_some_and(|rest| rest.starts_with("::"))
}

/// Who takes from whom in `src`, outside the stand-in cloud and the tests.
fn edges_of_src() -> Edges {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = super::sources();
    let below_src = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    let sources: Vec<_> = sources.iter().map(|(_, path, code)| (below_src(path), code.as_str())).collect();
    let is_left_out = |path: &str| path.starts_with("emulator/") || path.contains("tests") || path == "main.rs";
    let sources = sources.iter().filter(|(path, _)| !is_left_out(path));
    Tree::read(sources.map(|(path, code)| (path.as_str(), *code))).edges()
}

#[test]
fn no_file_leads_back_to_itself() {
    let mut edges = edges_of_src();
    for face in FACES {
        edges.get_mut(*face).unwrap().retain(|target| !is_below(target, face));
    }
    let found = circles(&edges);
    assert!(found.is_empty(), "these take from each other in a circle: {found:#?}");
}

#[test]
fn no_exception_is_made_in_vain() {
    let edges = edges_of_src();
    let circles = circles(&edges);
    for folder in FACES {
        let is_needed =
            circles.iter().any(|circle| circle.iter().any(|module| module == folder || is_below(module, folder)));
        assert!(is_needed, "{folder} has no circle any more: take it off the list");
    }
}

#[test]
fn a_circle_is_seen_through_groups_names_and_reexports() {
    let tree = |last: &'static str| {
        Tree::read([
            ("lib.rs", "pub mod a;\npub mod d;"),
            ("a/mod.rs", "mod b;\nmod c;\npub use b::{B, Other as Renamed};\npub(crate) use c::C;"),
            ("a/b.rs", "use std::fmt;\nuse super::{\n    c::{self},\n    C,\n};\nfn f() -> fmt::Result { c::g(C) }"),
            ("a/c.rs", "use crate::d;\npub struct C;\nfn g(_: C) { d::h() }"),
            ("d.rs", last),
        ])
        .edges()
    };
    let circle = BTreeSet::from(["a::b", "a::c", "d"]);
    for last in [
        "use crate::a::B;",
        "use crate::{a::{Renamed}};",
        "fn h() { crate::a::B::new(); }",
        "pub(crate) use crate::a::B;\nfn h(_: B) {}",
    ] {
        let edges = tree(last);
        assert_eq!(circles(&edges), BTreeSet::from([circle.clone()]), "{last}");
    }
    for last in ["use serde::a::B;", "pub use crate::a::B;", "use crate::a;", "fn h() { a::B::new(); }"] {
        assert!(circles(&tree(last)).is_empty(), "{last}");
    }
}
