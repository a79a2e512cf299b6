//! What a decision is about: the organisation, the member and the login.

use super::method::{Method, Methods};

/// When an organisation requires a second factor (`mfa_policy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MfaPolicy {
    /// Only of members who enrolled (`OPTIONAL`), the default.
    #[default]
    Optional,
    /// Of every member (`REQUIRED_FOR_ALL`).
    RequiredForAll,
}

impl MfaPolicy {
    /// Returns the name: `OPTIONAL` or `REQUIRED_FOR_ALL`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Optional => "OPTIONAL",
            Self::RequiredForAll => "REQUIRED_FOR_ALL",
        }
    }
}

/// The methods that an organisation allows (`mfa_methods` and `allowed_mfa_methods`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AllowedMethods {
    /// All of them (`ALL_ALLOWED`), the default.
    #[default]
    All,
    /// Only these (`RESTRICTED`). An empty set is an error of [`Login::decide`].
    Only(Methods),
}

/// The settings of an organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Organisation {
    /// When a second factor is required.
    pub policy: MfaPolicy,
    /// Which methods are allowed.
    pub allowed: AllowedMethods,
}

/// The settings and the factors of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Member {
    /// Whether the organisation's restriction of methods does not apply to the member.
    pub is_break_glass: bool,
    /// Whether the member enrolled in multi-factor authentication (`mfa_enrolled`).
    pub is_enrolled: bool,
    /// The member's own default (`default_mfa_method`).
    pub default_method: Option<Method>,
    /// The methods that the member registered: a verified phone number, a confirmed authenticator.
    pub registered: Methods,
}

/// The factor that opened the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenedBy {
    /// A passcode or link by email.
    Email,
    /// A passcode to a phone, by SMS or another channel. The same phone cannot be the second factor
    /// as well.
    Sms,
    /// Another factor.
    Other,
}

impl OpenedBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Other];

    /// Returns the name: `email`, `sms` or `other`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Other => "other",
        }
    }

    /// Returns the number in tokens, which never changes.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Email => 0,
            Self::Sms => 1,
            Self::Other => 2,
        }
    }

    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.number() == number)
    }

    /// Returns the methods that prove the same factor, and so no second one.
    pub(super) fn same_factor(self) -> Methods {
        match self {
            Self::Sms => Method::SmsOtp.into(),
            Self::Email | Self::Other => Methods::NONE,
        }
    }
}

/// A login whose first factor succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Login {
    /// The organisation.
    pub organisation: Organisation,
    /// The member.
    pub member: Member,
    /// The factor that opened the login.
    pub opened_by: OpenedBy,
    /// The methods that succeeded in this login since. A recovery code stands in for `totp`.
    pub proven: Methods,
}
