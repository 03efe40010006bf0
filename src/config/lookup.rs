//! Where secrets are: in the environment, or in KMS, whose values may not have been read yet.

use std::collections::BTreeSet;
use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::values::Secret;
use crate::aliyun::secrets::{Values, Wanted};
use crate::env::Env;

/// What secrets hold.
#[derive(Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) env: &'a Env,
    /// Nothing before they have been read.
    pub(super) kms: Option<&'a Values>,
}

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Signing, or being sent: only what it holds now.
    Using,
    /// Verifying: for a while senders have what it held before.
    Verifying,
}

/// Why a part of the file is not understood.
#[derive(Debug)]
pub(super) enum Flaw {
    /// Its secrets are in KMS and have not been read.
    Unread,
    Wrong(String),
}

impl From<String> for Flaw {
    fn from(sentence: String) -> Self {
        Self::Wrong(sentence)
    }
}

/// Two parts of one thing. What is wrong with either is found whether or not the other has been read.
pub(super) fn both<A, B>(one: Result<A, Flaw>, other: Result<B, Flaw>) -> Result<(A, B), Flaw> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(wrong @ Flaw::Wrong(_)), _) | (_, Err(wrong @ Flaw::Wrong(_))) => Err(wrong),
        (Err(Flaw::Unread), _) | (_, Err(Flaw::Unread)) => Err(Flaw::Unread),
    }
}

impl Lookup<'_> {
    /// What a secret of some part of the file holds.
    pub(super) fn one(&self, of: &str, secret: &Secret) -> Result<SecretString, Flaw> {
        match secret {
            Secret::Env(variable) => match self.env.get(variable) {
                Some(value) => Ok(value.into()),
                None => Err(Flaw::Wrong(format!("{of} needs the variable {variable}, which is not set"))),
            },
            Secret::Kms(name) => {
                let value = self.kms.ok_or(Flaw::Unread)?.current(name);
                value.map_err(|why| Flaw::Wrong(format!("{of} needs {secret}, which {why}")))
            }
        }
    }

    /// A secret, parsed. A sentence names where it is and never what it holds.
    pub(super) fn parsed<T, E: fmt::Display>(
        &self,
        of: &str,
        secret: &Secret,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Flaw> {
        let value = self.one(of, secret)?;
        parse(value.expose_secret()).map_err(|why| Flaw::Wrong(format!("{secret} of {of} {why}")))
    }

    /// Everything that several secrets accept, the newest of the first one first. What a previous version holds counts where
    /// it can be used at all.
    pub(super) fn all<T, E: fmt::Display>(
        &self,
        of: &str,
        secrets: &[Secret],
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<T>, Flaw> {
        let (mut all, mut is_unread) = (Vec::new(), false);
        for secret in secrets {
            match self.parsed(of, secret, &parse) {
                Ok(parsed) => all.push(parsed),
                // What else is wrong is still found.
                Err(Flaw::Unread) => is_unread = true,
                Err(wrong @ Flaw::Wrong(_)) => return Err(wrong),
            }
            all.extend(self.previous(secret).and_then(|previous| parse(previous.expose_secret()).ok()));
        }
        if is_unread { Err(Flaw::Unread) } else { Ok(all) }
    }

    fn previous(&self, secret: &Secret) -> Option<SecretString> {
        match secret {
            Secret::Env(_) => None,
            Secret::Kms(name) => self.kms?.previous(name),
        }
    }
}

/// Notes which secrets of KMS are to be read, and finds the variables that hold the others.
pub(super) fn sort<'s>(secrets: impl Iterator<Item = (&'s Secret, Purpose)>, wanted: &mut Wanted) -> BTreeSet<String> {
    let mut variables = BTreeSet::new();
    for (secret, purpose) in secrets {
        match (secret, purpose) {
            (Secret::Env(variable), _) => {
                variables.insert(variable.clone());
            }
            (Secret::Kms(name), Purpose::Using) => wanted.to_use(name),
            (Secret::Kms(name), Purpose::Verifying) => wanted.to_verify(name),
        }
    }
    variables
}
