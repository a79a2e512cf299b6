//! Why a text is not an email address.

use core::fmt;

/// A text that is not an [`EmailAddress`](crate::EmailAddress): what is wrong with it, and at which
/// byte. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailError {
    pub(super) kind: EmailErrorKind,
    pub(super) position: usize,
}

/// What is wrong with a text that is not an email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmailErrorKind {
    /// There is no `@`. The position is the end.
    MissingAt,
    /// Nothing stands before the `@`.
    EmptyLocalPart,
    /// The local part has more than 64 bytes.
    LocalPartTooLong,
    /// The local part has an ASCII character that is neither `atext` nor a dot: a space, a quote, a
    /// bracket …
    LocalPartCharacter,
    /// The local part has a character outside ASCII, which is not supported.
    LocalPartNotAscii,
    /// The domain has an ASCII character other than letters, digits, hyphens and dots.
    DomainCharacter,
    /// The domain has a character outside ASCII: it has to be converted to A-labels first.
    DomainNotAscii,
    /// The domain is empty, begins or ends with a dot, or has two in a row. The position is where a
    /// label was expected.
    EmptyLabel,
    /// A label of the domain begins or ends with a hyphen, which is at the position.
    LabelHyphen,
    /// A label of the domain has more than 63 bytes.
    LabelTooLong,
    /// The domain ends in a number, and is read as an IPv4 address. The position is where that
    /// label begins.
    NumericDomain,
    /// The address has more than 254 bytes.
    TooLong,
}

impl EmailErrorKind {
    /// The name in snake case, such as `missing_at`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingAt => "missing_at",
            Self::EmptyLocalPart => "empty_local_part",
            Self::LocalPartTooLong => "local_part_too_long",
            Self::LocalPartCharacter => "local_part_character",
            Self::LocalPartNotAscii => "local_part_not_ascii",
            Self::DomainCharacter => "domain_character",
            Self::DomainNotAscii => "domain_not_ascii",
            Self::EmptyLabel => "empty_label",
            Self::LabelHyphen => "label_hyphen",
            Self::LabelTooLong => "label_too_long",
            Self::NumericDomain => "numeric_domain",
            Self::TooLong => "too_long",
        }
    }

    const fn explanation(self) -> &'static str {
        match self {
            Self::MissingAt => "expected `@` and a domain",
            Self::EmptyLocalPart => "expected a name before `@`",
            Self::LocalPartTooLong => "the part before `@` is longer than 64 bytes",
            Self::LocalPartCharacter => "expected letters, digits, dots and !#$%&'*+-/=?^_`{|}~ before `@`",
            Self::LocalPartNotAscii => "characters outside ASCII are not supported before `@`",
            Self::DomainCharacter => "expected letters, digits, hyphens and dots after `@`",
            Self::DomainNotAscii => {
                "a domain outside ASCII has to be converted to its ASCII form (xn--…) first"
            }
            Self::EmptyLabel => "expected a label of the domain, which neither begins nor ends with a dot",
            Self::LabelHyphen => "a label of the domain begins or ends with a hyphen",
            Self::LabelTooLong => "a label of the domain is longer than 63 bytes",
            Self::NumericDomain => "expected a domain that does not end in a number, and no IP address",
            Self::TooLong => "longer than 254 bytes",
        }
    }
}

impl EmailError {
    /// The name that clients of passcode APIs know this error by.
    pub const WIRE_NAME: &'static str = "invalid_email";

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> EmailErrorKind {
        self.kind
    }

    /// The offset in bytes at which it is wrong. Where something is missing at the end, the length.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for EmailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an email address: byte {}: {}", self.position, self.kind.explanation())
    }
}

impl core::error::Error for EmailError {}
