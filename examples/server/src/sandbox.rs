//! A number and an address that always work, for development: nothing is sent to them, and they pass with one code.

use countersign::{Recipient, Timestamp};
use serde_json::json;

use axum::response::Response;

use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::users::{Call, Status, written};
use crate::recipients::id_name;

const NUMBER: &str = "+10000000000";
const ADDRESS: &str = "sandbox@stytch.com";
const CODE: &str = "000000";

/// Whether it is one of the two. Asked by servers for development alone.
#[must_use]
pub fn is_for_tests(recipient: &Recipient) -> bool {
    let text = written(recipient);
    text == NUMBER || text.eq_ignore_ascii_case(ADDRESS)
}

/// Whether this code passes for them.
#[must_use]
pub fn passes(code: &str) -> bool {
    code == CODE
}

/// Answers as if a passcode had been sent. No user need exist before.
///
/// # Errors
///
/// If the engine does not answer.
pub async fn send(
    app: &App,
    recipient: &Recipient,
    login: bool,
    now: Timestamp,
) -> Result<Response, Failure> {
    let call = Call::LoginOrCreate(Status::Active);
    let given = app.users.give(call, recipient, None, now).await?;
    // A login is given something whoever had it before.
    let given = given.map_err(|_| Failure::of(Kind::Internal))?;
    let mut fields = json!({ "user_id": given.user_id, id_name(recipient): given.method_id });
    if login && let Some(fields) = fields.as_object_mut() {
        fields.insert("user_created".into(), given.created.into());
    }
    answer(fields)
}
