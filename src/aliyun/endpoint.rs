//! Where a region's RDS API is.

use super::endpoint_table::CENTRAL;

/// Which of a region's two hosts to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    #[default]
    Public,
    /// Reachable from inside a VPC of the region only.
    Vpc,
}

/// The host that serves RDS in a region. It is what the signature covers, wherever the connection goes.
///
/// `EnableBackupEncryption` has no region parameter: a regional host decides the region, and the central one finds the
/// instance by its id (inferred).
pub fn host(region: &str, network: Network) -> String {
    match network {
        Network::Public => public_host(region),
        Network::Vpc => vpc_host(region),
    }
}

pub(super) fn public_host(region: &str) -> String {
    if CENTRAL.binary_search(&region).is_ok() {
        "rds.aliyuncs.com".to_owned()
    } else {
        format!("rds.{region}.aliyuncs.com")
    }
}

pub(super) fn vpc_host(region: &str) -> String {
    format!("rds-vpc.{region}.aliyuncs.com")
}
