//! A task on its way through the queue: JSON under a MAC. Whoever may invoke the function can send any bytes, so the MAC is
//! compared before the task is read, and nothing else of it is doubted after that.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::task::Task;
use crate::request::rejection::{Rejection, RejectionReason};
use crate::secret::{Keys, Secret};

/// What every version of a task says of itself.
const SCHEMA_FAMILY: &str = "rds-seal.task/";
const SCHEMA: &str = "rds-seal.task/2";

/// What the keys of tasks are derived for: of our own, and of those that a door hands over.
const OWN: &str = "relay/1";
const OF_DOOR: &str = "hand-over/1";

/// How many hours after its time a task still counts. The platform keeps an event for a day at most (the template says so),
/// so one that comes later was kept by somebody else.
const MAX_LATENESS: i64 = 48;

/// What makes bytes of tasks, and tasks of bytes.
#[derive(Debug, Clone)]
pub struct TaskCodec {
    keys: Keys,
    /// Those of a door, whose tasks are taken too.
    door_keys: Option<Keys>,
    /// Tells this deployment's tasks from those of another that has the same secret.
    deployment: String,
}

#[derive(Serialize)]
struct Outgoing<'a> {
    schema: &'static str,
    deployment: &'a str,
    /// The task's own JSON. It is a text, so that the MAC covers the very bytes and not one way of writing them.
    task: &'a str,
    mac: String,
}

/// As much of a body as tells whether it is a task, and whose.
#[derive(Deserialize)]
struct Incoming {
    schema: Option<String>,
    deployment: Option<String>,
    task: Option<String>,
    mac: Option<String>,
}

impl TaskCodec {
    /// For what waits in a function's own queue. A worker takes what is signed by the secret of a door, too.
    pub fn new(secret: &Secret, door_secret: Option<&Secret>, deployment: String) -> Self {
        let door_keys = door_secret.map(|secret| secret.keys(OF_DOOR));
        Self { keys: secret.keys(OWN), door_keys, deployment }
    }

    /// For what a door hands over.
    pub fn of_door(door_secret: &Secret, deployment: String) -> Self {
        Self { keys: door_secret.keys(OF_DOOR), door_keys: None, deployment }
    }

    pub(super) fn encode(&self, task: &Task) -> Vec<u8> {
        let plain = "a task is plain data";
        let task = serde_json::to_string(task).expect(plain);
        let mac = self.keys.sign::<32>(&covered(&self.deployment, &task));
        let mac = BASE64_URL_SAFE_NO_PAD.encode(mac);
        serde_json::to_vec(&Outgoing { schema: SCHEMA, deployment: &self.deployment, task: &task, mac }).expect(plain)
    }

    /// Reads a whole body, if it says that it is a task. One that cannot be taken is rejected: all are where there is no
    /// codec, and so no relay.
    pub fn read(codec: Option<&Self>, body: &[u8], now: Timestamp) -> Option<Result<Task, Rejection>> {
        // Nearly every body is an event: it is not parsed twice.
        if !body.windows(SCHEMA_FAMILY.len()).any(|window| window == SCHEMA_FAMILY.as_bytes()) {
            return None;
        }
        let incoming = serde_json::from_slice::<Incoming>(body).ok()?;
        let schema = incoming.schema.as_deref()?;
        let version = schema.strip_prefix(SCHEMA_FAMILY)?;
        if schema != SCHEMA {
            let version = version.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            return Some(Err(Rejection::new("schema", RejectionReason::TaskVersion { version })));
        }
        Some(match codec {
            Some(codec) => codec.decode(incoming, now),
            None => Err(Rejection::new("schema", RejectionReason::RelayOff)),
        })
    }

    fn decode(&self, incoming: Incoming, now: Timestamp) -> Result<Task, Rejection> {
        let Incoming { deployment: Some(deployment), task: Some(task), mac: Some(mac), .. } = incoming else {
            return Err(Rejection::new("mac", RejectionReason::TaskNotAuthentic));
        };
        let forged = || Rejection::new("mac", RejectionReason::TaskNotAuthentic);
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok().and_then(|mac| <[u8; 32]>::try_from(mac).ok());
        let (mac, covered) = (mac.ok_or_else(forged)?, covered(&deployment, &task));
        let is_our_own = self.keys.verify(&covered, &mac);
        if !is_our_own && !self.door_keys.as_ref().is_some_and(|keys| keys.verify(&covered, &mac)) {
            return Err(forged());
        }
        if deployment != self.deployment {
            return Err(Rejection::new("deployment", RejectionReason::TaskOfOtherDeployment));
        }
        let task: Task = serde_json::from_str(&task).map_err(|_| Rejection::new("task", RejectionReason::NotATask))?;
        if now.duration_since(task.not_before) > SignedDuration::from_hours(MAX_LATENESS) {
            return Err(Rejection::new("task", RejectionReason::TaskTooLate { hours: MAX_LATENESS }));
        }
        if let Some(reason) = task.unlike_a_door(now).filter(|_| !is_our_own) {
            return Err(Rejection::new("task", reason));
        }
        Ok(task)
    }
}

fn covered<'a>(deployment: &'a str, task: &'a str) -> [&'a [u8]; 3] {
    [SCHEMA, deployment, task].map(str::as_bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::relay::TaskKind;
    use crate::request::Door;

    fn now() -> Timestamp {
        "2026-11-24T06:00:00Z".parse().unwrap()
    }

    fn later(hours: i64) -> Timestamp {
        now().checked_add(SignedDuration::from_hours(hours)).unwrap()
    }

    fn codec(secrets: &[&str], deployment: &str) -> TaskCodec {
        let texts = secrets.iter().map(|letter| letter.repeat(32).into()).collect();
        TaskCodec::new(&Secret::new(texts).unwrap(), None, deployment.to_owned())
    }

    fn ours() -> TaskCodec {
        codec(&["a"], "a-function")
    }

    /// What reading a body comes to: a task, or the code of the reason why not.
    fn read(codec: &TaskCodec, body: &[u8], now: Timestamp) -> Result<Task, (String, &'static str)> {
        let read = TaskCodec::read(Some(codec), body, now).unwrap();
        read.map_err(|rejection| (rejection.field.into_owned(), rejection.reason.code()))
    }

    /// The usual task, with something changed on its way.
    fn changed(change: impl FnOnce(&mut Value)) -> Result<Task, (String, &'static str)> {
        let mut body: Value = serde_json::from_slice(&ours().encode(&Task::sample(now()))).unwrap();
        change(&mut body);
        read(&ours(), body.to_string().as_bytes(), now())
    }

    #[test]
    fn a_task_comes_back_as_it_was_sent() {
        let sent = ours().encode(&Task::sample(now()));
        assert_eq!(read(&ours(), &sent, now()), Ok(Task::sample(now())));
        assert_eq!(changed(|_| ()), Ok(Task::sample(now())), "in whatever order its fields come");
    }

    #[test]
    fn what_is_no_task_is_left_to_the_event_door() {
        let nested = format!("[{}]", String::from_utf8(ours().encode(&Task::sample(now()))).unwrap());
        for body in ["", "{}", "[]", r#"{"instance":"rds-seal.task/2"}"#, r#"{"schema":"rds-seal.report/1"}"#, &nested]
        {
            assert_eq!(TaskCodec::read(Some(&ours()), body.as_bytes(), now()), None, "{body}");
        }
    }

    #[test]
    fn whatever_is_changed_it_is_no_task_of_ours() {
        let forged = Err(("mac".to_owned(), "task_not_authentic"));
        assert_eq!(changed(|body| body["deployment"] = "another".into()), forged);
        assert_eq!(changed(|body| body["mac"] = "".into()), forged);
        assert_eq!(changed(|body| body["mac"] = "A".repeat(43).into()), forged);
        for field in ["deployment", "task", "mac"] {
            assert_eq!(changed(|body| body[field] = Value::Null), forged, "{field}");
        }
        let text = String::from_utf8(ours().encode(&Task::sample(now()))).unwrap();
        let text = serde_json::from_str::<Value>(&text).unwrap()["task"].as_str().unwrap().to_owned();
        for (was, is) in [("2026-11-24T06:00:00Z", "2026-11-25T06:00:00Z"), ("true", "false"), ("rm-", "pg-")] {
            assert!(text.contains(was), "{text}");
            assert_eq!(changed(|body| body["task"] = text.replace(was, is).into()), forged, "{is}");
        }
    }

    #[test]
    fn a_task_of_another_secret_deployment_or_version_is_not_taken() {
        let sent = |codec: &TaskCodec| codec.encode(&Task::sample(now()));
        let other = Err(("mac".to_owned(), "task_not_authentic"));
        assert_eq!(read(&ours(), &sent(&codec(&["b"], "a-function")), now()), other);
        let other = Err(("deployment".to_owned(), "task_of_other_deployment"));
        assert_eq!(read(&ours(), &sent(&codec(&["a"], "another")), now()), other);
        let other = Err(("schema".to_owned(), "task_version"));
        assert_eq!(changed(|body| body["schema"] = "rds-seal.task/1".into()), other);
        let off = TaskCodec::read(None, &sent(&ours()), now()).unwrap().unwrap_err();
        assert_eq!(off, Rejection::new("schema", RejectionReason::RelayOff));
    }

    #[test]
    fn of_a_door_is_taken_what_a_door_may_ask_for_and_nothing_else() {
        let secret = |letter: &str| Secret::new(vec![letter.repeat(32).into()]).unwrap();
        let worker = TaskCodec::new(&secret("a"), Some(&secret("d")), "a-function".to_owned());
        let door = TaskCodec::of_door(&secret("d"), "a-function".to_owned());
        let handed_over = |change: &dyn Fn(&mut Task)| {
            let mut task = Task::of_door(now());
            change(&mut task);
            read(&worker, &door.encode(&task), now()).map_err(|(_, code)| code)
        };
        assert_eq!(handed_over(&|_| ()), Ok(Task::of_door(now())));
        assert_eq!(handed_over(&|task| *task = Task::sample(now())), Err("not_of_door"), "what waits, in doubt");
        assert_eq!(handed_over(&|task| task.attempt = 2), Err("not_of_door"));
        let by = |door: Door| {
            handed_over(&|task| {
                if let TaskKind::HandOver { requests, .. } = &mut task.kind {
                    requests[0].origin.door = door;
                }
            })
        };
        assert_eq!(by(Door::Event), Err("not_of_door"));
        assert_eq!(by(Door::Chat), Err("not_of_door"), "nobody confirmed");
        for (seconds, is_taken) in [(-901, false), (-900, true), (900, true), (901, false)] {
            let moment = now().checked_add(SignedDuration::from_secs(seconds)).unwrap();
            let expected = if is_taken { None } else { Some("handed_over_late") };
            assert_eq!(handed_over(&|task| task.first_seen = moment).err(), expected, "asked {seconds} s from now");
            assert_eq!(
                handed_over(&|task| task.not_before = moment).err(),
                expected,
                "to be done {seconds} s from now"
            );
        }
        assert!(read(&door, &worker.encode(&Task::sample(now())), now()).is_err(), "a door takes none of the worker's");
        let other = codec(&["a"], "a-function");
        assert_eq!(read(&other, &door.encode(&Task::of_door(now())), now()).unwrap_err().1, "task_not_authentic");
    }

    #[test]
    fn a_secret_is_rotated_without_losing_a_task() {
        let rotating = codec(&["b", "a"], "a-function");
        let sent = |codec: &TaskCodec| codec.encode(&Task::sample(now()));
        assert!(read(&rotating, &sent(&ours()), now()).is_ok(), "of the old secret");
        assert!(read(&codec(&["b"], "a-function"), &sent(&rotating), now()).is_ok(), "by the new one");
    }

    #[test]
    fn a_task_counts_until_two_days_after_its_time_and_a_clock_may_be_ahead() {
        let sent = ours().encode(&Task::sample(now()));
        assert!(read(&ours(), &sent, later(48)).is_ok());
        let late = Err(("task".to_owned(), "task_too_late"));
        assert_eq!(read(&ours(), &sent, later(49)), late);
        let ahead = ours().encode(&Task::sample(later(1)));
        assert!(read(&ours(), &ahead, now()).is_ok(), "its maker's clock is an hour ahead");
    }

    #[test]
    fn a_field_more_is_passed_over() {
        let mut json = serde_json::to_value(Task::sample(now())).unwrap();
        json["more"] = json!(1);
        json["errand"]["request"]["request"]["more"] = json!(1);
        json["errand"]["request"]["request"]["origin"]["more"] = json!(1);
        assert_eq!(serde_json::from_value::<Task>(json).unwrap(), Task::sample(now()));
    }
}
