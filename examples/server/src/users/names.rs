//! How recipients, ids and keys are written.

use countersign::Recipient;
use uuid::Uuid;

use crate::documents::Key;

/// A number in E.164, or an address as it was given.
#[must_use]
pub fn written(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Phone(number) => number.to_e164().as_str().to_owned(),
        Recipient::Email(address) => address.as_str().to_owned(),
        _ => String::new(),
    }
}

/// What [`written`] wrote.
pub(super) fn read(text: &str) -> Option<Recipient> {
    if text.starts_with('+') && !text.contains('@') {
        text.parse().ok().map(Recipient::Phone)
    } else {
        text.parse().ok().map(Recipient::Email)
    }
}

/// A new id of this kind.
pub(crate) fn new_id(kind: &str) -> String {
    format!("{kind}-test-{}", Uuid::new_v4())
}

pub(crate) fn user_key(user_id: &str) -> Key {
    Key::new("user", user_id)
}
