//! `[[doors.webhook]]`: a named sender, how it proves itself, and how far it may go.

use secrecy::ExposeSecret as _;

use super::secret::{Key, SharedSecret, SigningSecret, Token};
use crate::request::Mode;
use crate::request::scope::Scope;

/// One sender.
#[derive(Debug, Clone)]
pub struct WebhookCredential {
    pub name: String,
    pub proof: Proof,
    pub scope: Scope,
    /// What signs no time may do more than plan, although whoever saw it once can send it again.
    pub accept_replay: bool,
    /// The variables that its secrets are in.
    pub variables: Vec<String>,
}

/// How a sender proves itself. Several secrets are for rotation: any of them will do, and none verifies nothing.
#[derive(Debug, Clone)]
pub enum Proof {
    /// Signs id, time and body.
    StandardWebhooks { secrets: Vec<SigningSecret> },
    /// Signs nothing.
    Bearer { tokens: Vec<Token> },
    /// Signs the body.
    GitHub { secrets: Vec<SharedSecret> },
}

impl WebhookCredential {
    /// The most that its requests may do: the scope's mode, and no more than a plan where a repeat cannot be told.
    pub fn mode_cap(&self) -> Mode {
        let may_be_a_repeat = !self.proof.signs_time() && !self.accept_replay;
        self.scope.mode.lowered_by(may_be_a_repeat.then_some(Mode::Plan))
    }
}

/// The names of two credentials that share a secret. What that secret proves would have two owners, so it is not let in;
/// for whoever reads the configuration.
pub fn sharing_a_secret(credentials: &[WebhookCredential]) -> Option<(&str, &str)> {
    credentials.iter().enumerate().find_map(|(at, one)| {
        let own = one.proof.secrets();
        let other = credentials[at + 1..].iter().find(|other| other.proof.secrets().iter().any(|s| own.contains(s)))?;
        Some((one.name.as_str(), other.name.as_str()))
    })
}

impl Proof {
    /// Whether it says when it was made, so that a repeat can be told from the first.
    pub fn signs_time(&self) -> bool {
        match self {
            Self::StandardWebhooks { .. } => true,
            Self::Bearer { .. } | Self::GitHub { .. } => false,
        }
    }

    /// Whether it is a signature over the body: then what stands beside the body is less sure than what is in it.
    pub(super) fn signs_the_body(&self) -> bool {
        match self {
            Self::StandardWebhooks { .. } | Self::GitHub { .. } => true,
            Self::Bearer { .. } => false,
        }
    }

    /// Every secret, with the kind it is of.
    fn secrets(&self) -> Vec<(&'static str, &[u8])> {
        match self {
            Self::StandardWebhooks { secrets } => secrets
                .iter()
                .map(|secret| match &secret.0 {
                    Key::Shared(bytes) => ("v1", bytes.expose_secret()),
                    Key::Public(bytes) => ("v1a", bytes.as_slice()),
                })
                .collect(),
            Self::Bearer { tokens } => tokens.iter().map(|token| ("bearer", token.as_bytes())).collect(),
            Self::GitHub { secrets } => secrets.iter().map(|secret| ("github", secret.as_bytes())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(name: &str, proof: Proof, accept_replay: bool) -> WebhookCredential {
        let scope = Scope { accounts: Vec::new(), regions: Vec::new(), mode: Mode::Enforce };
        WebhookCredential { name: name.to_owned(), proof, scope, accept_replay, variables: Vec::new() }
    }

    fn bearer(token: &str) -> Proof {
        Proof::Bearer { tokens: vec![Token::bearer(token).unwrap()] }
    }

    #[test]
    fn what_signs_no_time_plans_only_unless_repeats_are_accepted() {
        let signed = Proof::StandardWebhooks { secrets: Vec::new() };
        let github = Proof::GitHub { secrets: Vec::new() };
        let bearer = Proof::Bearer { tokens: Vec::new() };
        assert_eq!(credential("ci", signed.clone(), false).mode_cap(), Mode::Enforce);
        for proof in [github, bearer] {
            assert_eq!(credential("ci", proof.clone(), false).mode_cap(), Mode::Plan);
            assert_eq!(credential("ci", proof, true).mode_cap(), Mode::Enforce);
        }
        let mut planning = credential("ci", signed, true);
        planning.scope.mode = Mode::Plan;
        assert_eq!(planning.mode_cap(), Mode::Plan);
    }

    #[test]
    fn two_owners_of_one_secret_are_found() {
        let (one, two) = ("a".repeat(32), "b".repeat(32));
        let of = |name, token: &str| credential(name, bearer(token), false);
        assert_eq!(sharing_a_secret(&[of("ci", &one), of("cron", &two)]), None);
        assert_eq!(sharing_a_secret(&[of("ci", &one), of("x", &two), of("cron", &one)]), Some(("ci", "cron")));
        let github = Proof::GitHub { secrets: vec![SharedSecret::parse(&one).unwrap()] };
        assert_eq!(sharing_a_secret(&[of("ci", &one), credential("gh", github, false)]), None, "another kind");
    }
}
