//! Which service and which regions a `Host` stands for.

use std::net::IpAddr;

use super::product::Product;

/// Region and public endpoint, one region a line. The vendor's table of endpoints (*documented*), with
/// special regions from the Python SDK (*read in code*).
const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/rds-endpoints.tsv"));

const CENTRAL: &str = "rds.aliyuncs.com";

/// A name under which a product answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// A loopback address: the client does not say, so every region is in reach.
    Anywhere,
    /// `sts.aliyuncs.com`; or `rds.aliyuncs.com`, which serves the older regions and finds the instance by its id
    /// (*inferred*).
    Central,
    /// `{product}.{region}.aliyuncs.com` or `{product}-vpc.{region}.aliyuncs.com`.
    Region(String),
}

impl Endpoint {
    /// None if the host is another product's.
    pub(super) fn of(product: Product, host: &str) -> Option<Self> {
        let name = without_port(host).to_ascii_lowercase();
        if is_loopback(&name) {
            return Some(Self::Anywhere);
        }
        let rest = name.strip_suffix(".aliyuncs.com")?.strip_prefix(product.name())?;
        if rest.is_empty() {
            return product.is_central().then_some(Self::Central);
        }
        let region = rest.strip_prefix("-vpc").unwrap_or(rest).strip_prefix('.')?;
        let is_region = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_region.then(|| Self::Region(region.to_owned()))
    }

    /// The same, whichever product the host stands for.
    pub(super) fn of_any(host: &str) -> Option<Self> {
        Product::ALL.into_iter().find_map(|product| Self::of(product, host))
    }

    /// Whether instances of this region are in reach.
    pub(super) fn sees(&self, region: &str) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Central => central_regions().any(|served| served == region),
            Self::Region(own) => own == region,
        }
    }

    /// The one region it stands for, if it is one.
    pub(super) fn region(&self) -> Option<&str> {
        match self {
            Self::Anywhere | Self::Central => None,
            Self::Region(region) => Some(region),
        }
    }
}

fn central_regions() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(|line| {
        let mut columns = line.split('\t');
        let region = columns.next()?;
        (columns.next()? == CENTRAL).then_some(region)
    })
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Product};

    #[test]
    fn hosts_of_rds_are_understood() {
        let region = |name: &str| Some(Endpoint::Region(name.to_owned()));
        assert_eq!(Endpoint::of(Product::Rds, "rds.aliyuncs.com"), Some(Endpoint::Central));
        assert_eq!(Endpoint::of(Product::Rds, "RDS.aliyuncs.com:443"), Some(Endpoint::Central));
        assert_eq!(Endpoint::of(Product::Rds, "rds.cn-chengdu.aliyuncs.com"), region("cn-chengdu"));
        assert_eq!(Endpoint::of(Product::Rds, "rds-vpc.cn-hangzhou.aliyuncs.com"), region("cn-hangzhou"));
        for loopback in ["127.0.0.1:45483", "127.9.9.9", "localhost:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert_eq!(Endpoint::of(Product::Rds, loopback), Some(Endpoint::Anywhere), "{loopback}");
        }
    }

    #[test]
    fn hosts_of_others_are_not() {
        let others =
            ["", "ecs.aliyuncs.com", "kms.cn-hangzhou.aliyuncs.com", "rds.aliyuncs.com.example.com", "10.0.0.1:80"];
        for other in
            others.into_iter().chain(["rds..aliyuncs.com", "rdsx.cn-hangzhou.aliyuncs.com", "rds-vpc.aliyuncs.com"])
        {
            assert_eq!(Endpoint::of(Product::Rds, other), None, "{other}");
        }
    }

    #[test]
    fn each_product_has_hosts_of_its_own() {
        let region = Some(Endpoint::Region("cn-hangzhou".to_owned()));
        for product in Product::ALL {
            let name = product.name();
            for host in [format!("{name}.cn-hangzhou.aliyuncs.com"), format!("{name}-vpc.cn-hangzhou.aliyuncs.com")] {
                assert_eq!(Endpoint::of(product, &host), region, "{host}");
                assert_eq!(Endpoint::of_any(&host), region, "{host}");
            }
        }
        assert_eq!(Endpoint::of(Product::Sts, "sts.aliyuncs.com"), Some(Endpoint::Central));
        assert_eq!(Endpoint::of(Product::Kms, "kms.aliyuncs.com"), None);
        assert_eq!(Endpoint::of_any("ecs.aliyuncs.com"), None);
    }

    #[test]
    fn the_central_host_serves_the_older_regions_only() {
        for region in
            ["cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-qingdao", "cn-shenzhen", "cn-heyuan", "cn-hongkong"]
        {
            assert!(Endpoint::Central.sees(region), "{region}");
        }
        for region in ["cn-chengdu", "ap-southeast-1", "eu-central-1", "region_id", ""] {
            assert!(!Endpoint::Central.sees(region), "{region}");
        }
    }
}
