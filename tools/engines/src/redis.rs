//! A Redis server.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign::store::TallyKey;
use countersign::testing::Engine;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::damage::WAYS;
use crate::process::{Process, at_a_free_port, program};
use crate::{TIMEOUT, hexadecimal};

/// Options with which Redis loses no acknowledged writes.
const DURABLE: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

/// A Redis server.
pub struct Redis {
    process: Mutex<Process>,
    port: u16,
    options: Vec<String>,
    folder: TempDir,
}

impl Redis {
    /// Starts a server that loses no acknowledged writes (`appendfsync always`).
    ///
    /// # Errors
    ///
    /// If Redis is not installed or does not start.
    pub fn start() -> io::Result<Self> {
        Self::start_with(DURABLE)
    }

    /// Starts a server with command-line options.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with(options: &[&str]) -> io::Result<Self> {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        at_a_free_port(|port| {
            let folder = TempDir::new()?;
            let process = Mutex::new(run(&folder, port, &options)?);
            Ok(Self { process, port, options: options.clone(), folder })
        })
    }

    /// Returns the port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Sends a command whose arguments contain no spaces, and returns the first bytes of the reply.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub fn ask(&self, command: &str) -> io::Result<String> {
        ask(self.port, command)
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
        *self.process() = run(&self.folder, self.port, &self.options)?;
        Ok(())
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Redis {
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

    /// Its bytes are damaged; or, last, it is a value of another type.
    fn ways_to_damage(&self) -> usize {
        WAYS.len() + 1
    }

    fn damage_tally(&self, key: &TallyKey, way: usize) -> io::Result<()> {
        let name = format!("countersign:tally:{}", hexadecimal(key.as_bytes(), ""));
        let answer = match WAYS.get(way) {
            Some(damaged) => {
                let bytes = hexadecimal(&damaged(key.kind()), "\\x");
                self.ask(&format!("SET {name} \"{bytes}\" XX"))?
            }
            None => self.ask(&format!("DEL {name}")).and_then(|_| self.ask(&format!("RPUSH {name} 1")))?,
        };
        if ["+OK\r\n", ":1\r\n"].contains(&&*answer) { Ok(()) } else { Err(io::Error::other(answer)) }
    }
}

fn run(folder: &TempDir, port: u16, options: &[String]) -> io::Result<Process> {
    let mut command = Command::new(program("redis-server", [], "redis-server")?);
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"]).arg(folder.path());
    // Nothing is persisted unless the options say so.
    command.args(["--save", ""]).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let mut process = Process::new(command.spawn()?);
    process.wait_until(|id| {
        ask(port, "INFO server").is_ok_and(|answer| answer.contains(&format!("process_id:{id}\r\n")))
    })?;
    Ok(process)
}

fn ask(port: u16, command: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(stream, "{command}\r\n")?;
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}
