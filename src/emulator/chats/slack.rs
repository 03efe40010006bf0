//! Slack: a slash command or a pressed button, as a form (*documented*).

use jiff::Timestamp;
use serde_json::json;

use super::{Letter, Order, encoding::encode, encoding::hex, fresh, hmac_sha256};

pub(super) fn letter(order: &Order, now: Timestamp) -> Letter {
    let (team, channel, user) = (order.tenant("T0DEV"), order.channel("C0DEV"), order.user("U0DEV"));
    let url = "https://hooks.slack.com/commands/T0DEV/1/stand-in";
    let form = match &order.button {
        Some(value) => vec![("payload", pressed(team, channel, user, value))],
        None => vec![
            ("team_id", team.to_owned()),
            ("channel_id", channel.to_owned()),
            ("user_id", user.to_owned()),
            ("user_name", "somebody".to_owned()),
            ("command", "/rds-seal".to_owned()),
            ("text", order.text.clone()),
            ("response_url", url.to_owned()),
            ("trigger_id", fresh()),
        ],
    };
    let form = || form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
    let body = order.raw.clone().unwrap_or_else(form);
    let at = now.as_second().to_string();
    let signature = hmac_sha256(order.secret.as_bytes(), format!("v0:{at}:{body}").as_bytes());
    let headers = vec![
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("x-slack-request-timestamp", at),
        ("x-slack-signature", format!("v0={}", hex(&signature))),
    ];
    Letter { query: String::new(), headers, body }
}

fn pressed(team: &str, channel: &str, user: &str, value: &str) -> String {
    let payload = json!({
        "type": "block_actions",
        "team": {"id": team},
        "channel": {"id": channel},
        "user": {"id": user, "username": "somebody", "team_id": team},
        "trigger_id": fresh(),
        "response_url": "https://hooks.slack.com/actions/T0DEV/1/stand-in",
        "actions": [{"action_id": "rds-seal.confirm", "block_id": "b", "type": "button", "value": value}],
    });
    payload.to_string()
}
