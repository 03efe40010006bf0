//! `emulator`: the stand-in cloud alone.

use std::net::SocketAddr;
use std::path::Path;

use super::{Unable, print};
use crate::emulator::Emulator;
use crate::hosts::http;

pub(super) async fn run(listen: SocketAddr, state: Option<&Path>) -> Result<u8, Unable> {
    let emulator = match state {
        Some(path) => Emulator::with_state(path)?,
        None => Emulator::new(),
    };
    let listener = http::bind(listen).await?;
    print::line(&format!("listening on http://{}", listener.local_addr()?));
    let served = std::pin::pin!(emulator.serve(listener));
    futures_util::future::select(served, std::pin::pin!(http::signalled())).await;
    Ok(0)
}
