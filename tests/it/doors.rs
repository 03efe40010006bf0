//! What every door says to bad input: `docs/doors.md` is written from its answers.

use std::fmt::Write as _;
use std::path::Path;

use crate::{chats, webhooks};

/// What unpacks to a thousand times its size.
pub(crate) const BOMB: &[u8] = include_bytes!("../fixtures/zeros-16-mib.gz");

/// Whether the sender has to know a secret for it.
#[derive(Clone, Copy)]
pub(crate) enum By {
    Anybody,
    TheSender,
}

impl By {
    /// Without a secret nobody hears more than this.
    pub(crate) fn may_hear(self, cell: &str) -> bool {
        matches!(self, Self::TheSender) || ["401", "405", "413", "415", "–"].contains(&cell)
    }
}

/// Set `REWRITE_DOCS` to write the file anew.
#[tokio::test]
async fn the_doors_answer_bad_input_as_documented() {
    let now =
        PAGE.replace("{webhooks}", &webhooks::inputs::table().await).replace("{chats}", &chats::doors::table().await);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doors.md");
    if std::env::var("REWRITE_DOCS").is_ok() {
        std::fs::write(&path, &now).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == now, "docs/doors.md is stale: run the test with REWRITE_DOCS=1\n{now}");
}

/// A table with a row for each input.
pub(crate) fn table<'a>(
    titles: impl Iterator<Item = &'static str>,
    rows: impl Iterator<Item = (&'static str, &'a Vec<String>)>,
) -> String {
    let titles: Vec<&str> = titles.collect();
    let mut table = format!("| input | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(titles.len()));
    for (input, cells) in rows {
        writeln!(table, "| {input} | {} |", cells.join(" | ")).unwrap();
    }
    table
}

/// The same text with another character in one place.
pub(crate) fn turned_at(text: &str, at: usize) -> String {
    let other = if &text[at..=at] == "0" { "1" } else { "0" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

const PAGE: &str = "# What the doors let in

What each door says to bad input, and what a request that somebody captured can do inside its window: it may be sent again as it
stands, and no door can tell it from the sender's own. A signature that is in a log or at a proxy is a captured request. The
policy, the mode and the sender's bounds are judged anew each time, and backup encryption that is on stays as it is: a report
says `already_enabled`, and has the correlation id of the first where the request has an id that was signed. On Function Compute each answer has `x-fc-status: 200`: the platform repeats
none of them. The tables of answers are written by a test, from the answers.

## Webhooks

| door | proof | signed | window | what else a captured request can do |
|---|---|---|---|---|
| `/v1/requests`, `/v1/events` | Standard Webhooks, `v1` or `v1a` | id, time and body | 5 min | carry other `ce-` headers in the binary mode of CloudEvents: so such an event only plans |
| | bearer token | **nothing** | none | carry any body, until the token is changed: so it only plans, unless `accept_replay` is set |
| | `X-Hub-Signature-256` | the body | **none** | carry other `ce-` headers, for ever: so it only plans, unless \
`accept_replay` is set, and an event in the binary mode even then |
| `/v1/eventbridge` | EventBridge, V2 | address, time, token and body | 1 min | nothing |

A delivery that asks for the same instance, account, region, key and mode more than once asks for it once; the others are `ignored` as
`repeated`. It may ask for 100 instances, unless `policy.max_per_invocation` says otherwise. A delivery that GitHub's way
signs is named by the SHA-256 of its body, never by `X-GitHub-Delivery`, which anybody can change: each repeat has the report ids of the
first. Plans of senders that sign no time reach only sinks with `replayable = true`. Of the signatures in one `webhook-signature` those that
cannot be read are passed over, and refuse no other; of `v1a` the first two are looked at.

*served*: understood and carried out. *refused*: a report that names the rule. 401 is one and the same answer, whatever is wrong; 400 names
the field. *–*: this door has no such thing, or nobody but the bus could make it. The bus's certificate was pinned for this. Where it is
not, a push with the right token fetches it from the vendor's host until one has verified something; after that, one that it does not
verify fetches it anew at most once a minute. Where a fetch fails the answer is 503.

{webhooks}
## Chats

| door | signed | window | what else a captured request can do |
|---|---|---|---|
| Slack | time and body | 5 min | nothing |
| DingTalk | time and encrypted body | 5 min | nothing |
| DingTalk, not encrypted | **the time alone** | 5 min | carry any body, by anybody, from anywhere: so it serves `plan` and `status` and gives out \
no token, unless `trust_unsigned_body` is set, and then whoever captured one can also seal what a grant reaches |
| Feishu | time, nonce and encrypted body | `window`, 10 min | nothing; a redelivery shows its answer once, by the reply's `uuid` |
| WeCom application | time, nonce and encrypted body | 5 min | nothing; the time inside the encrypted body is checked too |
| WeCom robot | time, nonce and encrypted body | 5 min | time and nonce may change places, so it holds once more when the \
time comes to a nonce of ten digits: for a plan, for a token has expired by then |
| Teams | the body, which says its own time | 5 min | nothing |

A message that is sent again shows a plan once more; a repeated `confirm` finds backup encryption on already, or refuses because the state
has changed; and a `confirm` that did not get through is carried out.

**Where answers go.** An answer to an address from the message goes to the vendor's host, over https, and to the path that is for answers alone:
`/actions/` and `/commands/` of Slack, `/robot/sendBySession` of DingTalk, `/cgi-bin/aibot/response` of WeCom. So an address of somebody's own robot,
such as `/robot/send?access_token=…`, is no address for answers. Where DingTalk's body is not encrypted a forger can still name a session of
a conversation of their own, and is answered there: with a plan, and no token unless `trust_unsigned_body` is set.

**Late answers.** What a late answer needs is kept of the message, and an address is judged once more before it is used. No secret that
verifies a chat's requests is needed for it.

| chat | where a late answer goes | how often |
|---|---|---|
| Slack | to the command's or the button's `response_url`; a button's in place of the message that had it | five times in 30 minutes |
| DingTalk | to the `sessionWebhook` | until its `sessionWebhookExpiredTime` |
| Feishu | a reply to the message or the card, with the application's tenant token | once for each report, by the reply's `uuid` |
| WeCom robot | to the `response_url`; until then a pressed card is replaced in the response | once in an hour |
| WeCom application, Teams | nowhere | – |

*served*: understood and carried out as a plan. *words*: 200 and a sentence in the form that chat shows, and the cloud is
not asked. *nothing*: 200, nothing is shown, and the log says why. 401 is one and the same sentence, whatever is wrong. *–*: this door has
no such thing.

{chats}";
