//! Slack incoming webhooks: a coloured attachment of blocks, readable on a phone.
//!
//! Source: Slack's pages on incoming webhooks and blocks. Colour exists on attachments only; of mrkdwn only `& < >` are
//! escaped; success is status 200 *and* the body `ok`.

use serde_json::{Value, json};

use crate::outcome::{Outcome, Report};

use super::text;

/// A section's text may hold 3000 characters; a message of ours is a few hundred.
const MAX_TEXT: usize = 2900;

pub(super) fn render(report: &Report) -> Value {
    let title = text::title(report);
    let fields: Vec<Value> = text::facts(report)
        .into_iter()
        .map(|(name, value)| json!({"type": "mrkdwn", "text": format!("*{name}*\n{}", escape(&value))}))
        .collect();
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": title}}),
        section(&escape(&report.message)),
        json!({"type": "section", "fields": fields}),
    ];
    if let Some(step) = &report.next_step {
        blocks.push(section(&format!("*Next step*\n{}", escape(step))));
    }
    blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": escape(&footer(report))}]}));
    json!({
        "text": escape(&format!("{title}: {} in {}", report.instance, report.region)),
        "attachments": [{"color": colour(report.outcome), "blocks": blocks}],
    })
}

pub(super) fn accepted(answer: &[u8]) -> bool {
    answer.trim_ascii() == b"ok"
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": truncated(text)}})
}

fn footer(report: &Report) -> String {
    let request = report.upstream.as_ref().and_then(|upstream| upstream.request_id.as_deref());
    let request = request.map(|id| format!(" · request {id}")).unwrap_or_default();
    format!("{:.0} · report {}{request}", report.finished_at, report.id)
}

fn colour(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Enabled => "#2eb67d",
        Outcome::AlreadyEnabled => "#9aa0a6",
        Outcome::Planned => "#36c5f0",
        Outcome::Refused | Outcome::Waiting => "#ecb22e",
        Outcome::Failed | Outcome::Unknown => "#e01e5a",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn truncated(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT {
        return text.to_owned();
    }
    let head: String = text.chars().take(MAX_TEXT).collect();
    format!("{head}…")
}
