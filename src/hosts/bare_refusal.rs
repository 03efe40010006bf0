//! The HTTP library's own refusals, marked for the platform. A request that it cannot read (too many fields, a head that is
//! too long, no HTTP at all) it answers by itself, before anything of ours is asked, and so without `x-fc-status`: which
//! the platform counts as a success (*documented*). What goes out is seen here last.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};

const STATUS_FIELD: &[u8] = b"x-fc-status";
const FAILURE: &[u8] = b"x-fc-status: 404\r\n";

/// A stream on which a bare refusal goes out as a failure, where the platform listens.
pub(super) struct MarkRefusals<S> {
    stream: S,
    is_platform: bool,
    /// The marked refusal, and how much of it is written.
    marked: Option<(Vec<u8>, usize)>,
}

impl<S> MarkRefusals<S> {
    pub(super) fn new(stream: S, is_platform: bool) -> Self {
        Self { stream, is_platform, marked: None }
    }
}

/// Whether these bytes are an answer of the library alone: 4xx, no body, no mark.
fn is_bare_refusal(bytes: &[u8]) -> bool {
    (bytes.starts_with(b"HTTP/1.1 4") || bytes.starts_with(b"HTTP/1.0 4"))
        && bytes.ends_with(b"\r\n\r\n")
        && !bytes.windows(STATUS_FIELD.len()).any(|field| field.eq_ignore_ascii_case(STATUS_FIELD))
}

/// The same answer, with the mark as its first field.
fn marked(refusal: &[u8]) -> Vec<u8> {
    let fields = refusal.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (status_line, fields) = refusal.split_at(fields);
    [status_line, FAILURE, fields].concat()
}

impl<S: Write + Unpin> MarkRefusals<S> {
    /// Writes a refusal with its mark, all of it before it says so.
    fn poll_refuse(&mut self, cx: &mut Context<'_>, refusal: &[u8]) -> Poll<io::Result<usize>> {
        let (bytes, written) = self.marked.get_or_insert_with(|| (marked(refusal), 0));
        while *written < bytes.len() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[*written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        self.marked = None;
        Poll::Ready(Ok(refusal.len()))
    }
}

impl<S: Write + Unpin> Write for MarkRefusals<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_platform && is_bare_refusal(bytes) {
            return self.poll_refuse(cx, bytes);
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match bytes {
            [head, ..] if self.is_platform && is_bare_refusal(head) => self.poll_refuse(cx, head),
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: Read + Unpin> Read for MarkRefusals<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

#[cfg(test)]
mod tests {
    use super::{is_bare_refusal, marked};

    const BARE: &[u8] =
        b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

    #[test]
    fn a_bare_refusal_gets_the_mark_of_a_failure_and_only_once() {
        assert!(is_bare_refusal(BARE));
        let marked = marked(BARE);
        let expected = "HTTP/1.1 431 Request Header Fields Too Large\r\nx-fc-status: 404\r\nconnection: close\r\n";
        assert!(marked.starts_with(expected.as_bytes()));
        assert!(!is_bare_refusal(&marked));
        assert!(is_bare_refusal(b"HTTP/1.0 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
    }

    #[test]
    fn our_own_answers_are_left_as_they_are() {
        for ours in [
            &b"HTTP/1.1 404 Not Found\r\nX-Fc-Status: 200\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            b"",
        ] {
            assert!(!is_bare_refusal(ours), "{}", String::from_utf8_lossy(ours));
        }
    }
}
