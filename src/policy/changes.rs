//! Changes of a policy.

use super::kinds::UNALLOCATED;
use super::{Policy, PolicyError};
use crate::channel::Channel;
use crate::number::Kind;
use crate::region::{Region, RegionSet, UnknownRegion};

impl Policy {
    /// Returns this policy with more countries on a channel's allowlist.
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

    /// Does the same as [`allow`](Self::allow), for constants.
    ///
    /// ```
    /// use countersign::{Channel, Policy, Region};
    /// use countersign::region::RegionSet;
    ///
    /// const REGIONS: RegionSet = RegionSet::of(&[Region::FR, Region::DE]);
    /// const POLICY: Policy = match Policy::DEFAULT.allow_set(Channel::Sms, REGIONS) {
    ///     Ok(policy) => policy,
    ///     Err(_) => panic!("unsupported"),
    /// };
    /// # assert!(POLICY.allowed(Channel::Sms).contains(Region::DE));
    /// ```
    ///
    /// # Errors
    ///
    /// The same as for [`allow`](Self::allow).
    pub const fn allow_set(mut self, channel: Channel, regions: RegionSet) -> Result<Self, PolicyError> {
        let allowed = self.allowed(channel).union(regions);
        match self.replace_allowed(channel, allowed) {
            Ok(()) => Ok(self),
            Err(error) => Err(error),
        }
    }

    /// Returns this policy with countries denied on a channel, whether or not they are allowed.
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
    /// If the list is empty, one of its countries is unsupported on the channel, or the channel is
    /// email. The policy is then unchanged.
    pub fn set_allowed(
        &mut self,
        channel: Channel,
        regions: impl IntoIterator<Item = Region>,
    ) -> Result<(), PolicyError> {
        self.replace_allowed(channel, regions.into_iter().collect())
    }

    /// Replaces a channel's allowlist with the countries that have these ISO 3166-1 alpha-2 codes.
    ///
    /// ```
    /// use countersign::{Channel, Policy};
    ///
    /// let mut policy = Policy::default();
    /// policy.set_allowed_codes(Channel::Sms, ["GB", "FR"])?;
    /// let error = policy.set_allowed_codes(Channel::Sms, ["DE", "RU", "ZZ"]).unwrap_err();
    /// assert_eq!(error.wire_name(), "country_code_allowlist_invalid_country_codes");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "sms allowlist: unsupported countries: RU; \
    ///      ZZ is not an ISO 3166-1 alpha-2 code (nor XK, AC, TA)"
    /// );
    /// # Ok::<(), countersign::policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The same as for [`set_allowed`](Self::set_allowed), and if a code names no country. The
    /// policy is then unchanged.
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

    /// Replaces a channel's denylist. An empty list denies nothing.
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
        rules.set_denied(regions.into_iter().collect());
        Ok(())
    }

    /// Returns this policy with more kinds of numbers allowed on a channel.
    ///
    /// ```
    /// use countersign::{Channel, Kind, Policy};
    ///
    /// let policy = Policy::default()
    ///     .allow_kinds(Channel::Sms, [Kind::TollFree])?
    ///     .deny_kinds(Channel::Sms, [Kind::Voip])?;
    /// # let _ = policy;
    /// # Ok::<(), countersign::policy::PolicyError>(())
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

    /// Returns this policy with kinds of numbers denied on a channel.
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

    /// Returns this policy with unallocated numbers allowed or denied. A plan that is a year old
    /// misses a few percent of the numbers in use.
    ///
    /// # Errors
    ///
    /// If the channel is email.
    pub fn allow_unallocated(self, channel: Channel, allow: bool) -> Result<Self, PolicyError> {
        self.switch(channel, UNALLOCATED, allow)
    }

    fn switch(mut self, channel: Channel, number: u16, allow: bool) -> Result<Self, PolicyError> {
        let rules = self.rules_mut(channel).ok_or(PolicyError::NotATelephoneChannel { channel })?;
        rules.switch(number, allow);
        Ok(self)
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
        rules.set_allowed(regions);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMS: Channel = Channel::Sms;

    #[test]
    fn a_rejected_list_leaves_the_policy_unchanged() {
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
    fn allow_adds_and_set_replaces() {
        let mut policy = Policy::default().allow(SMS, [Region::FR]).unwrap();
        assert_eq!(policy.allowed(SMS), RegionSet::of(&[Region::CA, Region::FR, Region::US]));
        policy.set_allowed_codes(SMS, ["de"]).unwrap();
        assert_eq!(policy.allowed(SMS), RegionSet::of(&[Region::DE]));
        assert_eq!(policy.allow(SMS, []).unwrap(), policy);
    }
}
