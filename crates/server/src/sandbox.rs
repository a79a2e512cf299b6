//! A number and an address that always work, for development: nothing is sent to them, and they pass with one code.

use countersign::{Recipient, Timestamp};
use serde_json::json;

use axum::response::Response;

use crate::app::App;
use crate::body::answer;
use crate::failure::Failure;
use crate::people::{Profile, Status, Taken, written};
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
    let (user_id, method_id, created) = match app.people.claim(recipient, now).await? {
        Some(claim) => (claim.user_id, claim.method_id, false),
        None => {
            let profile = Profile::default();
            match app.people.create(std::slice::from_ref(recipient), Status::Active, profile, now).await? {
                Ok(user) => {
                    let method_id = user.contacts.into_iter().next().map(|contact| contact.method_id);
                    (user.user_id, method_id.unwrap_or_default(), true)
                }
                Err(Taken(claim)) => (claim.user_id, claim.method_id, false),
            }
        }
    };
    let mut fields = json!({ "user_id": user_id, id_name(recipient): method_id });
    if login && let Some(fields) = fields.as_object_mut() {
        fields.insert("user_created".into(), created.into());
    }
    answer(fields)
}
