//! A PostgreSQL server.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign::store::{EntryKind, TallyKey};
use countersign::testing::Engine;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Process, at_a_free_port, option, program, user};
use crate::{TIMEOUT, hexadecimal};

/// The database user and database that clients connect with.
const USER: &str = "countersign";
const DATABASE: &str = "postgres";

/// The system user to run as if the tests run as root: the first of these that exists.
const USERS: &[&str] = &["postgres", "nobody"];

/// Ways to damage a tally, and the memory of a recipient.
const WAYS: &[[&str; 2]] = &[
    ["unanswered = 'NaN'", "first_verified = last_verified + 1"],
    ["answered = 'NaN'", "last_verified = at + 1"],
    ["unanswered = 'Infinity'", "unanswered = -1"],
    ["answered = '-Infinity'", "sends = 256"],
    ["unanswered = -1", "outstanding = 2097152"],
    ["answered = 2e15", "owed_whatsapp = -1"],
    ["at = -1", "at = 281474976710656"],
];

/// A PostgreSQL server. PostgreSQL refuses to run as root, so tests that run as root start it as
/// the user `postgres`.
pub struct Postgres {
    process: Mutex<Process>,
    port: u16,
    settings: Vec<String>,
    folder: TempDir,
}

impl Postgres {
    /// Starts a server with default settings, with which it loses no acknowledged writes.
    ///
    /// # Errors
    ///
    /// If PostgreSQL is not installed or does not start.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with settings of the form `name=value`.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> io::Result<Self> {
        let folder = TempDir::new()?;
        initialise(folder.path())?;
        Self::run_in(folder, settings)
    }

    /// Starts a server with this certificate and key, in PEM. It accepts connections with and
    /// without TLS.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
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

    /// Returns the port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the directory of the Unix socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the URL for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgresql://{USER}@127.0.0.1:{}/{DATABASE}", self.port)
    }

    /// Executes a statement, and returns what `psql` prints.
    ///
    /// # Errors
    ///
    /// If the server does not answer, or reports an error.
    pub fn ask(&self, statement: &str) -> io::Result<String> {
        let mut command = command("psql", self.folder())?;
        command.args(["-X", "-A", "-t", "-h", "127.0.0.1", "-U", USER, "-d", DATABASE]);
        command.args(["-p", &self.port.to_string(), "-c", statement]);
        let asked = command.stdin(Stdio::null()).output()?;
        if asked.status.success() {
            return Ok(String::from_utf8_lossy(&asked.stdout).into_owned());
        }
        Err(io::Error::other(String::from_utf8_lossy(&asked.stderr).into_owned()))
    }

    /// Kills the server. Its data stays.
    ///
    /// # Errors
    ///
    /// If the process can't be killed.
    pub fn kill(&self) -> io::Result<()> {
        self.process().kill()
    }

    /// Starts the server again after it was killed, at the same address and with the same data.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
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

    fn ways_to_damage(&self) -> usize {
        WAYS.len()
    }

    fn damage_tally(&self, key: &TallyKey, way: usize) -> io::Result<()> {
        let (table, kind) = match key.kind() {
            EntryKind::Sums => ("countersign_tallies", 0),
            EntryKind::Number => ("countersign_recipients", 1),
        };
        let damage = WAYS.get(way).ok_or(io::ErrorKind::Unsupported)?[kind];
        let key = hexadecimal(key.as_bytes(), "");
        let updated = self.ask(&format!("UPDATE {table} SET {damage} WHERE key = '\\x{key}'"))?;
        if updated == "UPDATE 1\n" { Ok(()) } else { Err(io::Error::other(updated)) }
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
    // The log of a server that is killed is only noise.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = Process::new(command.spawn()?);
    process.wait_until(|id| is_ready(folder, id) && answers(port).unwrap_or(false))?;
    Ok(process)
}

/// Returns a command for one of PostgreSQL's programs, run as a user that it accepts.
fn command(name: &str, folder: &Path) -> io::Result<Command> {
    let mut command = Command::new(program(name, debian_folders(), "postgresql")?);
    command.current_dir(folder).env("LC_ALL", "C");
    if let Some((user, group)) = user(USERS)? {
        command.uid(user).gid(group);
    }
    Ok(command)
}

/// Returns Debian's program directories, newest version first: they are not on the path.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut folders: Vec<_> = versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect();
    folders.sort();
    folders.reverse();
    folders
}

/// Whether the server reports that it is ready. Connecting is not enough, because another server
/// may have taken the port.
fn is_ready(folder: &Path, id: u32) -> bool {
    let said = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    said.starts_with(&format!("{id}\n")) && said.contains("\nready")
}

/// Whether the server accepts a connection: it answers a start-up message of protocol 3.0 with `R`
/// (authenticated) or `E`.
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
