//! Every row of the error table, scripted in the stand-in cloud, ends in its outcome and delivery.

use rds_seal::aliyun::error::known_codes;
use serde_json::json;

use crate::world::{INSTANCE, World};

struct Row<'a> {
    status: u16,
    code: &'a str,
    outcome: &'a str,
    delivery: &'a str,
    calls: u64,
}

/// What each code has to come to, worked out from the contract and not from the program's own table.
fn rows() -> Vec<Row<'static>> {
    let table = include_str!("../fixtures/error-outcomes.tsv");
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [status, code, outcome, delivery, calls] = columns[..] else { panic!("{line}") };
        Row { status: status.parse().unwrap(), code, outcome, delivery, calls: calls.parse().unwrap() }
    };
    table.lines().skip(1).map(row).collect()
}

#[tokio::test]
async fn every_code_ends_in_its_outcome_and_delivery() {
    for Row { status, code, outcome, delivery, calls } in rows() {
        let world = World::start().await;
        world.script(json!([{"fault": "code", "code": code, "status": status, "times": 20}])).await;

        let told = world.ask().await;

        let report = told.report();
        assert_eq!(told.outcome(), outcome, "{code}: {report}");
        assert_eq!(told.body["delivery"], delivery, "{code}");
        assert_eq!(told.fc_status, if delivery == "done" { "200" } else { "404" }, "{code}");
        assert_eq!(report["upstream"]["code"], code);
        assert_eq!(report["upstream"]["calls"], calls, "{code}");
        assert_eq!(report["upstream"]["http_status"], status, "{code}");
        assert_eq!(report["certain"], outcome != "unknown", "{code}");
        assert!(report["message"].as_str().unwrap().len() > 10, "{code}");
        assert!(outcome == "already_enabled" || report["next_step"].is_string(), "{code} says what to do");
        assert!(!world.is_sealed(INSTANCE).await, "{code} changes nothing");
    }
}

#[test]
fn the_table_of_outcomes_leaves_no_code_out() {
    let rows = rows();
    for known in known_codes() {
        let row = rows.iter().find(|row| row.code == known.code);
        let row = row.unwrap_or_else(|| panic!("{} has no outcome", known.code));
        assert!(known.status.is_none_or(|status| status == row.status), "{}", known.code);
    }
}
