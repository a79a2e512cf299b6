//! The sandbox phone number and email address, for development: nothing is sent to them, and one
//! fixed code passes.

use countersign::{Recipient, Timestamp};
use serde_json::json;

use axum::response::Response;

use crate::app::App;
use crate::body::answer;
use crate::failure::{Failure, Kind};
use crate::recipients::id_name;
use crate::users::{Call, Status, written};

const NUMBER: &str = "+10000000000";
const ADDRESS: &str = "sandbox@stytch.com";
const CODE: &str = "000000";

/// Whether the recipient is the sandbox number or address. Only for servers in development mode.
#[must_use]
pub fn is_sandbox(recipient: &Recipient) -> bool {
    let text = written(recipient);
    text == NUMBER || text.eq_ignore_ascii_case(ADDRESS)
}

/// Whether the code passes for sandbox recipients.
#[must_use]
pub fn passes(code: &str) -> bool {
    code == CODE
}

/// Answers as if a passcode had been sent. Creates the user if there is none.
///
/// # Errors
///
/// If the engine does not respond.
pub async fn send(
    app: &App,
    recipient: &Recipient,
    login: bool,
    now: Timestamp,
) -> Result<Response, Failure> {
    let call = Call::LoginOrCreate(Status::Active);
    let given = app.users.give(call, recipient, None, now).await?;
    // A login always gets a claim, whoever else has the recipient.
    let given = given.map_err(|_| Failure::of(Kind::Internal))?;
    let mut fields = json!({ "user_id": given.user_id, id_name(recipient): given.method_id });
    if login && let Some(fields) = fields.as_object_mut() {
        fields.insert("user_created".into(), given.created.into());
    }
    answer(fields)
}
