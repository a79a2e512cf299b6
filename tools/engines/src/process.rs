//! Processes: found, started, stopped, killed.

use std::ffi::OsStr;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::process::{Pid, Signal, kill_process};

use crate::TIMEOUT;

/// A server's process. It is killed, and its children with it, when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) const fn new(child: Child) -> Self {
        Self(child)
    }

    /// Waits until the server with this id answers, and not another at its port. An error if it ended instead.
    pub(crate) fn wait_until(&mut self, answers: impl Fn(u32) -> bool) -> io::Result<()> {
        let begun = Instant::now();
        while !answers(self.0.id()) {
            if let Some(status) = self.0.try_wait()? {
                return Err(io::Error::other(format!("the server ended at once: {status}")));
            }
            if begun.elapsed() > TIMEOUT {
                return Err(io::Error::other(format!("the server does not answer after {TIMEOUT:?}")));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// To the server, and then to its children: a parent that is stopped makes no more of them.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        send(self.0.id(), signal)?;
        send_all(&children(self.0.id())?, signal);
        Ok(())
    }

    /// Without a chance to clean up. Returns when nothing of it runs any more.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        // As long as it is stopped it makes no more children, and those that it has are still its own.
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
            eprintln!("a server could not be ended: {error}");
        }
    }
}

/// One that has just ended needs no signal.
fn send_all(pids: &[u32], signal: Signal) {
    pids.iter().for_each(|pid| drop(send(*pid, signal)));
}

fn send(pid: u32, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    Ok(kill_process(pid.ok_or_else(|| io::Error::other("no process has such a number"))?, signal)?)
}

/// A process that has ended and is not yet buried runs no more.
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

/// What follows the name, which may hold anything: state, parent …
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit(')').next().unwrap_or_default().split_whitespace()
}

/// A port that nobody listens at. Somebody else may take it before the server does; then the server ends at once.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Several times: somebody else may take the port, and Redis in a cluster needs the port 10,000 above it.
pub(crate) fn at_a_free_port<T>(start: impl Fn(u16) -> io::Result<T>) -> io::Result<T> {
    let mut tries = 0;
    loop {
        match start(free_port()?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound && tries < 9 => tries += 1,
            started => return started,
        }
    }
}

/// Where a program lies, on the path or in one of these folders.
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
            "{name} is not installed, and this test needs the real one; on Debian: apt-get install {debian_package}"
        );
        io::Error::new(io::ErrorKind::NotFound, missing)
    })
}

/// What an environment variable or a file's field says, as a number.
pub(crate) fn number(text: Option<&str>) -> Option<u32> {
    text?.parse().ok()
}

/// The user that a server runs as, where we are root and the server refuses that: user and group.
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
        .ok_or_else(|| io::Error::other(format!("none of the users {names:?} is there to run the server as")))
}

/// An option of a server's command line.
pub(crate) fn option<'a>(name: &'a str, value: &'a str) -> [&'a OsStr; 2] {
    [name.as_ref(), value.as_ref()]
}
