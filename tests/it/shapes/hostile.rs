//! Nothing that can be sent makes a reader panic, and nothing is followed without end.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[test]
fn what_nests_deep_or_holds_much_is_refused_in_one_sentence() {
    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    assert!(result_of(deep).starts_with("rejected [0] is not a JSON object"));
    let mut onion = ask("rm-demo1").to_string();
    for _ in 0..10 {
        onion = topic(&onion).to_string();
    }
    assert!(result_of(onion).starts_with("rejected Message.TopicName says"));
    let many = json!(vec![json!({}); 501]).to_string();
    assert_eq!(result_of(topic(&many).to_string()), "rejected Message has 501 items; the limit is 500");
    let parts = json!(vec![topic(&json!(vec![ask("rm-demo1"); 300]).to_string()); 2]);
    assert_eq!(result_of(parts.to_string()), "rejected body asks for 600 instances at once; the limit is 500");
    for empty in [topic(" "), dead_letter("")] {
        assert!(result_of(empty.to_string()).ends_with(" is empty: there is no event in it"));
    }
    assert_eq!(
        result_of(queue("[]").to_string()),
        "rejected data.messageBody is an empty array: there is no event in it"
    );
}

/// JSON with the names that the readers look for, nested and mistyped at random.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "specversion",
        "source",
        "id",
        "type",
        "data",
        "TopicName",
        "Message",
        "MessageId",
        "body",
        "attrs",
        "instance",
        "requestContext",
        "requestPayload",
        "triggerName",
        "triggerTime",
        "payload",
        "dataType",
        "resourceType",
        "resourceId",
        "evaluationResultIdentifier",
        "evaluationResultQualifier",
        "accountId",
        "eventName",
        "schema",
        "serviceName",
        "responseElements",
        "DBInstanceId",
        "requestParameters",
        "messageBody",
        "region",
        "x",
    ]);
    let words = prop::sample::select(vec![
        "",
        "1.0",
        "mns:Queue:SendMessage",
        "rds:ActionTrail:ApiCall",
        "rds:Config:NonCompliantNotification",
        "Rds",
        "CreateDBInstance",
        "CloneDBInstance",
        "rm-demo1",
        "rm-demo1,rm-demo2",
        "ACS::RDS::DBInstance",
        "cn-hangzhou",
        "NON_COMPLIANT",
        "{\"instance\":\"rm-demo1\"}",
        "eyJpbnN0YW5jZSI6InJtLWRlbW8xIn0=",
        "[]",
        "rds-seal.task/1",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            inner.clone().prop_map(|value| value.to_string().into()),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|object| Value::Object(object.into_iter().collect())),
        ]
    })
}

/// The place of everything in a piece of JSON.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), found));
        }
        Value::Object(values) => {
            values
                .iter()
                .for_each(|(name, value)| pointers(value, &format!("{at}/{}", name.replace('/', "~1")), found));
        }
        _ => {}
    }
}

/// Every delivery comes to something, and every sentence is fit to be shown.
fn assert_has_an_end(body: Vec<u8>) {
    let intake = taken(body);
    assert!(!lines(&intake).is_empty());
    for rejection in &intake.rejected {
        let said = Language::En.rejection_reason(&rejection.reason);
        assert!(said.len() < 250 && rejection.field.len() < 200, "{rejection:?}");
    }
}

/// The published samples and our own.
fn all_samples() -> Vec<String> {
    let own = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/events")).unwrap();
    let own = own.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    own.chain(samples().into_iter().map(|(_, _, unmasked)| unmasked)).collect()
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        assert_has_an_end(body);
    }

    #[test]
    fn no_json_makes_it_panic(json in any_json()) {
        assert_has_an_end(json.to_string().into_bytes());
        assert_has_an_end(topic(&json.to_string()).to_string().into_bytes());
        assert_has_an_end(dead_letter(&base64(&queue(&json.to_string()).to_string())).to_string().into_bytes());
    }

    #[test]
    fn no_sample_with_another_value_in_it_makes_it_panic(
        sample: prop::sample::Index, place: prop::sample::Index, value in any_json()
    ) {
        let text = sample.get::<String>(&all_samples()).clone();
        let Ok(mut json) = serde_json::from_str::<Value>(&text) else { return Ok(()) };
        let mut places = Vec::new();
        pointers(&json, "", &mut places);
        *json.pointer_mut(place.get::<String>(&places)).unwrap() = value;
        assert_has_an_end(json.to_string().into_bytes());
    }

    #[test]
    fn no_sample_with_another_byte_in_it_makes_it_panic(
        sample: prop::sample::Index, place: prop::sample::Index, byte: u8, cut: bool
    ) {
        let text = sample.get::<String>(&all_samples()).clone();
        let mut body = text.into_bytes();
        let place = place.index(body.len());
        body[place] = byte;
        if cut {
            body.truncate(place);
        }
        assert_has_an_end(body);
    }
}
