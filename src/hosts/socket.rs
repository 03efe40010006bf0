//! A socket that ends politely. Where a request is answered before its body was read, closing at once would reset the
//! connection, and the sender might never see the answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;

/// How long the rest of what the peer sends is thrown away for, and how much of it, in pieces of a few kilobytes.
const LINGER: Duration = Duration::from_secs(1);
const PIECES: u32 = 256;

pub(super) struct Socket {
    stream: TokioIo<TcpStream>,
    /// Once the server stops it waits for nobody.
    stopping: CancellationToken,
    lingering: Option<(Pin<Box<Sleep>>, u32)>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, stopping: CancellationToken) -> Self {
        Self { stream: TokioIo::new(stream), stopping, lingering: None }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TokioIo<TcpStream>> {
        Pin::new(&mut self.get_mut().stream)
    }

    /// Throws away what still arrives, until the peer has closed its half.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (time, pieces) = self.lingering.get_or_insert_with(|| (Box::pin(sleep(LINGER)), 0));
        let mut piece = [0; 4096];
        while *pieces < PIECES && time.as_mut().poll(cx).is_pending() {
            let mut piece = ReadBuf::new(&mut piece);
            match ready!(Pin::new(self.stream.inner_mut()).poll_read(cx, &mut piece)) {
                Ok(()) if !piece.filled().is_empty() => *pieces += 1,
                _ => break,
            }
        }
        Poll::Ready(())
    }
}

impl Read for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_read(cx, buf)
    }
}

impl Write for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(self.as_mut().stream().poll_shutdown(cx))?;
        }
        if !self.stopping.is_cancelled() {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, bytes)
    }
}
