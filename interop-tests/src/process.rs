//! Foreign programs, which end when the tests do.

use anyhow::{Context, Result, ensure};
use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicU32, Ordering};
use std::fs::File;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running program; ended when dropped, and by the system if the tests themselves are ended.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts `command` in the foreground, what it says going to `log`.
    ///
    /// It lives as long as the thread that started it: call this from the main thread.
    pub fn start(command: &[&str], log: &Path) -> Result<Self> {
        let output = File::create(log)?;
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--"])
            .args(command)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {}", command[0]))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Fails with the end of what it said if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        anyhow::bail!("it ended with {status}: {}", self.said())
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ensure_running().is_err() {
            return;
        }
        // Asked first: a program with children of its own (QEMU under `isopod`) ends them.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..ENDING_TRIES {
            if asked.is_err() || self.child.try_wait().is_ok_and(|status| status.is_some()) {
                break;
            }
            std::thread::sleep(core::time::Duration::from_millis(20));
        }
        let _already_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// How often a program is looked at, 20 ms apart, before it is ended by force.
const ENDING_TRIES: u32 = 150;

/// Runs a program to its end; its standard output, if it succeeded.
pub fn output(command: &[&str]) -> Result<String> {
    let output = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("running {}", command[0]))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "{command:?} ended with {}: {said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said)
}

/// Whether a program is installed: in PATH, or where Debian keeps servers.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
    path.split(':').any(|folder| Path::new(folder).join(program).is_file())
}

/// A port that is free on 127.0.0.1 for UDP and TCP alike.
pub fn free_port() -> Result<u16> {
    loop {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = socket.local_addr()?.port();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
}

/// A folder that goes when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one that nobody else has: tests run side by side, some with the same purpose.
    pub fn new(purpose: &str) -> Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("interop-{}-{purpose}-{number}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file in it; where that is.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.0);
    }
}
