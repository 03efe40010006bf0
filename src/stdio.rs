//! Standard output and standard error, written to without waiting: whoever reads them may have stopped reading.
//!
//! A write to a full pipe waits for its reader (pipe(7)), and every delivery of this process with it. `O_NONBLOCK` is no way
//! out: it belongs to the open file description (open(2)), so it would change the stream for everybody who shares it. So
//! poll(2) is asked first, and at most [`PIECE`] bytes follow. A pipe is writable while a page of it is free (read in Linux,
//! `fs/pipe.c`), and no more than that goes in without waiting. Files and the null device always have room (poll(2)).

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat, major, minor};

/// `PIPE_BUF` of Linux, which is also its smallest page: what a pipe with room takes whole.
pub const PIECE: usize = 4096;

const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// A stream of this process that may be shared with others.
#[derive(Debug)]
pub struct Stream {
    fd: OwnedFd,
    /// It is a file or the null device: there is nothing to ask.
    always_has_room: bool,
}

impl Stream {
    pub fn stdout() -> io::Result<Self> {
        io::stdout().as_fd().try_clone_to_owned().map(Self::from)
    }

    pub fn stderr() -> io::Result<Self> {
        io::stderr().as_fd().try_clone_to_owned().map(Self::from)
    }

    /// Writes as much as there is room for, at most a [`PIECE`]. `WouldBlock` where there is none.
    pub fn write_some(&self, bytes: &[u8]) -> io::Result<usize> {
        if !self.always_has_room && self.state()?.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let piece = &bytes[..bytes.len().min(PIECE)];
        match rustix::io::retry_on_intr(|| rustix::io::write(&self.fd, piece))? {
            0 => Err(ErrorKind::WriteZero.into()),
            written => Ok(written),
        }
    }

    /// Whether a write would go through now. A pipe whose reader has left has no room ever again.
    pub fn has_room(&self) -> bool {
        self.state().is_ok_and(|state| state == PollFlags::OUT)
    }

    fn state(&self) -> io::Result<PollFlags> {
        let mut fds = [PollFd::new(&self.fd, PollFlags::OUT)];
        rustix::io::retry_on_intr(|| poll(&mut fds, Some(&AT_ONCE)))?;
        Ok(fds[0].revents())
    }
}

impl From<OwnedFd> for Stream {
    fn from(fd: OwnedFd) -> Self {
        let always_has_room = is_null_device(&fd)
            || fstat(&fd).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
        Self { fd, always_has_room }
    }
}

/// Whether this process was started without a standard output. The runtime of the language then puts the null device in its
/// place, opened for reading and writing, once for all streams that are closed (seen; `sanitize_standard_fds` of std). Whoever
/// throws the stream away on purpose opens it for writing alone, as a shell does, or once for all three, as daemon(3) does:
/// that looks as if all three were closed, and is believed.
pub fn stdout_was_closed() -> bool {
    let stdout = io::stdout();
    is_null_device(&stdout)
        && fcntl_getfl(&stdout).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR)
        && !(is_one_opening(&stdout, io::stdin()) && is_one_opening(&stdout, io::stderr()))
}

fn is_null_device(fd: impl AsFd) -> bool {
    fstat(fd).is_ok_and(|stat| {
        FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
            && (major(stat.st_rdev), minor(stat.st_rdev)) == (1, 3)
    })
}

/// Whether two descriptors are of one opening of the null device: they share its flags (open(2)). Appending means nothing
/// there.
fn is_one_opening(one: impl AsFd, other: impl AsFd) -> bool {
    let flags = |fd: &dyn AsFd| fcntl_getfl(fd.as_fd()).unwrap_or(OFlags::empty());
    let (before, others) = (flags(&one), flags(&other));
    let _ = fcntl_setfl(&one, before ^ OFlags::APPEND);
    let is_shared = flags(&other) != others;
    let _ = fcntl_setfl(&one, before);
    is_shared
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn pipe() -> (io::PipeReader, Stream) {
        let (reader, writer) = io::pipe().unwrap();
        (reader, OwnedFd::from(writer).into())
    }

    fn fill(stream: &Stream) -> usize {
        let mut written = 0;
        while let Ok(more) = stream.write_some(&[b'x'; PIECE]) {
            written += more;
        }
        written
    }

    #[test]
    fn a_full_pipe_is_left_alone_until_its_reader_has_made_room_for_a_whole_piece() {
        let (mut reader, stream) = pipe();
        let written = fill(&stream);
        assert!(written >= PIECE);
        assert!(!stream.has_room());
        assert_eq!(stream.write_some(b"x").unwrap_err().kind(), ErrorKind::WouldBlock);
        reader.read_exact(&mut [0; PIECE - 1]).unwrap();
        assert!(!stream.has_room(), "a byte of a page is not a page");
        reader.read_exact(&mut [0; 1]).unwrap();
        assert_eq!(stream.write_some(&[b'x'; 2 * PIECE]).unwrap(), PIECE);
    }

    #[test]
    fn a_pipe_without_a_reader_is_broken_and_not_full() {
        let (reader, stream) = pipe();
        drop(reader);
        assert!(!stream.has_room());
        assert_eq!(stream.write_some(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_file_always_has_room() {
        let null = std::fs::File::options().write(true).open("/dev/null").unwrap();
        let stream = Stream::from(OwnedFd::from(null));
        assert!(stream.has_room());
        assert_eq!(stream.write_some(b"x").unwrap(), 1);
    }
}
