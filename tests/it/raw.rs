//! Requests byte by byte, as no client library would send them.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends bytes on a connection of their own.
pub(crate) async fn connect(
    to: SocketAddr,
    path: &str,
    headers: &[(String, String)],
    framing: &str,
    body: &[u8],
) -> TcpStream {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    let head = format!("POST {path} HTTP/1.1\r\nhost: f\r\nconnection: close\r\n{headers}{framing}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream
}

/// Everything that is answered on a connection, until it is closed.
pub(crate) async fn answered(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Sends a body in chunks, with nothing said of its length, and returns the status and what came after the head.
pub(crate) async fn in_chunks(to: SocketAddr, path: &str, headers: &[(String, String)], body: &[u8]) -> (u16, String) {
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let size = (body.len() / 2).clamp(1, 64 * 1024);
    let body = [body.chunks(size).map(chunk).collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat();
    let answer = answered(connect(to, path, headers, "transfer-encoding: chunked", &body).await).await;
    let (head, rest) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), rest.to_owned())
}
