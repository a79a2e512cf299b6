//! A headless Chromium, controlled over WebDriver.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, WebDriver};

/// A browser with its driver and profile. [`visit`](crate::visit::visit) quits it before it is
/// dropped.
pub(crate) struct Chromium {
    pub(crate) driver: WebDriver,
    _process: Killed,
    _profile: TempDir,
}

impl Chromium {
    pub(crate) async fn start() -> Self {
        let profile = TempDir::new().unwrap();
        let (process, url) = chromedriver();
        let mut wanted = ChromeCapabilities::new();
        wanted.set_binary(program(&["chromium", "google-chrome"], "chromium").to_str().unwrap()).unwrap();
        for option in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // Block the browser's own requests to the internet.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--lang=en-US",
        ] {
            wanted.add_arg(option).unwrap();
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        wanted.as_mut().set("goog:loggingPrefs", json!({ "browser": "ALL", "performance": "ALL" })).unwrap();
        let driver = WebDriver::new(url, wanted).await.unwrap();
        Self { driver, _process: process, _profile: profile }
    }
}

/// A process that is killed on drop.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts chromedriver on a free port, which it prints.
fn chromedriver() -> (Killed, String) {
    let mut process = Command::new(program(&["chromedriver"], "chromium-driver"))
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(process.stdout.take().unwrap());
    let process = Killed(process);
    for line in said.lines() {
        let line = line.unwrap();
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return (process, format!("http://127.0.0.1:{}", port.trim_end_matches('.')));
        }
    }
    panic!("chromedriver exited without printing its port");
}

/// Returns the path of a program.
fn program(names: &[&str], package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = names.iter().find_map(|name| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    });
    found.unwrap_or_else(|| panic!("{} is not installed: on Debian, apt-get install {package}", names[0]))
}
