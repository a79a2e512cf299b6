//! Policies: which countries and kinds of numbers may be sent a passcode, per channel.

mod answers;
mod changes;
mod decision;
mod error;
mod kinds;
mod many;
mod rules;

pub use decision::{Decision, Reason};
pub use error::PolicyError;
pub use many::DecideMany;

use crate::channel::Channel;
use crate::number::{Kind, PhoneNumber};
use crate::region::{Region, RegionSet};
use kinds::{Kinds, UNALLOCATED};
use rules::Rules;

/// The countries and kinds of phone numbers to which SMS and WhatsApp passcodes may be sent.
///
/// By default, only the United States and Canada are allowed (`data/default_allowlist.csv`). A
/// country that is unsupported on a channel cannot be allowed there, and an explicit denial takes
/// precedence over the allowlist. Numbers without a country and impossible numbers are always
/// denied. Numbers that cannot or should not be texted are denied by kind, and each kind can be
/// allowed:
///
/// | | SMS | WhatsApp |
/// |---|---|---|
/// | mobile, fixed line or mobile, VoIP | allowed | allowed |
/// | fixed line | denied | allowed: businesses register them by a voice call |
/// | premium rate, shared cost, toll free | denied | denied |
/// | personal number, pager, UAN, voicemail | denied | denied |
/// | unallocated | denied | denied |
///
/// `Copy`, and usable in constants. A policy is changed rarely and consulted often, so each change
/// precomputes all answers. That takes 1.2 KB and about a microsecond, and a decision then takes a
/// few loads. Email has no country and therefore no policy.
///
/// ```
/// use countersign::{Channel, Kind, Policy, Reason, Region};
/// use countersign::policy::Decision;
///
/// let policy = Policy::default().allow(Channel::Sms, [Region::FR])?;
/// let decide = |number: &str| number.parse().map(|number| policy.decide(number, Channel::Sms));
///
/// assert_eq!(decide("+33612345678")?, Decision::Allow);
/// // The Bahamas, the United Kingdom, a satellite phone, and a premium rate number.
/// assert_eq!(decide("+12423591234")?, Decision::Deny(Reason::UnsupportedCountry));
/// assert_eq!(decide("+447400123456")?, Decision::Deny(Reason::CountryNotAllowed));
/// assert_eq!(decide("+8821612345678")?, Decision::Deny(Reason::NoCountry));
/// assert_eq!(decide("+33891123456")?, Decision::Deny(Reason::Kind(Kind::PremiumRate)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    sms: Rules,
    whatsapp: Rules,
}

impl Policy {
    /// Allows US and CA on both channels.
    pub const DEFAULT: Self = Self {
        sms: Rules::new(RegionSet::SMS_UNSUPPORTED, RegionSet::SMS_DEFAULT_ALLOWED, Kinds::SMS),
        whatsapp: Rules::new(
            RegionSet::WHATSAPP_UNSUPPORTED,
            RegionSet::WHATSAPP_DEFAULT_ALLOWED,
            Kinds::WHATSAPP,
        ),
    };

    /// Decides whether a passcode may be sent to `number` over `channel`. If several reasons to
    /// deny it apply, the decision holds the first in the order of [`Reason`].
    #[inline]
    #[must_use]
    pub const fn decide(&self, number: PhoneNumber, channel: Channel) -> Decision {
        match self.rules(channel) {
            Some(rules) => rules.answers().of(number.label()),
            None => Decision::Deny(Reason::NotATelephoneChannel),
        }
    }

    /// Decides for a country, or for numbers without one, regardless of the number's kind.
    #[inline]
    #[must_use]
    pub const fn decide_region(&self, region: Option<Region>, channel: Channel) -> Decision {
        match self.rules(channel) {
            Some(rules) => rules.answers().of_region(region),
            None => Decision::Deny(Reason::NotATelephoneChannel),
        }
    }

    /// Returns a channel's allowlist, which is empty for email.
    #[must_use]
    pub const fn allowed(&self, channel: Channel) -> RegionSet {
        match self.rules(channel) {
            Some(rules) => rules.allowed(),
            None => RegionSet::EMPTY,
        }
    }

    /// Returns a channel's denylist, which is empty for email.
    #[must_use]
    pub const fn denied(&self, channel: Channel) -> RegionSet {
        match self.rules(channel) {
            Some(rules) => rules.denied(),
            None => RegionSet::EMPTY,
        }
    }

    /// Returns the kinds of numbers that are allowed on a channel. There are none for email.
    pub fn kinds(&self, channel: Channel) -> impl Iterator<Item = Kind> {
        let kinds = self.rules(channel).map(Rules::kinds);
        let is_allowed = move |kind: &Kind| kinds.is_some_and(|set| set.contains(kind.number().into()));
        Kind::ALL.into_iter().filter(is_allowed)
    }

    /// Returns whether unallocated numbers are allowed on a channel.
    #[must_use]
    pub fn allows_unallocated(&self, channel: Channel) -> bool {
        self.rules(channel).is_some_and(|rules| rules.kinds().contains(UNALLOCATED))
    }

    /// Returns the countries that cannot be allowed on a channel. The set is empty for email.
    #[must_use]
    pub const fn unsupported(channel: Channel) -> RegionSet {
        match channel {
            Channel::Sms => RegionSet::SMS_UNSUPPORTED,
            Channel::WhatsApp => RegionSet::WHATSAPP_UNSUPPORTED,
            Channel::Email => RegionSet::EMPTY,
        }
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
    fn allows_only_us_and_canada_by_default() {
        for channel in [Channel::Sms, Channel::WhatsApp] {
            assert_eq!(Policy::default().allowed(channel), RegionSet::of(&[Region::CA, Region::US]));
            for region in Region::all() {
                let allowed = Policy::default().decide_region(Some(region), channel) == Decision::Allow;
                assert_eq!(allowed, matches!(region, Region::US | Region::CA), "{region}");
            }
        }
    }

    #[test]
    fn reports_the_first_reason_in_order() {
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
    fn channels_have_separate_lists() {
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
    fn denies_and_allows_by_kind() {
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
    fn switches_are_idempotent_and_reject_email() {
        let policy = Policy::default();
        assert_eq!(policy.allow_kinds(SMS, [Kind::Mobile, Kind::Mobile]), Ok(policy));
        assert_eq!(policy.deny_kinds(SMS, [Kind::Pager, Kind::Pager]), Ok(policy));
        assert_eq!(policy.allow_unallocated(SMS, false), Ok(policy));
        let email = Err(PolicyError::NotATelephoneChannel { channel: Channel::Email });
        assert_eq!(policy.allow_kinds(Channel::Email, [Kind::Mobile]), email);
        assert_eq!(policy.deny_kinds(Channel::Email, [Kind::Mobile]), email);
        assert_eq!(policy.allow_unallocated(Channel::Email, true), email);
    }

    #[test]
    fn email_has_no_lists() {
        let policy = Policy::default().deny(SMS, [Region::FR]).unwrap();
        assert_eq!(policy.denied(SMS), RegionSet::of(&[Region::FR]));
        assert!(policy.denied(Channel::WhatsApp).is_empty());
        for list in [
            policy.allowed(Channel::Email),
            policy.denied(Channel::Email),
            Policy::unsupported(Channel::Email),
        ] {
            assert!(list.is_empty());
        }
    }

    #[test]
    fn denies_unallocated_and_impossible_numbers() {
        let (unallocated, impossible) = ("+11025550162", "+120255501");
        let policy = Policy::default();
        assert_eq!(decide(&policy, unallocated, SMS), Decision::Deny(Reason::Unallocated));
        assert_eq!(decide(&policy, impossible, SMS), Decision::Deny(Reason::Impossible));
        let policy = policy.allow_unallocated(SMS, true).unwrap();
        assert_eq!(decide(&policy, unallocated, SMS), Decision::Allow);
        assert_eq!(decide(&policy, impossible, SMS), Decision::Deny(Reason::Impossible));
    }

    #[test]
    fn whatsapp_allows_fixed_lines() {
        let policy = Policy::default().allow(Channel::WhatsApp, [Region::GB]).unwrap();
        assert_eq!(decide(&policy, "+442079460958", Channel::WhatsApp), Decision::Allow);
        let premium = decide(&policy, "+449098790000", Channel::WhatsApp);
        assert_eq!(premium, Decision::Deny(Reason::Kind(Kind::PremiumRate)));
    }

    #[test]
    fn country_precedes_kind_and_impossible_precedes_country() {
        let policy = Policy::default();
        assert_eq!(decide(&policy, "+442079460958", SMS), Decision::Deny(Reason::CountryNotAllowed));
        assert_eq!(decide(&policy, "+78123456", SMS), Decision::Deny(Reason::Impossible));
        assert_eq!(decide(&policy, "+8821612345678", SMS), Decision::Deny(Reason::NoCountry));
    }
}
