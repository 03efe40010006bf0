//! Every error code we know of, one row each: what it means for us. What a person can do about it is said in `words`.
//!
//! [`REFERENCE`] is the table of the vendor's reference page of `EnableBackupEncryption` (API 2014-08-15,
//! Japanese edition, updated 2026-04-18), status, code and message as printed there, misspellings included.
//! Many of its rows speak of orders, disks or restores; it looks like a pool that several operations share, and
//! what is advised about a row that seems to belong to another one says so.
//!
//! [`GATEWAY`] adds what the vendor documents for any call, read 2026-11-24: RDS's common error table (help id
//! 26313), the common errors of the `OpenAPI` gateway (434846) and of STS (42775). `ServiceUnavailable`,
//! `InternalError` and `NoPermission` are known from tables of other products, `OperationDenied.DBInstanceStatus`
//! from the vendor's Terraform provider. A status on which no source is clear is absent; no message is kept,
//! because these differ between products.
//!
//! Kinds are ours. Codes are compared case-sensitively: `pay.noCreditCard` and `Pay.NoCreditCard`
//! are two rows. What an unlisted code means is not decided here.

use crate::kind::Kind::{
    self, Account, AlreadyEnabled, Forbidden, InvalidRequest, KeyOrRole, NotFound, NotReady, Service, Throttled,
    Unauthenticated, Unavailable, Unsupported,
};

/// What is known of one error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownError {
    /// `Code` of the answer, matched case-sensitively.
    pub code: &'static str,
    /// HTTP status of the reference; absent where none is documented.
    pub status: Option<u16>,
    /// `Message` of the reference, verbatim; empty where none is documented.
    pub message: &'static str,
    /// What follows from it.
    pub kind: Kind,
}

/// The 70 rows of the reference page, in its order.
#[rustfmt::skip] // A line a row.
pub(super) const REFERENCE: [KnownError; 70] = [
    row(400, "BackupEncryptionAlreadyEnabled", "backup encryption already enabled.", AlreadyEnabled),
    row(400, "BackupGetAkError", "An error occurred while backing up the access key.", KeyOrRole),
    row(400, "TagKmsKeyError", "The KMS key is invalid.", KeyOrRole),
    row(400, "BackupEncryptCreateKeyError", "Backup encrypt create service key error", KeyOrRole),
    row(400, "Order.ComboInstanceNotAllowOperate", "A package instance is not allowed to operate independently.", Unsupported),
    row(400, "Price.PricingPlanResultNotFound", "Pricing plan price result not found.", Service),
    row(400, "Order.NoRealNameAuthentication", "You have not passed the real-name authentication and do not meet the purchase conditions. Please log in to the user center for real-name authentication.", Account),
    row(400, "InsufficientAvailableQuota", "Your account quota limit is less than 0, please recharge before trying to purchase.", Account),
    row(400, "CommodityServiceCalling.Exception", "Failed to call commodity service.", Unavailable),
    row(400, "RegionDissolvedEOM", "Dear customer, Alibaba Cloud plans to optimize and adjust the current region. Cloud services in this region will cease operations. You are currently unable to operate new purchase orders. Thank you for your understanding and support.", Unsupported),
    row(400, "Commodity.InvalidComponent", "The module you purchased is not legal, please buy it again.", Account),
    row(400, "RegionEndTimeDissolvedAustralia", "Cloud services in the Australia (Sydney) region will be discontinued. Set the validity date to September 30, 2024 or earlier than September 30, 2024.", Unsupported),
    row(400, "Price.CommoditySys", "Commodity system call exception.", Unavailable),
    row(400, "Pay.InsufficientBalance", "Insufficient available balance.", Account),
    row(400, "Order.PeriodInvalid", "There is a problem with the period you selected, please choose again.", Account),
    row(400, "pay.noCreditCard", "Account not bound to credit card.", Account),
    row(400, "Order.InstHasUnpaidOrder", "There is an unpaid order for the service you have purchased. Please pay or void it before placing the order.", Account),
    row(400, "noAvailablePaymentMethod", "No payment method is specified for your account. We recommend that you add a payment method.", Account),
    row(400, "BasicInfoUncompleted", "Your information is incomplete. Complete your information before the operation.", Account),
    row(400, "Risk.RiskControlRejection", "Your account is abnormal, please contact customer service for details.", Account),
    row(400, "Api.NotSupport", "Specified api is not supported.", Unsupported),
    row(400, "ContainForbiddenLabelError", "There is a label that prohibits placing orders. Please contact your distributor for assistance.", Account),
    row(400, "InvalidDBInstanceId.NotFound", "The DBInstanceId provided does not exist in records.", NotFound),
    row(400, "InvalidInstanceLevel.DiskType", "Specified instance level not support request disk type", Unsupported),
    row(400, "InvalidParam", "Sepcified wal level Parameter is invalid. There are still logical slots in instance, so it can not be set as replica.", InvalidRequest),
    row(400, "KmsApiError", "User secret key invalid.", KeyOrRole),
    row(400, "System.SaleValidateFailed", "Sales expression validation system error.", Service),
    row(400, "Abs.InvalidAccount.NotFound", "account is not found.", Service),
    row(400, "SqlExecuteFailedOrTimeout", "sql command execution failed or timed out:%s.", Unavailable),
    row(400, "ColdData.EngineVersionNotSupport", "The current instance engine version not support coldDataEnabled.", Unsupported),
    row(400, "ColdData.MinorVersionNotSupport", "The current instance minor version not support coldDataEnabled.", Unsupported),
    row(400, "IncorrectTargetClasscode", "The current instance type does not support this operation.", Unsupported),
    row(400, "InvalidConnectionString.Duplicate", "Specified connection string already exists in the RDS.", InvalidRequest),
    row(400, "RequiredParam.NotFound", "Required input param is not found.", InvalidRequest),
    row(400, "Parameters.Invalid", "Parameter error, please check the parameters.", InvalidRequest),
    row(400, "BackupPolicyNotSupport", "Cold Data won't open with CrossBackup or Flash Backup, please check Backup Policy.", Unsupported),
    row(400, "InvalideStatus.Format", "The instance status does not support this operation.", NotReady),
    row(400, "InvalidReleasedKeepPolicy.Format", "Specified Released Keep Policy is not valid.", InvalidRequest),
    row(400, "InvalidDBInstanceEngineType.Format", "the DB instance engine type does not support this operation.", Unsupported),
    row(400, "Pay.NoCreditCard", "No credit cards.", Account),
    row(400, "VpcNetworkTypeNotSupport", "The vpc network type instance does not support this operation.", Unsupported),
    row(400, "MirrorInsExists", "Specified DB instance mirror ins already existed.", NotReady),
    row(400, "UnsupportedClassCode", "The specified DB instance class stops selling.", Unsupported),
    row(400, "InvalidBackupSet", "The specified database does not exist in the backup set.", Service),
    row(400, "OrdTCommodityQueryError", "Failed to query for product.", Unavailable),
    row(400, "ProductInstanceReleased", "The instance has been released. Please check before placing the order.", NotFound),
    row(400, "RegionEndTimeDissolvedIndia", "The region is no longer supported.", Unsupported),
    row(500, "ExternalFailure", "The request processing has failed due to external service failure.", Unavailable),
    row(500, "RequestMetaDataFailed", "The service request failed. Please try again later or contact service personnel.", Unavailable),
    row(500, "InvokeProxyFailure", "The request processing has failed due to service failure of rds api.", Unavailable),
    row(403, "IncorrectEngineVersion", "Current engine version does not support operations.", Unsupported),
    row(403, "IncorrectDBInstanceState", "Current DB instance state does not support this operation.", NotReady),
    row(403, "BackupEncryptUnsupportRegion", "backup encrypt unsupport region.", Unsupported),
    row(403, "OrderStatus.UnPaid", "The specified db instance has unpaid order.", Account),
    row(403, "InvalidReduceDiskSize", "The storage capacity after the scale-down must be larger than the used amount.", InvalidRequest),
    row(403, "CloudSSDNotSupport", "Cloud ssd does not support this operation, please upgrade to essd.", Unsupported),
    row(403, "InvalidUserOperatorPermission", "The user permission does not support this operation.", Forbidden),
    row(403, "InvalidVswitchId", "Specified conn vswitch id is not valid.", InvalidRequest),
    row(403, "IncorrectMinorVersion", "Current engine minor version does not support operations.", Unsupported),
    row(403, "OperationDenied.ZoneResource", "There is no available zone for inventory.", Service),
    row(403, "NotInFlowController", "Sorry,no permission.", Forbidden),
    row(403, "InvalidKmsKey", "Kms key is disabled.", KeyOrRole),
    row(403, "InvalidInstanceLevel.Malformed", "Current DB instance level does not support this operation.", Unsupported),
    row(404, "InvalidBackupPolicy.NotFound", "Backup Policy not exist.", NotReady),
    row(404, "InvalidRegion.NotFound", "Specified Region does not exist in RDS.", InvalidRequest),
    row(404, "BackupAkProvenNotFound", "backup ak proven not found", KeyOrRole),
    row(404, "InvalidDBInstance.NotFound", "Specified instance does not exist or not support.", NotFound),
    row(404, "InvalidClusterKms", "The current instance does not authorized to access the Key Management Service.", KeyOrRole),
    row(404, "Request.NotFound", "The requested resource is not available.", InvalidRequest),
    row(404, "HostInfo.NotFound", "The specified host info is not found.", NotFound),
];

/// Codes the `OpenAPI` gateway and RDS's common table add.
#[rustfmt::skip] // As above.
pub(super) const GATEWAY: [KnownError; 34] = [
    gateway(Some(400), "Throttling", Throttled),
    gateway(Some(400), "Throttling.User", Throttled),
    gateway(None, "Throttling.Api", Throttled),
    gateway(Some(503), "ServiceUnavailable", Unavailable),
    gateway(Some(500), "InternalError", Unavailable),
    gateway(Some(400), "MissingParameter", InvalidRequest),
    gateway(Some(400), "InvalidParameter", InvalidRequest),
    gateway(Some(400), "UnsupportedParameter", InvalidRequest),
    gateway(Some(400), "InvalidOwnerId", InvalidRequest),
    gateway(Some(400), "InvalidOwnerAccount", InvalidRequest),
    gateway(Some(400), "InvalidOwner", InvalidRequest),
    gateway(Some(400), "IncompleteSignature", Unauthenticated),
    gateway(Some(400), "IllegalTimestamp", Unauthenticated),
    gateway(Some(400), "SignatureDoesNotMatch", Unauthenticated),
    gateway(Some(400), "SignatureNonceUsed", Unauthenticated),
    gateway(Some(400), "InvalidTimeStamp.Expired", Unauthenticated),
    gateway(Some(400), "InvalidTimeStamp.Format", Unauthenticated),
    gateway(Some(404), "InvalidAccessKeyId.NotFound", Unauthenticated),
    gateway(Some(400), "InvalidAccessKeyId.Inactive", Unauthenticated),
    gateway(None, "InvalidSecurityToken.Expired", Unauthenticated),
    gateway(None, "MissingSecurityToken", Unauthenticated),
    gateway(Some(403), "Forbidden.RAM", Forbidden),
    gateway(Some(403), "Forbedden.NotSupportRAM", Forbidden),
    gateway(Some(403), "NoPermission", Forbidden),
    gateway(Some(403), "Forbidden.RiskControl", Account),
    gateway(Some(403), "Forbidden.Authentication", Account),
    gateway(Some(403), "ActionUnauthorized", Forbidden),
    gateway(Some(403), "InvalidAction", InvalidRequest),
    gateway(Some(403), "UnsupportedHTTPMethod", InvalidRequest),
    gateway(Some(404), "Forbidden.InstanceNotFound", NotFound),
    gateway(Some(400), "InsufficientBalance", Account),
    gateway(Some(404), "InvalidProduct.NotFound", InvalidRequest),
    gateway(Some(404), "InvalidApi.NotFound", InvalidRequest),
    gateway(None, "OperationDenied.DBInstanceStatus", NotReady),
];

/// The codes of the services around RDS: Function Compute (read in the vendor's SDK), KMS, and STS (its
/// page of error codes).
#[rustfmt::skip] // As above.
pub(super) const NEIGHBOURS: [KnownError; 26] = [
    gateway(Some(403), "AccessDenied", Forbidden),
    gateway(Some(404), "FunctionNotFound", InvalidRequest),
    gateway(Some(400), "InvalidArgument", InvalidRequest),
    gateway(Some(429), "ResourceExhausted", Throttled),
    gateway(Some(503), "ResourceThrottled", Throttled),
    gateway(Some(500), "InternalServerError", Unavailable),
    gateway(Some(404), "Forbidden.KeyNotFound", KeyOrRole),
    gateway(Some(404), "Forbidden.ResourceNotFound", KeyOrRole),
    gateway(Some(403), "Forbidden.NoPermission", Forbidden),
    gateway(Some(403), "Forbidden.DKMSInstanceStateInvalid", KeyOrRole),
    gateway(Some(403), "Forbidden.DKMSInstanceNotFound", KeyOrRole),
    gateway(Some(429), "Rejected.Throttling", Throttled),
    gateway(None, "Rejected.Unavailable", Unavailable),
    gateway(None, "AccessDeniedError", Forbidden),
    gateway(None, "DryRunOperationError", InvalidRequest),
    gateway(Some(404), "EntityNotExist.Role", Forbidden),
    gateway(Some(401), "AuthenticationFail.NoPermission", Unauthenticated),
    gateway(Some(401), "AuthenticationFail.OIDCToken.Expired", Unauthenticated),
    gateway(Some(401), "AuthenticationFail.OIDCToken.Invalid", Unauthenticated),
    gateway(Some(401), "AuthenticationFail.OIDCToken.InvalidSignature", Unauthenticated),
    gateway(Some(401), "AuthenticationFail.OIDCToken.AudienceNotMatch", Unauthenticated),
    gateway(Some(401), "AuthenticationFail.OIDCToken.HttpsUrlInvalid", Unauthenticated),
    gateway(Some(400), "InvalidParameter.RoleArn", InvalidRequest),
    gateway(Some(400), "InvalidParameter.RoleSessionName", InvalidRequest),
    gateway(Some(400), "InvalidParameter.DurationSeconds", InvalidRequest),
    gateway(Some(400), "InvalidParameter.PolicyGrammar", InvalidRequest),
];

const fn row(status: u16, code: &'static str, message: &'static str, kind: Kind) -> KnownError {
    KnownError { code, status: Some(status), message, kind }
}

const fn gateway(status: Option<u16>, code: &'static str, kind: Kind) -> KnownError {
    KnownError { code, status, message: "", kind }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_row_of_the_reference_page_is_missing_or_altered() {
        let page = include_str!("../../tests/fixtures/reference-errors.tsv");
        let mut expected = vec!["status\tcode\tmessage".to_owned()];
        expected.extend(REFERENCE.iter().map(|known| {
            let status = known.status.expect("the page prints a status in every row");
            format!("{status}\t{}\t{}", known.code, known.message)
        }));

        assert_eq!(page.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn codes_are_unique() {
        let mut seen = HashSet::new();
        for known in REFERENCE.iter().chain(&GATEWAY).chain(&NEIGHBOURS) {
            assert!(seen.insert(known.code), "{} has two rows", known.code);
        }
    }
}
