//! The regions that the central public endpoint `rds.aliyuncs.com` serves.
//!
//! Every other region follows the rule `rds.{region}.aliyuncs.com`; inside a VPC it is
//! `rds-vpc.{region}.aliyuncs.com` for all of them.
//!
//! Sources: the vendor's official endpoint table in the metadata of its command line (en-US/products.json, product
//! Rds, 2026-04-21), and for internal regions, which are not in it, the endpoint map of the vendor's Python SDK
//! (alibabacloud-rds20140815 16.0.2). Where the two differ (Singapore, Virginia, Silicon Valley, two finance
//! regions) the official table counts.

pub(super) const CENTRAL: &[&str] = &[
    "ap-northeast-2-pop",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-beijing-finance-pop",
    "cn-beijing-gov-1",
    "cn-beijing-nu16-b01",
    "cn-edge-1",
    "cn-fujian",
    "cn-haidian-cm12-c01",
    "cn-hangzhou",
    "cn-hangzhou-bj-b01",
    "cn-hangzhou-finance",
    "cn-hangzhou-internal-prod-1",
    "cn-hangzhou-internal-test-1",
    "cn-hangzhou-internal-test-2",
    "cn-hangzhou-internal-test-3",
    "cn-hangzhou-test-306",
    "cn-heyuan",
    "cn-hongkong",
    "cn-hongkong-finance-pop",
    "cn-north-2-gov-1",
    "cn-qingdao",
    "cn-qingdao-nebula",
    "cn-shanghai",
    "cn-shanghai-et15-b01",
    "cn-shanghai-et2-b01",
    "cn-shanghai-finance-1",
    "cn-shanghai-inner",
    "cn-shanghai-internal-test-1",
    "cn-shenzhen",
    "cn-shenzhen-inner",
    "cn-shenzhen-st4-d01",
    "cn-shenzhen-su18-b01",
    "cn-wuhan",
    "cn-yushanfang",
    "cn-zhangbei",
    "cn-zhangbei-na61-b01",
    "cn-zhangjiakou-na62-a01",
    "cn-zhengzhou-nebula-1",
    "eu-west-1-oxs",
    "rus-west-1-pop",
];

#[cfg(test)]
mod tests {
    use super::CENTRAL;
    use crate::aliyun::endpoint::{public_host, vpc_host};

    /// Region, public host, VPC host (empty where no source gives one).
    fn rows() -> impl Iterator<Item = [&'static str; 3]> {
        include_str!("../../tests/fixtures/rds-endpoints.tsv").lines().skip(1).map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            columns.try_into().expect("three columns")
        })
    }

    #[test]
    fn rule_and_table_reproduce_every_documented_host() {
        assert_eq!(rows().count(), 60);
        for [region, public, vpc] in rows() {
            assert_eq!(public_host(region), public, "{region}");
            if !vpc.is_empty() {
                assert_eq!(vpc_host(region), vpc, "{region}");
            }
        }
    }

    #[test]
    fn central_regions_are_sorted_and_documented() {
        assert!(CENTRAL.is_sorted());
        for central in CENTRAL {
            assert!(rows().any(|[region, ..]| region == *central), "{central} is in no source");
        }
    }
}
