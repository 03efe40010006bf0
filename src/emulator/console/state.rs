//! All that the page shows, as one object.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    ChatAccess, Emulator, json as answer,
    log::{Log, newest},
};
use crate::emulator::{
    sinks::{Notification, Sink},
    world::World,
};

/// What only the console needs to remember.
#[derive(Default)]
pub(crate) struct ConsoleState {
    pub(super) chats: Vec<ChatAccess>,
    pub(super) audit: Log<String>,
    pub(super) exchanges: Log<Exchange>,
    pub(super) languages: Languages,
}

/// Something that was sent to the function, and its answer.
#[derive(Clone, Serialize)]
pub(super) struct Exchange {
    pub(super) at: String,
    /// None: it was an event.
    pub(super) chat: Option<String>,
    /// The name of the sample, the words, or what is on the button.
    pub(super) said: String,
    pub(super) is_pressed: bool,
    /// How many notifications there were before it was sent and after it was answered, so that the page can put the
    /// messages of a chat in order.
    pub(super) before: usize,
    pub(super) after: Option<usize>,
    pub(super) status: Option<u16>,
    pub(super) x_fc_status: Option<String>,
    pub(super) answer: Option<String>,
}

pub(super) type Choose = dyn Fn(&str) + Send + Sync;

#[derive(Default)]
pub(super) struct Languages {
    pub(super) offered: Vec<String>,
    pub(super) chosen: String,
    pub(super) choose: Option<Arc<Choose>>,
}

pub(super) async fn show(State(emulator): State<Emulator>) -> Response {
    let version = emulator.changes.version();
    // Looking changes nothing, although an instance may become ready by it: who looks is told of no change.
    let mut state = shown(&mut emulator.world.lock().expect("nothing panics while it holds the lock"));
    state["version"] = version.into();
    answer(&state)
}

fn shown(world: &mut World) -> Value {
    let now = world.clock.now();
    let console = &world.console;
    let notifications: Vec<_> = world.notifications.iter().map(Notification::shown).collect();
    let sinks = Sink::WITH_A_PATH.into_iter().map(Sink::name);
    let chats: Vec<_> = console.chats.iter().map(|access| access.chat).collect();
    let mut queue = world.queue.view();
    for made in ["delivered", "dead_letters"] {
        queue[made] = newest(queue[made].as_array().map_or(&[], Vec::as_slice));
    }
    json!({
        "now": now.to_string(),
        "functions": world.functions.all(),
        "chats": chats,
        "languages": console.languages.offered,
        "language": console.languages.chosen,
        "exchanges": console.exchanges.shown(),
        "audit": console.audit.shown(),
        "calls": newest(&world.calls.all()),
        "queue": queue,
        "faults": world.faults.waiting(),
        "sinks": sinks.collect::<Vec<_>>(),
        "notifications": newest(&notifications),
        "instances": world.instances.all(now),
    })
}
