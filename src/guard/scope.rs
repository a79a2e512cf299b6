//! What a rule covers.

use core::fmt;
use core::str::FromStr;

use crate::number::PhoneNumber;
use crate::region::Region;

/// What a rule covers. `Display` shows a block as `+44770090xxxx`, and hides most of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// One recipient; none for email.
    Recipient(Option<PhoneNumber>),
    /// A block of numbers.
    Block {
        /// The digits that they share.
        prefix: u64,
        /// How many digits follow.
        hidden: u32,
    },
    /// A country or territory; none for numbers that belong to none.
    Region(Option<Region>),
    /// All regions that have not earned their traffic.
    Purse,
    /// A key that the host named: the place in the challenge.
    Key(u8),
    /// Everything of a tenant.
    Tenant,
    /// Everything.
    All,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recipient(Some(number)) => write!(f, "{number:?}"),
            Self::Recipient(None) => f.write_str("recipient"),
            Self::Block { prefix, hidden } => {
                write!(f, "+{prefix}")?;
                (0..*hidden).try_for_each(|_| f.write_str("x"))
            }
            Self::Region(Some(region)) => f.write_str(region.as_str()),
            Self::Region(None) => f.write_str("no country"),
            Self::Purse => f.write_str("purse"),
            Self::Key(place) => write!(f, "key {place}"),
            Self::Tenant => f.write_str("tenant"),
            Self::All => f.write_str("all"),
        }
    }
}

/// The first digits of numbers, with a `+`: `+4477`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    digits: u64,
    len: u32,
}

impl Prefix {
    /// Whether a number begins with these digits.
    #[must_use]
    pub fn covers(&self, number: PhoneNumber) -> bool {
        let digits = number.digits();
        let len = digits.checked_ilog10().map_or(0, |log| log + 1);
        len.checked_sub(self.len).is_some_and(|rest| digits / 10_u64.pow(rest) == self.digits)
    }

    /// The digits, read as one integer.
    #[must_use]
    pub const fn digits(&self) -> u64 {
        self.digits
    }

    /// How many digits there are.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Never: a prefix has at least one digit.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.digits)
    }
}

/// `+`, then 1 to 15 ASCII digits, of which the first is not 0.
impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let digits = text.strip_prefix('+').ok_or(PrefixError)?;
        let is_prefix = (1..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if !is_prefix {
            return Err(PrefixError);
        }
        Ok(Self { digits: digits.parse().map_err(|_| PrefixError)?, len: digits.len() as u32 })
    }
}

/// A text that is no prefix of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefixError;

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a prefix is `+` and 1 to 15 digits, the first of which is not 0, such as +4477")
    }
}

impl core::error::Error for PrefixError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_prefix_covers_the_numbers_that_begin_with_it() {
        let number: PhoneNumber = "+447700900123".parse().unwrap();
        for (prefix, covers) in [
            ("+4", true),
            ("+44", true),
            ("+4477009", true),
            ("+447700900123", true),
            ("+4478", false),
            ("+7", false),
            ("+4477009001230", false),
        ] {
            let prefix: Prefix = prefix.parse().unwrap();
            assert_eq!(prefix.covers(number), covers, "{prefix}");
        }
    }

    #[test]
    fn what_is_no_prefix_is_refused() {
        for text in ["", "+", "44", "+04", "+44 7", "+1234567890123456", "+4a", "+-4"] {
            assert_eq!(text.parse::<Prefix>(), Err(PrefixError), "{text}");
        }
        assert_eq!("+4477".parse::<Prefix>().unwrap().to_string(), "+4477");
    }

    #[test]
    fn scopes_are_shown_without_the_digits_of_people() {
        let number = "+447700900123".parse().unwrap();
        for (scope, shown) in [
            (Scope::Recipient(Some(number)), "+4477••••••23"),
            (Scope::Block { prefix: 44_770_090, hidden: 4 }, "+44770090xxxx"),
            (Scope::Region(Some(Region::GB)), "GB"),
            (Scope::Region(None), "no country"),
            (Scope::Key(2), "key 2"),
        ] {
            assert_eq!(scope.to_string(), shown);
        }
    }
}
