//! The key pair, or the triple, of the process's environment.

use super::credential::{Credentials, Source};
use super::provider::Found;
use crate::env::Env;
use crate::kind::CredentialProblem;

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// The environment's pair or triple. On Function Compute it belongs to the role and has a token.
pub fn from_environment(env: &Env, source: Source) -> Found {
    let missing =
        |there: &str, name: &str| CredentialProblem::HalfSet { variable: there.to_owned(), missing: name.to_owned() };
    match (env.get(ID), env.get(SECRET), env.get(TOKEN)) {
        (None, None, None) => Ok(None),
        (Some(access_key_id), Some(secret), token) => Ok(Some(Credentials {
            access_key_id,
            access_key_secret: secret.into(),
            security_token: token.map(Into::into),
            expires_at: None,
            source,
        })),
        (Some(_), None, _) => Err(missing(ID, SECRET)),
        (None, Some(_), _) => Err(missing(SECRET, ID)),
        (None, None, Some(_)) => Err(missing(TOKEN, ID)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_absent_whole_or_broken() {
        let found = |env: Env| from_environment(&env, Source::Environment);
        assert!(found(Env::fixed([])).unwrap().is_none());
        assert!(found(Env::fixed([(ID, ""), (SECRET, "")])).unwrap().is_none());
        assert!(found(Env::fixed([(ID, "id"), (SECRET, "secret")])).unwrap().unwrap().security_token.is_none());
        let half = found(Env::fixed([(ID, "id"), (TOKEN, "token")])).unwrap_err();
        assert_eq!(half.to_string(), "ALIBABA_CLOUD_ACCESS_KEY_ID is set but ALIBABA_CLOUD_ACCESS_KEY_SECRET is not.");
        assert!(found(Env::fixed([(TOKEN, "token")])).is_err());
    }
}
