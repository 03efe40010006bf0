//! The process environment, or a stand-in for tests. An enum, not a trait: there are two.

use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone)]
pub enum Env {
    Process,
    Fixed(Arc<BTreeMap<String, String>>),
}

impl Env {
    pub fn fixed<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self::Fixed(Arc::new(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }

    /// Unset and empty are the same thing: serverless consoles store empty strings. What is not UTF-8 is set, and wrong.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = match self {
            Self::Process => std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()),
            Self::Fixed(map) => map.get(name).cloned(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// Names that begin with `prefix` and have a value, sorted.
    pub fn names_with(&self, prefix: &str) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Self::Process => std::env::vars_os()
                .filter(|(_, value)| !value.is_empty())
                .filter_map(|(name, _)| name.into_string().ok())
                .filter(|name| name.starts_with(prefix))
                .collect(),
            Self::Fixed(map) => map
                .iter()
                .filter(|(name, value)| name.starts_with(prefix) && !value.is_empty())
                .map(|(name, _)| name.clone())
                .collect(),
        };
        names.sort_unstable();
        names
    }
}
