//! Connections that can be cut: for a client, a service that closes the socket without a word.
//!
//! HTTP servers answer whatever happens, so the cut is made below HTTP. Once a line is cut, nothing more can be
//! written to it, not even an answer that was waiting, and the server gives the connection up.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// A listener whose connections can be cut.
pub(super) struct Lines(pub(super) TcpListener);

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

/// Who is at the other end, and the means to cut the line.
#[derive(Clone)]
pub(super) struct Peer {
    address: SocketAddr,
    cut: Arc<AtomicBool>,
}

impl Peer {
    /// Lets nothing more through. What the handler returns now is never sent.
    pub(super) fn hang_up(&self) {
        self.cut.store(true, Ordering::Release);
    }

    pub(super) fn is_local(&self) -> bool {
        self.address.ip().to_canonical().is_loopback()
    }
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Line { stream, cut: Arc::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Peer {
    fn connect_info(line: IncomingStream<'_, Lines>) -> Self {
        Self { address: *line.remote_addr(), cut: Arc::clone(&line.io().cut) }
    }
}

impl Line {
    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
