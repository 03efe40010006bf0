//! The permissions that calls need, in the words of RAM: which action, on what.
//!
//! Resources are those of the reference page of `EnableBackupEncryption` (documented); for its neighbours the same form is
//! inferred, and where a page says that an operation knows no resource, or no page was found, it is `*`.

use serde::Serialize;
use serde_json::{Value, json};

use super::Operation;
use super::eventbridge::PutEvents;
use super::fc::InvokeFunction;
use super::kms::{DescribeKey, GetSecretValue};
use super::rds::{
    AuthorizeBackupEncryption, CheckBackupEncryptionAuthorized, CheckRegionSupportBackupEncryption,
    DescribeBackupPolicy, DescribeBackups, DescribeDBInstanceAttribute, DescribeDBInstances, EnableBackupEncryption,
    ListTagResources,
};
use super::sts::AssumeRole;

/// What is done to one instance, and read about it.
pub const ON_INSTANCES: [&str; 5] = [
    EnableBackupEncryption::RAM_ACTION,
    DescribeDBInstanceAttribute::RAM_ACTION,
    DescribeBackups::RAM_ACTION,
    DescribeBackupPolicy::RAM_ACTION,
    ListTagResources::RAM_ACTION,
];

/// What lists the instances of a region, and so names none of them.
pub const TO_LIST: &str = DescribeDBInstances::RAM_ACTION;

/// What is asked about a region or an account.
pub const ON_ANYTHING: [&str; 2] =
    [CheckRegionSupportBackupEncryption::RAM_ACTION, CheckBackupEncryptionAuthorized::RAM_ACTION];

/// What is read of a key, and what RDS does to it on the caller's behalf: it tags the key (documented in its guide).
pub const ON_KEYS: [&str; 3] = [DescribeKey::RAM_ACTION, "kms:TagResource", "kms:ListResourceTags"];

/// What of these changes something.
const WRITES: [&str; 2] = [EnableBackupEncryption::RAM_ACTION, "kms:TagResource"];

/// What reads a secret, and what KMS needs besides where a key of the customer's own encrypts it (inferred).
pub const ON_SECRETS: &str = GetSecretValue::RAM_ACTION;
pub const ON_KEYS_OF_SECRETS: &str = "kms:Decrypt";

/// What creates the service-linked role.
pub const TO_AUTHORIZE: &str = AuthorizeBackupEncryption::RAM_ACTION;

/// What the creation of any service-linked role depends on (documented in the guide).
pub const TO_CREATE_THE_ROLE: &str = "ram:CreateServiceLinkedRole";

/// What puts a task into our own queue.
pub const TO_WAIT: &str = InvokeFunction::RAM_ACTION;

/// What puts reports on a bus.
pub const TO_PUT_EVENTS: &str = PutEvents::RAM_ACTION;

/// What takes on a role of another account.
pub const TO_ASSUME: &str = AssumeRole::RAM_ACTION;

/// The service that the service-linked role is for (documented).
const SERVICE: &str = "backupencryption.rds.aliyuncs.com";

/// Where the actions on instances and keys are allowed. `*` is anything.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub instance: &'a str,
}

/// What a deployment makes use of beyond the happy path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// The instances of a region are listed.
    pub listing: bool,
    /// The service-linked role may be created.
    pub authorize: bool,
    /// Nothing is changed.
    pub only_reads: bool,
}

impl Scope<'_> {
    /// What an action is allowed on, as narrowly as is known: the instance, the key, or anything where no page names a
    /// resource for it.
    pub fn resource(&self, action: &str, key: Option<&str>) -> String {
        let Self { account, region, instance } = self;
        if ON_INSTANCES.contains(&action) {
            return format!("acs:rds:{region}:{account}:dbinstance/{instance}");
        }
        if action == TO_LIST {
            return format!("acs:rds:{region}:{account}:dbinstance/*");
        }
        if ON_KEYS.contains(&action) {
            return self::key(account, region, key.unwrap_or("*"));
        }
        "*".to_owned()
    }
}

/// A key of a customer's own, or several of them by a pattern. Its form is that of the pages of KMS (documented).
pub fn key(account: &str, region: &str, id: &str) -> String {
    format!("acs:kms:{region}:{account}:key/{id}")
}

/// The statements that let calls through to the instances of some scopes, and no further. `keys` are the resources of the
/// keys that may be named.
pub fn statements(scopes: &[Scope<'_>], keys: &[String], needs: Needs) -> Vec<Value> {
    let resources = |action: &str| {
        let mut all: Vec<String> = scopes.iter().map(|scope| scope.resource(action, None)).collect();
        all.dedup();
        all
    };
    let needed = |actions: &[&'static str]| -> Vec<&'static str> {
        actions.iter().copied().filter(|action| !needs.only_reads || !WRITES.contains(action)).collect()
    };
    let on_instances = needed(&ON_INSTANCES);
    let mut statements =
        vec![allow(&on_instances, &resources(DescribeDBInstanceAttribute::RAM_ACTION)), allow(&ON_ANYTHING, &["*"])];
    if needs.listing {
        statements.push(allow(&[TO_LIST], &resources(TO_LIST)));
    }
    if !keys.is_empty() {
        statements.push(allow(&needed(&ON_KEYS), keys));
    }
    if needs.authorize && !needs.only_reads {
        statements.push(allow(&[TO_AUTHORIZE], &["*"]));
        let mut creation = allow(&[TO_CREATE_THE_ROLE], &["*"]);
        creation["Condition"] = json!({"StringEquals": {"ram:ServiceName": SERVICE}});
        statements.push(creation);
    }
    statements
}

/// One statement that allows actions on resources.
pub fn allow(actions: &[&str], resources: &[impl Serialize]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

/// A policy document.
pub fn document(statements: &[Value]) -> Value {
    json!({"Version": "1", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_policy_fits_what_sts_takes() {
        let scope = Scope {
            account: "12345678901234567890",
            region: "cn-zhangjiakou-na62-a01",
            instance: "rm-bp1q2w3e4r5t6y7u8aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        };
        let key = key(scope.account, scope.region, &"k".repeat(64));
        let policy =
            document(&statements(&[scope], &[key], Needs { listing: true, authorize: true, only_reads: false }))
                .to_string();
        assert!(policy.len() < 2048, "{} characters", policy.len());
        assert!(policy.contains("acs:rds:cn-zhangjiakou-na62-a01:12345678901234567890:dbinstance/rm-"));
    }

    #[test]
    fn an_action_is_allowed_on_no_more_than_it_is_about() {
        let scope = Scope { account: "1", region: "r", instance: "rm-1" };
        for (action, key, resource) in [
            ("rds:EnableBackupEncryption", None, "acs:rds:r:1:dbinstance/rm-1"),
            ("rds:DescribeDBInstances", None, "acs:rds:r:1:dbinstance/*"),
            ("kms:TagResource", Some("key-1"), "acs:kms:r:1:key/key-1"),
            ("kms:TagResource", None, "acs:kms:r:1:key/*"),
            ("rds:CheckBackupEncryptionAuthorized", None, "*"),
            ("rds:AuthorizeBackupEncryption", None, "*"),
        ] {
            assert_eq!(scope.resource(action, key), resource, "{action}");
        }
    }

    #[test]
    fn what_is_not_needed_is_not_allowed() {
        let scope = Scope { account: "1", region: "r", instance: "*" };
        let policy = document(&statements(&[scope], &[], Needs::default())).to_string();
        for unneeded in ["kms:", "ram:", "sts:", "fc:", TO_AUTHORIZE] {
            assert!(!policy.contains(unneeded), "{unneeded}");
        }
        let key = [key("1", "r", "key-1")];
        let needs = Needs { listing: true, authorize: true, only_reads: true };
        let policy = document(&statements(&[scope], &key, needs)).to_string();
        assert!(policy.contains("kms:DescribeKey") && policy.contains("rds:DescribeDBInstanceAttribute"), "{policy}");
        for write in ["rds:Enable", "rds:Authorize", "kms:TagResource", "ram:"] {
            assert!(!policy.contains(write), "{write}");
        }
    }
}
