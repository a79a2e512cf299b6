//! Finds, starts, signals and kills processes.

use std::ffi::OsStr;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::process::{Pid, Signal, kill_process};

use crate::TIMEOUT;

/// A server's process. It is killed on drop, together with its children.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) const fn new(child: Child) -> Self {
        Self(child)
    }

    /// Waits until the server with this process id answers, as opposed to another server on the
    /// same port. Returns an error if the process exits.
    pub(crate) fn wait_until(&mut self, answers: impl Fn(u32) -> bool) -> io::Result<()> {
        let begun = Instant::now();
        while !answers(self.0.id()) {
            if let Some(status) = self.0.try_wait()? {
                return Err(io::Error::other(format!("the server exited at start-up: {status}")));
            }
            if begun.elapsed() > TIMEOUT {
                return Err(io::Error::other(format!("the server did not answer within {TIMEOUT:?}")));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Sends a signal to the server and then to its children. The server goes first because a
    /// stopped process starts no further children.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        send(self.0.id(), signal)?;
        send_all(&children(self.0.id())?, signal);
        Ok(())
    }

    /// Kills the server and its children with SIGKILL. Returns once they have exited.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        // While the process is stopped it starts no children, and its present ones keep their
        // parent.
        send(self.0.id(), Signal::STOP)?;
        let children = children(self.0.id())?;
        send(self.0.id(), Signal::KILL)?;
        send_all(&children, Signal::KILL);
        self.0.wait()?;
        let begun = Instant::now();
        while children.iter().any(|child| runs(*child)) && begun.elapsed() < TIMEOUT {
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let ended = matches!(self.0.try_wait(), Ok(Some(_)));
        if !ended && let Err(error) = self.kill() {
            eprintln!("failed to kill a server: {error}");
        }
    }
}

/// Sends a signal to processes. Errors are ignored: a process may just have exited.
fn send_all(pids: &[u32], signal: Signal) {
    pids.iter().for_each(|pid| drop(send(*pid, signal)));
}

fn send(pid: u32, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    Ok(kill_process(pid.ok_or_else(|| io::Error::other("invalid process id"))?, signal)?)
}

/// Whether a process is running. A zombie is not.
fn runs(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| fields(&stat).next() != Some("Z"))
}

fn children(of: u32) -> io::Result<Vec<u32>> {
    let parent = of.to_string();
    let pids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(pids
        .filter(|pid: &u32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            fields(&stat).nth(1) == Some(&*parent)
        })
        .collect())
}

/// Returns the fields that follow the process name, which may contain any character: state, parent
/// …
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit(')').next().unwrap_or_default().split_whitespace()
}

/// Returns a free port. If another process takes it before the server does, the server exits at
/// start-up.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Starts a server on a free port, in up to ten attempts: another process may take the port, and
/// Redis in cluster mode also needs the port 10,000 above it.
pub(crate) fn at_a_free_port<T>(start: impl Fn(u16) -> io::Result<T>) -> io::Result<T> {
    let mut retries = 0;
    loop {
        match start(free_port()?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound && retries < 9 => retries += 1,
            started => return started,
        }
    }
}

/// Returns the path of a program, searched on the path and then in these directories.
pub(crate) fn program(
    name: &str,
    folders: impl IntoIterator<Item = PathBuf>,
    debian_package: &str,
) -> io::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found =
        env::split_paths(&path).chain(folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let missing = format!(
            "{name} is not installed; this test needs the real server (on Debian: apt-get install {debian_package})"
        );
        io::Error::new(io::ErrorKind::NotFound, missing)
    })
}

/// Parses a number from an environment variable or a field of a file.
pub(crate) fn number(text: Option<&str>) -> Option<u32> {
    text?.parse().ok()
}

/// Returns the user and group ids to run a server as if the tests run as root; otherwise `None`.
pub(crate) fn user(names: &[&str]) -> io::Result<Option<(u32, u32)>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let found = names.iter().find_map(|name| {
        let mut fields =
            users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':');
        Some((number(fields.nth(1))?, number(fields.next())?))
    });
    found
        .map(Some)
        .ok_or_else(|| io::Error::other(format!("none of the users {names:?} exists to run the server as")))
}

/// Returns a command-line option and its value.
pub(crate) fn option<'a>(name: &'a str, value: &'a str) -> [&'a OsStr; 2] {
    [name.as_ref(), value.as_ref()]
}
