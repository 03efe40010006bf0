"""Every RPC operation: how it is called well, and what it cannot do without."""

import json
from dataclasses import dataclass, field

from cloud import ACCOUNT, KEY, PROVIDER, REGION, ROLE, SECRET_NAME, TOKEN


@dataclass(frozen=True)
class Operation:
    product: str
    api: str
    name: str
    # The name of the method in the product's SDK.
    method: str
    parameters: dict = field(default_factory=dict)
    # A parameter without which it is refused.
    required: str = ""
    # Something that a good answer says.
    says: str = ""
    anonymous: bool = False

    @property
    def action(self):
        """What RAM calls it."""
        return f"{self.product.lower()}:{self.name}"

    @property
    def denial(self):
        """The code by which it is denied."""
        return "NoPermission" if self.product == "Sts" else "Forbidden.RAM"


def _rds(name, method, parameters, required, says):
    return Operation("Rds", "2014-08-15", name, method, parameters, required, says)


_HERE, _ONE = {"RegionId": REGION}, {"DBInstanceId": "rm-1"}

RDS = [
    _rds("EnableBackupEncryption", "enable_backup_encryption", {"DBInstanceName": "rm-1"}, "DBInstanceName", "rm-1"),
    _rds(
        "CheckRegionSupportBackupEncryption", "check_region_support_backup_encryption", _HERE, "RegionId",
        "SupportBackupEncryption",
    ),
    _rds(
        "CheckBackupEncryptionAuthorized", "check_backup_encryption_authorized", _HERE, "RegionId",
        f"acs:ram::{ACCOUNT}:role/AliyunServiceRoleForRdsBackupEncryption",
    ),
    _rds("AuthorizeBackupEncryption", "authorize_backup_encryption", _HERE, "RegionId", "AuthorizationState"),
    _rds("DescribeDBInstances", "describe_dbinstances", _HERE, "RegionId", "rm-4"),
    _rds("DescribeDBInstanceAttribute", "describe_dbinstance_attribute", _ONE, "DBInstanceId", "Running"),
    _rds("DescribeBackups", "describe_backups", _ONE, "DBInstanceId", "PageRecordCount"),
    _rds("DescribeBackupPolicy", "describe_backup_policy", _ONE, "DBInstanceId", "PreferredNextBackupTime"),
    _rds(
        "ListTagResources", "list_tag_resources", {**_HERE, "ResourceType": "INSTANCE", "ResourceId": ["rm-1", "rm-2"]},
        "ResourceType", "é",
    ),
]
EVENTS = [{"Id": "1", "Source": "seal", "Type": "enabled", "Data": {"é": "a b+c/d=e~f*&%"}}]
# A list is sent as its text.
PUT_EVENTS = Operation(
    "EventBridge", "2020-04-01", "PutEvents", "put_events", {"EventBusName": "audit", "EventList": json.dumps(EVENTS)},
    "EventBusName", "'FailedEntryCount': 0",
)
KMS = [
    Operation("Kms", "2016-01-20", "DescribeKey", "describe_key", {"KeyId": KEY}, "KeyId", "Enabled"),
    Operation(
        "Kms", "2016-01-20", "GetSecretValue", "get_secret_value", {"SecretName": SECRET_NAME}, "SecretName",
        "é+/= ~*&%",
    ),
]
ASSUME_ROLE = Operation(
    "Sts", "2015-04-01", "AssumeRole", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "s@1.a-b_c"}, "RoleArn",
    "assumed-role/sealer/s@1.a-b_c",
)
WHO_AM_I = Operation("Sts", "2015-04-01", "GetCallerIdentity", "get_caller_identity", says=ACCOUNT)
BY_TOKEN = Operation(
    "Sts", "2015-04-01", "AssumeRoleWithOIDC", "assume_role_with_oidc",
    {"RoleArn": ROLE, "OIDCProviderArn": PROVIDER, "OIDCToken": TOKEN, "RoleSessionName": "pod"}, "OIDCToken",
    "assumed-role/sealer/pod", anonymous=True,
)
