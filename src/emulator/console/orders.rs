//! What the page may have done.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Changed, Emulator, Faults, Said, functions, json, malformed, samples, state::Exchange};

type Answered = Result<Response, (StatusCode, String)>;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sent {
    Sample(String),
    Body(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spoken {
    chat: String,
    #[serde(default)]
    text: String,
    button: Option<String>,
    /// What is on the button. Its value may be a permission, and is not kept.
    #[serde(default)]
    label: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Switch {
    On(Value),
    Off(Value),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    language: String,
}

pub(super) async fn send(State(emulator): State<Emulator>, body: Bytes) -> Answered {
    let (said, event) = match read(&body)? {
        Sent::Sample(name) => {
            let sample = samples::named(&name).ok_or_else(|| not_found("there is no such sample"))?;
            (name, Bytes::from_static(sample.body.as_bytes()))
        }
        Sent::Body(text) => ("an event of your own".to_owned(), Bytes::from(text)),
    };
    let number = begin(&emulator, None, said, false);
    let outcome = functions::trigger(&emulator, event).await;
    let ended = match outcome {
        Some((status, x_fc_status, answer)) => (status, x_fc_status, answer),
        None => (None, None, "there is no function to send it to: `rds-seal dev` has one".to_owned()),
    };
    Ok(json(&end(&emulator, number, ended)))
}

pub(super) async fn say(State(emulator): State<Emulator>, body: Bytes) -> Answered {
    let Spoken { chat, text, button, label } = read(&body)?;
    let (access, now) = {
        let world = emulator.world();
        let access = world.console.chats.iter().find(|access| access.chat == chat).cloned();
        (access, world.clock.now())
    };
    let access = access.ok_or_else(|| not_found("this chat is not open"))?;
    let is_pressed = button.is_some();
    let number = begin(&emulator, Some(chat), if is_pressed { label } else { text.clone() }, is_pressed);
    let ended = match access.say(button.map_or(Said::Text(text), Said::Button), now).await {
        Ok(answered) => {
            let x_fc_status = answered.headers.get("x-fc-status").cloned();
            (Some(answered.status), x_fc_status, answered.plain.unwrap_or(answered.body))
        }
        Err(why) => (None, None, why),
    };
    Ok(json(&end(&emulator, number, ended)))
}

pub(super) async fn advance(State(emulator): State<Emulator>, body: Bytes) -> Changed {
    let Advance { seconds } = read(&body)?;
    emulator.advance(seconds).await.map_err(malformed)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn switch_faults(State(emulator): State<Emulator>, body: Bytes) -> Changed {
    let parsed = |script: Value| Faults::parse(script.to_string().as_bytes()).map_err(malformed);
    match read(&body)? {
        Switch::On(script) => emulator.world().faults.take_in(parsed(script)?),
        Switch::Off(script) => emulator.world().faults.take_back(&parsed(script)?),
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn choose_language(State(emulator): State<Emulator>, body: Bytes) -> Changed {
    let Choice { language } = read(&body)?;
    let choose = {
        let mut world = emulator.world();
        let languages = &mut world.console.languages;
        if !languages.offered.contains(&language) {
            return Err(not_found("this language is not on offer"));
        }
        languages.chosen.clone_from(&language);
        languages.choose.as_ref().map(Arc::clone)
    };
    choose.inspect(|choose| choose(&language));
    Ok(StatusCode::NO_CONTENT)
}

fn begin(emulator: &Emulator, chat: Option<String>, said: String, is_pressed: bool) -> usize {
    let mut world = emulator.world();
    let (at, before) = (world.clock.now().to_string(), world.notifications.len());
    let (after, status, x_fc_status, answer) = (None, None, None, None);
    world.console.exchanges.push(Exchange { at, chat, said, is_pressed, before, after, status, x_fc_status, answer })
}

/// Writes the answer down. None if so much has happened since that the exchange is forgotten.
fn end(
    emulator: &Emulator,
    number: usize,
    (status, x_fc_status, answer): (Option<u16>, Option<String>, String),
) -> Option<Exchange> {
    let mut world = emulator.world();
    let after = world.notifications.len();
    let exchange = world.console.exchanges.get_mut(number)?;
    exchange.after = Some(after);
    exchange.status = status;
    exchange.x_fc_status = x_fc_status;
    exchange.answer = Some(answer);
    Some(exchange.clone())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))
}

fn not_found(why: &str) -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, why.to_owned())
}
