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
    /// `{product}.{region}.aliyuncs.com` or the second host beside it, see [`Product::second_host`].
    Region(String),
    /// FC: `{account}.{region}.fc.aliyuncs.com`, the same with `-internal` after the region (*documented*), or
    /// `fcv3.{region}.aliyuncs.com`, which says no account (*read in code*).
    Functions { account: Option<String>, region: String },
}

impl Endpoint {
    /// None if the host is another product's.
    pub(super) fn of(product: Product, host: &str) -> Option<Self> {
        if is_loopback(host) {
            return Some(Self::Anywhere);
        }
        let name = without_port(host).to_ascii_lowercase();
        if product == Product::Fc {
            return functions(name.strip_suffix(".aliyuncs.com")?);
        }
        let rest = name.strip_suffix(".aliyuncs.com")?.strip_prefix(product.name())?;
        if rest.is_empty() {
            return product.is_central().then_some(Self::Central);
        }
        let region = rest.strip_prefix(product.second_host()).unwrap_or(rest).strip_prefix('.')?;
        is_plain(region).then(|| Self::Region(region.to_owned()))
    }

    /// Whether a function of this account and region is in reach.
    pub(super) fn reaches(&self, account: &str, region: &str) -> bool {
        match self {
            Self::Functions { account: Some(own), .. } => own == account && self.sees(region),
            Self::Anywhere | Self::Central | Self::Region(_) | Self::Functions { account: None, .. } => {
                self.sees(region)
            }
        }
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
            Self::Region(own) | Self::Functions { region: own, .. } => own == region,
        }
    }

    /// The one region it stands for, if it is one.
    pub(super) fn region(&self) -> Option<&str> {
        match self {
            Self::Anywhere | Self::Central => None,
            Self::Region(region) | Self::Functions { region, .. } => Some(region),
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

/// The endpoint of FC, from a host without the vendor's domain.
fn functions(name: &str) -> Option<Endpoint> {
    let (account, region) = if let Some(region) = name.strip_prefix("fcv3.") {
        (None, region)
    } else {
        let (account, region) = name.strip_suffix(".fc")?.split_once('.')?;
        (Some(account), region.strip_suffix("-internal").unwrap_or(region))
    };
    let plain = is_plain(region) && account.is_none_or(is_plain);
    plain.then(|| Endpoint::Functions { account: account.map(str::to_owned), region: region.to_owned() })
}

fn is_plain(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// Whether a `Host` is an address of this machine, or its name.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = without_port(host);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
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
    fn hosts_of_functions_are_understood() {
        let functions = |account: Option<&str>| {
            Some(Endpoint::Functions { account: account.map(str::to_owned), region: "cn-hangzhou".to_owned() })
        };
        assert_eq!(Endpoint::of(Product::Fc, "12.cn-hangzhou.fc.aliyuncs.com:443"), functions(Some("12")));
        assert_eq!(Endpoint::of(Product::Fc, "12.cn-hangzhou-internal.fc.aliyuncs.com"), functions(Some("12")));
        assert_eq!(Endpoint::of(Product::Fc, "fcv3.cn-hangzhou.aliyuncs.com"), functions(None));
        for other in [
            "cn-hangzhou.fc.aliyuncs.com",
            "1.2.cn-hangzhou.fc.aliyuncs.com",
            "fcv3.aliyuncs.com",
            ".a.fc.aliyuncs.com",
        ] {
            assert_eq!(Endpoint::of_any(other), None, "{other}");
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
        for product in [Product::Rds, Product::Kms, Product::Sts] {
            let name = product.name();
            for host in [format!("{name}.cn-hangzhou.aliyuncs.com"), format!("{name}-vpc.cn-hangzhou.aliyuncs.com")] {
                assert_eq!(Endpoint::of(product, &host), region, "{host}");
                assert_eq!(Endpoint::of_any(&host), region, "{host}");
            }
        }
        for host in ["eventbridge.cn-hangzhou.aliyuncs.com", "eventbridge-console.cn-hangzhou.aliyuncs.com"] {
            assert_eq!(Endpoint::of(Product::EventBridge, host), region, "{host}");
            assert_eq!(Endpoint::of_any(host), region, "{host}");
        }
        assert_eq!(Endpoint::of_any("eventbridge-vpc.cn-hangzhou.aliyuncs.com"), None);
        assert_eq!(Endpoint::of_any("1.eventbridge.cn-hangzhou.aliyuncs.com"), None);
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
