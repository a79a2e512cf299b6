//! The server as a separate process on a free port.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clap::Args;

use crate::outcome::Outcome;

/// Options for finding the server.
#[derive(Args)]
pub(crate) struct Which {
    /// The server's executable. Default: the one beside this program.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
}

impl Which {
    fn path(&self) -> Outcome<PathBuf> {
        let path = match &self.server {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("countersign-server"),
        };
        if path.is_file() {
            return Ok(path);
        }
        let missing = format!(
            "{} does not exist: build it in the same profile as this program, with cargo build [--release] -p countersign-server",
            path.display()
        );
        Err(missing.into())
    }

    /// Starts a development server with these options. Its log is discarded.
    pub(crate) fn start(&self, options: &[&str]) -> Outcome<Server> {
        let path = self.path()?;
        let options = options.iter().map(|&option| option.to_owned()).collect::<Vec<_>>();
        let (child, base) = start(&path, "127.0.0.1:0", &options)?;
        Ok(Server { child: Mutex::new(child), path, options, base })
    }
}

/// A server process. It is killed on drop.
pub(crate) struct Server {
    child: Mutex<Child>,
    path: PathBuf,
    options: Vec<String>,
    base: String,
}

impl Server {
    /// `http://127.0.0.1:PORT`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Kills the server, with all requests in flight.
    pub(crate) fn kill(&self) -> Outcome<()> {
        let mut child = self.child();
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Starts the server again after it was killed, at the same address.
    pub(crate) fn start_again(&self) -> Outcome<()> {
        let address = self.base.strip_prefix("http://").unwrap_or_default();
        (*self.child(), _) = start(&self.path, address, &self.options)?;
        Ok(())
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self.child();
        let _ = (child.kill(), child.wait());
    }
}

/// Starts a server. Returns once it is listening.
fn start(path: &PathBuf, address: &str, options: &[String]) -> Outcome<(Child, String)> {
    let mut command = Command::new(path);
    command.args(["--dev", "--listen", address]).args(options);
    // The server must not pick up credentials from this environment.
    for name in ["PROJECT_ID", "SECRET", "MGMT_KEY_ID", "MGMT_KEY_SECRET"] {
        command.env_remove(name);
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    match line.trim().strip_prefix("countersign-server listening on ") {
        Some(base) => Ok((child, base.to_owned())),
        None => {
            let _ = (child.kill(), child.wait());
            Err(format!(
                "{} did not start; run it with --dev {} to see why",
                path.display(),
                options.join(" ")
            )
            .into())
        }
    }
}
