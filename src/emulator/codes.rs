//! Error codes with their statuses and messages.
//!
//! The reference page's own table is a data file, copied word for word, the vendor's spelling included. The gateway in
//! front of every product has codes of its own, listed here.

/// The page of `EnableBackupEncryption`, updated 2026-04-18 (*documented*): status, code, message.
const REFERENCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/reference-errors.tsv"));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) status: u16,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

/// Codes of the gateway and of RDS as a whole. Codes and statuses are *documented* on the vendor's error pages. *Inferred*
/// are the statuses of `Throttling.Api`, `InvalidSecurityToken.Expired` and `OperationDenied.DBInstanceStatus`, the whole
/// last row, and the wording of the messages.
const GATEWAY: &[Row<'static>] = &[
    row(400, "Throttling", "Request was denied due to request throttling."),
    row(400, "Throttling.User", "Request was denied due to user flow control."),
    row(400, "Throttling.Api", "Request was denied due to api flow control."),
    row(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
    row(500, "InternalError", "The request processing has failed due to some unknown error, exception or failure."),
    row(400, "MissingParameter", "A parameter that is mandatory for processing this request is not supplied."),
    row(400, "InvalidParameter", "The specified parameter is not valid."),
    row(400, "UnsupportedParameter", "The specified parameter is not supported."),
    row(400, "InvalidOwnerId", "The specified owner id is not valid."),
    row(400, "InvalidOwnerAccount", "The specified owner account is not valid."),
    row(400, "InvalidOwner", "The specified owner is not valid."),
    row(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards."),
    row(400, "IllegalTimestamp", "The specified time stamp is not valid."),
    row(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation."),
    row(400, "SignatureNonceUsed", "Specified signature nonce was used already."),
    row(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
    row(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."),
    row(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    row(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
    row(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
    row(
        403,
        "Forbidden.RAM",
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    ),
    row(403, "Forbedden.NotSupportRAM", "This API does not support RAM."),
    row(403, "Forbidden.RiskControl", "This operation is forbidden by Aliyun RiskControl system."),
    row(403, "Forbidden.Authentication", "The account has not passed the real-name authentication."),
    row(403, "NoPermission", "You are not authorized to do this action."),
    row(403, "ActionUnauthorized", "You are not authorized to do this action."),
    row(403, "InvalidAction", "The specified action is not valid."),
    row(403, "UnsupportedHTTPMethod", "This http method is not supported."),
    row(403, "OperationDenied.DBInstanceStatus", "The operation is not permitted due to status of instance."),
    row(404, "Forbidden.InstanceNotFound", "The specified instance is not found."),
    row(400, "InsufficientBalance", "Your account does not have enough balance."),
    row(404, "InvalidProduct.NotFound", "Cannot find product according to your specified domain."),
    row(404, "InvalidApi.NotFound", "Specified api is not found, please check your url and method."),
    row(413, "RequestEntityTooLarge", "The request body is too large."),
];

/// Codes of KMS, of STS and of the operations beside the reference page. Codes are *documented*, the first two messages
/// too; so are the statuses 401, 404 for KMS and 400 for the caller's type. The other statuses and the wording are
/// *inferred*, as are the codes `InvalidParameter.RoleArn` and `InvalidParameter.ExternalId`. The names of the security
/// token's codes are *read in code*.
const SERVICES: &[Row<'static>] = &[
    row(400, "BackupEncryptUnsupportCallerType", "backup encrypt caller type not support."),
    row(400, "InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check."),
    row(400, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed."),
    row(400, "InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/1hr."),
    row(400, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed."),
    row(400, "InvalidParameter.ExternalId", "The parameter ExternalId is wrongly formed."),
    row(404, "EntityNotExist.Role", "The role not exists."),
    row(401, "AuthenticationFail.NoPermission", "This operation is forbidden by permission system."),
    row(401, "AuthenticationFail.OIDCToken.Expired", "The OIDC token has expired."),
    row(401, "AuthenticationFail.OIDCToken.Invalid", "The OIDC token is invalid."),
    row(401, "AuthenticationFail.OIDCToken.InvalidSignature", "The signature of the OIDC token is invalid."),
    row(401, "AuthenticationFail.OIDCToken.AudienceNotMatch", "The audience of the OIDC token does not match."),
    row(401, "AuthenticationFail.OIDCToken.HttpsUrlInvalid", "The issuer of the OIDC token is not a valid HTTPS URL."),
    row(400, "MissingSecurityToken", "SecurityToken is mandatory for this action."),
    row(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."),
    row(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey."),
    row(404, "Forbidden.KeyNotFound", "The specified Key is not found."),
    row(404, "Forbidden.ResourceNotFound", "Resource not found."),
    row(403, "Forbidden.NoPermission", "This operation is forbidden by permission system."),
    row(400, "DryRunOperationError", "Request validation has been passed with DryRun flag set."),
    row(429, "Rejected.Throttling", "Request was denied due to throttling."),
    row(503, "Rejected.Unavailable", "The service is temporarily unavailable."),
    row(409, "Rejected.Disabled", "The request was rejected because the key state is Disabled."),
    row(409, "Rejected.PendingDeletion", "The request was rejected because the key state is PendingDeletion."),
    row(409, "Rejected.PendingImport", "The request was rejected because the key state is PendingImport."),
];

/// FC's own. Codes, statuses and the last one's wording are *documented*; the other words are *inferred*.
const FUNCTIONS: &[Row<'static>] = &[
    row(400, "InvalidArgument", "The argument is invalid."),
    row(403, "AccessDenied", "The caller is not authorized to perform the operation."),
    row(404, "FunctionNotFound", "The function does not exist."),
    row(429, "ResourceExhausted", "The concurrency limit is exceeded."),
    row(503, "ResourceThrottled", "The resource limit is exceeded."),
    row(500, "InternalServerError", "an internal error has occurred. Please retry."),
];

/// The row of a code. Upper and lower case differ: `pay.noCreditCard` is not `Pay.NoCreditCard`.
pub(super) fn find(code: &str) -> Option<Row<'static>> {
    all().find(|row| row.code == code)
}

fn all() -> impl Iterator<Item = Row<'static>> {
    reference().chain(GATEWAY.iter().chain(SERVICES).chain(FUNCTIONS).copied())
}

fn reference() -> impl Iterator<Item = Row<'static>> {
    REFERENCE.lines().skip(1).filter_map(|line| {
        let mut columns = line.splitn(3, '\t');
        Some(row(columns.next()?.parse().ok()?, columns.next()?, columns.next()?))
    })
}

const fn row<'a>(status: u16, code: &'a str, message: &'a str) -> Row<'a> {
    Row { status, code, message }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{all, find, reference};

    #[test]
    fn the_reference_page_has_its_seventy_rows() {
        assert_eq!(reference().count(), 70);
        assert!(reference().all(|row| (400..=599).contains(&row.status) && !row.message.is_empty()));
    }

    #[test]
    fn no_code_is_listed_twice() {
        let mut seen = HashSet::new();
        assert!(all().all(|row| seen.insert(row.code)));
    }

    #[test]
    fn codes_that_differ_by_case_are_different() {
        assert_eq!(find("Pay.NoCreditCard").unwrap().message, "No credit cards.");
        assert_eq!(find("pay.noCreditCard").unwrap().message, "Account not bound to credit card.");
        assert_eq!(find("PAY.NOCREDITCARD"), None);
    }
}
