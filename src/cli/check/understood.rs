//! The configuration as it is understood, in words.

use std::collections::BTreeSet;

use super::table::{Row, State};
use crate::config::Config;
use crate::ingress::chat::ChatName;
use crate::policy::{Pattern, Rules};
use crate::request::Mode;

pub(super) fn rows(config: &Config) -> Vec<Row> {
    let mut rows = vec![mode(config), keys(config), limits(&config.rules)];
    if config.rules.max_event_age.is_some() {
        rows.extend(ages(config));
    }
    rows.extend([accounts(config), queue(config), reports(config)]);
    rows
}

fn mode(config: &Config) -> Row {
    match config.mode {
        Some(Mode::Enforce) => Row::new("mode", State::Ok, "enforce: instances are sealed, which cannot be undone"),
        Some(Mode::Plan) => Row::new("mode", State::Ok, "plan: nothing is changed"),
        None => Row::new("mode", State::Note, "not set, so it is plan on a real cloud: nothing is changed")
            .next_step("Set SEAL_MODE=enforce to make the change."),
    }
}

fn keys(config: &Config) -> Row {
    let keys = &config.keys;
    let allowed = match keys.allowed.len() {
        0 => "a request may name no other".to_owned(),
        count => format!("a request may name keys of {count} patterns"),
    };
    match keys.defaults.len() {
        0 if keys.required => {
            Row::new("key", State::Note, format!("none is configured and one is required; {allowed}"))
                .next_step("Add keys under [key.default], or every request that names none is refused.")
        }
        0 => Row::new("key", State::Note, format!("RDS's automatic key, which cannot be changed later; {allowed}")),
        count => {
            let otherwise = if keys.required { "refused" } else { "RDS's automatic key" };
            Row::new("key", State::Ok, format!("{count} configured, elsewhere {otherwise}; {allowed}"))
        }
    }
}

fn limits(rules: &Rules) -> Row {
    let patterns = |rule: &Option<Vec<Pattern>>| {
        rule.as_ref().map(|texts| texts.iter().map(Pattern::as_str).collect::<Vec<_>>().join(", "))
    };
    let list = |count: Option<usize>, what: &str| count.map(|count| format!("{what}: {count}"));
    let parts = [
        list(rules.accounts.as_ref().map(BTreeSet::len), "accounts"),
        patterns(&rules.regions).map(|texts| format!("regions {texts}")),
        rules.engines.as_ref().map(|engines| format!("engines {}", engines.join(", "))),
        patterns(&rules.instances).map(|texts| format!("instances {texts}")),
        list(rules.include_tags.as_ref().map(Vec::len), "tags to include"),
        list(Some(rules.exempt_tags.len()).filter(|count| *count > 0), "tags that exempt"),
        list(rules.resource_groups.as_ref().map(BTreeSet::len), "resource groups"),
        rules.max_event_age.map(|age| format!("events up to {age:#} old")),
        rules.strict.then(|| "strictly what the vendor's guide names".to_owned()),
    ];
    let most = rules.max_per_invocation.map(|most| format!("; {most} instances at once")).unwrap_or_default();
    match parts.into_iter().flatten().collect::<Vec<_>>() {
        parts if parts.is_empty() => {
            Row::new("policy", State::Note, format!("no rule restricts what may be sealed{most}"))
        }
        parts => Row::new("policy", State::Ok, parts.join("; ") + &most),
    }
}

/// By what the age of a request is known at each door.
fn ages(config: &Config) -> Vec<Row> {
    let row = |door: &str, state, detail: &str| Row::new(format!("age at {door}"), state, detail);
    let mut rows = vec![row(
        "event",
        State::Ok,
        "by the event's own time, and an event without one is refused; a direct request's is its arrival",
    )];
    rows.extend(config.webhooks.iter().map(|webhook| {
        let door = format!("webhook {}", webhook.name);
        if webhook.proof.signs_time() {
            row(&door, State::Ok, "by the signed webhook-timestamp; at /v1/events by the event's own time")
        } else {
            row(
                &door,
                State::Note,
                "by its arrival, for its sender signs no time: a repeat is as young as the first; at /v1/events by the \
                 event's own time",
            )
        }
    }));
    rows.extend(config.eventbridge.iter().map(|_| row("eventbridge", State::Ok, "by the event's own time")));
    rows.extend(config.chats.iter().map(|open| {
        let chat = open.door.chat();
        let known_by = match chat {
            ChatName::Slack => "by the signed x-slack-request-timestamp",
            ChatName::DingTalk => "by the message's createAt, else its arrival",
            ChatName::Feishu => "by the message's create_time, else its arrival",
            ChatName::WeCom => "by the message's CreateTime, else its arrival",
            ChatName::Teams => "by the message's timestamp",
        };
        row(chat.as_str(), State::Ok, known_by)
    }));
    rows
}

fn accounts(config: &Config) -> Row {
    match &config.account_role {
        None => Row::new("accounts", State::Ok, "its own account only"),
        Some(role) => {
            let isolated = if role.isolate { ", one session for each instance" } else { "" };
            Row::new("accounts", State::Ok, format!("others by {}{isolated}", role.role))
        }
    }
}

fn queue(config: &Config) -> Row {
    match (config.relay, config.has_secret()) {
        (false, _) => Row::new("queue", State::Ok, "relay is false: what cannot be done yet is left to the sender"),
        (true, true) => Row::new("queue", State::Ok, "what cannot be done yet waits in the function's queue, signed"),
        (true, false) => Row::new("queue", State::Note, "no secret: nothing waits in the function's queue")
            .next_step("Set SEAL_SECRET to 32 random bytes or more, the same in every instance of the function."),
    }
}

fn reports(config: &Config) -> Row {
    match config.sinks.iter().filter(|sink| sink.required).count() {
        _ if config.sinks.is_empty() => Row::new("reports", State::Note, "no sink: they go to the audit stream only"),
        required => Row::new("reports", State::Ok, format!("sinks: {}, required: {required}", config.sinks.len())),
    }
}
