//! What the page consists of: files as they are, with no step between writing and serving them.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Names, media types and contents.
const PARTS: &[(&str, &str, &str)] = &[
    ("style.css", STYLE, include_str!("page/style.css")),
    ("controls.css", STYLE, include_str!("page/controls.css")),
    ("logs.css", STYLE, include_str!("page/logs.css")),
    ("cards/card.css", STYLE, include_str!("page/cards/card.css")),
    ("cards/slack.css", STYLE, include_str!("page/cards/slack.css")),
    ("cards/dingtalk.css", STYLE, include_str!("page/cards/dingtalk.css")),
    ("cards/feishu.css", STYLE, include_str!("page/cards/feishu.css")),
    ("cards/wecom.css", STYLE, include_str!("page/cards/wecom.css")),
    ("cards/teams.css", STYLE, include_str!("page/cards/teams.css")),
    ("app.js", SCRIPT, include_str!("page/app.js")),
    ("dom.js", SCRIPT, include_str!("page/dom.js")),
    ("names.js", SCRIPT, include_str!("page/names.js")),
    ("server.js", SCRIPT, include_str!("page/server.js")),
    ("send.js", SCRIPT, include_str!("page/send.js")),
    ("answers.js", SCRIPT, include_str!("page/answers.js")),
    ("cloud.js", SCRIPT, include_str!("page/cloud.js")),
    ("faults.js", SCRIPT, include_str!("page/faults.js")),
    ("people.js", SCRIPT, include_str!("page/people.js")),
    ("markup.js", SCRIPT, include_str!("page/markup.js")),
    ("cards/card.js", SCRIPT, include_str!("page/cards/card.js")),
    ("cards/slack.js", SCRIPT, include_str!("page/cards/slack.js")),
    ("cards/dingtalk.js", SCRIPT, include_str!("page/cards/dingtalk.js")),
    ("cards/feishu.js", SCRIPT, include_str!("page/cards/feishu.js")),
    ("cards/wecom.js", SCRIPT, include_str!("page/cards/wecom.js")),
    ("cards/teams.js", SCRIPT, include_str!("page/cards/teams.js")),
];

pub(super) async fn whole() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("page/page.html")).into_response()
}

pub(super) async fn part(Path(file): Path<String>) -> Response {
    match PARTS.iter().find(|(name, ..)| *name == file) {
        Some((_, media, text)) => ([(header::CONTENT_TYPE, *media)], *text).into_response(),
        None => (StatusCode::NOT_FOUND, "the console has no such part").into_response(),
    }
}
