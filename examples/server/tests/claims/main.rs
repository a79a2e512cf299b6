//! Ownership of phone numbers and email addresses, over HTTP: known attacks by name, and random
//! sequences of calls by an attacker, an owner and a host, each call compared with a model of the
//! rules.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

mod attacks;
mod invariants;
mod model;
mod races;
mod world;

use countersign_server_tests::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The calls for one kind of recipient. Each test covers both kinds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) channel: &'static str,
    pub(crate) field: &'static str,
    pub(crate) id: &'static str,
    list: &'static str,
    pub(crate) duplicate: &'static str,
    pub(crate) not_found: &'static str,
}

pub(crate) const PHONE: Kind = Kind {
    channel: "sms",
    field: "phone_number",
    id: "phone_id",
    list: "phone_numbers",
    duplicate: "duplicate_phone_number",
    not_found: "phone_number_not_found",
};

pub(crate) const EMAIL: Kind = Kind {
    channel: "email",
    field: "email",
    id: "email_id",
    list: "emails",
    duplicate: "duplicate_email",
    not_found: "email_not_found",
};

impl Kind {
    /// Returns the recipient with this number, unique to each test of a server.
    pub(crate) fn of(self, number: usize) -> String {
        assert!(number < 10_000);
        match self.field {
            "phone_number" => format!("+1{}5550{}", 201 + number / 100, 100 + number % 100),
            _ => format!("person-{number}@example.com"),
        }
    }

    pub(crate) async fn login(self, server: &Server, to: &str) -> Value {
        let path = format!("/v1/otps/{}/login_or_create", self.channel);
        let (status, answer) = server.post(&path, &self.body(to, json!({}))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub(crate) async fn send(self, server: &Server, to: &str, more: Value) -> (StatusCode, Value) {
        server.post(&format!("/v1/otps/{}/send", self.channel), &self.body(to, more)).await
    }

    pub(crate) async fn create(self, server: &Server, to: &str) -> (StatusCode, Value) {
        server.post("/v1/users", &json!({ self.field: to })).await
    }

    /// Returns a user's contacts, and whether they are verified.
    pub(crate) async fn shown(self, server: &Server, user_id: &str) -> Vec<(String, bool)> {
        let (status, user) = server.get(&format!("/v1/users/{user_id}")).await;
        assert_eq!(status, StatusCode::OK, "{user}");
        let contacts = user[self.list].as_array().unwrap();
        let shown = |one: &Value| (text(&one[self.field]), one["verified"].as_bool().unwrap());
        contacts.iter().map(shown).collect()
    }

    /// Builds a request body for a code with the longest lifetime.
    fn body(self, to: &str, more: Value) -> Value {
        let mut body = json!({ self.field: to, "expiration_minutes": 10 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }
}

/// Authenticates and requests a session.
pub(crate) async fn authenticate(
    server: &Server,
    method_id: &str,
    code: &str,
    session_token: Option<&str>,
) -> (StatusCode, Value) {
    let body = json!({
        "method_id": method_id, "code": code, "session_duration_minutes": 60 * 24 * 30, "session_token": session_token,
    });
    server.post("/v1/otps/authenticate", &body).await
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn error(answer: &Value) -> &str {
    answer["error_type"].as_str().unwrap_or_default()
}
