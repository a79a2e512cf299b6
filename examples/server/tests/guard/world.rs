//! A server with a guard, a block that is pumped, and what operators ask.

use std::fs;

use countersign_server_tests::{MGMT_KEY, MGMT_SECRET, Server};
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const LOGIN: &str = "/v1/otps/sms/login_or_create";
const GUARD: &str = "/pwa/v3/projects/p/environments/e/guard";

/// A server with a guard.
pub(crate) struct World {
    pub(crate) server: Server,
    _folder: TempDir,
}

impl World {
    /// Starts a server whose guard has these settings (TOML), with more options.
    pub(crate) fn start(settings: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("guard.toml");
        fs::write(&file, settings).unwrap();
        let server = Server::dev(&[&["--guard", file.to_str().unwrap()], more].concat());
        Self { server, _folder: folder }
    }

    /// Requests a login code.
    pub(crate) async fn login(&self, number: &str) -> Answer {
        self.ask(LOGIN, &json!({ "phone_number": number })).await
    }

    /// Posts JSON with the project's credentials.
    pub(crate) async fn ask(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.server.send(self.server.request("POST", path).json(body)).await).await
    }

    /// Sends codes to strangers of one block of 10,000 numbers, which closes after the seventh.
    pub(crate) async fn pump(&self) -> Vec<Answer> {
        let mut sent = Vec::new();
        for at in 0..7 {
            let answer = self.login(&stranger(at)).await;
            assert_eq!(answer.status, 200, "{at}: {}", answer.body);
            sent.push(answer);
        }
        sent
    }

    /// Logs in with a code, so that the number answered.
    pub(crate) async fn logs_in(&self, number: &str) {
        let sent = self.login(number).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        let code = self.server.code(number).await;
        let (status, passed) = self.server.authenticate(&sent.body["phone_id"], &code).await;
        assert_eq!(status, StatusCode::OK, "{passed}");
    }

    /// Builds an operator's request.
    pub(crate) fn operator(&self, method: &str, call: &str) -> RequestBuilder {
        self.server.request_as(MGMT_KEY, MGMT_SECRET, method, &format!("{GUARD}/{call}"))
    }

    /// Reads as an operator.
    pub(crate) async fn read(&self, call: &str) -> Answer {
        Answer::of(self.server.send(self.operator("GET", call)).await).await
    }

    /// Posts as an operator.
    pub(crate) async fn manage(&self, call: &str, body: &Value) -> Answer {
        Answer::of(self.server.send(self.operator("POST", call).json(body)).await).await
    }

    /// Returns the last refusals, newest first.
    pub(crate) async fn refusals(&self) -> Vec<Value> {
        self.read("refusals").await.body["refusals"].as_array().unwrap().clone()
    }

    /// Whether the metrics contain a line.
    pub(crate) async fn counts(&self, line: &str) -> bool {
        self.server.text("/metrics").await.lines().any(|found| found == line)
    }
}

/// An answer with the headers that a test looks at.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) may_vouch: bool,
    pub(crate) body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let retry_after = response.headers().get(header::RETRY_AFTER);
        Self {
            status: response.status().as_u16(),
            retry_after: retry_after.map(|seconds| seconds.to_str().unwrap().parse().unwrap()),
            may_vouch: response.headers().get("countersign-may-vouch").is_some_and(|value| value == "true"),
            body: response.json().await.unwrap(),
        }
    }

    /// Returns the status and the error's type.
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status, self.body["error_type"].as_str().unwrap_or("none"))
    }
}

/// The refusal of a send.
pub(crate) const REFUSED: (u16, &str) = (429, "too_many_requests");

/// Numbers of the block +1202555xxxx, of which any ten are in different blocks of 1,000.
pub(crate) fn stranger(at: usize) -> String {
    format!("+1202555{}1{:02}", at % 10, at / 10)
}
