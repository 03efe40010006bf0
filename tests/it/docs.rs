//! What is written down is held to the code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rds_seal::aliyun::ram;
use rds_seal::config::{self, VARIABLES};
use rds_seal::env::Env;
use rds_seal::outcome::Report;
use serde_json::{Value, json};

use crate::world::{World, request};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}

fn report_schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    serde_json::to_value(settings.into_generator().into_root_schema_for::<Report>()).unwrap()
}

/// Set `REWRITE_DOCS` to write the file anew from the types.
#[test]
fn the_schema_of_a_report_is_that_of_its_types() {
    let now = serde_json::to_string_pretty(&report_schema()).unwrap() + "\n";
    if std::env::var("REWRITE_DOCS").is_ok() {
        std::fs::write(file("docs/report.schema.json"), &now).unwrap();
    }
    assert!(
        read("docs/report.schema.json") == now,
        "docs/report.schema.json is stale: run the test with REWRITE_DOCS=1"
    );
}

#[tokio::test]
async fn every_kind_of_report_fits_the_schema() {
    let schema = jsonschema::validator_for(&serde_json::from_str(&read("docs/report.schema.json")).unwrap()).unwrap();
    let world = World::start().await;
    let plan = json!({"instance": "rm-demo1", "region": "cn-hangzhou", "mode": "plan"}).to_string();
    let foreign = json!({"instance": "rm-demo1", "region": "cn-hangzhou", "account": "6543210987654321"}).to_string();
    let mut outcomes = BTreeSet::new();
    for body in [request("rm-demo1"), request("rm-demo1"), plan, foreign, request("rm-absent")] {
        let told = world.deliver(body).await;
        outcomes.insert(told.outcome().to_owned());
        let errors: Vec<_> = schema.iter_errors(told.report()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert_eq!(outcomes.len(), 5);
    assert!(!schema.is_valid(&json!({"schema": "rds-seal.report/1"})), "the schema is no formality");
}

/// Rows of the configuration table of the README, as key and variable.
fn documented() -> Vec<(String, String)> {
    let readme = read("README.md");
    let table = readme.split("| key | variable |").nth(1).unwrap().split("\n\n").next().unwrap();
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let rows = table.lines().skip(2).map(|line| line.split('|').skip(1).take(2).map(cell).collect::<Vec<_>>());
    rows.map(|row| (row[0].clone(), row[1].clone())).collect()
}

/// Every key that the file may hold, as a dotted path, from the types that read it.
fn keys(schema: &Value, root: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    let resolved = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let Some(properties) = resolved["properties"].as_object() else { return };
    for (name, property) in properties {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let inner = if property["items"].is_object() { &property["items"] } else { property };
        let before = found.len();
        keys(inner, root, &path, found);
        if found.len() == before || property["items"].is_object() {
            found.insert(path);
        }
    }
}

pub(crate) fn every_key() -> BTreeSet<String> {
    let schema = serde_json::to_value(config::schema()).unwrap();
    let mut known = BTreeSet::new();
    keys(&schema, &schema, "", &mut known);
    known
}

#[test]
fn the_readme_lists_every_key_and_variable_and_no_other() {
    let known = every_key();
    let documented = documented();
    let listed: BTreeSet<String> =
        documented.iter().map(|(key, _)| key.clone()).filter(|key| !key.is_empty()).collect();
    assert_eq!(listed, known);

    let listed: BTreeMap<&str, &str> = documented
        .iter()
        .filter(|(_, name)| !name.is_empty())
        .map(|(key, name)| (name.as_str(), key.as_str()))
        .collect();
    let known: BTreeMap<&str, &str> = VARIABLES.iter().map(|(name, key)| (*name, key.trim_matches('-'))).collect();
    assert_eq!(listed, known);
}

/// What a template says, comments left out.
pub(crate) fn template() -> String {
    let text = read("template.yml");
    text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_template_gives_more_time_than_the_function_takes() {
    let config = config::load(&Env::fixed([]), None).unwrap();
    let template = template();
    let timeouts: Vec<u64> = template
        .lines()
        .filter_map(|line| line.strip_prefix("      Timeout: "))
        .map(|it| it.parse().unwrap())
        .collect();
    assert_eq!(timeouts.len(), 3, "one for each function");
    assert!(timeouts.iter().all(|timeout| config.timeout.as_secs() < *timeout));
}

#[test]
fn the_template_listens_to_the_calls_that_the_function_follows() {
    let config = config::load(&Env::fixed([]), None).unwrap();
    let template = template();
    let list = template.split("eventName: [").nth(1).unwrap().split(']').next().unwrap();
    let listened: BTreeSet<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    assert_eq!(listened, config.event_door.creating_calls);
}

#[test]
fn the_template_sets_only_variables_that_exist() {
    let template = template();
    let set = template.split_whitespace().filter(|word| word.starts_with("SEAL_")).map(|word| word.trim_matches(':'));
    for name in set {
        assert!(VARIABLES.iter().any(|(known, _)| *known == name), "{name}");
    }
}

#[test]
fn every_action_that_the_code_can_call_is_in_the_policy_it_prints() {
    let sources = crate::architecture::sources();
    let of_the_client = sources.iter().filter(|(module, _, _)| module == "aliyun");
    let source = of_the_client.map(|(_, _, code)| code.as_str()).collect::<Vec<_>>().join("\n");
    let declared = source.lines().filter_map(|line| line.trim().strip_prefix("const RAM_ACTION: &'static str = \""));
    let declared: BTreeSet<&str> =
        declared.map(|rest| rest.trim_end_matches("\";")).filter(|it| !it.is_empty()).collect();
    let known = [ram::TO_AUTHORIZE, ram::TO_WAIT, ram::TO_ASSUME, ram::TO_LIST, ram::TO_PUT_EVENTS, ram::ON_SECRETS]
        .into_iter();
    let known = known.chain(ram::ON_INSTANCES).chain(ram::ON_ANYTHING).chain(ram::ON_KEYS);
    let on_behalf = ["kms:TagResource", "kms:ListResourceTags"];
    assert_eq!(declared, known.filter(|action| !on_behalf.contains(action)).collect());
}
