//! From the JSON parser's error to a reason of ours. The parser's own words may repeat the input, so they are not used.

use serde_json::error::Category;

use crate::request::rejection::{JsonError, JsonProblem, RejectionReason};

/// Why a text is no JSON. What the type of the result does not take is the `mismatch`.
pub(super) fn reason(error: &serde_json::Error, mismatch: JsonProblem) -> RejectionReason {
    let problem = match error.classify() {
        Category::Eof => JsonProblem::EndsEarly,
        Category::Data => mismatch,
        _ if error.to_string().starts_with("recursion limit") => JsonProblem::NestedTooDeep,
        Category::Syntax | Category::Io => JsonProblem::Invalid,
    };
    RejectionReason::Json(JsonError { problem, line: error.line(), column: error.column(), is_in_base64: false })
}
