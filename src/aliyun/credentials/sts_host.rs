//! Which host of STS a source asks.

use crate::aliyun::endpoint::{self, Network};
use crate::env::Env;
use crate::kind::{CredentialProblem, VariableProblem};

/// What a cluster injects beside the token (documented for RRSA).
const ENDPOINT: &str = "ALIBABA_CLOUD_STS_ENDPOINT";
const REGION: &str = "ALIBABA_CLOUD_STS_REGION";
const VPC: &str = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";

/// Sessions are good everywhere, so any region's host will do; the nearest one is best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StsHost {
    Named(String),
    /// The region's, on the client's network or in the VPC whatever the client's is.
    Regional {
        region: String,
        vpc: bool,
    },
    /// The one for all regions (documented).
    Central,
}

impl StsHost {
    /// What the environment says, else the region where this process is.
    pub(super) fn from_environment(env: &Env, home: Option<&str>) -> Result<Self, CredentialProblem> {
        if let Some(host) = env.get(ENDPOINT) {
            return if is_host(&host) {
                Ok(Self::Named(host))
            } else {
                Err(bad(ENDPOINT, VariableProblem::NotVendorHost))
            };
        }
        let region = env.get(REGION);
        if region.as_deref().is_some_and(|region| !is_region(region)) {
            return Err(bad(REGION, VariableProblem::NotRegion));
        }
        Ok(Self::from_region(region.as_deref().or(home), is_true(env, VPC)))
    }

    pub(super) fn from_region(region: Option<&str>, vpc: bool) -> Self {
        region.map_or(Self::Central, |region| Self::Regional { region: region.to_owned(), vpc })
    }

    pub(super) fn name(&self, network: Network) -> String {
        match self {
            Self::Named(host) => host.clone(),
            Self::Regional { region, vpc: true } => endpoint::sts(region, Network::Vpc),
            Self::Regional { region, vpc: false } => endpoint::sts(region, network),
            Self::Central => "sts.aliyuncs.com".to_owned(),
        }
    }
}

fn bad(variable: &str, problem: VariableProblem) -> CredentialProblem {
    CredentialProblem::Variable { variable: variable.to_owned(), problem }
}

/// The token goes there, so it is a host of the vendor and nothing but a host.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.ends_with(".aliyuncs.com") && text.len() <= 253 && text.split('.').all(is_label)
}

/// Whether this can stand in a host name as a region.
pub(super) fn is_region(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether a switch is on: `true` in any case (read in credentials-go 1.4.12).
pub(super) fn is_true(env: &Env, variable: &str) -> bool {
    env.get(variable).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host<const N: usize>(pairs: [(&str, &str); N]) -> Result<String, CredentialProblem> {
        StsHost::from_environment(&Env::fixed(pairs), Some("cn-home")).map(|host| host.name(Network::Public))
    }

    #[test]
    fn the_named_host_comes_before_the_region_and_the_region_before_home() {
        let endpoint = (ENDPOINT, "sts-vpc.cn-beijing.aliyuncs.com");
        let region = (REGION, "cn-hangzhou");
        assert_eq!(host([endpoint, region]).unwrap(), "sts-vpc.cn-beijing.aliyuncs.com");
        assert_eq!(host([region]).unwrap(), "sts.cn-hangzhou.aliyuncs.com");
        assert_eq!(host([region, (VPC, "True")]).unwrap(), "sts-vpc.cn-hangzhou.aliyuncs.com");
        assert_eq!(host([]).unwrap(), "sts.cn-home.aliyuncs.com");
        assert_eq!(StsHost::from_region(None, true).name(Network::Vpc), "sts.aliyuncs.com");
    }

    #[test]
    fn a_token_is_sent_to_no_stranger() {
        for bad in [
            "sts.evil.com",
            "evil.com/.aliyuncs.com",
            "a@b.aliyuncs.com",
            ".aliyuncs.com",
            "STS.aliyuncs.com",
            "aliyuncs.com",
        ] {
            let broken = host([(ENDPOINT, bad)]).unwrap_err();
            assert!(broken.to_string().contains(ENDPOINT) && !broken.to_string().contains("evil"), "{bad}: {broken}");
        }
        assert!(host([(REGION, "cn/hangzhou")]).is_err());
    }
}
