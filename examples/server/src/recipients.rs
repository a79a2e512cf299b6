//! Numbers and addresses as requests give them, and what answers call them.

use countersign::number::ParseError;
use countersign::recipient::EmailError;
use countersign::{EmailAddress, PhoneNumber, Recipient};

use crate::failure::{Failure, Kind};

/// A number.
///
/// # Errors
///
/// What is wrong with it, at which place; the number is not repeated.
pub fn phone(text: &str) -> Result<Recipient, Failure> {
    let number: PhoneNumber = text
        .parse()
        .map_err(|error: ParseError| Failure::new(Kind::InvalidPhoneNumber, error.to_string()))?;
    Ok(Recipient::Phone(number))
}

/// An address.
///
/// # Errors
///
/// [`Kind::InvalidEmail`], with what is wrong at which byte; the address is not repeated.
pub fn email(text: &str) -> Result<Recipient, Failure> {
    let address: EmailAddress =
        text.parse().map_err(|error: EmailError| Failure::new(Kind::InvalidEmail, error.to_string()))?;
    Ok(Recipient::Email(address))
}

/// Somebody else has it.
#[must_use]
pub fn duplicate(recipient: &Recipient) -> Kind {
    if recipient.phone().is_some() { Kind::DuplicatePhoneNumber } else { Kind::DuplicateEmail }
}

/// What an answer calls the `method_id`.
#[must_use]
pub fn id_name(recipient: &Recipient) -> &'static str {
    if recipient.phone().is_some() { "phone_id" } else { "email_id" }
}
