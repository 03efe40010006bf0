//! Every error code we know of, one row each: what it means for us and what a person can do about it.
//!
//! [`REFERENCE`] is the table of the vendor's reference page of `EnableBackupEncryption` (API 2014-08-15,
//! Japanese edition, updated 2026-04-18), status, code and message as printed there, misspellings included.
//! Many of its rows speak of orders, disks or restores; it looks like a pool that several operations share, and
//! a row that seems to belong to another one says so in its next step.
//!
//! [`GATEWAY`] adds what the vendor documents for any call, read 2026-11-24: RDS's common error table (help id
//! 26313), the common errors of the `OpenAPI` gateway (434846) and of STS (42775). `ServiceUnavailable`,
//! `InternalError` and `NoPermission` are known from tables of other products, `OperationDenied.DBInstanceStatus`
//! from the vendor's Terraform provider. A status on which no source is clear is absent; no message is kept,
//! because these differ between products.
//!
//! Kinds and next steps are ours. Codes are compared case-sensitively: `pay.noCreditCard` and `Pay.NoCreditCard`
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
    /// One thing a person can do now.
    pub next_step: &'static str,
}

/// The 70 rows of the reference page, in its order.
#[rustfmt::skip] // Two lines a row: what the service says, then what to do.
pub(super) const REFERENCE: [KnownError; 70] = [
    row(400, "BackupEncryptionAlreadyEnabled", "backup encryption already enabled.", AlreadyEnabled,
        "Do nothing: backup encryption is on, and its key can be neither read back nor changed."),
    row(400, "BackupGetAkError", "An error occurred while backing up the access key.", KeyOrRole,
        "Check that the role AliyunServiceRoleForRdsBackupEncryption exists; if not, call AuthorizeBackupEncryption once for the region, then repeat the request."),
    row(400, "TagKmsKeyError", "The KMS key is invalid.", KeyOrRole,
        "Name an enabled symmetric key of the same account and region, and grant the caller kms:TagResource and kms:ListResourceTags."),
    row(400, "BackupEncryptCreateKeyError", "Backup encrypt create service key error", KeyOrRole,
        "Check that KMS is activated in the region and repeat the request, or name a key of your own, which is then final."),
    row(400, "Order.ComboInstanceNotAllowOperate", "A package instance is not allowed to operate independently.", Unsupported,
        "Make the change through the package that this instance belongs to, or leave the instance out."),
    row(400, "Price.PricingPlanResultNotFound", "Pricing plan price result not found.", Service,
        "Open a ticket with the request id: the ordering system found no price, which does not look like a fault of the request."),
    row(400, "Order.NoRealNameAuthentication", "You have not passed the real-name authentication and do not meet the purchase conditions. Please log in to the user center for real-name authentication.", Account,
        "Complete the real-name verification of the account, then repeat the request."),
    row(400, "InsufficientAvailableQuota", "Your account quota limit is less than 0, please recharge before trying to purchase.", Account,
        "Top up the account, whose credit is below zero, then repeat the request."),
    row(400, "CommodityServiceCalling.Exception", "Failed to call commodity service.", Unavailable,
        "Wait and repeat the request; if the ordering backend keeps failing, open a ticket with the request id."),
    row(400, "RegionDissolvedEOM", "Dear customer, Alibaba Cloud plans to optimize and adjust the current region. Cloud services in this region will cease operations. You are currently unable to operate new purchase orders. Thank you for your understanding and support.", Unsupported,
        "Move the instance to another region or leave it out: this region is being closed."),
    row(400, "Commodity.InvalidComponent", "The module you purchased is not legal, please buy it again.", Account,
        "Check the subscription of the instance; if it looks right, open a ticket with the request id, because an ordering rule refused."),
    row(400, "RegionEndTimeDissolvedAustralia", "Cloud services in the Australia (Sydney) region will be discontinued. Set the validity date to September 30, 2024 or earlier than September 30, 2024.", Unsupported,
        "Leave this instance out: the Sydney region has been discontinued."),
    row(400, "Price.CommoditySys", "Commodity system call exception.", Unavailable,
        "Wait and repeat the request; if the pricing backend keeps failing, open a ticket with the request id."),
    row(400, "Pay.InsufficientBalance", "Insufficient available balance.", Account,
        "Add funds to the account, then repeat the request."),
    row(400, "Order.PeriodInvalid", "There is a problem with the period you selected, please choose again.", Account,
        "Check the order of the instance; if it looks right, open a ticket with the request id, because the request names no period."),
    row(400, "pay.noCreditCard", "Account not bound to credit card.", Account,
        "Bind a credit card to the account, then repeat the request."),
    row(400, "Order.InstHasUnpaidOrder", "There is an unpaid order for the service you have purchased. Please pay or void it before placing the order.", Account,
        "Pay or cancel the open order of the instance, then repeat the request."),
    row(400, "noAvailablePaymentMethod", "No payment method is specified for your account. We recommend that you add a payment method.", Account,
        "Add a payment method to the account, then repeat the request."),
    row(400, "BasicInfoUncompleted", "Your information is incomplete. Complete your information before the operation.", Account,
        "Complete the profile of the account, then repeat the request."),
    row(400, "Risk.RiskControlRejection", "Your account is abnormal, please contact customer service for details.", Account,
        "Ask Alibaba Cloud support why risk control blocks the account, and give the request id."),
    row(400, "Api.NotSupport", "Specified api is not supported.", Unsupported,
        "Leave this instance out or try the console: the operation does not seem to be offered for this instance or region."),
    row(400, "ContainForbiddenLabelError", "There is a label that prohibits placing orders. Please contact your distributor for assistance.", Account,
        "Ask the distributor of the account to lift the label that forbids orders."),
    row(400, "InvalidDBInstanceId.NotFound", "The DBInstanceId provided does not exist in records.", NotFound,
        "Check the instance id, the region and the account; if the instance was created minutes ago, it may not be visible yet."),
    row(400, "InvalidInstanceLevel.DiskType", "Specified instance level not support request disk type", Unsupported,
        "Change the class or the disk type of the instance, or leave it out: the two do not go together for this feature."),
    row(400, "InvalidParam", "Sepcified wal level Parameter is invalid. There are still logical slots in instance, so it can not be set as replica.", InvalidRequest,
        "Open a ticket with the request id: a message about WAL level and logical slots looks as if it belongs to another operation."),
    row(400, "KmsApiError", "User secret key invalid.", KeyOrRole,
        "Check that KMS is activated and that the named key exists, is enabled and is in the region of the instance."),
    row(400, "System.SaleValidateFailed", "Sales expression validation system error.", Service,
        "Open a ticket with the request id: a check of the ordering system failed, which does not look like a fault of the request."),
    row(400, "Abs.InvalidAccount.NotFound", "account is not found.", Service,
        "Check which account the credentials belong to; if it is the right one, open a ticket with the request id."),
    row(400, "SqlExecuteFailedOrTimeout", "sql command execution failed or timed out:%s.", Unavailable,
        "Repeat the request when the instance is less busy: this attempt may have applied, and repeating it is safe."),
    row(400, "ColdData.EngineVersionNotSupport", "The current instance engine version not support coldDataEnabled.", Unsupported,
        "Check the engine version; if it is current, open a ticket with the request id, because a cold-data rule looks out of place here."),
    row(400, "ColdData.MinorVersionNotSupport", "The current instance minor version not support coldDataEnabled.", Unsupported,
        "Update the minor engine version; if that changes nothing, open a ticket with the request id, because a cold-data rule looks out of place."),
    row(400, "IncorrectTargetClasscode", "The current instance type does not support this operation.", Unsupported,
        "Change the class of the instance, or leave it out."),
    row(400, "InvalidConnectionString.Duplicate", "Specified connection string already exists in the RDS.", InvalidRequest,
        "Open a ticket with the request id: the request names no connection string, so the code looks as if it belongs to another operation."),
    row(400, "RequiredParam.NotFound", "Required input param is not found.", InvalidRequest,
        "Check that the request names an instance; if it does, open a ticket with the request id."),
    row(400, "Parameters.Invalid", "Parameter error, please check the parameters.", InvalidRequest,
        "Check the instance id and the key id for typing errors."),
    row(400, "BackupPolicyNotSupport", "Cold Data won't open with CrossBackup or Flash Backup, please check Backup Policy.", Unsupported,
        "Review cold data, cross-region backup and flash backup in the backup policy, because one of them may stand in the way."),
    row(400, "InvalideStatus.Format", "The instance status does not support this operation.", NotReady,
        "Wait until the instance is Running, or start it if it is stopped, then repeat the request."),
    row(400, "InvalidReleasedKeepPolicy.Format", "Specified Released Keep Policy is not valid.", InvalidRequest,
        "Open a ticket with the request id: the request sets no retention policy, so the code looks as if it belongs to another operation."),
    row(400, "InvalidDBInstanceEngineType.Format", "the DB instance engine type does not support this operation.", Unsupported,
        "Leave this instance out: the service refuses backup encryption for its engine."),
    row(400, "Pay.NoCreditCard", "No credit cards.", Account,
        "Bind a credit card to the account, then repeat the request."),
    row(400, "VpcNetworkTypeNotSupport", "The vpc network type instance does not support this operation.", Unsupported,
        "Leave this instance out, or open a ticket with the request id to learn why a VPC instance is refused."),
    row(400, "MirrorInsExists", "Specified DB instance mirror ins already existed.", NotReady,
        "Wait until the migration or upgrade that seems to be under way has ended, then repeat the request."),
    row(400, "UnsupportedClassCode", "The specified DB instance class stops selling.", Unsupported,
        "Change the instance to a class that is still sold, then repeat the request."),
    row(400, "InvalidBackupSet", "The specified database does not exist in the backup set.", Service,
        "Open a ticket with the request id: the request names no backup set, so the code looks as if it belongs to a restore."),
    row(400, "OrdTCommodityQueryError", "Failed to query for product.", Unavailable,
        "Wait and repeat the request; if the product query keeps failing, open a ticket with the request id."),
    row(400, "ProductInstanceReleased", "The instance has been released. Please check before placing the order.", NotFound,
        "Take this instance off your list: it has been released."),
    row(400, "RegionEndTimeDissolvedIndia", "The region is no longer supported.", Unsupported,
        "Leave this instance out: its region is no longer supported."),
    row(500, "ExternalFailure", "The request processing has failed due to external service failure.", Unavailable,
        "Wait and repeat the request, which is safe; if the failure lasts, open a ticket with the request id."),
    row(500, "RequestMetaDataFailed", "The service request failed. Please try again later or contact service personnel.", Unavailable,
        "Wait and repeat the request, which is safe; if it keeps failing, open a ticket with the request id."),
    row(500, "InvokeProxyFailure", "The request processing has failed due to service failure of rds api.", Unavailable,
        "Wait and repeat the request, which is safe; if RDS keeps failing internally, open a ticket with the request id."),
    row(403, "IncorrectEngineVersion", "Current engine version does not support operations.", Unsupported,
        "Upgrade the engine version of the instance, or leave it out."),
    row(403, "IncorrectDBInstanceState", "Current DB instance state does not support this operation.", NotReady,
        "Wait until the instance is Running, or start it if it is stopped, then repeat the request."),
    row(403, "BackupEncryptUnsupportRegion", "backup encrypt unsupport region.", Unsupported,
        "Leave this instance out: the service does not offer backup encryption in its region."),
    row(403, "OrderStatus.UnPaid", "The specified db instance has unpaid order.", Account,
        "Pay or cancel the open order of the instance, then repeat the request."),
    row(403, "InvalidReduceDiskSize", "The storage capacity after the scale-down must be larger than the used amount.", InvalidRequest,
        "Open a ticket with the request id: the request shrinks no disk, so the code looks as if it belongs to another operation."),
    row(403, "CloudSSDNotSupport", "Cloud ssd does not support this operation, please upgrade to essd.", Unsupported,
        "Move the instance from standard SSD to ESSD, but check first: the MySQL guide documents Premium Local SSD only."),
    row(403, "InvalidUserOperatorPermission", "The user permission does not support this operation.", Forbidden,
        "Grant the caller rds:EnableBackupEncryption on the instance, then repeat the request."),
    row(403, "InvalidVswitchId", "Specified conn vswitch id is not valid.", InvalidRequest,
        "Open a ticket with the request id: the request names no vSwitch, so the code looks as if it belongs to another operation."),
    row(403, "IncorrectMinorVersion", "Current engine minor version does not support operations.", Unsupported,
        "Update the minor engine version of the instance, then repeat the request."),
    row(403, "OperationDenied.ZoneResource", "There is no available zone for inventory.", Service,
        "Repeat the request another day; if it is refused again, open a ticket with the request id, because stock looks out of place here."),
    row(403, "NotInFlowController", "Sorry,no permission.", Forbidden,
        "Ask Alibaba Cloud support to open backup encryption to the account, which may be missing from an allow list."),
    row(403, "InvalidKmsKey", "Kms key is disabled.", KeyOrRole,
        "Enable the key in KMS, or name another key in the knowledge that the first one to work is final."),
    row(403, "InvalidInstanceLevel.Malformed", "Current DB instance level does not support this operation.", Unsupported,
        "Change the edition or class, or leave the instance out: the MySQL guide documents High-availability Edition on Premium Local SSD."),
    row(404, "InvalidBackupPolicy.NotFound", "Backup Policy not exist.", NotReady,
        "Wait until the instance is Running; if it is already, set a backup policy, then repeat the request."),
    row(404, "InvalidRegion.NotFound", "Specified Region does not exist in RDS.", InvalidRequest,
        "Check the region of the request and the configured endpoint."),
    row(404, "BackupAkProvenNotFound", "backup ak proven not found", KeyOrRole,
        "Create the role AliyunServiceRoleForRdsBackupEncryption by calling AuthorizeBackupEncryption once for the region, then repeat the request."),
    row(404, "InvalidDBInstance.NotFound", "Specified instance does not exist or not support.", NotFound,
        "Check the instance id, the region and the account; if all are right, the instance may be of a type that is not supported."),
    row(404, "InvalidClusterKms", "The current instance does not authorized to access the Key Management Service.", KeyOrRole,
        "Create the role AliyunServiceRoleForRdsBackupEncryption by calling AuthorizeBackupEncryption once for the region, then repeat the request."),
    row(404, "Request.NotFound", "The requested resource is not available.", InvalidRequest,
        "Check the instance id and the configured endpoint; if both are right, open a ticket with the request id."),
    row(404, "HostInfo.NotFound", "The specified host info is not found.", NotFound,
        "Wait until the instance is fully created and repeat the request; if that changes nothing, open a ticket with the request id."),
];

/// Codes the `OpenAPI` gateway and RDS's common table add.
#[rustfmt::skip] // As above.
pub(super) const GATEWAY: [KnownError; 34] = [
    gateway(Some(400), "Throttling", Throttled,
        "Wait and repeat the request, and spread a large batch over more time."),
    gateway(Some(400), "Throttling.User", Throttled,
        "Lower the rate of API calls, then repeat the request."),
    gateway(None, "Throttling.Api", Throttled,
        "Lower the rate of calls to this operation, then repeat the request."),
    gateway(Some(503), "ServiceUnavailable", Unavailable,
        "Wait and repeat the request, which is safe."),
    gateway(Some(500), "InternalError", Unavailable,
        "Wait and repeat the request, which is safe; if it keeps failing, open a ticket with the request id."),
    gateway(Some(400), "MissingParameter", InvalidRequest,
        "Check that the request names an instance and a region; if it does, report the message as a fault of rds-seal."),
    gateway(Some(400), "InvalidParameter", InvalidRequest,
        "Check the instance id, the region and the key id for typing errors."),
    gateway(Some(400), "UnsupportedParameter", InvalidRequest,
        "Report the message as a fault of rds-seal, which sent a parameter that the service does not take."),
    gateway(Some(400), "InvalidOwnerId", InvalidRequest,
        "Open a ticket with the request id: rds-seal sends no owner, so none can be wrong."),
    gateway(Some(400), "InvalidOwnerAccount", InvalidRequest,
        "Open a ticket with the request id: rds-seal sends no owner account, so none can be wrong."),
    gateway(Some(400), "InvalidOwner", InvalidRequest,
        "Open a ticket with the request id: rds-seal sends no owner, so none can be wrong."),
    gateway(Some(400), "IncompleteSignature", Unauthenticated,
        "Check that access key id and secret are complete, and that no proxy alters the request."),
    gateway(Some(400), "IllegalTimestamp", Unauthenticated,
        "Check the clock of the host, and that no proxy alters the request."),
    gateway(Some(400), "SignatureDoesNotMatch", Unauthenticated,
        "Check that the secret belongs to the access key id and holds no stray blank, and that no proxy alters the request."),
    gateway(Some(400), "SignatureNonceUsed", Unauthenticated,
        "Repeat the request, which is safe: its nonce was seen before, so an earlier attempt may have applied."),
    gateway(Some(400), "InvalidTimeStamp.Expired", Unauthenticated,
        "Set the clock of the host: the time of a request may be at most 15 minutes off."),
    gateway(Some(400), "InvalidTimeStamp.Format", Unauthenticated,
        "Report the message as a fault of rds-seal, whose time stamp the service could not read."),
    gateway(Some(404), "InvalidAccessKeyId.NotFound", Unauthenticated,
        "Check the access key id, which may be mistyped, deleted, or a temporary one sent without its security token."),
    gateway(Some(400), "InvalidAccessKeyId.Inactive", Unauthenticated,
        "Enable the access key in RAM, or use another one."),
    gateway(None, "InvalidSecurityToken.Expired", Unauthenticated,
        "Renew the temporary credentials and repeat the request; on Function Compute a fresh instance should bring new ones."),
    gateway(None, "MissingSecurityToken", Unauthenticated,
        "Set the security token that belongs to the temporary access key."),
    gateway(Some(403), "Forbidden.RAM", Forbidden,
        "Grant the caller the RAM action of the refused operation; to turn on backup encryption that is rds:EnableBackupEncryption."),
    gateway(Some(403), "Forbedden.NotSupportRAM", Forbidden,
        "Ask the owner of the account to make this call, which does not seem to be open to RAM users and roles."),
    gateway(Some(403), "NoPermission", Forbidden,
        "Grant the caller the RAM action of the refused operation; for a role to be assumed, check its trust policy too."),
    gateway(Some(403), "Forbidden.RiskControl", Account,
        "Ask Alibaba Cloud support why risk control blocks the operation, and give the request id."),
    gateway(Some(403), "Forbidden.Authentication", Account,
        "Check the real-name verification of the account, then repeat the request."),
    gateway(Some(403), "ActionUnauthorized", Forbidden,
        "Ask Alibaba Cloud support whether the operation is open to the account, and give the request id."),
    gateway(Some(403), "InvalidAction", InvalidRequest,
        "Check the configured endpoint, which does not seem to know the operation."),
    gateway(Some(403), "UnsupportedHTTPMethod", InvalidRequest,
        "Check that no proxy alters the request; if none does, report the message as a fault of rds-seal."),
    gateway(Some(404), "Forbidden.InstanceNotFound", NotFound,
        "Check the instance id, the region and the account; if the instance was created minutes ago, it may not be visible yet."),
    gateway(Some(400), "InsufficientBalance", Account,
        "Add funds to the account, then repeat the request."),
    gateway(Some(404), "InvalidProduct.NotFound", InvalidRequest,
        "Check the configured endpoint, which does not seem to serve the product of this call."),
    gateway(Some(404), "InvalidApi.NotFound", InvalidRequest,
        "Check the configured endpoint, which does not seem to offer this operation in this version."),
    gateway(None, "OperationDenied.DBInstanceStatus", NotReady,
        "Wait until the instance is Running, or start it if it is stopped, then repeat the request."),
];

/// The codes of the services around RDS: Function Compute (read in the vendor's SDK), KMS, and STS (its
/// page of error codes).
#[rustfmt::skip] // Two lines a row, as above.
pub(super) const NEIGHBOURS: [KnownError; 18] = [
    gateway(Some(403), "AccessDenied", Forbidden,
        "Allow fc:InvokeFunction on this function for its own role."),
    gateway(Some(404), "FunctionNotFound", InvalidRequest,
        "Check the name and the region of the function."),
    gateway(Some(400), "InvalidArgument", InvalidRequest,
        "Report the message as a fault of rds-seal, which sent what Function Compute does not take."),
    gateway(Some(429), "ResourceExhausted", Throttled,
        "Wait, or raise the limit of the function's instances."),
    gateway(Some(503), "ResourceThrottled", Throttled,
        "Wait, or raise the limit of the function's instances."),
    gateway(Some(500), "InternalServerError", Unavailable,
        "Wait and repeat the request, which is safe."),
    gateway(Some(404), "Forbidden.KeyNotFound", KeyOrRole,
        "Check the key's id, its region and its account."),
    gateway(Some(404), "EntityNotExist.Role", Forbidden,
        "Create the role in the account of the instance, or correct its name in the configuration."),
    gateway(Some(401), "AuthenticationFail.NoPermission", Unauthenticated,
        "Let the trust policy of the role name the identity provider, and the audience and subject of its token."),
    gateway(Some(401), "AuthenticationFail.OIDCToken.Expired", Unauthenticated,
        "Check that whoever writes the token file still renews it."),
    gateway(Some(401), "AuthenticationFail.OIDCToken.Invalid", Unauthenticated,
        "Check that the token file holds the token of the identity provider and nothing else."),
    gateway(Some(401), "AuthenticationFail.OIDCToken.InvalidSignature", Unauthenticated,
        "Check that the provider's keys are those that RAM fetches from its issuer URL."),
    gateway(Some(401), "AuthenticationFail.OIDCToken.AudienceNotMatch", Unauthenticated,
        "Add the token's audience to the client ids of the identity provider in RAM."),
    gateway(Some(401), "AuthenticationFail.OIDCToken.HttpsUrlInvalid", Unauthenticated,
        "Give the identity provider in RAM an issuer URL that it can fetch over https."),
    gateway(Some(400), "InvalidParameter.RoleArn", InvalidRequest,
        "Write the role as acs:ram::{account}:role/name."),
    gateway(Some(400), "InvalidParameter.RoleSessionName", InvalidRequest,
        "Write a session name of 2 to 64 letters, digits and .@-_."),
    gateway(Some(400), "InvalidParameter.DurationSeconds", InvalidRequest,
        "Raise the longest session of the role to one hour."),
    gateway(Some(400), "InvalidParameter.PolicyGrammar", InvalidRequest,
        "Report the message as a fault of rds-seal, which wrote the policy of the session."),
];

const fn row(
    status: u16,
    code: &'static str,
    message: &'static str,
    kind: Kind,
    next_step: &'static str,
) -> KnownError {
    KnownError { code, status: Some(status), message, kind, next_step }
}

const fn gateway(status: Option<u16>, code: &'static str, kind: Kind, next_step: &'static str) -> KnownError {
    KnownError { code, status, message: "", kind, next_step }
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

    #[test]
    fn every_next_step_is_one_sentence() {
        for KnownError { code, next_step, .. } in REFERENCE.iter().chain(&GATEWAY).chain(&NEIGHBOURS) {
            assert!(next_step.len() > 1 && next_step.len() <= 200, "{code}: {} characters", next_step.len());
            assert!(next_step.ends_with('.') && !next_step.contains(". "), "{code}: not one sentence");
            assert!(next_step.is_ascii(), "{code}: not ASCII");
        }
    }
}
