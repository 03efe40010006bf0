//! What the services can do here. An operation is a function of the request, its caller and the world; the gateway did
//! all the rest.

mod eventbridge;
mod kms;
mod page;
mod rds;
mod sts;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    ACCOUNT, answer,
    arrival::Arrival,
    backup,
    endpoint::Endpoint,
    functions,
    identities::{self, Caller},
    instance::{DEFAULT_REGION, Instance},
    instances::Instances,
    keys::{Key, State, Usage},
    moment::Moment,
    product::Product,
    refusal::Refusal,
    secrets::Version,
    sinks::Notification,
    world::World,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    EnableBackupEncryption,
    CheckRegionSupportBackupEncryption,
    CheckBackupEncryptionAuthorized,
    AuthorizeBackupEncryption,
    DescribeDBInstances,
    DescribeDBInstanceAttribute,
    DescribeBackups,
    DescribeBackupPolicy,
    ListTagResources,
    DescribeKey,
    GetSecretValue,
    AssumeRole,
    AssumeRoleWithOIDC,
    GetCallerIdentity,
    PutEvents,
    /// FC's only one. It has no parameters and is not run here, see [`super::functions`].
    InvokeFunction,
}

impl Operation {
    pub(super) const ALL: [Self; 16] = [
        Self::EnableBackupEncryption,
        Self::CheckRegionSupportBackupEncryption,
        Self::CheckBackupEncryptionAuthorized,
        Self::AuthorizeBackupEncryption,
        Self::DescribeDBInstances,
        Self::DescribeDBInstanceAttribute,
        Self::DescribeBackups,
        Self::DescribeBackupPolicy,
        Self::ListTagResources,
        Self::DescribeKey,
        Self::GetSecretValue,
        Self::AssumeRole,
        Self::AssumeRoleWithOIDC,
        Self::GetCallerIdentity,
        Self::PutEvents,
        Self::InvokeFunction,
    ];

    /// The operation a request asks for.
    pub(super) fn of(arrival: &Arrival) -> Result<Self, Refusal> {
        let action = arrival.action().ok_or_else(|| Refusal::lacking("Action"))?;
        let version = arrival.version().ok_or_else(|| Refusal::lacking("Version"))?;
        let known = Self::ALL.into_iter().find(|known| known.name() == action && known.product().version() == version);
        known.ok_or_else(|| Refusal::named("InvalidApi.NotFound"))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EnableBackupEncryption => "EnableBackupEncryption",
            Self::CheckRegionSupportBackupEncryption => "CheckRegionSupportBackupEncryption",
            Self::CheckBackupEncryptionAuthorized => "CheckBackupEncryptionAuthorized",
            Self::AuthorizeBackupEncryption => "AuthorizeBackupEncryption",
            Self::DescribeDBInstances => "DescribeDBInstances",
            Self::DescribeDBInstanceAttribute => "DescribeDBInstanceAttribute",
            Self::DescribeBackups => "DescribeBackups",
            Self::DescribeBackupPolicy => "DescribeBackupPolicy",
            Self::ListTagResources => "ListTagResources",
            Self::DescribeKey => "DescribeKey",
            Self::GetSecretValue => "GetSecretValue",
            Self::AssumeRole => "AssumeRole",
            Self::AssumeRoleWithOIDC => "AssumeRoleWithOIDC",
            Self::GetCallerIdentity => "GetCallerIdentity",
            Self::PutEvents => "PutEvents",
            Self::InvokeFunction => "InvokeFunction",
        }
    }

    pub(super) fn product(self) -> Product {
        match self {
            Self::EnableBackupEncryption
            | Self::CheckRegionSupportBackupEncryption
            | Self::CheckBackupEncryptionAuthorized
            | Self::AuthorizeBackupEncryption
            | Self::DescribeDBInstances
            | Self::DescribeDBInstanceAttribute
            | Self::DescribeBackups
            | Self::DescribeBackupPolicy
            | Self::ListTagResources => Product::Rds,
            Self::DescribeKey | Self::GetSecretValue => Product::Kms,
            Self::AssumeRole | Self::AssumeRoleWithOIDC | Self::GetCallerIdentity => Product::Sts,
            Self::PutEvents => Product::EventBridge,
            Self::InvokeFunction => Product::Fc,
        }
    }

    /// Whether it is called without a signature (*documented*).
    pub(super) fn is_anonymous(self) -> bool {
        self == Self::AssumeRoleWithOIDC
    }

    /// What RAM calls it. Those of the write, of authorization and of STS are *documented*, the rest is *inferred*.
    pub(super) fn action(self) -> String {
        format!("{}:{}", self.product().name(), self.name())
    }

    /// What RAM calls the thing it is about.
    pub(super) fn resource(
        self,
        arrival: &Arrival,
        caller: &Caller,
        endpoint: &Endpoint,
        instances: &Instances,
    ) -> String {
        let account = &caller.account;
        let asked = arrival.parameter("RegionId").unwrap_or(DEFAULT_REGION);
        let region = endpoint.region().or_else(|| instances.region(arrival.instance()?, endpoint, account));
        let region = region.unwrap_or(asked);
        match self {
            Self::CheckBackupEncryptionAuthorized | Self::AuthorizeBackupEncryption | Self::GetCallerIdentity => {
                "*".to_owned()
            }
            Self::AssumeRole | Self::AssumeRoleWithOIDC => arrival.parameter("RoleArn").unwrap_or("*").to_owned(),
            Self::DescribeKey => {
                format!("acs:kms:{region}:{account}:key/{}", arrival.key().unwrap_or("*"))
            }
            Self::GetSecretValue => match arrival.parameter("SecretName") {
                Some(arn) if arn.starts_with("acs:kms:") => arn.to_owned(),
                name => format!("acs:kms:{region}:{account}:secret/{}", name.unwrap_or("*")),
            },
            Self::PutEvents => {
                format!("acs:eventbridge:{region}:{account}:eventbus/{}", eventbridge::bus(arrival).unwrap_or("*"))
            }
            Self::InvokeFunction => {
                format!("acs:fc:{region}:{account}:functions/{}", functions::name(arrival).unwrap_or("*"))
            }
            Self::ListTagResources => {
                let named: Vec<&str> = arrival.numbered("ResourceId", "").collect();
                let one = if let [one] = named[..] { one } else { "*" };
                format!("acs:rds:{region}:{account}:dbinstance/{one}")
            }
            Self::EnableBackupEncryption
            | Self::CheckRegionSupportBackupEncryption
            | Self::DescribeDBInstances
            | Self::DescribeDBInstanceAttribute
            | Self::DescribeBackups
            | Self::DescribeBackupPolicy => {
                format!("acs:rds:{region}:{account}:dbinstance/{}", arrival.instance().unwrap_or("*"))
            }
        }
    }

    /// Carries it out and returns the answer's own fields.
    pub(super) fn run(self, call: &mut Invocation<'_>) -> Result<Value, Refusal> {
        match self {
            Self::EnableBackupEncryption => rds::enable::run(call),
            Self::CheckRegionSupportBackupEncryption => rds::region::run(call),
            Self::CheckBackupEncryptionAuthorized => rds::authorization::check(call),
            Self::AuthorizeBackupEncryption => rds::authorization::grant(call),
            Self::DescribeDBInstances => rds::list::run(call),
            Self::DescribeDBInstanceAttribute => rds::attribute::run(call),
            Self::DescribeBackups => rds::backups::list(call),
            Self::DescribeBackupPolicy => rds::backups::policy(call),
            Self::ListTagResources => rds::tags::run(call),
            Self::DescribeKey => kms::describe(call),
            Self::GetSecretValue => kms::secret_value(call),
            Self::AssumeRole => sts::assume_role::run(call),
            Self::AssumeRoleWithOIDC => sts::oidc::run(call),
            Self::GetCallerIdentity => sts::caller::run(call),
            Self::PutEvents => eventbridge::put(call),
            Self::InvokeFunction => Err(Refusal::named("InvalidApi.NotFound")),
        }
    }
}

/// One operation's surroundings.
pub(super) struct Invocation<'a> {
    pub(super) arrival: &'a Arrival,
    pub(super) endpoint: &'a Endpoint,
    pub(super) caller: Option<&'a Caller>,
    pub(super) world: &'a mut World,
    pub(super) now: Timestamp,
}

impl<'a> Invocation<'a> {
    fn required(&self, parameter: &str) -> Result<&'a str, Refusal> {
        self.arrival.parameter(parameter).ok_or_else(|| Refusal::missing(parameter))
    }

    /// Who signed.
    fn caller(&self) -> Result<&'a Caller, Refusal> {
        self.caller.ok_or_else(|| Refusal::lacking("AccessKeyId"))
    }

    /// The account all happens in.
    fn account(&self) -> &'a str {
        self.caller.map_or(ACCOUNT, |caller| &caller.account)
    }

    /// The region that `RegionId` names, if the endpoint reaches it.
    fn region(&self) -> Result<&'a str, Refusal> {
        let region = self.required("RegionId")?;
        if self.endpoint.sees(region) { Ok(region) } else { Err(Refusal::named("InvalidRegion.NotFound")) }
    }

    /// The instance that this parameter names.
    fn instance(&mut self, parameter: &str) -> Result<&mut Instance, Refusal> {
        let (id, account) = (self.required(parameter)?, self.account());
        let instances = &mut self.world.instances;
        instances.appear(id, self.endpoint.region(), account, self.now);
        let found = instances.touch(id, self.endpoint, account, self.now);
        found.ok_or_else(|| Refusal::named("InvalidDBInstanceId.NotFound"))
    }
}
