//! Between one process and the cloud: sees every call, judges every write the moment it comes by, and cuts some.

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::plant::Plant;
use crate::process::Process;
use crate::random::Random;
use crate::wire::{self, Message, response};
use crate::world::World;

/// The operations that change something.
const WRITES: [&str; 2] = ["EnableBackupEncryption", "AuthorizeBackupEncryption"];

/// What comes when an answer is spoilt: long enough for the cloud to have done what it was asked.
const DONE_BY_THEN: Duration = Duration::from_millis(500);

/// Refusals that say nothing about the instance.
const ABOUT_THE_CALLER: [&str; 3] = ["Forbidden.RAM", "InvalidAccessKeyId.NotFound", "IllegalTimestamp"];

/// One call, as it came by.
pub(crate) struct Call {
    pub(crate) operation: String,
    /// Empty where it is about none.
    pub(crate) instance: String,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    cloud: u16,
    process: OnceCell<Weak<Process>>,
    /// How many of a thousand calls are cut.
    pub(crate) cuts: Cell<u64>,
    chance: RefCell<Random>,
    /// The instances in doubt, each with the code that its next write is refused with.
    in_doubt: RefCell<Vec<(String, &'static str)>>,
}

impl Proxy {
    pub(crate) async fn start(world: &Rc<World>, chance: Random) -> io::Result<Rc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Rc::new(Self {
            port: listener.local_addr()?.port(),
            cloud: world.cloud.port,
            process: OnceCell::new(),
            cuts: Cell::new(0),
            chance: RefCell::new(chance),
            in_doubt: RefCell::default(),
        });
        let (serving, world) = (Rc::downgrade(&proxy), Rc::downgrade(world));
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (Some(proxy), Some(world)) = (serving.upgrade(), world.upgrade()) else { return };
                tokio::task::spawn_local(async move {
                    // A connection that breaks is what this is for.
                    let _ = proxy.carry(stream, &world).await;
                });
            }
        });
        Ok(proxy)
    }

    pub(crate) fn belongs_to(&self, process: &Rc<Process>) {
        let _ = self.process.set(Rc::downgrade(process));
    }

    async fn carry(&self, stream: TcpStream, world: &Rc<World>) -> io::Result<()> {
        let (from, mut to) = stream.into_split();
        let (mut from, mut cloud) = (BufReader::new(from), None);
        while let Some(message) = wire::read(&mut from).await? {
            let call = call(&message);
            world.hears(self.process.get().and_then(Weak::upgrade), &call, &message);
            if let Some(answer) = self.refusal_in_doubt(&call) {
                to.write_all(&answer).await?;
                continue;
            }
            let casts_doubt = self.casts_doubt(world, &call);
            let (before, after) = if casts_doubt { (false, true) } else { self.cut() };
            if before {
                return Ok(());
            }
            if cloud.is_none() {
                cloud = Some(TcpStream::connect(("127.0.0.1", self.cloud)).await?.into_split());
            }
            let Some((answers, asks)) = cloud.as_mut() else { return Ok(()) };
            for _ in 0..if world.plant == Some(Plant::WritesRepeated) && call.is_write() { 20 } else { 1 } {
                asks.write_all(&message.head).await?;
                asks.write_all(&message.body).await?;
                world.counts(&call);
            }
            let answer = self.answer(answers, if after { None } else { Some(&mut to) }).await;
            if call.is_write() && !call.instance.is_empty() {
                world.looks_at(&call.instance, answer.as_deref().unwrap_or_default()).await;
            }
            // Where the write was not made, because the cloud had a fault of its own, a refusal would be the last word.
            if casts_doubt && world.sealed_at.borrow().contains_key(&call.instance) {
                let code = self.chance.borrow_mut().pick(&ABOUT_THE_CALLER);
                self.in_doubt.borrow_mut().push((call.instance.clone(), code));
            }
            if after || answer.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Passes the answer on while it comes, or keeps it, and returns its beginning. An error is a connection that is over.
    async fn answer(&self, cloud: &mut OwnedReadHalf, mut to: Option<&mut OwnedWriteHalf>) -> io::Result<Vec<u8>> {
        let mut whole = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = cloud.read(&mut buffer);
            let bytes = if to.is_some() { read.await? } else { timeout(DONE_BY_THEN, read).await?? };
            if bytes == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            whole.extend_from_slice(&buffer[..bytes]);
            if let Some(to) = to.as_mut() {
                to.write_all(&buffer[..bytes]).await?;
            }
            if is_whole(&whole) || to.is_none() {
                return Ok(whole);
            }
        }
    }

    /// Whether this write is to be made and its answer to be lost, so that the next one can be refused.
    fn casts_doubt(&self, world: &World, call: &Call) -> bool {
        let process = self.process.get().and_then(Weak::upgrade);
        let is_first = !self.in_doubt.borrow().iter().any(|(instance, _)| *instance == call.instance);
        call.operation == WRITES[0]
            && world.is_doubtful(&call.instance)
            && is_first
            && process.is_some_and(|process| world.is_alone(&process, &call.instance))
    }

    /// Whether the connection is cut before the call reaches the cloud, or after.
    fn cut(&self) -> (bool, bool) {
        let roll = self.chance.borrow_mut().below(1000);
        (roll < self.cuts.get() / 2, (self.cuts.get() / 2..self.cuts.get()).contains(&roll))
    }

    /// The refusal of a write whose forerunner was cut, once, if it is the same delivery that asks again.
    fn refusal_in_doubt(&self, call: &Call) -> Option<Vec<u8>> {
        let mut in_doubt = self.in_doubt.borrow_mut();
        let place = in_doubt.iter().position(|(instance, code)| *instance == call.instance && !code.is_empty())?;
        let code = std::mem::take(&mut in_doubt[place].1);
        let body = format!(
            r#"{{"RequestId":"00000000-0000-0000-0000-000000000000","HostId":"rds.aliyuncs.com","Code":"{code}","Message":"{code}"}}"#
        );
        let status = if code == "IllegalTimestamp" { 400 } else { 403 };
        Some(response(status, "content-type: application/json\r\n", &body))
    }
}

impl Call {
    pub(crate) fn is_write(&self) -> bool {
        WRITES.contains(&self.operation.as_str())
    }
}

fn call(message: &Message) -> Call {
    let query = message.first.split(' ').nth(1).and_then(|path| path.split_once('?')).map_or("", |(_, query)| query);
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let operation = message.header("x-acs-action").or_else(|| parameter("Action")).unwrap_or_default().to_owned();
    let instance = ["DBInstanceId", "DBInstanceName"].into_iter().find_map(parameter).unwrap_or_default().to_owned();
    Call { operation, instance }
}

/// Whether a response is complete, as far as it says how long it is.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    match length {
        Some(length) => bytes.len() >= end + 4 + length,
        None if head.contains("transfer-encoding: chunked") => bytes.ends_with(b"0\r\n\r\n"),
        None => true,
    }
}
