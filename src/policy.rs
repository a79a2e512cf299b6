//! Which countries may be sent a passcode, per channel.

mod decision;
mod error;

pub use decision::{Decision, Reason};
pub use error::PolicyError;

use crate::channel::Channel;
use crate::number::PhoneNumber;
use crate::region::{Region, RegionSet, UnknownRegion};

/// The countries to which SMS and WhatsApp passcodes may be sent.
///
/// By default the United States and Canada alone (`data/default_allowlist.csv`). A country that is unsupported on a
/// channel cannot be allowed there; an explicit denial beats the allowlist; what has no country is always denied.
/// 128 bytes, `Copy`, and usable in constants. Email has no country, and so no policy.
///
/// ```
/// use countersign::{Channel, Decision, PhoneNumber, Policy, Reason, Region};
///
/// let policy = Policy::default().allow(Channel::Sms, [Region::FR])?;
/// let decide = |number: &str| Ok::<_, Box<dyn std::error::Error>>(policy.decide(number.parse()?, Channel::Sms));
///
/// assert_eq!(decide("+33612345678")?, Decision::Allow);
/// assert_eq!(decide("+12423591234")?, Decision::Deny(Reason::UnsupportedCountry));    // Bahamas
/// assert_eq!(decide("+447400123456")?, Decision::Deny(Reason::CountryNotAllowed));    // United Kingdom
/// assert_eq!(decide("+8821612345678")?, Decision::Deny(Reason::NoCountry));           // a satellite telephone
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    sms: Rules,
    whatsapp: Rules,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rules {
    allowed: RegionSet,
    denied: RegionSet,
}

impl Policy {
    /// US and CA on both channels.
    pub const DEFAULT: Self = Self {
        sms: Rules { allowed: RegionSet::SMS_DEFAULT_ALLOWED, denied: RegionSet::EMPTY },
        whatsapp: Rules { allowed: RegionSet::WHATSAPP_DEFAULT_ALLOWED, denied: RegionSet::EMPTY },
    };

    /// Whether a passcode may be sent to `number` over `channel`, and if not, the one reason that won.
    #[inline]
    #[must_use]
    pub const fn decide(&self, number: PhoneNumber, channel: Channel) -> Decision {
        self.decide_region(number.region(), channel)
    }

    /// The decision for a country, or for a number without one.
    #[inline]
    #[must_use]
    pub const fn decide_region(&self, region: Option<Region>, channel: Channel) -> Decision {
        let Some(rules) = self.rules(channel) else { return Decision::Deny(Reason::NotATelephoneChannel) };
        let Some(region) = region else { return Decision::Deny(Reason::NoCountry) };
        if rules.allowed.contains(region) && !rules.denied.contains(region) {
            Decision::Allow
        } else {
            Decision::Deny(Self::why_denied(rules, region, channel))
        }
    }

    const fn why_denied(rules: &Rules, region: Region, channel: Channel) -> Reason {
        if Self::unsupported(channel).contains(region) {
            Reason::UnsupportedCountry
        } else if rules.denied.contains(region) {
            Reason::CountryDenied
        } else {
            Reason::CountryNotAllowed
        }
    }

    /// This policy with more countries on a channel's allowlist.
    ///
    /// # Errors
    ///
    /// If one of the countries is unsupported on the channel, or the channel is email.
    pub fn allow(
        self,
        channel: Channel,
        regions: impl IntoIterator<Item = Region>,
    ) -> Result<Self, PolicyError> {
        self.allow_set(channel, regions.into_iter().collect())
    }

    /// As [`allow`](Self::allow), for constants.
    ///
    /// ```
    /// use countersign::{Channel, Policy, Region, RegionSet};
    ///
    /// const POLICY: Policy = match Policy::DEFAULT.allow_set(Channel::Sms, RegionSet::of(&[Region::FR, Region::DE])) {
    ///     Ok(policy) => policy,
    ///     Err(_) => panic!("unsupported"),
    /// };
    /// # assert!(POLICY.allowed(Channel::Sms).contains(Region::DE));
    /// ```
    ///
    /// # Errors
    ///
    /// As [`allow`](Self::allow).
    pub const fn allow_set(mut self, channel: Channel, regions: RegionSet) -> Result<Self, PolicyError> {
        let allowed = self.allowed(channel).union(regions);
        match self.replace_allowed(channel, allowed) {
            Ok(()) => Ok(self),
            Err(error) => Err(error),
        }
    }

    /// This policy with countries denied on a channel, whether they are allowed or not.
    ///
    /// # Errors
    ///
    /// If the channel is email.
    pub fn deny(
        mut self,
        channel: Channel,
        regions: impl IntoIterator<Item = Region>,
    ) -> Result<Self, PolicyError> {
        let denied = self.denied(channel).union(regions.into_iter().collect());
        self.set_denied(channel, denied)?;
        Ok(self)
    }

    /// Replaces a channel's allowlist.
    ///
    /// # Errors
    ///
    /// If the list is empty, one of its countries is unsupported on the channel, or the channel is email. Then nothing
    /// is changed.
    pub fn set_allowed(
        &mut self,
        channel: Channel,
        regions: impl IntoIterator<Item = Region>,
    ) -> Result<(), PolicyError> {
        self.replace_allowed(channel, regions.into_iter().collect())
    }

    /// Replaces a channel's allowlist by the countries with these ISO 3166-1 alpha-2 codes.
    ///
    /// ```
    /// use countersign::{Channel, Policy};
    ///
    /// let mut policy = Policy::default();
    /// policy.set_allowed_codes(Channel::Sms, ["GB", "FR"])?;
    /// let error = policy.set_allowed_codes(Channel::Sms, ["DE", "RU", "ZZ"]).unwrap_err();
    /// assert_eq!(error.wire_name(), "country_code_allowlist_invalid_country_codes");
    /// assert_eq!(error.to_string(), "sms allowlist: can't be allowed: RU; ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)");
    /// # Ok::<(), countersign::PolicyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set_allowed`](Self::set_allowed), and for a code that names no country. Then nothing is changed.
    pub fn set_allowed_codes<T: AsRef<str>>(
        &mut self,
        channel: Channel,
        codes: impl IntoIterator<Item = T>,
    ) -> Result<(), PolicyError> {
        let mut regions = RegionSet::EMPTY;
        let mut unknown: Option<UnknownRegion> = None;
        for code in codes {
            match code.as_ref().parse() {
                Ok(region) => regions = regions.with(region),
                Err(error) => unknown = unknown.or(Some(error)),
            }
        }
        if unknown.is_some() {
            let unsupported = regions.intersection(Self::unsupported(channel));
            return Err(PolicyError::InvalidCountries { channel, unsupported, unknown });
        }
        self.replace_allowed(channel, regions)
    }

    /// Replaces a channel's denylist; an empty one denies nothing.
    ///
    /// # Errors
    ///
    /// If the channel is email.
    pub fn set_denied(
        &mut self,
        channel: Channel,
        regions: impl IntoIterator<Item = Region>,
    ) -> Result<(), PolicyError> {
        let rules = self.rules_mut(channel).ok_or(PolicyError::NotATelephoneChannel { channel })?;
        rules.denied = regions.into_iter().collect();
        Ok(())
    }

    /// A channel's allowlist. Empty for email.
    #[must_use]
    pub const fn allowed(&self, channel: Channel) -> RegionSet {
        match self.rules(channel) {
            Some(rules) => rules.allowed,
            None => RegionSet::EMPTY,
        }
    }

    /// A channel's denylist. Empty for email.
    #[must_use]
    pub const fn denied(&self, channel: Channel) -> RegionSet {
        match self.rules(channel) {
            Some(rules) => rules.denied,
            None => RegionSet::EMPTY,
        }
    }

    /// The countries that cannot be allowed on a channel. None for email.
    #[must_use]
    pub const fn unsupported(channel: Channel) -> RegionSet {
        match channel {
            Channel::Sms => RegionSet::SMS_UNSUPPORTED,
            Channel::WhatsApp => RegionSet::WHATSAPP_UNSUPPORTED,
            Channel::Email => RegionSet::EMPTY,
        }
    }

    const fn replace_allowed(&mut self, channel: Channel, regions: RegionSet) -> Result<(), PolicyError> {
        let Some(rules) = self.rules_mut(channel) else {
            return Err(PolicyError::NotATelephoneChannel { channel });
        };
        let unsupported = regions.intersection(Self::unsupported(channel));
        if !unsupported.is_empty() {
            return Err(PolicyError::InvalidCountries { channel, unsupported, unknown: None });
        }
        if regions.is_empty() {
            return Err(PolicyError::EmptyAllowlist { channel });
        }
        rules.allowed = regions;
        Ok(())
    }

    const fn rules(&self, channel: Channel) -> Option<&Rules> {
        match channel {
            Channel::Sms => Some(&self.sms),
            Channel::WhatsApp => Some(&self.whatsapp),
            Channel::Email => None,
        }
    }

    const fn rules_mut(&mut self, channel: Channel) -> Option<&mut Rules> {
        match channel {
            Channel::Sms => Some(&mut self.sms),
            Channel::WhatsApp => Some(&mut self.whatsapp),
            Channel::Email => None,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMS: Channel = Channel::Sms;

    fn deny(policy: &Policy, region: Region) -> Reason {
        policy.decide_region(Some(region), SMS).reason().unwrap()
    }

    #[test]
    fn us_and_canada_alone_by_default() {
        for channel in [Channel::Sms, Channel::WhatsApp] {
            assert_eq!(Policy::default().allowed(channel), RegionSet::of(&[Region::CA, Region::US]));
            for region in Region::all() {
                let allowed = Policy::default().decide_region(Some(region), channel) == Decision::Allow;
                assert_eq!(allowed, matches!(region, Region::US | Region::CA), "{region}");
            }
        }
    }

    #[test]
    fn the_first_reason_in_order_wins() {
        let policy = Policy::default().deny(SMS, [Region::US, Region::RU, Region::GB]).unwrap();
        assert_eq!(deny(&policy, Region::RU), Reason::UnsupportedCountry);
        assert_eq!(deny(&policy, Region::US), Reason::CountryDenied);
        assert_eq!(deny(&policy, Region::GB), Reason::CountryDenied);
        assert_eq!(deny(&policy, Region::FR), Reason::CountryNotAllowed);
        assert_eq!(policy.decide_region(None, SMS), Decision::Deny(Reason::NoCountry));
        let email = policy.decide_region(Some(Region::US), Channel::Email);
        assert_eq!(email, Decision::Deny(Reason::NotATelephoneChannel));
    }

    #[test]
    fn a_refused_list_changes_nothing() {
        let mut policy = Policy::default();
        let unsupported = RegionSet::of(&[Region::RU]);
        assert_eq!(
            policy.set_allowed(SMS, [Region::FR, Region::RU]),
            Err(PolicyError::InvalidCountries { channel: SMS, unsupported, unknown: None })
        );
        assert_eq!(policy.set_allowed(SMS, []), Err(PolicyError::EmptyAllowlist { channel: SMS }));
        assert!(policy.set_allowed_codes(SMS, ["FR", "EN"]).is_err());
        assert_eq!(
            policy.set_allowed(Channel::Email, [Region::FR]),
            Err(PolicyError::NotATelephoneChannel { channel: Channel::Email })
        );
        assert_eq!(policy, Policy::default());
    }

    #[test]
    fn channels_are_apart() {
        let policy = Policy::default().allow(Channel::WhatsApp, [Region::RU]).unwrap();
        assert_eq!(policy.decide_region(Some(Region::RU), Channel::WhatsApp), Decision::Allow);
        assert_eq!(deny(&policy, Region::RU), Reason::UnsupportedCountry);
        assert!(Policy::default().allow(Channel::WhatsApp, [Region::IN]).is_err());
        assert!(Policy::default().allow(Channel::Sms, [Region::IN]).is_ok());
    }

    #[test]
    fn allow_adds_and_set_replaces() {
        let mut policy = Policy::default().allow(SMS, [Region::FR]).unwrap();
        assert_eq!(policy.allowed(SMS), RegionSet::of(&[Region::CA, Region::FR, Region::US]));
        policy.set_allowed_codes(SMS, ["de"]).unwrap();
        assert_eq!(policy.allowed(SMS), RegionSet::of(&[Region::DE]));
        assert_eq!(policy.allow(SMS, []).unwrap(), policy);
    }
}
