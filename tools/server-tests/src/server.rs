//! The server's program, started on a port of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use countersign::testing::Stopwatch;
use countersign_engines::TIMEOUT;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// The project of every server.
pub const PROJECT: &str = "project-test-11111111-1111-1111-1111-111111111111";
/// Its secret in development.
pub const SECRET: &str = "secret-test-for-development-only";
/// Its secret in production.
pub const PRODUCTION_SECRET: &str = "secret of a server in production";
/// What it signs its webhook with in production.
pub const WEBHOOK_SECRET: &str = "whsec_d2hhdCB3ZWJob29rcyBhcmUgc2lnbmVkIHdpdGg=";
/// The key of the management paths.
pub const MGMT_KEY: &str = "workspace-key-dev";
/// The secret of that key in development.
pub const MGMT_SECRET: &str = "workspace-secret-for-development-only";

/// A running server. It is killed when this is dropped.
pub struct Server {
    child: Child,
    log: Option<std::thread::JoinHandle<String>>,
    client: Client,
    secret: &'static str,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
}

impl Server {
    /// Starts one for development, with these options too.
    pub fn dev(more: &[&str]) -> Self {
        Self::start(&[&["--dev", "--listen", "127.0.0.1:0"], more].concat())
    }

    /// Starts one for production, which posts its messages to this URL.
    pub fn production(webhook: &str) -> Self {
        Self::start(&["--listen", "127.0.0.1:0", "--webhook", webhook])
    }

    /// Starts one for development, whose standard error is the test's own and is not read here.
    pub fn logging_to(stderr: impl Into<Stdio>) -> Self {
        Self::started(program(&["--dev", "--listen", "127.0.0.1:0"]).stderr(stderr), &["--dev"])
    }

    fn start(arguments: &[&str]) -> Self {
        Self::started(program(arguments).stderr(Stdio::piped()), arguments)
    }

    fn started(command: &mut Command, arguments: &[&str]) -> Self {
        if !arguments.contains(&"--dev") {
            command.envs([("PROJECT_ID", PROJECT), ("SECRET", PRODUCTION_SECRET), ("MGMT_KEY_ID", MGMT_KEY)]);
            command.envs([
                ("MGMT_KEY_SECRET", "secret of a workspace in production"),
                ("WEBHOOK_SECRET", WEBHOOK_SECRET),
            ]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let log = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut text = String::new();
                stderr.read_to_string(&mut text).unwrap();
                text
            })
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base =
            line.trim().strip_prefix("countersign-server listening on ").unwrap_or_default().to_owned();
        assert!(base.starts_with("http://127.0.0.1:"), "it did not start: {line:?}");
        let secret = if arguments.contains(&"--dev") { SECRET } else { PRODUCTION_SECRET };
        Self { child, log, client: Client::new(), secret, base }
    }

    /// Returns what it says when it does not start.
    pub fn fails(arguments: &[&str]) -> String {
        let mut child = program(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stopwatch = Stopwatch::start();
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if stopwatch.elapsed() < TIMEOUT => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                None => {
                    child.kill().unwrap();
                    panic!("it started: {arguments:?}");
                }
            }
        };
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!status.success(), "{said}");
        said
    }

    /// Builds a request with the project's credentials.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.request_as(PROJECT, self.secret, method, path)
    }

    /// Posts JSON to a management path, with the credentials of those paths.
    pub async fn manage(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let path = format!("/pwa/v3/projects/p/environments/e/{path}");
        answer(self.send(self.request_as(MGMT_KEY, MGMT_SECRET, "POST", &path).json(body)).await).await
    }

    /// Builds a request with these credentials.
    pub fn request_as(&self, id: &str, secret: &str, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.client.request(method, format!("{}{path}", self.base)).basic_auth(id, Some(secret))
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Response {
        request.send().await.unwrap()
    }

    /// Posts JSON as the project; returns the answer's status and JSON.
    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.send(self.request("POST", path).json(body)).await).await
    }

    /// Gets as the project; returns the answer's status and JSON.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.send(self.request("GET", path)).await).await
    }

    /// Gets as the project; returns the body.
    pub async fn text(&self, path: &str) -> String {
        self.send(self.request("GET", path)).await.text().await.unwrap()
    }

    /// Sends a code to a number, whose user is created if there is none; returns the answer.
    pub async fn login(&self, number: &str) -> Value {
        let (status, answer) =
            self.post("/v1/otps/sms/login_or_create", &json!({ "phone_number": number })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Shows a code.
    pub async fn authenticate(&self, method_id: &Value, code: &str) -> (StatusCode, Value) {
        self.post("/v1/otps/authenticate", &json!({ "method_id": method_id, "code": code })).await
    }

    /// Returns the messages to a recipient, the newest last.
    pub async fn outbox(&self, to: &str) -> Vec<Value> {
        let (_, sent) = self.get(&format!("/dev/outbox?to={to}")).await;
        sent.as_array().unwrap().clone()
    }

    /// Returns the newest code that was sent to a recipient.
    pub async fn code(&self, to: &str) -> String {
        self.outbox(to).await.last().unwrap()["code"].as_str().unwrap().to_owned()
    }

    /// Puts the server's clock forward.
    pub async fn advance(&self, seconds: u64) {
        let (status, answer) = self.post("/dev/clock", &json!({ "advance_seconds": seconds })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Asks it to stop, as an operator would.
    pub fn terminate(&self) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
    }

    /// Waits for its end: whether it came in time, and with success.
    pub fn exited_within(&mut self, patience: Duration) -> bool {
        let stopwatch = Stopwatch::start();
        while stopwatch.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Stops it, and returns what it logged.
    pub fn stop(&mut self) -> String {
        self.terminate();
        assert!(self.exited_within(TIMEOUT));
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the program as a command, without the credentials of this environment.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(program_path());
    command.args(arguments);
    for name in ["PROJECT_ID", "SECRET", "MGMT_KEY_ID", "MGMT_KEY_SECRET", "WEBHOOK_SECRET"] {
        command.env_remove(name);
    }
    command
}

/// Returns the path of the program, which Cargo builds for the tests of its package: `target/debug`
/// beside `target/debug/deps`, where the test is.
fn program_path() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("countersign-server");
    assert!(path.is_file(), "{} is missing: run the test with cargo", path.display());
    path
}

async fn answer(response: Response) -> (StatusCode, Value) {
    (response.status(), response.json().await.unwrap())
}
