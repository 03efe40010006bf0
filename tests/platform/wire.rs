//! HTTP/1.1 as bytes: enough to be a client who hangs up, a sink that breaks off and a proxy that cuts.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// A request or a response, and the bytes it was.
#[derive(Debug, Default, Clone)]
pub(crate) struct Message {
    pub(crate) first: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) head: Vec<u8>,
}

impl Message {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn status(&self) -> u16 {
        self.first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn length(&self) -> Option<usize> {
        self.header("content-length")?.parse().ok()
    }
}

/// The head of the next message; nothing where the other side has closed before it.
pub(crate) async fn read_head(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Message>> {
    let mut message = Message::default();
    loop {
        let start = message.head.len();
        if from.read_until(b'\n', &mut message.head).await? == 0 {
            return if start == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        let line = String::from_utf8_lossy(&message.head[start..]).trim_end().to_owned();
        match line.split_once(':') {
            _ if start == 0 => message.first = line,
            Some((name, value)) => message.headers.push((name.to_owned(), value.trim().to_owned())),
            None if line.is_empty() => return Ok(Some(message)),
            None => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// The whole next message.
pub(crate) async fn read(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Message>> {
    let Some(mut message) = read_head(from).await? else { return Ok(None) };
    let is_chunked = message.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    match message.length() {
        Some(length) => {
            message.body.resize(length, 0);
            from.read_exact(&mut message.body).await?;
        }
        None if is_chunked => read_chunks(from, &mut message.body).await?,
        None => {}
    }
    Ok(Some(message))
}

async fn read_chunks(from: &mut (impl AsyncBufRead + Unpin), body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        from.read_line(&mut line).await?;
        let length = usize::from_str_radix(line.trim(), 16).map_err(|_| io::ErrorKind::InvalidData)?;
        let mut chunk = vec![0; length + 2];
        from.read_exact(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        body.extend_from_slice(&chunk[..length]);
    }
}

/// How a client behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Waits for the answer so long.
    Until(Duration),
    /// Sends everything, and hangs up after this time.
    HangsUp(Duration),
    /// Sends so many bytes of the body and hangs up.
    BreaksOff(usize),
}

/// One request on a connection of its own. Nothing is returned where the client did not wait.
pub(crate) async fn send(port: u16, message: &[u8], head: usize, patience: Patience) -> io::Result<Option<Message>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    match patience {
        Patience::BreaksOff(bytes) => {
            stream.write_all(&message[..head + bytes]).await?;
            sleep(Duration::from_millis(50)).await;
            Ok(None)
        }
        Patience::HangsUp(after) => {
            stream.write_all(message).await?;
            sleep(after).await;
            Ok(None)
        }
        Patience::Until(most) => {
            let answer = async {
                stream.write_all(message).await?;
                read(&mut BufReader::new(&mut stream)).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            };
            timeout(most, answer).await.map_err(|_| io::ErrorKind::TimedOut)?.map(Some)
        }
    }
}

/// The bytes of a request, and how many of them are its head.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, String)], body: &[u8]) -> (Vec<u8>, usize) {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    let head = bytes.len();
    bytes.extend_from_slice(body);
    (bytes, head)
}

/// The bytes of a response.
pub(crate) fn response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} -\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
