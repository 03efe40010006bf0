//! Policies of RAM, as far as sessions need them: effect, actions and resources. Conditions are not looked at.

use serde::Deserialize;

/// The longest session policy (*documented*).
const LONGEST: usize = 2048;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Policy {
    version: String,
    statement: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    effect: Effect,
    action: Patterns,
    resource: Patterns,
    #[serde(default, rename = "Condition")]
    _condition: Option<serde_json::Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Many(Vec<String>),
}

/// What a policy says about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// No statement allows it.
    Implicit,
    /// A statement forbids it.
    Explicit,
}

impl Policy {
    /// None if it is not a policy, or too long for a session.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = text.chars().count() <= LONGEST;
        let policy: Self = if fits { serde_json::from_str(text).ok()? } else { return None };
        (policy.version == "1" && !policy.statement.is_empty()).then_some(policy)
    }

    /// A prohibition outweighs every permission (*documented*).
    pub(crate) fn judge(&self, action: &str, resource: &str) -> Verdict {
        let says = |effect| {
            let mut statements = self.statement.iter().filter(|statement| statement.effect == effect);
            statements.any(|statement| statement.action.fits(action) && statement.resource.fits(resource))
        };
        if says(Effect::Deny) {
            Verdict::Explicit
        } else if says(Effect::Allow) {
            Verdict::Allowed
        } else {
            Verdict::Implicit
        }
    }
}

impl Patterns {
    fn fits(&self, text: &str) -> bool {
        match self {
            Self::One(pattern) => fits(pattern, text),
            Self::Many(patterns) => patterns.iter().any(|pattern| fits(pattern, text)),
        }
    }
}

/// `*` stands for anything, `?` for one character. Upper and lower case are the same (*inferred*).
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    glob(pattern.to_lowercase().as_bytes(), text.to_lowercase().as_bytes())
}

/// Without recursion, so that no pattern takes long: the last `*` takes one more byte whenever the rest does not fit.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                read = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Policy, Verdict, fits};

    #[test]
    fn patterns_fit_as_in_a_policy() {
        let instance = "acs:rds:cn-hangzhou:123:dbinstance/rm-1";
        for pattern in ["*", instance, "acs:rds:*:123:dbinstance/*", "ACS:RDS:*:*:dbinstance/rm-?", "*rm-1", "*:*1*"] {
            assert!(fits(pattern, instance), "{pattern}");
        }
        for pattern in ["", "acs:rds", "acs:rds:*:124:dbinstance/*", "*/rm-", "?", "*rm-1?"] {
            assert!(!fits(pattern, instance), "{pattern}");
        }
        assert!(fits("", "") && fits("**", ""));
    }

    #[test]
    fn a_prohibition_outweighs_a_permission() {
        let policy = r#"{"Version": "1", "Statement": [
            {"Effect": "Allow", "Action": ["rds:*", "kms:DescribeKey"], "Resource": "*"},
            {"Effect": "Deny", "Action": "rds:EnableBackupEncryption", "Resource": ["acs:rds:*:*:dbinstance/rm-1"]}
        ]}"#;
        let policy = Policy::parse(policy).unwrap();
        let judge = |action, id| policy.judge(action, &format!("acs:rds:cn-hangzhou:1:dbinstance/{id}"));
        assert_eq!(judge("rds:EnableBackupEncryption", "rm-1"), Verdict::Explicit);
        assert_eq!(judge("rds:EnableBackupEncryption", "rm-2"), Verdict::Allowed);
        assert_eq!(judge("sts:AssumeRole", "rm-2"), Verdict::Implicit);
    }

    #[test]
    fn what_is_no_policy_is_not_taken_for_one() {
        let long = format!(
            r#"{{"Version": "1", "Statement": [{{"Effect": "Allow", "Action": "{}", "Resource": "*"}}]}}"#,
            "x".repeat(2048)
        );
        for text in ["", "{}", "[]", r#"{"Version": "1", "Statement": []}"#, r#"{"Version": "2"}"#, &long] {
            assert_eq!(Policy::parse(text), None, "{text}");
        }
    }
}
