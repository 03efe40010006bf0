//! Where a region's APIs are.

use super::endpoint_table::CENTRAL;

/// Which of a region's two hosts to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    #[default]
    Public,
    /// Reachable from inside a VPC of the region only.
    Vpc,
}

/// The host that serves RDS in a region.
///
/// `EnableBackupEncryption` has no region parameter: a regional host decides the region, and the central one finds the
/// instance by its id (inferred).
pub fn rds(region: &str, network: Network) -> String {
    match network {
        Network::Public => public_host(region),
        Network::Vpc => vpc_host(region),
    }
}

/// Whether the central host serves RDS there, so that it would find an instance of any such region.
pub fn is_central(region: &str) -> bool {
    CENTRAL.binary_search(&region).is_ok()
}

/// The host of KMS in a region (documented; the VPC name is read in the vendor's SDK).
pub fn kms(region: &str, network: Network) -> String {
    match network {
        Network::Public => format!("kms.{region}.aliyuncs.com"),
        Network::Vpc => format!("kms-vpc.{region}.aliyuncs.com"),
    }
}

/// The host of STS in a region (documented).
pub fn sts(region: &str, network: Network) -> String {
    match network {
        Network::Public => format!("sts.{region}.aliyuncs.com"),
        Network::Vpc => format!("sts-vpc.{region}.aliyuncs.com"),
    }
}

/// The host of an account's functions in a region (documented).
pub fn fc(account: &str, region: &str, network: Network) -> String {
    match network {
        Network::Public => format!("{account}.{region}.fc.aliyuncs.com"),
        Network::Vpc => format!("{account}.{region}-internal.fc.aliyuncs.com"),
    }
}

/// The regions whose buses are reached by the console's host (read in the vendor's SDK).
const BUSES_AT_CONSOLE: [&str; 7] =
    ["ap-southeast-1", "cn-beijing", "cn-hangzhou", "cn-shanghai", "cn-shenzhen", "eu-central-1", "us-east-1"];

/// The host of `EventBridge` in a region (read in the vendor's SDK; a VPC host was not found).
pub fn eventbridge(region: &str, _: Network) -> String {
    let name = if BUSES_AT_CONSOLE.contains(&region) { "eventbridge-console" } else { "eventbridge" };
    format!("{name}.{region}.aliyuncs.com")
}

pub(super) fn public_host(region: &str) -> String {
    if is_central(region) { "rds.aliyuncs.com".to_owned() } else { format!("rds.{region}.aliyuncs.com") }
}

pub(super) fn vpc_host(region: &str) -> String {
    format!("rds-vpc.{region}.aliyuncs.com")
}
