//! `explain`: what an error code means.

use super::print;
use crate::aliyun::error::{known, known_codes};

/// Suggestions that are no nearer than this are not worth reading.
const NEAR: f64 = 0.75;

pub(super) fn run(code: &str) -> u8 {
    if let Some(error) = known(code) {
        print::explanation(error);
        return 0;
    }
    print::unknown_code(code, &suggestions(code));
    2
}

/// The three nearest codes, nearest first. Case is forgiven here: a person types them.
fn suggestions(code: &str) -> Vec<&'static str> {
    let typed = code.to_ascii_lowercase();
    let mut near: Vec<(f64, &str)> = known_codes()
        .map(|known| (strsim::jaro_winkler(&typed, &known.code.to_ascii_lowercase()), known.code))
        .filter(|(nearness, _)| *nearness >= NEAR)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(3).map(|(_, code)| code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_code_finds_the_one_that_was_meant() {
        assert_eq!(suggestions("incorrectdbinstancestate")[0], "IncorrectDBInstanceState");
        assert_eq!(suggestions("Throtling.User")[0], "Throttling.User");
        assert!(suggestions("zzzz").is_empty());
    }
}
