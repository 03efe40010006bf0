//! The functions there are, and where their HTTP servers listen.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{ACCOUNT, Endpoint};

/// A function as the control requests list it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Listed")]
pub(crate) struct Function {
    pub(super) name: String,
    /// Where its HTTP server listens: `http://127.0.0.1:9000`.
    pub(super) url: String,
    pub(super) region: String,
    pub(super) account: String,
    /// Whether the queue waits as long as it is asked to. False delivers at once.
    pub(super) honours_delay: bool,
    /// How long it takes the queue to deliver what it need not hold back.
    pub(super) latency_ms: u64,
    /// Accepts asynchronous invocations and never delivers one.
    pub(super) loses: bool,
    /// How often a delivery that failed is repeated. The vendor allows 8 at most (*documented*).
    pub(super) max_retries: u32,
    pub(super) retry_after_ms: u64,
    /// Whether deliveries carry the credentials of the function's role. Newer runtimes have them in the environment
    /// instead (*documented*).
    pub(super) role_credentials: bool,
}

/// A function as somebody writes it down: only the name and the URL are required.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    url: String,
    region: Option<String>,
    account: Option<String>,
    honours_delay: Option<bool>,
    latency_ms: Option<u64>,
    loses: Option<bool>,
    max_retries: Option<u32>,
    retry_after_ms: Option<u64>,
    role_credentials: Option<bool>,
}

/// All functions. No two have the same ARN.
#[derive(Default)]
pub(crate) struct Functions(Vec<Function>);

impl Function {
    /// A function with everything else as usual.
    pub(crate) fn at(name: &str, url: String) -> Self {
        Listed { name: name.to_owned(), url, ..Listed::default() }.into()
    }

    pub(super) fn arn(&self) -> String {
        format!("acs:fc:{}:{}:functions/{}", self.region, self.account, self.name)
    }

    /// Names are documented to hold letters, digits, `_` and `-`; the rest is what a header and a URL can carry.
    fn mistake(&self) -> Option<String> {
        let is_plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let name = &self.name;
        if ![name, &self.region, &self.account].into_iter().all(|text| is_plain(text)) {
            return Some(format!("function `{name}`: name, region and account hold letters, digits, `_` and `-` only"));
        }
        let url = reqwest::Url::parse(&self.url).ok().filter(|url| url.scheme() == "http" && url.has_host());
        url.is_none().then(|| format!("function `{name}`: `url` must be like http://127.0.0.1:9000"))
    }
}

impl From<Listed> for Function {
    fn from(listed: Listed) -> Self {
        Self {
            name: listed.name,
            url: listed.url,
            region: listed.region.unwrap_or_else(|| "cn-hangzhou".to_owned()),
            account: listed.account.unwrap_or_else(|| ACCOUNT.to_owned()),
            honours_delay: listed.honours_delay.unwrap_or(true),
            latency_ms: listed.latency_ms.unwrap_or(0),
            loses: listed.loses.unwrap_or(false),
            max_retries: listed.max_retries.unwrap_or(8),
            retry_after_ms: listed.retry_after_ms.unwrap_or(1000),
            role_credentials: listed.role_credentials.unwrap_or(true),
        }
    }
}

impl Functions {
    /// Reads a JSON array. What is wrong with it is one sentence.
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        let functions: Vec<Function> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if let Some(mistake) = functions.iter().find_map(Function::mistake) {
            return Err(mistake);
        }
        let mut arns = HashSet::new();
        match functions.iter().find(|function| !arns.insert(function.arn())) {
            Some(second) => Err(format!("the function `{}` is listed twice", second.name)),
            None => Ok(Self(functions)),
        }
    }

    pub(crate) fn all(&self) -> &[Function] {
        &self.0
    }

    /// Adds a function, or replaces the one with its ARN.
    pub(crate) fn put(&mut self, function: Function) {
        let arn = function.arn();
        self.0.retain(|other| other.arn() != arn);
        self.0.push(function);
    }

    /// The function of this name that the endpoint reaches.
    pub(super) fn reached(&self, name: &str, endpoint: &Endpoint) -> Option<&Function> {
        self.0.iter().find(|function| function.name == name && endpoint.reaches(&function.account, &function.region))
    }

    pub(super) fn with_arn(&self, arn: &str) -> Option<&Function> {
        self.0.iter().find(|function| function.arn() == arn)
    }
}
