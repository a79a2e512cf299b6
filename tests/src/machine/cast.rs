//! The participants of a sequence.

use std::sync::LazyLock;

use countersign::{Channel, EmailAddress, PhoneNumber, Reason, Recipient};

/// The number of participants: two numbers, the first of them also with another tenant, an address
/// in two spellings, a number of a country that is not allowed, and the first number from a known
/// device.
pub const CAST: usize = 7;

/// The participant with the number that the device has verified.
pub const OWNER: usize = 0;

/// The two spellings are one account. The device's lane is another. The last one is always empty:
/// the lane of that device with another participant's number.
pub const ACCOUNTS: usize = 7;
const DEVICE_LANE: usize = 5;
pub const NOWHERE: usize = 6;

pub fn is_device(who: usize) -> bool {
    who % CAST == 6
}

/// Returns the account in the participant's own lane.
pub fn account(who: usize) -> usize {
    account_in(who, is_device(who))
}

/// Returns the account in the common lane or in the device's.
pub fn account_in(who: usize, on_device: bool) -> usize {
    match (who % CAST, on_device) {
        (OWNER | 6, true) => DEVICE_LANE,
        (_, true) => NOWHERE,
        (who, false) => [0, 1, 2, 3, 3, 4, 0][who],
    }
}

pub const TENANTS: usize = 2;

/// Returns the tenant's number and name.
pub fn tenant(who: usize) -> (usize, &'static str) {
    if who % CAST == 2 { (1, "other") } else { (0, "") }
}

static RECIPIENTS: LazyLock<[Recipient; CAST]> = LazyLock::new(|| {
    let phone = |text: &str| text.parse::<PhoneNumber>().unwrap().into();
    let email = |text: &str| text.parse::<EmailAddress>().unwrap().into();
    [
        phone("+12025550162"),
        phone("+14165550123"),
        phone("+12025550162"),
        email("ada@example.com"),
        email("ADA@Example.COM"),
        phone("+447400123456"),
        phone("+12025550162"),
    ]
});

pub fn recipient(who: usize) -> Recipient {
    RECIPIENTS[who % CAST].clone()
}

/// Returns a channel, mostly one that reaches the recipient.
pub fn channel(who: usize, number: usize) -> Channel {
    match (who % CAST, number % 16) {
        (_, 15) => Channel::ALL[number / 16 % 3],
        (3 | 4, _) => Channel::Email,
        (_, number) => [Channel::Sms, Channel::WhatsApp][number % 2],
    }
}

/// Returns why the default policy denies the recipient, if it does.
pub fn denied(who: usize, channel: Channel) -> Option<Reason> {
    let by_email = channel == Channel::Email;
    match who % CAST {
        3 | 4 => (!by_email).then_some(Reason::NotATelephoneChannel),
        _ if by_email => Some(Reason::NotATelephoneChannel),
        5 => Some(Reason::CountryNotAllowed),
        _ => None,
    }
}
