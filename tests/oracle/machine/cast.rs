//! Whoever takes part in a story.

use countersign::{Channel, EmailAddress, PhoneNumber, Reason, Recipient};

/// Two numbers, the first of them once more with another tenant, an address in two spellings, and a number of a country
/// that is not allowed.
pub const CAST: usize = 6;

/// The two spellings are one account.
pub const ACCOUNTS: usize = 5;

pub fn account(who: usize) -> usize {
    [0, 1, 2, 3, 3, 4][who % CAST]
}

pub fn tenant(who: usize) -> &'static str {
    if who % CAST == 2 { "other" } else { "" }
}

pub fn recipient(who: usize) -> Recipient {
    let phone = |text: &str| text.parse::<PhoneNumber>().unwrap().into();
    let email = |text: &str| text.parse::<EmailAddress>().unwrap().into();
    match who % CAST {
        0 | 2 => phone("+12025550162"),
        1 => phone("+14165550123"),
        3 => email("ada@example.com"),
        4 => email("ADA@Example.COM"),
        _ => phone("+447400123456"),
    }
}

/// Mostly one that reaches the recipient.
pub fn channel(who: usize, number: usize) -> Channel {
    match (who % CAST, number % 16) {
        (_, 15) => Channel::ALL[number / 16 % 3],
        (3 | 4, _) => Channel::Email,
        (_, number) => [Channel::Sms, Channel::WhatsApp][number % 2],
    }
}

/// Why the default policy sends nothing there.
pub fn denied(who: usize, channel: Channel) -> Option<Reason> {
    let by_email = channel == Channel::Email;
    match who % CAST {
        3 | 4 => (!by_email).then_some(Reason::NotATelephoneChannel),
        _ if by_email => Some(Reason::NotATelephoneChannel),
        5 => Some(Reason::CountryNotAllowed),
        _ => None,
    }
}
