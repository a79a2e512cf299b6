//! Phone numbers and email addresses of requests, and the names of their fields.

use countersign::number::ParseError;
use countersign::recipient::EmailError;
use countersign::{EmailAddress, PhoneNumber, Recipient};

use crate::failure::{Failure, Kind};

/// Parses a phone number.
///
/// # Errors
///
/// [`Kind::InvalidPhoneNumber`], with the position of the error; the message does not repeat the
/// number.
pub fn phone(text: &str) -> Result<Recipient, Failure> {
    let number: PhoneNumber = text
        .parse()
        .map_err(|error: ParseError| Failure::new(Kind::InvalidPhoneNumber, error.to_string()))?;
    Ok(Recipient::Phone(number))
}

/// Parses an email address.
///
/// # Errors
///
/// [`Kind::InvalidEmail`], with the position of the error; the message does not repeat the address.
pub fn email(text: &str) -> Result<Recipient, Failure> {
    let address: EmailAddress =
        text.parse().map_err(|error: EmailError| Failure::new(Kind::InvalidEmail, error.to_string()))?;
    Ok(Recipient::Email(address))
}

/// Returns the error for a recipient that another user has.
#[must_use]
pub fn duplicate(recipient: &Recipient) -> Kind {
    if recipient.phone().is_some() { Kind::DuplicatePhoneNumber } else { Kind::DuplicateEmail }
}

/// Returns the name of the `method_id` field in answers.
#[must_use]
pub fn id_name(recipient: &Recipient) -> &'static str {
    if recipient.phone().is_some() { "phone_id" } else { "email_id" }
}
