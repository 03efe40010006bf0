//! What a source is to the rest: something that is found set up or not, and then asked.

use std::fmt;

use futures_util::future::BoxFuture;

use super::credential::Credentials;
use super::error::CredentialsError;
use crate::aliyun::Client;
use crate::kind::CredentialProblem;
use crate::time::Deadline;

/// What a source holds: credentials, or nothing because it is not set up.
pub type Found = Result<Option<Credentials>, CredentialProblem>;

/// What a source gives when it is asked: credentials, or nothing because nobody is there after all.
pub type Provided = Result<Option<Credentials>, CredentialsError>;

/// A source that has to be asked, and may have to be asked again. It keeps nothing between two requests.
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    fn provide<'a>(&'a self, client: &'a Client, deadline: Deadline) -> BoxFuture<'a, Provided>;
}

/// A source that was found.
pub type Provider = Box<dyn ProvideCredentials>;
