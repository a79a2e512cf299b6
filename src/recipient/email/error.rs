//! Errors of parsing an email address.

use core::fmt;

/// The error of a text that is not an [`EmailAddress`](crate::EmailAddress). Says what is wrong and
/// at which byte, and contains no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailError {
    pub(super) kind: EmailErrorKind,
    pub(super) position: usize,
}

/// The reason why a text is not an email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmailErrorKind {
    /// The address has no `@`. The position is the end.
    MissingAt,
    /// The part before the `@` is empty.
    EmptyLocalPart,
    /// The local part is longer than 64 bytes.
    LocalPartTooLong,
    /// The local part contains an ASCII character that is neither `atext` nor a dot, such as a
    /// space, a quote or a bracket.
    LocalPartCharacter,
    /// The local part contains a character outside ASCII, which is not supported.
    LocalPartNotAscii,
    /// The domain contains an ASCII character other than letters, digits, hyphens and dots.
    DomainCharacter,
    /// The domain contains a character outside ASCII. Convert it to A-labels first.
    DomainNotAscii,
    /// The domain is empty, begins or ends with a dot, or contains two dots in a row. The position
    /// is where a label was expected.
    EmptyLabel,
    /// A label of the domain begins or ends with a hyphen. The position is that of the hyphen.
    LabelHyphen,
    /// A label of the domain is longer than 63 bytes.
    LabelTooLong,
    /// The domain ends in a number, and would be parsed as an IPv4 address. The position is the
    /// start of that label.
    NumericDomain,
    /// The address is longer than 254 bytes.
    TooLong,
}

impl EmailErrorKind {
    /// Returns the name in snake case, such as `missing_at`.
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
                "a domain outside ASCII must be converted to its ASCII form (xn--…) first"
            }
            Self::EmptyLabel => {
                "expected a label: a domain neither begins nor ends with a dot, and has no two dots in a row"
            }
            Self::LabelHyphen => "a label of the domain begins or ends with a hyphen",
            Self::LabelTooLong => "a label of the domain is longer than 63 bytes",
            Self::NumericDomain => "expected a domain that does not end in a number and is not an IP address",
            Self::TooLong => "the address is longer than 254 bytes",
        }
    }
}

impl EmailError {
    /// The error's name in passcode APIs.
    pub const WIRE_NAME: &'static str = "invalid_email";

    /// Returns the reason.
    #[must_use]
    pub const fn kind(&self) -> EmailErrorKind {
        self.kind
    }

    /// Returns the byte offset of the error. If something is missing at the end, this is the
    /// length.
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
