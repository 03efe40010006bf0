//! One instance of the function: the built binary as the platform starts it, with its own way to the cloud, a standard
//! output that somebody reads, and a clock that can be wrong.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::audit::AuditPipe;
use crate::clock::{ProcessClock, WorldClock, scratch, shim};
use crate::cloud::{ACCOUNT, FUNCTION, REGION};
use crate::plant::Plant;
use crate::proxy::Proxy;

/// What signs the senders of webhooks here, and the reports to the webhook sink.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_YSBwbGF0Zm9ybSB0aGF0IHRyaWVzIHRvIGxvc2U=";
/// The one secret of the deployment.
pub(crate) const DEPLOYMENT_SECRET: &str = "the secret of a deployment that nobody has";

/// How it is started.
pub(crate) struct Setup<'s> {
    pub(crate) number: usize,
    pub(crate) run: &'s str,
    pub(crate) config: &'s str,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// The bytes that its standard output holds while nobody reads, where they are few.
    pub(crate) pipe: Option<u32>,
    pub(crate) plant: Option<Plant>,
}

pub(crate) struct Process {
    pub(crate) number: usize,
    pub(crate) port: u16,
    pub(crate) audit: Rc<AuditPipe>,
    pub(crate) proxy: Rc<Proxy>,
    pub(crate) clock: ProcessClock,
    /// The platform sends nothing more to one that it stops.
    pub(crate) is_closing: Cell<bool>,
    /// No SIGTERM reaches it.
    is_deaf: bool,
    child: RefCell<Child>,
    log: PathBuf,
}

impl Process {
    pub(crate) async fn start(setup: Setup<'_>, world: &WorldClock, proxy: Rc<Proxy>) -> io::Result<Rc<Self>> {
        // A name of its own: a file that is mapped must not be cut short.
        let file = |name: &str| scratch().join(format!("{}-{}.{name}", setup.run, setup.number));
        let (config, log) = (file("toml"), file("log"));
        fs::write(&config, setup.config)?;
        let clock = ProcessClock::new(file("clock"), world)?;
        let port = free_port()?;
        let mut command = command(&config, port, &proxy);
        command.envs(setup.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command.env("LD_PRELOAD", shim().map_err(io::Error::other)?).env("PLATFORM_CLOCK", &clock.path);
        command.envs(setup.pipe.map(|bytes| ("PLATFORM_PIPE", bytes.to_string())));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?).spawn()?;
        let stdout = child.stdout.take().expect("it is piped");
        let audit = AuditPipe::of(stdout, setup.plant)?;
        tokio::task::spawn_local(Rc::clone(&audit).keep_reading());
        let (number, child, is_closing) = (setup.number, RefCell::new(child), Cell::new(false));
        let is_deaf = setup.plant == Some(Plant::SigtermUnheard);
        let process = Rc::new(Self { number, port, audit, proxy, clock, is_closing, is_deaf, child, log });
        process.proxy.belongs_to(&process);
        process.listens().await?;
        Ok(process)
    }

    async fn listens(&self) -> io::Result<()> {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if self.has_ended() || Instant::now() > end {
                return Err(io::Error::other(format!("it does not listen: {}", self.log())));
            }
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.code().is_some()
    }

    /// How it ended, where it has: -1 for a signal.
    pub(crate) fn code(&self) -> Option<i32> {
        self.child.borrow_mut().try_wait().ok().flatten().map(|status| status.code().unwrap_or(-1))
    }

    /// Whether the platform sends to it.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_closing.get() && !self.has_ended()
    }

    pub(crate) fn signal(&self, name: &str) {
        let is_unheard = self.is_deaf && name == "TERM";
        if !is_unheard && !self.has_ended() {
            let pid = self.child.borrow().id().to_string();
            // It may have ended in between.
            let _ = Command::new("kill").args(["-s", name, &pid]).stderr(Stdio::null()).status();
        }
    }

    /// Whether it ends within this time.
    pub(crate) async fn ends_within(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        while !self.has_ended() {
            if Instant::now() > end {
                return false;
            }
            sleep(Duration::from_millis(10)).await;
        }
        true
    }

    pub(crate) async fn kill(&self) {
        self.is_closing.set(true);
        self.signal("KILL");
        self.ends_within(Duration::from_secs(5)).await;
        self.audit.read_the_rest();
    }

    /// Everything that it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// The function as the platform starts it, with nothing in its environment but what the platform and a deployment put there.
fn command(config: &std::path::Path, port: u16, proxy: &Proxy) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rds-seal"));
    command.arg("serve").env_clear().envs([
        ("FC_FUNCTION_NAME", FUNCTION),
        ("FC_INSTANCE_ID", "c-0000000000000001"),
        ("FC_ACCOUNT_ID", ACCOUNT),
        ("FC_REGION", REGION),
        ("SEAL_MODE", "enforce"),
        ("SEAL_LOG", "info"),
        ("WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("DEPLOYMENT_SECRET", DEPLOYMENT_SECRET),
    ]);
    command.env("SEAL_CONFIG", config).env("FC_SERVER_PORT", port.to_string());
    command.env("SEAL_ENDPOINT", format!("http://127.0.0.1:{}", proxy.port));
    command
}

/// Whether the function starts although its standard output is closed, unless that is left open on purpose.
pub(crate) async fn starts_without_stdout(config: &str, proxy: &Proxy, plant: Option<Plant>) -> io::Result<bool> {
    let path = scratch().join(format!("closed-{}.toml", proxy.port));
    fs::write(&path, config)?;
    let inner = command(&path, free_port()?, proxy);
    let mut outer = Command::new("sh");
    let closed = if plant == Some(Plant::StdoutLeftOpen) { "" } else { ">&-" };
    outer.args(["-c", &format!("exec \"$0\" serve {closed}")]).arg(inner.get_program()).env_clear();
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = outer.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let end = Instant::now() + Duration::from_secs(3);
    while child.try_wait()?.is_none() {
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            return Ok(true);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(false)
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
