//! The identity that one invocation of Function Compute brings. It travels as a value and is never kept.

use super::credential::{Credentials, Source};
use super::provider::Found;
use crate::kind::CredentialProblem;

const TOKEN: &str = "x-fc-security-token";

/// The triple of an invocation's headers, read by name. The token alone says whether the platform put one there: some
/// runtimes send the other two without it, and then this source is absent.
pub fn from_invocation<'h>(header: impl Fn(&str) -> Option<&'h [u8]>) -> Found {
    let present = |name: &str| match header(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) if value.iter().all(u8::is_ascii_graphic) => Ok(std::str::from_utf8(value).ok().map(str::to_owned)),
        Some(_) => Err(CredentialProblem::HeaderUnreadable { header: name.to_owned() }),
    };
    let Some(token) = present(TOKEN)? else { return Ok(None) };
    let required = |name: &str| {
        present(name)?
            .ok_or_else(|| CredentialProblem::HeaderMissing { header: TOKEN.to_owned(), missing: name.to_owned() })
    };
    Ok(Some(Credentials {
        access_key_id: required("x-fc-access-key-id")?,
        access_key_secret: required("x-fc-access-key-secret")?.into(),
        security_token: Some(token.into()),
        expires_at: None,
        source: Source::Invocation,
    }))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn triple(id: &[u8], secret: &[u8], token: &[u8]) -> Found {
        from_invocation(|name| match name {
            "x-fc-access-key-id" => Some(id),
            "x-fc-access-key-secret" => Some(secret),
            "x-fc-security-token" => Some(token),
            _ => None,
        })
    }

    #[test]
    fn headers_without_a_token_are_absent_whatever_else_is_there() {
        assert!(triple(b"id", b"secret", b"").unwrap().is_none());
        assert!(from_invocation(|_| None).unwrap().is_none());
    }

    #[test]
    fn a_token_without_its_pair_is_broken_and_says_what_is_missing() {
        let broken = triple(b"id", b"", b"token").unwrap_err();
        assert_eq!(broken.to_string(), "The invocation carries x-fc-security-token but no x-fc-access-key-secret.");
        assert!(triple(b"", b"secret", b"token").is_err());
    }

    #[test]
    fn a_header_that_cannot_be_read_is_broken_and_not_absent() {
        let broken = triple(b"id", b"secret", b"tok\xffen").unwrap_err();
        assert_eq!(broken.to_string(), "The invocation's x-fc-security-token cannot be read.");
    }

    #[test]
    fn a_whole_triple_is_one_identity() {
        let found = triple(b"STS.id", b"secret", b"token").unwrap().unwrap();
        assert_eq!(found.access_key_id, "STS.id");
        assert_eq!(found.security_token.unwrap().expose_secret(), "token");
        assert_eq!(found.source, Source::Invocation);
    }
}
