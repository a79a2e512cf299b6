//! How many recovery codes a set has, and how long they are.

use core::fmt;

/// Characters of a group.
pub(super) const GROUP: usize = 4;

/// The largest number of codes in a set.
pub(super) const MOST_CODES: usize = 12;

/// The largest number of groups in a code.
pub(super) const MOST_GROUPS: usize = 6;

/// The number of codes in a set, and the number of groups of four characters in each.
///
/// The default is ten codes of the form `xxxx-xxxx-xxxx` over `a`–`z` and `0`–`9`. Each has 62
/// bits. In the terms of NIST SP 800-63B-4, codes of fewer than 64 bits are look-up secrets
/// (§3.1.2): they serve as an authenticator. They are not the saved recovery codes of §4.2.1.1,
/// which need 64 bits or more. Codes of four groups have 82 bits.
///
/// ```
/// use countersign::account::RecoveryFormat;
///
/// let format = RecoveryFormat::DEFAULT.with_codes(8)?.with_groups(4)?;
/// assert_eq!((format.codes(), format.groups()), (8, 4));
/// assert!(RecoveryFormat::DEFAULT.with_groups(2).is_err());
/// # Ok::<(), countersign::account::RecoveryFormatError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecoveryFormat {
    codes: u8,
    groups: u8,
}

impl RecoveryFormat {
    /// Ten codes of three groups, the default.
    pub const DEFAULT: Self = Self { codes: 10, groups: 3 };

    /// Sets the number of codes.
    ///
    /// # Errors
    ///
    /// [`RecoveryFormatError::Codes`] if there are not 1 to 12.
    pub const fn with_codes(self, codes: u8) -> Result<Self, RecoveryFormatError> {
        if codes == 0 || codes as usize > MOST_CODES {
            return Err(RecoveryFormatError::Codes);
        }
        Ok(Self { codes, ..self })
    }

    /// Sets the number of groups in each code.
    ///
    /// # Errors
    ///
    /// [`RecoveryFormatError::Groups`] if there are not 3 to 6.
    pub const fn with_groups(self, groups: u8) -> Result<Self, RecoveryFormatError> {
        if groups < Self::DEFAULT.groups || groups as usize > MOST_GROUPS {
            return Err(RecoveryFormatError::Groups);
        }
        Ok(Self { groups, ..self })
    }

    /// Returns the number of codes.
    #[must_use]
    pub const fn codes(self) -> u8 {
        self.codes
    }

    /// Returns the number of groups in each code.
    #[must_use]
    pub const fn groups(self) -> u8 {
        self.groups
    }

    /// Returns the number of characters of a code, without dashes.
    pub(super) const fn symbols(self) -> usize {
        self.groups as usize * GROUP
    }

    /// Returns the number of characters of a code, with dashes.
    pub(super) const fn text(self) -> usize {
        self.symbols() + self.groups as usize - 1
    }
}

impl Default for RecoveryFormat {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The error of a format that is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryFormatError {
    /// The number of codes is not 1 to 12.
    Codes,
    /// The number of groups is not 3 to 6.
    Groups,
}

impl RecoveryFormatError {
    /// Returns the error in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Codes => "recovery_codes",
            Self::Groups => "recovery_groups",
        }
    }
}

impl fmt::Display for RecoveryFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codes => write!(f, "recovery codes of a set: expected 1 to {MOST_CODES}"),
            Self::Groups => write!(
                f,
                "groups of a recovery code: expected {} to {MOST_GROUPS}",
                RecoveryFormat::DEFAULT.groups
            ),
        }
    }
}

impl core::error::Error for RecoveryFormatError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn accepts_1_to_12_codes_of_3_to_6_groups() {
        for number in 0..=255 {
            let codes = RecoveryFormat::DEFAULT.with_codes(number);
            let groups = RecoveryFormat::DEFAULT.with_groups(number);
            assert_eq!(codes.is_ok(), (1..=12).contains(&number), "{number} codes");
            assert_eq!(groups.is_ok(), (3..=6).contains(&number), "{number} groups");
        }
        let longest = RecoveryFormat::DEFAULT.with_groups(6).unwrap();
        assert_eq!((longest.symbols(), longest.text(), longest.codes()), (24, 29, 10));
    }

    #[test]
    fn errors_name_the_range() {
        assert_eq!(RecoveryFormatError::Codes.to_string(), "recovery codes of a set: expected 1 to 12");
        assert_eq!(RecoveryFormatError::Groups.to_string(), "groups of a recovery code: expected 3 to 6");
    }
}
