//! The server as a process on a free port.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign::Timestamp;
use countersign::testing::Stopwatch;
use countersign_engines::TIMEOUT;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// The project id of every server.
pub const PROJECT: &str = "project-test-11111111-1111-1111-1111-111111111111";
/// The project's secret in development.
pub const SECRET: &str = "secret-test-for-development-only";
/// The project's secret in production.
pub const PRODUCTION_SECRET: &str = "secret of a server in production";
/// The webhook's signing secret in production.
pub const WEBHOOK_SECRET: &str = "whsec_d2hhdCB3ZWJob29rcyBhcmUgc2lnbmVkIHdpdGg=";
/// The id of the workspace key, for the management endpoints.
pub const MGMT_KEY: &str = "workspace-key-dev";
/// The workspace key's secret in development.
pub const MGMT_SECRET: &str = "workspace-secret-for-development-only";

/// A running server. It is killed on drop.
pub struct Server {
    child: Child,
    log: Option<std::thread::JoinHandle<String>>,
    client: Client,
    secret: &'static str,
    /// The seconds by which the clock was advanced.
    advanced: AtomicU64,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
}

impl Server {
    /// Starts a development server with these additional options.
    pub fn dev(more: &[&str]) -> Self {
        Self::start(&[&["--dev", "--listen", "127.0.0.1:0"], more].concat())
    }

    /// Starts a production server that posts its messages to this URL.
    pub fn production(webhook: &str) -> Self {
        Self::production_with(webhook, &[])
    }

    /// Starts a production server with these additional options.
    pub fn production_with(webhook: &str, more: &[&str]) -> Self {
        Self::start(&[&["--listen", "127.0.0.1:0", "--webhook", webhook], more].concat())
    }

    /// Starts a development server that writes its log to `stderr`.
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
        assert!(base.starts_with("http://127.0.0.1:"), "the server did not start: {line:?}");
        let secret = if arguments.contains(&"--dev") { SECRET } else { PRODUCTION_SECRET };
        Self { child, log, client: Client::new(), secret, advanced: AtomicU64::new(0), base }
    }

    /// Returns the error output of a server that must fail to start.
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
                    panic!("the server started with {arguments:?}");
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

    /// Posts JSON to a management endpoint with the workspace key.
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

    /// Posts JSON with the project's credentials. Returns the status and JSON.
    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.send(self.request("POST", path).json(body)).await).await
    }

    /// Sends a DELETE request with the project's credentials. Returns the status and JSON.
    pub async fn delete(&self, path: &str) -> (StatusCode, Value) {
        answer(self.send(self.request("DELETE", path)).await).await
    }

    /// Sends a GET request with the project's credentials. Returns the status and JSON.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.send(self.request("GET", path)).await).await
    }

    /// Sends a GET request with the project's credentials. Returns the body.
    pub async fn text(&self, path: &str) -> String {
        self.send(self.request("GET", path)).await.text().await.unwrap()
    }

    /// Sends a code to a phone number and creates its user if there is none. Returns the answer.
    pub async fn login(&self, number: &str) -> Value {
        let (status, answer) =
            self.post("/v1/otps/sms/login_or_create", &json!({ "phone_number": number })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Authenticates with a code.
    pub async fn authenticate(&self, method_id: &Value, code: &str) -> (StatusCode, Value) {
        self.post("/v1/otps/authenticate", &json!({ "method_id": method_id, "code": code })).await
    }

    /// Returns the messages to a recipient, oldest first.
    pub async fn outbox(&self, to: &str) -> Vec<Value> {
        let (_, sent) = self.get(&format!("/dev/outbox?to={to}")).await;
        sent.as_array().unwrap().clone()
    }

    /// Returns the newest code sent to a recipient.
    pub async fn code(&self, to: &str) -> String {
        self.outbox(to).await.last().unwrap()["code"].as_str().unwrap().to_owned()
    }

    /// Advances the server's clock.
    pub async fn advance(&self, seconds: u64) {
        let (status, answer) = self.post("/dev/clock", &json!({ "advance_seconds": seconds })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        self.advanced.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Returns the time on the server's clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + Duration::from_secs(self.advanced.load(Ordering::Relaxed))
    }

    /// Asks the server to stop (SIGTERM).
    pub fn terminate(&self) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
    }

    /// Waits for the server to exit. Returns whether it exited in time and successfully.
    pub fn exited_within(&mut self, timeout: Duration) -> bool {
        let stopwatch = Stopwatch::start();
        while stopwatch.elapsed() < timeout {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Stops the server and returns its log.
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

/// Returns a command for the server, without credentials from this environment.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(program_path());
    command.args(arguments);
    for name in ["PROJECT_ID", "SECRET", "MGMT_KEY_ID", "MGMT_KEY_SECRET", "WEBHOOK_SECRET"] {
        command.env_remove(name);
    }
    command
}

/// Returns the path of the server's executable. Cargo builds it for the tests of its package: it is
/// in `target/debug`, and the test is in `target/debug/deps`.
fn program_path() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("countersign-server");
    assert!(path.is_file(), "{} is missing: run the test with cargo", path.display());
    path
}

async fn answer(response: Response) -> (StatusCode, Value) {
    (response.status(), response.json().await.unwrap())
}
