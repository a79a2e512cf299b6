//! Which countries and kinds of numbers may be sent a passcode, per channel.

mod decision;
mod error;
mod types;

pub use decision::{Decision, Reason};
pub use error::PolicyError;

use crate::channel::Channel;
use crate::kind::{Allocation, Kind};
use crate::number::PhoneNumber;
use crate::plan::Label;
use crate::region::{Region, RegionSet, UnknownRegion};
use types::Types;

/// The countries and kinds of numbers to which SMS and WhatsApp passcodes may be sent.
///
/// By default the United States and Canada alone (`data/default_allowlist.csv`). A country that is unsupported on a
/// channel cannot be allowed there; an explicit denial beats the allowlist; what has no country is always denied, and so
/// is a number that is impossible. Numbers that cannot or should not be texted are denied by kind, each with a switch:
///
/// | | SMS | WhatsApp |
/// |---|---|---|
/// | mobile, fixed line or mobile, VoIP | allowed | allowed |
/// | fixed line | denied | allowed: businesses register them by a call |
/// | premium rate, shared cost, toll free, personal number, pager, UAN, voicemail | denied | denied |
/// | unallocated | denied | denied |
///
/// `Copy`, and usable in constants. Email has no country, and so no policy.
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
/// assert_eq!(decide("+33891123456")?, Decision::Deny(Reason::Kind(countersign::Kind::PremiumRate)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    sms: Rules,
    whatsapp: Rules,
}

/// By the number of the label's type and four bits: not on the allowlist, denied, unsupported, type denied. A number that
/// is impossible is nothing else; then the country's highest bit is the reason, and where there is none, the type.
const DECISIONS: [Decision; 256] = {
    let mut decisions = [Decision::Allow; 256];
    let mut place = 0;
    while place < 256 {
        let label = Label::from_bits((place as u16 >> 4) << 8);
        decisions[place] = match (label.allocation(), place & 0b1111) {
            (Allocation::Impossible, _) => Decision::Deny(Reason::Impossible),
            (_, 0) => Decision::Allow,
            (_, 1 | 9) => Decision::Deny(Reason::CountryNotAllowed),
            (_, 2 | 3 | 10 | 11) => Decision::Deny(Reason::CountryDenied),
            (Allocation::Assigned(kind), TYPE_DENIED) => Decision::Deny(Reason::Kind(kind)),
            (Allocation::Unallocated, TYPE_DENIED) => Decision::Deny(Reason::Unallocated),
            _ => Decision::Deny(Reason::UnsupportedCountry),
        };
        place += 1;
    }
    decisions
};
const TYPE_DENIED: usize = 0b1000;
/// The type for decisions of countries: any that is not impossible.
const ANY_TYPE: usize = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rules {
    allowed: RegionSet,
    denied: RegionSet,
    types: Types,
}

impl Policy {
    /// US and CA on both channels.
    pub const DEFAULT: Self = Self {
        sms: Rules { allowed: RegionSet::SMS_DEFAULT_ALLOWED, denied: RegionSet::EMPTY, types: Types::SMS },
        whatsapp: Rules {
            allowed: RegionSet::WHATSAPP_DEFAULT_ALLOWED,
            denied: RegionSet::EMPTY,
            types: Types::WHATSAPP,
        },
    };

    /// Whether a passcode may be sent to `number` over `channel`, and if not, the one reason that won.
    #[inline]
    #[must_use]
    pub const fn decide(&self, number: PhoneNumber, channel: Channel) -> Decision {
        let Some(rules) = self.rules(channel) else { return Decision::Deny(Reason::NotATelephoneChannel) };
        let label = number.label();
        let Some(region) = label.region() else { return Decision::Deny(Reason::NoCountry) };
        let type_denied = !rules.types.contains(label.type_number()) as usize;
        let bits = Self::country_bits(rules, region, channel) | type_denied << 3;
        DECISIONS[(label.type_number() as usize & 0xF) << 4 | bits]
    }

    /// The decision for a country, or for none, whatever the kind of the number.
    #[inline]
    #[must_use]
    pub const fn decide_region(&self, region: Option<Region>, channel: Channel) -> Decision {
        let Some(rules) = self.rules(channel) else { return Decision::Deny(Reason::NotATelephoneChannel) };
        let Some(region) = region else { return Decision::Deny(Reason::NoCountry) };
        DECISIONS[ANY_TYPE << 4 | Self::country_bits(rules, region, channel)]
    }

    /// Bits, and a table of decisions by them: which of the reasons it is can't be predicted, so a branch would cost
    /// more than all the rest.
    #[inline]
    const fn country_bits(rules: &Rules, region: Region, channel: Channel) -> usize {
        let unsupported = Self::unsupported(channel).contains(region) as usize;
        let denied = rules.denied.contains(region) as usize;
        let not_allowed = !rules.allowed.contains(region) as usize;
        unsupported << 2 | denied << 1 | not_allowed
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

    /// This policy with more kinds of numbers allowed on a channel.
    ///
    /// ```
    /// use countersign::{Channel, Kind, Policy};
    ///
    /// let policy = Policy::default().allow_kinds(Channel::Sms, [Kind::TollFree])?.deny_kinds(Channel::Sms, [Kind::Voip])?;
    /// # let _ = policy;
    /// # Ok::<(), countersign::PolicyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the channel is email.
    pub fn allow_kinds(
        self,
        channel: Channel,
        kinds: impl IntoIterator<Item = Kind>,
    ) -> Result<Self, PolicyError> {
        kinds
            .into_iter()
            .try_fold(self, |policy, kind| policy.switch(channel, u16::from(kind.number()), true))
    }

    /// This policy with kinds of numbers denied on a channel.
    ///
    /// # Errors
    ///
    /// If the channel is email.
    pub fn deny_kinds(
        self,
        channel: Channel,
        kinds: impl IntoIterator<Item = Kind>,
    ) -> Result<Self, PolicyError> {
        kinds
            .into_iter()
            .try_fold(self, |policy, kind| policy.switch(channel, u16::from(kind.number()), false))
    }

    /// This policy with numbers allowed or denied that the plan does not know. A plan that is a year old misses some
    /// percent of the numbers that are in use.
    ///
    /// # Errors
    ///
    /// If the channel is email.
    pub fn allow_unallocated(self, channel: Channel, allow: bool) -> Result<Self, PolicyError> {
        self.switch(channel, types::UNALLOCATED, allow)
    }

    fn switch(mut self, channel: Channel, number: u16, allow: bool) -> Result<Self, PolicyError> {
        let rules = self.rules_mut(channel).ok_or(PolicyError::NotATelephoneChannel { channel })?;
        rules.types = rules.types.switched(number, allow);
        Ok(self)
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

    fn decide(policy: &Policy, number: &str, channel: Channel) -> Decision {
        policy.decide(number.parse().unwrap(), channel)
    }

    #[test]
    fn kinds_that_cannot_or_should_not_be_texted() {
        let every = RegionSet::ALL.difference(RegionSet::SMS_UNSUPPORTED);
        let policy = Policy::default().allow(SMS, every).unwrap();
        for (number, kind) in [
            ("+442079460958", Kind::FixedLine),
            ("+18005550199", Kind::TollFree),
            ("+33891123456", Kind::PremiumRate),
            ("+33810123456", Kind::SharedCost),
            ("+447012345678", Kind::PersonalNumber),
            ("+447640123456", Kind::Pager),
            ("+443001234567", Kind::Uan),
            ("+49170131234567", Kind::Voicemail),
            ("+445612345678", Kind::Voip),
        ] {
            let expected =
                if kind == Kind::Voip { Decision::Allow } else { Decision::Deny(Reason::Kind(kind)) };
            assert_eq!(decide(&policy, number, SMS), expected, "{number}");
            let allowed = policy.allow_kinds(SMS, [kind]).unwrap();
            assert_eq!(decide(&allowed, number, SMS), Decision::Allow, "{number}");
            let denied = allowed.deny_kinds(SMS, [kind]).unwrap();
            assert_eq!(decide(&denied, number, SMS), Decision::Deny(Reason::Kind(kind)), "{number}");
        }
    }

    #[test]
    fn numbers_that_the_plan_does_not_know() {
        let (unallocated, impossible) = ("+11025550162", "+120255501");
        let policy = Policy::default();
        assert_eq!(decide(&policy, unallocated, SMS), Decision::Deny(Reason::Unallocated));
        assert_eq!(decide(&policy, impossible, SMS), Decision::Deny(Reason::Impossible));
        let policy = policy.allow_unallocated(SMS, true).unwrap();
        assert_eq!(decide(&policy, unallocated, SMS), Decision::Allow);
        assert_eq!(decide(&policy, impossible, SMS), Decision::Deny(Reason::Impossible));
    }

    #[test]
    fn whatsapp_reaches_fixed_lines() {
        let policy = Policy::default().allow(Channel::WhatsApp, [Region::GB]).unwrap();
        assert_eq!(decide(&policy, "+442079460958", Channel::WhatsApp), Decision::Allow);
        let premium = decide(&policy, "+449098790000", Channel::WhatsApp);
        assert_eq!(premium, Decision::Deny(Reason::Kind(Kind::PremiumRate)));
    }

    #[test]
    fn the_country_is_named_before_the_kind_and_an_impossible_number_before_its_country() {
        let policy = Policy::default();
        assert_eq!(decide(&policy, "+442079460958", SMS), Decision::Deny(Reason::CountryNotAllowed));
        assert_eq!(decide(&policy, "+78123456", SMS), Decision::Deny(Reason::Impossible));
        assert_eq!(decide(&policy, "+8821612345678", SMS), Decision::Deny(Reason::NoCountry));
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
