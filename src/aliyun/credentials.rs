//! Whose hand signs. *Absent* and *broken* are different things: a source that is set up and cannot be used stops the
//! search, because the next one would be somebody else.

use secrecy::SecretString;

use crate::env::Env;

/// Where a set of credentials came from, which decides what can be done when it has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The headers of this invocation: the next one brings its own.
    Invocation,
    /// The environment of a function instance, set when its process started: only a new process gets new ones.
    FunctionEnvironment,
    /// The environment anywhere else: set by a person.
    Environment,
    /// The stand-in cloud's own pair.
    StandIn,
}

impl Source {
    /// Whether this process can get fresh ones when they have expired.
    pub fn renewable_here(self) -> bool {
        match self {
            Self::Invocation | Self::FunctionEnvironment | Self::Environment | Self::StandIn => false,
        }
    }
}

/// An identity, as one value: parts of two sources are never mixed.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub access_key_id: String,
    pub access_key_secret: SecretString,
    pub security_token: Option<SecretString>,
    pub source: Source,
}

/// A source that is set up and cannot be used. The sentence names the missing part, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// What a source gave: credentials, or nothing because it is not set up.
pub type Found = Result<Option<Credentials>, Broken>;

impl Credentials {
    /// The pair that the stand-in cloud accepts, and no other cloud does.
    pub fn stand_in() -> Self {
        Self {
            access_key_id: "testAccessKeyId".to_owned(),
            access_key_secret: SecretString::from("testAccessKeySecret"),
            security_token: None,
            source: Source::StandIn,
        }
    }
}

/// The triple of an invocation's headers, read by name. The token alone says whether the platform put one there: some
/// runtimes send the other two without it, and then this source is absent.
pub fn of_invocation<'h>(header: impl Fn(&str) -> Option<&'h [u8]>) -> Found {
    let present = |name: &str| match header(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) if value.iter().all(u8::is_ascii_graphic) => Ok(std::str::from_utf8(value).ok().map(str::to_owned)),
        Some(_) => Err(Broken(format!("The invocation's {name} cannot be read."))),
    };
    let Some(token) = present("x-fc-security-token")? else { return Ok(None) };
    let required = |name: &str| {
        present(name)?.ok_or_else(|| Broken(format!("The invocation carries x-fc-security-token but no {name}.")))
    };
    Ok(Some(Credentials {
        access_key_id: required("x-fc-access-key-id")?,
        access_key_secret: required("x-fc-access-key-secret")?.into(),
        security_token: Some(token.into()),
        source: Source::Invocation,
    }))
}

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// The environment's pair or triple. On Function Compute it belongs to the role and has a token.
pub fn of_environment(env: &Env, source: Source) -> Found {
    let missing = |there: &str, name: &str| Broken(format!("{there} is set but {name} is not."));
    match (env.get(ID), env.get(SECRET), env.get(TOKEN)) {
        (None, None, None) => Ok(None),
        (Some(access_key_id), Some(secret), token) => Ok(Some(Credentials {
            access_key_id,
            access_key_secret: secret.into(),
            security_token: token.map(Into::into),
            source,
        })),
        (Some(_), None, _) => Err(missing(ID, SECRET)),
        (None, Some(_), _) => Err(missing(SECRET, ID)),
        (None, None, Some(_)) => Err(missing(TOKEN, ID)),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn triple(id: &[u8], secret: &[u8], token: &[u8]) -> Found {
        of_invocation(|name| match name {
            "x-fc-access-key-id" => Some(id),
            "x-fc-access-key-secret" => Some(secret),
            "x-fc-security-token" => Some(token),
            _ => None,
        })
    }

    #[test]
    fn headers_without_a_token_are_absent_whatever_else_is_there() {
        assert!(triple(b"id", b"secret", b"").unwrap().is_none());
        assert!(of_invocation(|_| None).unwrap().is_none());
    }

    #[test]
    fn a_token_without_its_pair_is_broken_and_says_what_is_missing() {
        let broken = triple(b"id", b"", b"token").unwrap_err();
        assert_eq!(broken.0, "The invocation carries x-fc-security-token but no x-fc-access-key-secret.");
        assert!(triple(b"", b"secret", b"token").is_err());
    }

    #[test]
    fn a_header_that_cannot_be_read_is_broken_and_not_absent() {
        let broken = triple(b"id", b"secret", b"tok\xffen").unwrap_err();
        assert_eq!(broken.0, "The invocation's x-fc-security-token cannot be read.");
    }

    #[test]
    fn a_whole_triple_is_one_identity() {
        let found = triple(b"STS.id", b"secret", b"token").unwrap().unwrap();
        assert_eq!(found.access_key_id, "STS.id");
        assert_eq!(found.security_token.unwrap().expose_secret(), "token");
        assert_eq!(found.source, Source::Invocation);
    }

    #[test]
    fn an_environment_is_absent_whole_or_broken() {
        let found = |env: Env| of_environment(&env, Source::Environment);
        assert!(found(Env::fixed([])).unwrap().is_none());
        assert!(found(Env::fixed([(ID, ""), (SECRET, "")])).unwrap().is_none());
        assert!(found(Env::fixed([(ID, "id"), (SECRET, "secret")])).unwrap().unwrap().security_token.is_none());
        let half = found(Env::fixed([(ID, "id"), (TOKEN, "token")])).unwrap_err();
        assert_eq!(half.0, "ALIBABA_CLOUD_ACCESS_KEY_ID is set but ALIBABA_CLOUD_ACCESS_KEY_SECRET is not.");
        assert!(found(Env::fixed([(TOKEN, "token")])).is_err());
    }

    #[test]
    fn a_secret_is_never_shown() {
        let shown = format!("{:?}", Credentials::stand_in());
        assert!(!shown.contains("testAccessKeySecret"), "{shown}");
    }
}
