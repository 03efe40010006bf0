//! The description of the webhook doors. What is a type of the program is taken from it.

use rds_seal::app::{IgnoredAnswer, RejectionAnswer};
use rds_seal::outcome::{Delivery, Report};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::world::event;

/// The machine's answer.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
struct Answer<'a> {
    /// `again`: send the same once more, after the time that `Retry-After` says.
    delivery: Delivery,
    /// One for each request that could be read, in the order of the requests.
    reports: Vec<Report>,
    /// Genuine events that ask nothing of this deployment.
    ignored: Vec<IgnoredAnswer<'a>>,
    /// What could not be read.
    rejected: Vec<RejectionAnswer<'a>>,
}

pub(crate) fn description() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "rds-seal: webhook doors",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Asks for backup encryption of ApsaraDB RDS instances to be turned on, which cannot be \
                undone. A body has at most 256 KiB and is read as it was sent, without a content encoding. A repeated \
                request is harmless: it is answered `already_enabled` under the same `correlation_id`. Bearer tokens \
                and GitHub-style signatures sign no time and only plan, unless the deployment accepts repeats.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}, {"standardWebhooks": []}, {"github": []}],
        "paths": {
            "/v1/requests": {"post": requests()},
            "/v1/events": {"post": events()},
            "/v1/eventbridge": {"post": eventbridge()},
            "/openapi.json": {"get": {
                "operationId": "describe",
                "summary": "This description",
                "security": [],
                "responses": {"200": {
                    "description": "It",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }},
            }},
        },
        "components": {
            "schemas": schemas(),
            "responses": responses(),
            "securitySchemes": security_schemes(),
        },
    })
}

fn requests() -> Value {
    json!({
        "operationId": "request",
        "summary": "One request, or several of which each stands for itself",
        "parameters": named_by(),
        "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"oneOf": [
                reference("Request"),
                {"type": "array", "minItems": 1, "maxItems": 500, "items": reference("Request")},
            ]},
            "examples": {
                "one": {"value": {"instance": "rm-demo1", "region": "cn-hangzhou", "id": "change-4711"}},
                "plan": {"value": {"instance": "rm-demo2", "region": "cn-hangzhou", "mode": "plan"}},
                "namesOfTheApi": {"value": {"DBInstanceName": "rm-demo3", "RegionId": "cn-hangzhou"}},
                "several": {"value": [
                    {"instance": "rm-demo4", "region": "cn-hangzhou", "account": "1234567890123456"},
                    {"instance": "rm-demo5", "region": "cn-hangzhou"},
                ]},
            },
        }}},
        "responses": answers(&[]),
    })
}

fn events() -> Value {
    let created = example("instance-created.json");
    let batch = [&created, &example("clone-created.json")];
    let header = |name: &str, what: &str| {
        let value = created[name].clone();
        let description = format!("Binary mode: {what}");
        json!({
            "name": format!("ce-{name}"), "in": "header", "description": description,
            "schema": {"type": "string", "minLength": 1, "maxLength": 256}, "example": value,
        })
    };
    let mut parameters = vec![
        header("specversion", "`1.0`."),
        header("id", "the event's own id."),
        header("source", "where it comes from."),
        header("type", "what it is."),
        header("aliyunaccountid", "whose instance it is."),
        header("aliyunregionid", "in which region, which is a claim and made sure of."),
    ];
    parameters.extend(named_by().as_array().unwrap().clone());
    json!({
        "operationId": "event",
        "summary": "CloudEvents 1.0 in the structured, the batched or the binary mode",
        "description": "Acted upon: ActionTrail records of calls that create an instance, and findings of Config. \
            Others are accepted and ignored. No signature covers the headers of the binary mode: a signed event in it only plans.",
        "parameters": parameters,
        "requestBody": {"required": true, "content": {
            "application/cloudevents+json": {
                "schema": reference("CloudEvent"),
                "examples": {"created": {"value": created}},
            },
            "application/cloudevents-batch+json": {
                "schema": {"type": "array", "minItems": 1, "maxItems": 500, "items": reference("CloudEvent")},
                "examples": {"two": {"value": batch}},
            },
            "application/json": {
                "schema": {"type": "object", "description": "Binary mode: `data`; the attributes are headers."},
                "examples": {"created": {"value": created["data"]}},
            },
        }},
        "responses": answers(&[]),
    })
}

/// The push that the tests verify: its headers and its body.
pub(crate) fn push() -> Value {
    let text = include_str!("../../fixtures/webhook/eventbridge/push.json");
    serde_json::from_str(text).unwrap()
}

fn eventbridge() -> Value {
    let push = push();
    let header = |(name, value): (&String, &Value)| {
        let mut header = json!({"name": name, "in": "header", "required": true, "schema": {"type": "string"}});
        if !name.ends_with("-token") {
            header["example"] = value.clone();
        }
        // The signature is in the security scheme.
        (!name.ends_with("-signature-v2")).then_some(header)
    };
    let parameters: Vec<Value> = push["headers"].as_object().unwrap().iter().filter_map(header).collect();
    let body: Value = serde_json::from_str(push["body"].as_str().unwrap()).unwrap();
    let mut operation = json!({
        "operationId": "push",
        "summary": "What EventBridge pushes to an HTTP target",
        "description": "Open only where `doors.eventbridge` is configured. The event's region is the platform's own \
            word, and `[policy]` alone limits it.",
        "security": [{"eventbridge": []}],
        "parameters": parameters,
        "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"oneOf": [
                reference("CloudEvent"),
                {"type": "array", "minItems": 1, "maxItems": 500, "items": reference("CloudEvent")},
            ]},
            "examples": {"created": {"value": body}},
        }}},
        "responses": answers(&["415"]),
    });
    operation["responses"]["404"] = json!({"description": "This door is not configured"});
    operation
}

fn example(name: &str) -> Value {
    serde_json::from_str(&event(name)).unwrap()
}

/// Headers that name a delivery, signed or not.
fn named_by() -> Value {
    let id = json!({"type": "string", "pattern": "^[!-\\-/-~]{1,256}$"});
    json!([
        {
            "name": "webhook-id", "in": "header", "schema": id,
            "description": "Standard Webhooks: the delivery's id, which is signed. Names a request without an `id`. Signed as GitHub signs, \
                            a delivery is named by its body's SHA-256 instead.",
        },
        {
            "name": "webhook-timestamp", "in": "header",
            "schema": {"type": "string", "pattern": "^[0-9]{1,15}$"},
            "description": "Standard Webhooks: seconds of the Unix clock, at most five minutes off.",
        },
    ])
}

fn security_schemes() -> Value {
    let header = |name: &str, description: &str| json!({"type": "apiKey", "in": "header", "name": name, "description": description});
    json!({
        "bearer": {"type": "http", "scheme": "bearer", "description": "`doors.webhook.bearer_tokens`."},
        "standardWebhooks": header(
            "webhook-signature",
            "Standard Webhooks 1.0.0: `v1,` and base64 of HMAC-SHA256, or `v1a,` and base64 of ed25519, over \
             `{webhook-id}.{webhook-timestamp}.{body}`; several are separated by blanks. `rds-seal sign` makes one.",
        ),
        "github": header(
            "x-hub-signature-256",
            "`sha256=` and the lower-case hexadecimal digits of HMAC-SHA256 over the body.",
        ),
        "eventbridge": header(
            "x-eventbridge-signature-v2",
            "Base64 of RSA with SHA-256 over the target's address, the other five headers as `name: value`, and the \
             body, joined by newlines.",
        ),
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The answers of a door, without some.
fn answers(but: &[&str]) -> Value {
    let of = |status: &str| (status.to_owned(), json!({"$ref": format!("#/components/responses/{status}")}));
    let all = ["200", "202", "400", "401", "405", "413", "415", "503"];
    let all: Map<String, Value> = all.into_iter().filter(|status| !but.contains(status)).map(of).collect();
    all.into()
}

fn responses() -> Value {
    let answer = json!({"application/json": {"schema": reference("Answer")}});
    let problem = json!({"application/problem+json": {"schema": reference("Problem")}});
    let header =
        |name: &str, value: &str| json!({name: {"required": true, "schema": {"type": "string", "const": value}}});
    json!({
        "200": {"description": "It is over: the reports say how it ended", "content": answer},
        "202": {"description": "Some of it waits in the deployment's own queue", "content": answer},
        "400": {"description": "Nothing of it could be read", "content": answer},
        "401": {
            "description": "It does not show that it is from a sender this deployment knows",
            "headers": header("WWW-Authenticate", "Bearer"),
            "content": problem,
        },
        "405": {
            "description": "This path takes POST", "headers": header("Allow", "POST"), "content": problem,
        },
        "413": {"description": "The body is larger than 256 KiB", "content": problem},
        "415": {"description": "Another content type, or a content encoding", "content": problem},
        "503": {
            "description": "Some of it is to be sent again, which repeats nothing that is done",
            "headers": header("Retry-After", "60"),
            "content": answer,
        },
    })
}

fn schemas() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    generator.subschema_for::<Answer<'_>>();
    let mut schemas = generator.take_definitions(true);
    let text = |pattern: &str, what: &str| json!({"type": ["string", "null"], "pattern": pattern, "description": what});
    let instance = json!({
        "type": "string", "pattern": "^[a-z]{2,8}-[a-z0-9]{1,60}$", "description": "The id of the instance.",
    });
    let mut region = text("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "Its region; the deployment's own, where it has one.");
    region["minLength"] = json!(2);
    region["maxLength"] = json!(40);
    let key = text("^[A-Za-z0-9._/:-]{1,128}$", "The KMS key, one of those that the deployment allows.");
    schemas.insert("Request".to_owned(), json!({
        "type": "object",
        "description": "One instance that somebody wants sealed. The API's own names are taken too.",
        "additionalProperties": false,
        "properties": {
            "instance": instance, "DBInstanceName": instance,
            "region": region, "RegionId": region,
            "key": key, "EncryptionKey": key,
            "account": text("^[0-9]{10,20}$", "The account that owns it; the deployment's own if it is left out."),
            "mode": {"enum": ["plan", "enforce", null], "description": "Lowers the deployment's mode, never raises it."},
            "id": {"type": ["string", "null"], "description": "Names the request: repeats have one `correlation_id`."},
        },
        "oneOf": [{"required": ["instance"]}, {"required": ["DBInstanceName"]}],
        "not": {"anyOf": [{"required": ["region", "RegionId"]}, {"required": ["key", "EncryptionKey"]}]},
    }));
    schemas.insert(
        "CloudEvent".to_owned(),
        json!({
            "type": "object",
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "minLength": 1},
                "source": {"type": "string", "minLength": 1},
                "type": {"type": "string", "minLength": 1},
                "time": {"type": "string"},
                "aliyunaccountid": {"type": "string"},
                "aliyunregionid": {"type": "string"},
                "data": {},
            },
            "required": ["specversion", "id", "source", "type"],
        }),
    );
    schemas.insert(
        "Problem".to_owned(),
        json!({
            "type": "object",
            "description": "RFC 9457.",
            "properties": {
                "type": {"const": "about:blank"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
            "required": ["type", "title", "status", "detail"],
        }),
    );
    schemas.into()
}
