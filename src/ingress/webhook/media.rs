//! The content type of a body.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

/// A body in a form that this door does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the content type must be {0}")]
pub struct WrongContentType(pub(super) &'static str);

/// The media type in lower case, without its parameters. None where it is absent or there twice, or the text is not UTF-8.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    let is_utf_8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim_end().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    parts.all(is_utf_8).then_some(essence)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(value: &str) -> Option<String> {
        media_type(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_str(value).unwrap())]))
    }

    #[test]
    fn parameters_are_allowed_and_other_character_sets_are_not() {
        for value in
            ["application/json", "Application/JSON; Charset=\"UTF-8\"", "application/json ;v=1;charset = utf-8"]
        {
            assert_eq!(of(value).as_deref(), Some("application/json"), "{value}");
        }
        assert_eq!(of("application/json; charset=utf-16"), None);
        assert_eq!(media_type(&HeaderMap::new()), None);
    }

    #[test]
    fn two_content_types_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(media_type(&headers), None);
    }
}
