//! `postgres`.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign::testing::Engine;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::TIMEOUT;
use crate::process::{Process, at_a_free_port, option, program, user};

/// Who connects, and to what.
const USER: &str = "countersign";
const DATABASE: &str = "postgres";

/// Whom it runs as, where we are root: the first of these that is there.
const USERS: &[&str] = &["postgres", "nobody"];

/// A PostgreSQL server. As root it runs as the user `postgres`, for it refuses to run as root.
pub struct Postgres {
    process: Mutex<Process>,
    port: u16,
    settings: Vec<String>,
    folder: TempDir,
}

impl Postgres {
    /// With its default settings, under which it forgets nothing that it acknowledged.
    ///
    /// # Errors
    ///
    /// If PostgreSQL is not installed, or does not start.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// With settings, each of the form `name=value`.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> io::Result<Self> {
        let folder = TempDir::new()?;
        initialise(folder.path())?;
        Self::run_in(folder, settings)
    }

    /// With this certificate and its key, in PEM: it takes connections with and without TLS.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_with_tls(certificate: &str, key: &str) -> io::Result<Self> {
        let folder = TempDir::new()?;
        initialise(folder.path())?;
        for (name, pem) in [("server.crt", certificate), ("server.key", key)] {
            let path = folder.path().join("data").join(name);
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?
                .write_all(pem.as_bytes())?;
            if let Some((user, group)) = user(USERS)? {
                chown(path, Some(user), Some(group))?;
            }
        }
        Self::run_in(folder, &["ssl=on"])
    }

    fn run_in(folder: TempDir, settings: &[&str]) -> io::Result<Self> {
        let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
        let (port, process) = at_a_free_port(|port| Ok((port, run(folder.path(), port, &settings)?)))?;
        Ok(Self { process: Mutex::new(process), port, settings, folder })
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same for a client.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgresql://{USER}@127.0.0.1:{}/{DATABASE}", self.port)
    }

    /// Kills it. Its data stays.
    ///
    /// # Errors
    ///
    /// If it can't be done.
    pub fn kill(&self) -> io::Result<()> {
        self.process().kill()
    }

    /// Starts it again after it was killed, at the same address with the same data.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_again(&self) -> io::Result<()> {
        *self.process() = run(self.folder.path(), self.port, &self.settings)?;
        Ok(())
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Postgres {
    fn restart(&self) -> io::Result<()> {
        self.kill()?;
        self.start_again()
    }

    fn pause(&self) -> io::Result<()> {
        self.process().signal(Signal::STOP)
    }

    fn resume(&self) -> io::Result<()> {
        self.process().signal(Signal::CONT)
    }
}

fn initialise(folder: &Path) -> io::Result<()> {
    if let Some((user, group)) = user(USERS)? {
        chown(folder, Some(user), Some(group))?;
    }
    let mut command = command("initdb", folder)?;
    command.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username", USER, "-D"]);
    let made = command.arg(folder.join("data")).stdin(Stdio::null()).output()?;
    if made.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr))))
}

fn run(folder: &Path, port: u16, settings: &[String]) -> io::Result<Process> {
    let mut command = command("postgres", folder)?;
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    command.args(option("-h", "127.0.0.1")).args(option("-p", &port.to_string()));
    for setting in
        ["shared_buffers=16MB", "log_min_messages=fatal"].into_iter().chain(settings.iter().map(|s| &**s))
    {
        command.args(option("-c", setting));
    }
    // What it says in its distress when it is killed helps nobody.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = Process::new(command.spawn()?);
    process.wait_until(|id| is_ready(folder, id) && answers(port).unwrap_or(false))?;
    Ok(process)
}

/// One of its programs, as a user that it accepts.
fn command(name: &str, folder: &Path) -> io::Result<Command> {
    let mut command = Command::new(program(name, debian_folders(), "postgresql")?);
    command.current_dir(folder).env("LC_ALL", "C");
    if let Some((user, group)) = user(USERS)? {
        command.uid(user).gid(group);
    }
    Ok(command)
}

/// Where Debian puts them, the newest first: they are not on the path.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut folders: Vec<_> = versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect();
    folders.sort();
    folders.reverse();
    folders
}

/// Whether it has the port and is up, as it says itself: another server that took the port would answer, too.
fn is_ready(folder: &Path, id: u32) -> bool {
    let said = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    said.starts_with(&format!("{id}\n")) && said.contains("\nready")
}

/// Whether it lets us in: a start-up message of protocol 3.0, to which it answers `R` (authenticated) or `E`.
fn answers(port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut message = vec![0, 3, 0, 0];
    for word in ["user", USER, "database", DATABASE, ""] {
        message.extend_from_slice(word.as_bytes());
        message.push(0);
    }
    let length = u32::try_from(message.len() + 4).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(&message)?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    Ok(answer == *b"R")
}
