//! The part of the traffic that a rule covers.

use core::fmt;
use core::str::FromStr;

use super::prefix::Prefix;
use crate::number::PhoneNumber;
use crate::region::Region;

/// The part of the traffic that a rule covers.
///
/// `Display` writes a block as `+44770090xxxx`, and hides most of a number. `FromStr` parses what
/// `Display` writes, but no numbers.
///
/// ```
/// use countersign::guard::Scope;
///
/// let block: Scope = "+44770090xxxx".parse()?;
/// assert_eq!(block, Scope::Block { prefix: 44_770_090, hidden: 4 });
/// # Ok::<(), countersign::guard::ScopeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// One recipient. `None` is an email address.
    Recipient(Option<PhoneNumber>),
    /// A block of numbers.
    Block {
        /// The digits that the numbers share.
        prefix: u64,
        /// The number of digits that follow.
        hidden: u32,
    },
    /// A country or territory. `None` stands for numbers that belong to no country.
    Region(Option<Region>),
    /// All regions that have not earned their traffic.
    Purse,
    /// A host key, by its position in the challenge.
    Key(u8),
    /// All traffic of a tenant.
    Tenant,
    /// All traffic.
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

/// Parses the forms of `Display`: `+44770090xxxx`, `GB`, `no country`, `purse`, `key 2`, `tenant`,
/// `all` and `recipient`.
impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        match text {
            "recipient" => return Ok(Self::Recipient(None)),
            "no country" => return Ok(Self::Region(None)),
            "purse" => return Ok(Self::Purse),
            "tenant" => return Ok(Self::Tenant),
            "all" => return Ok(Self::All),
            _ => {}
        }
        if let Some(place) = text.strip_prefix("key ") {
            let is_number = place.bytes().all(|byte| byte.is_ascii_digit());
            return place.parse().ok().filter(|_| is_number).map(Self::Key).ok_or(ScopeError);
        }
        let digits = text.trim_end_matches('x');
        let hidden = text.len() - digits.len();
        if hidden == 0 {
            return text.parse().map(|region| Self::Region(Some(region))).map_err(|_| ScopeError);
        }
        let prefix: Prefix = digits.parse().map_err(|_| ScopeError)?;
        // A number has at most 15 digits.
        let is_block = digits.len() - 1 + hidden <= 15;
        let block = Self::Block { prefix: prefix.digits(), hidden: hidden as u32 };
        is_block.then_some(block).ok_or(ScopeError)
    }
}

/// The text is not a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeError;

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a block such as +44770090xxxx, a country such as GB, or purse")
    }
}

impl core::error::Error for ScopeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn display_hides_most_of_a_number() {
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

    #[test]
    fn parses_the_forms_of_display() {
        for scope in [
            Scope::Recipient(None),
            Scope::Block { prefix: 44_770_090, hidden: 4 },
            Scope::Block { prefix: 1, hidden: 14 },
            Scope::Region(Some(Region::GB)),
            Scope::Region(None),
            Scope::Purse,
            Scope::Key(7),
            Scope::Tenant,
            Scope::All,
        ] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
    }

    #[test]
    fn errors_name_the_forms() {
        for text in [
            "",
            "x",
            "+x",
            "+44770090",
            "+447700900123",
            "+4477••••••23",
            "44770090xxxx",
            "+44770090XXXX",
            "+44770090xx0x",
            "+04xxxx",
            "+1234567890xxxxxx",
            "ZZ",
            "Purse",
            "key",
            "key +2",
            "key 256",
        ] {
            assert_eq!(text.parse::<Scope>(), Err(ScopeError), "{text}");
        }
        assert_eq!(
            ScopeError.to_string(),
            "expected a block such as +44770090xxxx, a country such as GB, or purse"
        );
    }
}
