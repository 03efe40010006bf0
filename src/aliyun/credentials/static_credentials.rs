//! A pair or triple that stands written somewhere: it is what it is, and nobody can be asked for another.

use futures_util::future::{self, BoxFuture, FutureExt as _};

use super::credential::Credentials;
use super::provider::{ProvideCredentials, Provided};
use crate::aliyun::Client;
use crate::time::Deadline;

/// Gives the same credentials each time.
#[derive(Debug)]
pub(super) struct StaticCredentials(pub(super) Credentials);

impl ProvideCredentials for StaticCredentials {
    fn provide<'a>(&'a self, _client: &'a Client, _deadline: Deadline) -> BoxFuture<'a, Provided> {
        future::ready(Ok(Some(self.0.clone()))).boxed()
    }
}
