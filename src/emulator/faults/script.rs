//! A script of faults: read, and checked as a whole before any of it counts.

use axum::http::HeaderValue;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{CloudFault, Faults, Moment, Operation, Scripted, Sink, SinkFault, Taken, codes};

type Fields = Map<String, Value>;

/// Reads an array of faults. The error is one sentence that says which one is wrong.
pub(super) fn parse(body: &[u8]) -> Result<Faults, String> {
    let items: Vec<Fields> =
        serde_json::from_slice(body).map_err(|error| format!("not an array of faults: {error}"))?;
    let mut faults = Faults::default();
    for (index, fields) in items.into_iter().enumerate() {
        add(&mut faults, fields).map_err(|why| format!("fault {}: {why}", index + 1))?;
    }
    Ok(faults)
}

/// Adds one fault. Without an `operation` it is for the write.
fn add(faults: &mut Faults, mut fields: Fields) -> Result<(), String> {
    let operation =
        take(&mut fields, "operation")?.unwrap_or_else(|| Operation::EnableBackupEncryption.name().to_owned());
    let before = take(&mut fields, "before")?.unwrap_or(false);
    let moment = if before { Moment::Before } else { Moment::After };
    let times = take(&mut fields, "times")?.unwrap_or(1);
    if times == 0 {
        return Err("`times` must be at least 1".to_owned());
    }
    if let Some(target) = Operation::ALL.into_iter().find(|known| known.name() == operation) {
        let fault: CloudFault = read(Value::Object(fields))?;
        check_cloud(&fault)?;
        faults.cloud.push(Scripted { target, times, taken: Taken { fault, moment } });
    } else if let Some(target) = Sink::ALL.into_iter().find(|known| known.name() == operation) {
        let fault: SinkFault = read(Value::Object(fields))?;
        check_sink(&fault)?;
        faults.sinks.push(Scripted { target, times, taken: Taken { fault, moment } });
    } else {
        return Err(format!("unknown operation `{operation}`, expected {}", targets()));
    }
    Ok(())
}

fn take<T: DeserializeOwned>(fields: &mut Fields, name: &str) -> Result<Option<T>, String> {
    fields.remove(name).map(read).transpose().map_err(|error| format!("`{name}`: {error}"))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn check_cloud(fault: &CloudFault) -> Result<(), String> {
    match fault {
        CloudFault::Code { code, status: None, .. } if codes::find(code).is_none() => {
            Err(format!("the code `{code}` is in no table, so it needs a `status`"))
        }
        CloudFault::Code { status: Some(status), .. } | CloudFault::Raw { status, .. } => check_status(*status),
        CloudFault::Code { .. }
        | CloudFault::Throttle { .. }
        | CloudFault::Drop {}
        | CloudFault::Slow { .. }
        | CloudFault::Garbage {}
        | CloudFault::Truncated {}
        | CloudFault::Empty {}
        | CloudFault::Huge { .. } => Ok(()),
    }
}

fn check_sink(fault: &SinkFault) -> Result<(), String> {
    match fault {
        SinkFault::Status { retry_after: Some(value), .. } if HeaderValue::from_str(value).is_err() => {
            Err("`retry_after` cannot be sent as a header".to_owned())
        }
        SinkFault::Status { status, .. } => check_status(*status),
        SinkFault::Drop {} | SinkFault::Slow { .. } => Ok(()),
    }
}

fn check_status(status: u16) -> Result<(), String> {
    if (200..=599).contains(&status) { Ok(()) } else { Err("`status` must be between 200 and 599".to_owned()) }
}

fn targets() -> String {
    let names = Operation::ALL.into_iter().map(Operation::name).chain(Sink::ALL.into_iter().map(Sink::name));
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{CloudFault, Moment, Operation, Sink, SinkFault, Taken, parse};

    #[test]
    fn a_script_is_taken_in_order_and_by_operation() {
        let script = br#"[
            {"fault": "throttle", "retry_after_ms": 50, "times": 2},
            {"fault": "drop", "operation": "DescribeDBInstanceAttribute", "before": true},
            {"fault": "empty"},
            {"fault": "slow", "operation": "slack", "ms": 5}
        ]"#;
        let mut faults = parse(script).unwrap();
        let throttle = Some(Taken { fault: CloudFault::Throttle { retry_after_ms: Some(50) }, moment: Moment::After });

        assert_eq!(faults.for_cloud(Operation::EnableBackupEncryption), throttle);
        assert_eq!(faults.for_cloud(Operation::EnableBackupEncryption), throttle);
        let empty = Some(Taken { fault: CloudFault::Empty {}, moment: Moment::After });
        assert_eq!(faults.for_cloud(Operation::EnableBackupEncryption), empty);
        assert_eq!(faults.for_cloud(Operation::EnableBackupEncryption), None);

        let drop = Some(Taken { fault: CloudFault::Drop {}, moment: Moment::Before });
        assert_eq!(faults.for_cloud(Operation::DescribeDBInstanceAttribute), drop);
        let slow = Some(Taken { fault: SinkFault::Slow { ms: 5 }, moment: Moment::After });
        assert_eq!(faults.for_sink(Sink::Slack), slow);
        assert_eq!(faults.for_sink(Sink::Webhook), None);
    }

    #[test]
    fn a_mistake_in_a_script_is_one_clear_sentence() {
        let mistakes = [
            ("{}", "not an array of faults: invalid type: map"),
            (r#"[{"fault": "empty"}, {"ms": 5}]"#, "fault 2: missing field `fault`"),
            (r#"[{"fault": "explode"}]"#, "fault 1: unknown variant `explode`, expected one of `code`, `throttle`"),
            (r#"[{"fault": "drop", "ms": 5}]"#, "fault 1: unknown field `ms`"),
            (r#"[{"fault": "slow"}]"#, "fault 1: missing field `ms`"),
            (r#"[{"fault": "drop", "times": 0}]"#, "fault 1: `times` must be at least 1"),
            (r#"[{"fault": "drop", "before": "yes"}]"#, "fault 1: `before`: invalid type"),
            (r#"[{"fault": "drop", "operation": "Enable"}]"#, "fault 1: unknown operation `Enable`, expected `Enable"),
            (r#"[{"fault": "code", "code": "New"}]"#, "fault 1: the code `New` is in no table, so it needs a `status`"),
            (r#"[{"fault": "raw", "status": 700}]"#, "fault 1: `status` must be between 200 and 599"),
            (
                r#"[{"fault": "garbage", "operation": "slack"}]"#,
                "fault 1: unknown variant `garbage`, expected one of `status`",
            ),
            (r#"[{"fault": "status", "status": 500}]"#, "fault 1: unknown variant `status`, expected one of `code`"),
        ];
        for (script, start) in mistakes {
            let why = parse(script.as_bytes()).err().unwrap_or_default();
            assert!(why.starts_with(start), "{script}: {why}");
        }
    }
}
