//! The time of day of the simulated world. It runs ahead of the machine's, so that a day's waiting takes seconds, and every
//! process of the function sees it through a shim that the C compiler makes; one process's clock can be wrong besides.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use jiff::Timestamp;

/// How far the world is ahead of the machine.
#[derive(Debug, Default)]
pub(crate) struct WorldClock {
    ahead: Cell<i64>,
}

impl WorldClock {
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now() + jiff::SignedDuration::from_secs(self.ahead.get())
    }

    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.get()
    }

    pub(crate) fn step(&self, seconds: i64) {
        self.ahead.set(self.ahead.get() + seconds);
    }
}

/// The clock of one process: the world's, and by how much it is wrong.
#[derive(Debug)]
pub(crate) struct ProcessClock {
    pub(crate) path: PathBuf,
    file: File,
    pub(crate) wrong_by: Cell<i64>,
}

impl ProcessClock {
    pub(crate) fn new(path: PathBuf, world: &WorldClock) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
        let clock = Self { path, file, wrong_by: Cell::new(0) };
        clock.follow(world)?;
        Ok(clock)
    }

    /// Takes over where the world's clock is now.
    pub(crate) fn follow(&self, world: &WorldClock) -> io::Result<()> {
        self.file.write_all_at(&(world.ahead() + self.wrong_by.get()).to_ne_bytes(), 0)
    }
}

/// The shared object that moves a process's clock, compiled once per run. The error says why there is none.
pub(crate) fn shim() -> Result<&'static Path, String> {
    static SHIM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    SHIM.get_or_init(compile).as_deref().map_err(Clone::clone)
}

fn compile() -> Result<PathBuf, String> {
    if !cfg!(target_os = "linux") {
        return Err("the clocks of processes are moved on Linux only".to_owned());
    }
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/platform/shim.c");
    let object = scratch().join("shim.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-Wall", "-shared", "-fPIC", "-o"]).arg(&object).arg(source).arg("-ldl");
    let status = compiler.status().map_err(|error| format!("there is no C compiler: cc: {error}"))?;
    if status.success() { Ok(object) } else { Err("the C compiler does not take tests/platform/shim.c".to_owned()) }
}

/// A folder of this run for files that nobody needs afterwards.
pub(crate) fn scratch() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("platform-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the target folder can be written");
        folder
    })
}
