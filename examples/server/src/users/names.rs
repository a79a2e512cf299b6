//! Text forms of recipients, ids and keys.

use countersign::Recipient;
use uuid::Uuid;

use crate::documents::Key;

/// Returns a phone number in E.164, or an email address as given.
#[must_use]
pub fn written(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Phone(number) => number.to_e164().as_str().to_owned(),
        Recipient::Email(address) => address.as_str().to_owned(),
        _ => String::new(),
    }
}

/// Parses the result of [`written`].
pub(super) fn read(text: &str) -> Option<Recipient> {
    if text.starts_with('+') && !text.contains('@') {
        text.parse().ok().map(Recipient::Phone)
    } else {
        text.parse().ok().map(Recipient::Email)
    }
}

/// Returns a new id of this kind.
pub(crate) fn new_id(kind: &str) -> String {
    format!("{kind}-test-{}", Uuid::new_v4())
}

pub(crate) fn user_key(user_id: &str) -> Key {
    Key::new("user", user_id)
}
