//! `policy`: the least that this configuration needs to be allowed, ready to be pasted or rolled out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Unable, print, serve};
use crate::aliyun::ram::{self, Needs, Scope};
use crate::app::Role;
use crate::config::{self, Config, ExternalId};
use crate::env::Env;
use crate::notify::sink::SinkKind;
use crate::policy::Pattern;
use crate::request::ids::AccountId;

pub(super) fn run(env: &Env, for_accounts: bool) -> Result<u8, Unable> {
    let config = config::load(env, serve::beside_the_binary().as_deref())?;
    let document = if for_accounts { account_template(&config)? } else { own_role(&config, env) };
    print::document(&document)?;
    if !for_accounts && config.unread.is_some() {
        print::key_of_secrets();
    }
    Ok(0)
}

/// The policies of the function's own role.
fn own_role(config: &Config, env: &Env) -> Value {
    let account = env.get("FC_ACCOUNT_ID").unwrap_or_else(|| "*".to_owned());
    let mut statements = for_instances(config, &account);
    if config.relay {
        let own = || env.get("FC_FUNCTION_NAME").unwrap_or_else(|| "rds-seal".to_owned());
        let function = config.worker.clone().unwrap_or_else(own);
        let region = env.get("FC_REGION").unwrap_or_else(|| "*".to_owned());
        let resource = format!("acs:fc:{region}:{account}:functions/{function}");
        statements.push(ram::allow(&[ram::TO_WAIT], &[&resource, &format!("{resource}/*")]));
    }
    let names = config.unread.iter().flat_map(|unread| unread.wanted.names());
    let secrets: Vec<String> = names.map(|name| arn(name, env, &account)).collect();
    if !secrets.is_empty() {
        statements.push(ram::allow(&[ram::ON_SECRETS], &secrets));
    }
    let buses: Vec<String> = config.sinks.iter().filter_map(|sink| bus(&sink.kind, &account)).collect();
    if !buses.is_empty() {
        statements.push(ram::allow(&[ram::TO_PUT_EVENTS], &buses));
    }
    if let Some(role) = &config.account_role {
        let accounts = config.rules.accounts.iter().flatten().filter(|other| other.as_str() != account);
        let roles: Vec<String> = accounts.map(|account| role.role.replace("{account}", account.as_str())).collect();
        statements.push(ram::allow(&[ram::TO_ASSUME], &roles));
    }
    let function_compute = json!({"Service": ["fc.aliyuncs.com"]});
    json!({"trust_policy": trust(&function_compute, None), "policy": ram::document(&statements)})
}

/// A secret of KMS as RAM knows it. The form of the resource is inferred from that of KMS's own policies.
fn arn(name: &str, env: &Env, account: &str) -> String {
    if name.starts_with("acs:") {
        return name.to_owned();
    }
    let region = env.get("FC_REGION").unwrap_or_else(|| "*".to_owned());
    format!("acs:kms:{region}:{account}:secret/{name}")
}

/// The bus that a sink puts reports on, if it does. The form of the resource is inferred from that of other services.
fn bus(sink: &SinkKind, account: &str) -> Option<String> {
    let SinkKind::EventBridge(bus) = sink else { return None };
    Some(format!("acs:eventbridge:{}:{account}:eventbus/{}", bus.region, bus.bus))
}

/// A ROS template of the role that each further account needs, for a stack group.
fn account_template(config: &Config) -> Result<Value, Unable> {
    let role = config.account_role.as_ref().ok_or(
        "no role is configured for other accounts: set accounts.role, like \"acs:ram::{account}:role/rds-seal\"",
    )?;
    let name = role.role.rsplit('/').next().unwrap_or_default();
    let condition = (!matches!(role.external_id, ExternalId::None))
        .then(|| json!({"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}));
    let mut parameters = json!({
        "TrustedRole": {
            "Type": "String",
            "Description": "ARN of the role of the function, acs:ram::1234567890123456:role/rds-seal-cn-hangzhou.",
        },
    });
    if condition.is_some() {
        parameters["ExternalId"] = json!({
            "Type": "String",
            "NoEcho": true,
            "Description": "The value of accounts.external_id.",
        });
    }
    let statements: Vec<Value> = for_instances(config, "${ALIYUN::TenantId}").into_iter().map(substituted).collect();
    Ok(json!({
        "ROSTemplateFormatVersion": "2015-09-01",
        "Description": "The role that rds-seal takes on in this account.",
        "Parameters": parameters,
        "Resources": {
            "Role": {
                "Type": "ALIYUN::RAM::Role",
                "Properties": {
                    "RoleName": name,
                    "AssumeRolePolicyDocument": trust(&json!({"RAM": [{"Ref": "TrustedRole"}]}), condition),
                    "Policies": [{"PolicyName": name, "PolicyDocument": ram::document(&statements)}],
                },
            },
        },
    }))
}

/// What is done to instances, and only where the policy lets it be done.
fn for_instances(config: &Config, account: &str) -> Vec<Value> {
    let every = [Pattern::new("*")];
    let patterns = |rule: &Option<Vec<Pattern>>| rule.clone().unwrap_or_else(|| every.to_vec());
    let needs = Needs { listing: true, authorize: config.authorize, only_reads: config.role == Role::Door };
    let (regions, instances) = (patterns(&config.rules.regions), patterns(&config.rules.instances));
    let scopes = regions.iter().flat_map(|region| {
        let scope = move |instance| Scope { account, region: region.as_str(), instance: Pattern::as_str(instance) };
        instances.iter().map(scope)
    });
    ram::statements(&scopes.collect::<Vec<_>>(), &keys(config, account, &regions), needs)
}

/// The keys that may be named, where the policy lets them be used. Of an account that is not known, or stands for several,
/// they are anybody's.
fn keys(config: &Config, account: &str, regions: &[Pattern]) -> Vec<String> {
    let is_one = AccountId::parse(account).is_ok();
    let ours =
        config.keys.named().filter(|(owner, _, _)| !is_one || owner.is_none_or(|owner| owner.as_str() == account));
    let resources = ours.flat_map(|(_, region, id)| {
        let places = match region {
            Some(own) => vec![own.as_str()].into_iter().filter(|own| Pattern::any(regions, own)).collect(),
            None => regions.iter().map(Pattern::as_str).collect::<Vec<_>>(),
        };
        places.into_iter().map(|place| ram::key(account, place, id)).collect::<Vec<_>>()
    });
    let all: BTreeSet<String> = resources.collect();
    all.into_iter().collect()
}

fn trust(principal: &Value, condition: Option<Value>) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal});
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    ram::document(&[statement])
}

/// A statement in which ROS puts the account where it is meant.
fn substituted(mut statement: Value) -> Value {
    for resource in statement["Resource"].as_array_mut().into_iter().flatten() {
        if resource.as_str().is_some_and(|text| text.contains("${")) {
            *resource = json!({"Fn::Sub": resource.take()});
        }
    }
    statement
}
