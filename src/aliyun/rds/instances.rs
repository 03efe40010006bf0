//! All instances of a region, page by page.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::VERSION;
use crate::aliyun::endpoint::{Network, rds};
use crate::aliyun::error::Failure;
use crate::aliyun::operation::Operation;
use crate::aliyun::{Client, Target, Trace};
use crate::kind::NoAnswer;

/// One page of at most a hundred, the most there can be (documented).
#[derive(Debug)]
pub struct DescribeDBInstances<'a> {
    pub region: &'a str,
    /// Where the page before ended.
    pub next: Option<&'a str>,
}

/// With tokens, `TotalRecordCount` is the page's own count and says nothing (documented), so it is not read.
#[derive(Debug, Deserialize)]
pub struct Page {
    #[serde(rename = "Items")]
    items: Instances,
    #[serde(rename = "NextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Instances {
    #[serde(rename = "DBInstance", default)]
    instances: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(rename = "DBInstanceId")]
    id: String,
}

impl Operation for DescribeDBInstances<'_> {
    const ACTION: &'static str = "DescribeDBInstances";
    const VERSION: &'static str = VERSION;
    const RAM_ACTION: &'static str = "rds:DescribeDBInstances";
    type Response = Page;

    fn host(&self, region: &str, network: Network) -> String {
        rds(region, network)
    }

    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let mut parameters = vec![("RegionId", self.region), ("MaxResults", "100")];
        parameters.extend(self.next.map(|token| ("NextToken", token)));
        parameters
    }
}

/// The ids of every instance of a region. A list that turns in a circle is a failure, not a loop.
pub async fn every_instance(client: &Client, target: Target<'_>, trace: &mut Trace) -> Result<Vec<String>, Failure> {
    let (mut ids, mut seen, mut next) = (Vec::new(), BTreeSet::new(), None);
    loop {
        let operation = DescribeDBInstances { region: target.region, next: next.as_deref() };
        let page = client.call(&operation, target, trace).await?;
        ids.extend(page.items.instances.into_iter().map(|instance| instance.id));
        next = page.next.filter(|token| !token.is_empty());
        match &next {
            None => return Ok(ids),
            Some(token) if !seen.insert(token.clone()) => {
                return Err(Failure::unusable(NoAnswer::EndlessList));
            }
            Some(_) => {}
        }
    }
}
