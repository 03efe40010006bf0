//! The description against the running host.

use std::path::Path;

use serde_json::{Value, json};

use super::description;
use super::description::push;
use crate::webhooks::{Call, DOORS, Heard, heard, setup, world};
use crate::world::{INSTANCE, Setup, World, request};

fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json")
}

/// Set `REWRITE_DOCS` to write the file anew from the types.
#[test]
fn the_description_is_that_of_its_types() {
    let now = serde_json::to_string_pretty(&description()).unwrap() + "\n";
    if std::env::var("REWRITE_DOCS").is_ok() {
        std::fs::write(file(), &now).unwrap();
    }
    let written = std::fs::read_to_string(file()).unwrap();
    assert!(written == now, "docs/openapi.json is stale: run the test with REWRITE_DOCS=1");
}

/// A schema of the description, ready to judge.
fn validator(schema: &Value) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = description()["components"].clone();
    jsonschema::validator_for(&whole).unwrap()
}

/// Whether a value fits a schema of the description.
fn fits(schema: &Value, value: &Value) -> Result<(), String> {
    let schema = validator(schema);
    let errors: Vec<String> = schema.iter_errors(value).map(|error| error.to_string()).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
}

/// An answer is one that the description has for this operation, to the letter.
fn assert_described(path: &str, answer: &Heard) {
    let description = description();
    let pointer = path.replace('/', "~1");
    let status = answer.status;
    let reference = &description.pointer(&format!("/paths/{pointer}/post/responses/{status}")).unwrap()["$ref"];
    let described = description.pointer(reference.as_str().unwrap().trim_start_matches('#')).unwrap();
    let content = &described["content"][answer.header("content-type")];
    assert!(content.is_object(), "{path} {status}: {}", answer.header("content-type"));
    fits(&content["schema"], &answer.body).unwrap_or_else(|why| panic!("{path} {status}: {why}"));
    for (name, header) in described["headers"].as_object().into_iter().flatten() {
        assert_eq!(answer.header(&name.to_lowercase()), header["schema"]["const"], "{path} {status} {name}");
    }
}

/// The examples of an operation: content type, schema and value.
fn examples(path: &str) -> Vec<(String, Value, Value)> {
    let contents = description()["paths"][path]["post"]["requestBody"]["content"].clone();
    let mut examples = Vec::new();
    for (kind, content) in contents.as_object().unwrap() {
        for example in content["examples"].as_object().unwrap().values() {
            examples.push((kind.clone(), content["schema"].clone(), example["value"].clone()));
        }
    }
    examples
}

#[tokio::test]
async fn every_example_fits_its_schema_and_really_works() {
    let world = world().await;
    for path in ["/v1/requests", "/v1/events"] {
        let parameters = description()["paths"][path]["post"]["parameters"].clone();
        for (kind, schema, value) in examples(path) {
            fits(&schema, &value).unwrap_or_else(|why| panic!("{path} {kind}: {why}"));
            let mut call = Call::signed(&world, value.to_string()).to(path).with("content-type", &kind);
            for parameter in parameters.as_array().unwrap().iter().filter(|_| kind == "application/json") {
                if let Some(value) = parameter["example"].as_str() {
                    call = call.with(parameter["name"].as_str().unwrap(), value);
                }
            }
            let answer = call.send(&world).await;
            assert_described(path, &answer);
            let reports = answer.reports().iter();
            let good = ["enabled", "already_enabled", "planned"];
            assert_eq!(answer.status, 200);
            assert!(
                reports.clone().all(|report| good.iter().any(|outcome| report["outcome"] == *outcome)),
                "{path} {kind}: {}",
                answer.verdict()
            );
            let asked = value.as_array().map_or(1, Vec::len);
            assert_eq!((reports.len(), answer.rejected().len()), (asked, 0), "{path} {kind}");
        }
    }
}

#[test]
fn the_example_of_a_push_is_the_push_that_the_tests_verify() {
    let [(_, schema, value)] = examples("/v1/eventbridge").try_into().unwrap();
    fits(&schema, &value).unwrap();
    assert_eq!(value, serde_json::from_str::<Value>(push()["body"].as_str().unwrap()).unwrap());
}

#[tokio::test]
async fn the_host_serves_the_file_as_it_is() {
    let world = world().await;
    let url = format!("http://{}/openapi.json", world.function);
    let served = heard(world.http.get(&url)).await;
    assert_eq!((served.status, served.header("content-type")), (200, "application/json"));
    let written: Value = serde_json::from_str(&std::fs::read_to_string(file()).unwrap()).unwrap();
    assert!(served.body == written, "another one was built in");
    let posted = heard(world.http.post(&url)).await;
    assert_eq!((posted.problem(405), posted.header("allow")), ("this path takes GET", "GET, HEAD"));
}

#[tokio::test]
async fn every_answer_is_described() {
    let world = world().await;
    world.instances(json!([{"id": INSTANCE}, {"id": "rm-new", "status": "Creating"}])).await;
    let mut statuses = Vec::new();
    let mixed = json!([{"instance": "rm-new"}, {"instance": INSTANCE, "region": "us-west-1"}]).to_string();
    for call in [
        Call::signed(&world, request(INSTANCE)),
        Call::signed(&world, mixed),
        Call::bearer(request(INSTANCE)),
        Call::signed(&world, "{"),
        Call::anonymous(request(INSTANCE)),
        Call::signed(&world, " ".repeat(300_000)),
        Call::signed(&world, request(INSTANCE)).with("content-type", "text/plain"),
        Call::signed(&world, request("rm-new")),
    ] {
        let answer = call.send(&world).await;
        assert_described("/v1/requests", &answer);
        statuses.push(answer.status);
    }
    let get = heard(world.http.get(format!("http://{}/v1/requests", world.function))).await;
    assert_described("/v1/requests", &get);
    let queued = World::with(Setup { named: true, ..setup(DOORS) }).await;
    queued.instances(json!([{"id": "rm-new", "status": "Creating"}])).await;
    let later = Call::signed(&queued, request("rm-new")).send(&queued).await;
    assert_described("/v1/requests", &later);
    statuses.extend([get.status, later.status]);
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 202, 400, 401, 405, 413, 415, 503]);
}

#[tokio::test]
async fn the_schema_of_a_request_takes_what_the_door_takes() {
    let world = world().await;
    let schema = validator(&json!({"$ref": "#/components/schemas/Request"}));
    let long = |letter: &str, length: usize| letter.repeat(length);
    let mut bodies = vec![json!(null), json!(1), json!("rm-demo1"), json!({}), json!({"region": "cn-hangzhou"})];
    let values = |name: &str| match name {
        "instance" | "DBInstanceName" => vec![
            json!("rm-demo1"),
            json!("pgm-1"),
            json!("r-1"),
            json!("RM-1"),
            json!("rm-"),
            json!("rm-a\n"),
            json!(format!("rm-{}", long("a", 60))),
            json!(format!("rm-{}", long("a", 61))),
            json!("\u{ff52}m-1"),
        ],
        "region" | "RegionId" => vec![
            json!("cn"),
            json!("c"),
            json!("cn-hangzhou"),
            json!("cn-"),
            json!("cn--a"),
            json!("1-cn"),
            json!(""),
            json!(long("a", 40)),
            json!(long("a", 41)),
        ],
        "account" => vec![json!("123456789"), json!("1234567890123456"), json!(long("1", 21)), json!("12345678901x")],
        "key" | "EncryptionKey" => vec![json!("key-1"), json!("a b"), json!(long("k", 128)), json!(long("k", 129))],
        "mode" => vec![json!("plan"), json!("enforce"), json!("Plan"), json!("")],
        _ => vec![json!(""), json!("a\nb"), json!(long("i", 1000))],
    };
    let names =
        ["instance", "DBInstanceName", "region", "RegionId", "account", "key", "EncryptionKey", "mode", "id", "zone"];
    for name in names {
        let own = values(name).into_iter().chain([json!(null), json!(7), json!([]), json!({}), json!(true)]);
        for value in own {
            for base in
                [json!({"instance": "rm-demo1"}), json!({"DBInstanceName": "rm-demo1", "RegionId": "cn-hangzhou"})]
            {
                let mut body = base;
                body["mode"] = json!("plan");
                body[name] = value.clone();
                bodies.push(body);
            }
        }
    }
    for mut body in bodies {
        if let Some(object) = body.as_object_mut()
            && !object.contains_key("RegionId")
            && object.get("region").is_none_or(Value::is_null)
            && object.len() > 1
        {
            // This deployment has no region of its own.
            object.insert("region".to_owned(), json!("cn-hangzhou"));
        }
        if body["RegionId"].is_null() && !body["region"].is_string() && body.get("RegionId").is_some() {
            continue;
        }
        let answer = Call::bearer(body.to_string()).send(&world).await;
        let is_taken = answer.status == 200;
        assert_eq!(schema.is_valid(&body), is_taken, "{body}: {answer:?}");
    }
}
