//! What is said of a file that does not have the form it should have: the field and the right form, and never the value,
//! which may be a secret.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// The parser's complaint in one sentence, in the words of the file.
pub(super) fn sentence(text: &str, error: &Error) -> String {
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    // The parser repeats a value of the wrong type before it says what it expected (read in serde).
    let repeats = ["invalid type: ", "invalid value: ", "invalid length: "].iter().any(|one| message.starts_with(one));
    match message.rsplit_once(", expected ").filter(|_| repeats) {
        Some((_, form)) => {
            let at = error.span().map_or(0, |span| span.start);
            let field = field_at(text, at).map_or_else(|| "a value".to_owned(), |field| format!("`{field}`"));
            format!("{field} must be {}", in_words(form))
        }
        None if repeats => "a value has the wrong type".to_owned(),
        None => message,
    }
}

/// The parser's names of types, as they are written in a file.
fn in_words(form: &str) -> &str {
    match form {
        "a sequence" => "an array, [ … ]",
        "a string" | "path string" => "a text, \"…\"",
        "a boolean" => "true or false",
        "usize" => "a whole number",
        form => form,
    }
}

/// The name of the field whose value is there, as a path of keys.
fn field_at(text: &str, at: usize) -> Option<String> {
    let mut path = Vec::new();
    let found = in_table(DeTable::parse(text).ok()?.get_ref(), at, &mut path);
    found.then(|| path.join("."))
}

fn in_table(table: &DeTable<'_>, at: usize, path: &mut Vec<String>) -> bool {
    table.iter().any(|(key, value)| {
        path.push(key.get_ref().to_string());
        let is_here = in_value(value, at, path);
        if !is_here {
            path.pop();
        }
        is_here
    })
}

/// A table's own place is its header: what is in it lies elsewhere, and is looked at first.
fn in_value(value: &Spanned<DeValue<'_>>, at: usize, path: &mut Vec<String>) -> bool {
    let is_inside = match value.get_ref() {
        DeValue::Table(table) => in_table(table, at, path),
        DeValue::Array(items) => items.iter().any(|item| in_value(item, at, path)),
        _ => false,
    };
    is_inside || value.span().contains(&at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_by_its_path() {
        let text = "\n[doors.slack]\nlanguage = \"en\"\n[[sinks]]\nname = \"a\"\n[[sinks]]\nsecrets = [\n  1,\n]\n";
        let name = |part: &str| field_at(text, text.find(part).unwrap());
        assert_eq!(name("\"en\"").as_deref(), Some("doors.slack.language"));
        assert_eq!(name("[\n").as_deref(), Some("sinks.secrets"));
        assert_eq!(name("1,").as_deref(), Some("sinks.secrets"));
        assert_eq!(field_at("key = ", 0), None, "nothing is named where nothing can be read");
    }
}
