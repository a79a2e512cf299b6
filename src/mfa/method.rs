//! Second factors, and sets of them.

use core::fmt;
use core::str::FromStr;

/// A method that can serve as a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// An authenticator app. A recovery code stands in for it.
    Totp,
    /// A passcode by SMS.
    SmsOtp,
}

impl Method {
    /// All methods, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Totp, Self::SmsOtp];

    /// Returns the name: `totp` or `sms_otp`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::SmsOtp => "sms_otp",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Totp => 1,
            Self::SmsOtp => 2,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, UnknownMethod> {
        Self::ALL.into_iter().find(|method| method.as_str() == name).ok_or(UnknownMethod)
    }
}

/// The error of parsing a method's name other than `totp` or `sms_otp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMethod;

impl fmt::Display for UnknownMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown method: expected totp or sms_otp")
    }
}

impl core::error::Error for UnknownMethod {}

/// A set of methods.
///
/// `Display` and `FromStr` use names separated by commas, in the order of [`Method::ALL`] when
/// written and in any order when parsed. The empty set is the empty text.
///
/// ```
/// use countersign::mfa::{Method, Methods};
///
/// let both: Methods = "sms_otp,totp".parse()?;
/// assert_eq!(both.to_string(), "totp,sms_otp");
/// assert_eq!(both.without(Method::Totp.into()), Method::SmsOtp.into());
/// # Ok::<(), countersign::mfa::UnknownMethod>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Methods(u8);

impl Methods {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// All methods.
    pub const ALL: Self = Self(Method::Totp.bit() | Method::SmsOtp.bit());

    /// Creates the set of this method only.
    #[must_use]
    pub const fn of(method: Method) -> Self {
        Self(method.bit())
    }

    /// Returns whether there is no method in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether the method is in the set.
    #[must_use]
    pub const fn contains(self, method: Method) -> bool {
        self.0 & method.bit() != 0
    }

    /// Returns the methods that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns the methods that are in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the methods that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the set as it is encoded in tokens.
    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    pub(super) fn from_bits(bits: u8) -> Option<Self> {
        Some(Self(bits)).filter(|set| set.without(Self::ALL).is_empty())
    }

    /// Returns the methods, in the order of [`Method::ALL`].
    #[must_use]
    pub const fn iter(self) -> MethodsIter {
        MethodsIter(self)
    }
}

impl From<Method> for Methods {
    fn from(method: Method) -> Self {
        Self::of(method)
    }
}

impl FromIterator<Method> for Methods {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        Self(methods.into_iter().fold(0, |set, method| set | method.bit()))
    }
}

impl IntoIterator for Methods {
    type Item = Method;
    type IntoIter = MethodsIter;

    fn into_iter(self) -> MethodsIter {
        self.iter()
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, method) in self.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { "," })?;
            f.write_str(method.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromStr for Methods {
    type Err = UnknownMethod;

    fn from_str(list: &str) -> Result<Self, UnknownMethod> {
        if list.is_empty() { Ok(Self::NONE) } else { list.split(',').map(str::parse).collect() }
    }
}

/// The methods of a set, in the order of [`Method::ALL`].
#[derive(Clone, Debug)]
pub struct MethodsIter(Methods);

impl Iterator for MethodsIter {
    type Item = Method;

    fn next(&mut self) -> Option<Method> {
        let next = Method::ALL.into_iter().find(|method| self.0.contains(*method))?;
        self.0 = self.0.without(next.into());
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn sets_round_trip_through_their_names() {
        for (set, list) in [
            (Methods::NONE, ""),
            (Method::Totp.into(), "totp"),
            (Method::SmsOtp.into(), "sms_otp"),
            (Methods::ALL, "totp,sms_otp"),
        ] {
            assert_eq!(set.to_string(), list);
            assert_eq!(list.parse(), Ok(set));
            assert_eq!(set.iter().collect::<Methods>(), set);
            assert_eq!(set.is_empty(), list.is_empty());
        }
        assert_eq!("sms_otp,totp,totp".parse(), Ok(Methods::ALL));
        for list in [",", "totp,", "TOTP", " totp", "totp, sms_otp", "sms"] {
            assert_eq!(list.parse::<Methods>(), Err(UnknownMethod), "{list:?}");
        }
    }
}
