//! Settings of the guard.

use alloc::vec::Vec;

use super::error::{GuardError, not_negative, positive};
use super::overrides::{Override, Treatment};
use super::prices::Prices;
use crate::number::PhoneNumber;
use crate::region::Region;
use crate::time::Timestamp;

/// The guard, as data: its settings.
///
/// ```
/// use countersign::guard::{Guard, Prices};
///
/// let guard = Guard::default()
///     .with_prices(Prices::from_csv("region,channel,price\nUS,sms,0.0079\n")?)
///     .with_stake(20.0)?;
/// assert_eq!(guard.stake(), 20.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    stake: f64,
    bases: Bases,
    vouched_base: f64,
    overrides: Vec<Override>,
    is_monitor: bool,
    caps: Caps,
    is_shared: bool,
    when_blind: WhenBlind,
    prices: Prices,
}

/// What happens to a send when the tallies cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenBlind {
    /// It fails with the store's error.
    #[default]
    Refuse,
    /// It is allowed, and charged as a stranger's if the tallies can be changed.
    Allow,
}

/// How many sends may be unanswered where no code was ever answered.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bases {
    /// Of a block of 100 numbers.
    pub block_100: f64,
    /// Of a block of 1,000 numbers.
    pub block_1000: f64,
    /// Of a block of 10,000 numbers.
    pub block_10000: f64,
    /// Of a block of 1,000,000 numbers.
    pub block_1000000: f64,
    /// Of an IP network.
    pub ip: f64,
    /// Of an account.
    pub account: f64,
}

/// Caps on spend in 24 hours, in the currency of the price list. Sends to strangers stop at the cap,
/// sends to everybody at twice the cap.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Caps {
    /// Spend in each region.
    pub region: Option<f64>,
    /// Spend by each tenant.
    pub tenant: Option<f64>,
    /// Spend in total.
    pub all: Option<f64>,
}

impl Bases {
    /// 5, 6, 7 and 16 for blocks; 20 for IP networks and 6 for accounts.
    pub const DEFAULT: Self = Self {
        block_100: 5.0,
        block_1000: 6.0,
        block_10000: 7.0,
        block_1000000: 16.0,
        ip: 20.0,
        account: 6.0,
    };
}

impl Default for Bases {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Guard {
    /// Sets the stake: what a tenant is prepared to lose in a region before anybody there has
    /// answered.
    ///
    /// # Errors
    ///
    /// If it is 0, negative or not finite.
    pub fn with_stake(self, stake: f64) -> Result<Self, GuardError> {
        Ok(Self { stake: positive(stake, "stake")?, ..self })
    }

    /// Sets how many sends may be unanswered where no code was ever answered.
    ///
    /// # Errors
    ///
    /// If one of the bases is 0, negative or not finite.
    pub fn with_bases(self, bases: Bases) -> Result<Self, GuardError> {
        let Bases { block_100, block_1000, block_10000, block_1000000, ip, account } = bases;
        positive(block_100, "block_100")?;
        positive(block_1000, "block_1000")?;
        positive(block_10000, "block_10000")?;
        positive(block_1000000, "block_1000000")?;
        positive(ip, "ip")?;
        positive(account, "account")?;
        Ok(Self { bases, ..self })
    }

    /// Sets what vouched strangers of a region may cost before any of them has answered. 0 turns
    /// vouching off.
    ///
    /// # Errors
    ///
    /// If it is negative or not finite.
    pub fn with_vouched_base(self, base: f64) -> Result<Self, GuardError> {
        Ok(Self { vouched_base: not_negative(base, "vouched_base")?, ..self })
    }

    /// Adds an override. If several apply, the longest prefix wins over shorter ones and over
    /// regions; among equals, the one that was added last.
    ///
    /// # Errors
    ///
    /// If its factor is 0, negative or not finite.
    pub fn with_override(mut self, rule: Override) -> Result<Self, GuardError> {
        if let Treatment::Scale(factor) = rule.treatment {
            positive(factor, "override")?;
        }
        self.overrides.push(rule);
        Ok(self)
    }

    /// Sets monitor mode: the guard decides and charges as if it were enforced, but sends anyway.
    #[must_use]
    pub fn with_monitor(self, is_monitor: bool) -> Self {
        Self { is_monitor, ..self }
    }

    /// Sets the caps on spend in 24 hours.
    ///
    /// # Errors
    ///
    /// If a cap is negative or not finite.
    pub fn with_caps(self, caps: Caps) -> Result<Self, GuardError> {
        let Caps { region, tenant, all } = caps;
        for (cap, what) in [(region, "caps.region"), (tenant, "caps.tenant"), (all, "caps.all")] {
            cap.map(|cap| not_negative(cap, what)).transpose()?;
        }
        Ok(Self { caps, ..self })
    }

    /// Sets whether all tenants share their tallies. Each separate tenant multiplies the possible
    /// loss.
    #[must_use]
    pub fn with_shared_tallies(self, is_shared: bool) -> Self {
        Self { is_shared, ..self }
    }

    /// Sets what happens to a send when the tallies cannot be read. By default it fails: while the
    /// guard is blind, nothing else bounds what is spent.
    #[must_use]
    pub fn with_when_blind(self, when_blind: WhenBlind) -> Self {
        Self { when_blind, ..self }
    }

    /// Sets what sends cost.
    #[must_use]
    pub fn with_prices(self, prices: Prices) -> Self {
        Self { prices, ..self }
    }

    /// Returns the stake.
    #[must_use]
    pub const fn stake(&self) -> f64 {
        self.stake
    }

    /// Returns how many sends may be unanswered where no code was ever answered.
    #[must_use]
    pub const fn bases(&self) -> Bases {
        self.bases
    }

    /// Returns what vouched strangers of a region may cost before any of them has answered.
    #[must_use]
    pub const fn vouched_base(&self) -> f64 {
        self.vouched_base
    }

    /// Returns the overrides, in the order in which they were added.
    #[must_use]
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Returns whether the guard is in monitor mode.
    #[must_use]
    pub const fn is_monitor(&self) -> bool {
        self.is_monitor
    }

    /// Returns the caps on spend in 24 hours.
    #[must_use]
    pub const fn caps(&self) -> Caps {
        self.caps
    }

    /// Returns whether all tenants share their tallies.
    #[must_use]
    pub const fn has_shared_tallies(&self) -> bool {
        self.is_shared
    }

    /// Returns what happens to a send when the tallies cannot be read.
    #[must_use]
    pub const fn when_blind(&self) -> WhenBlind {
        self.when_blind
    }

    /// Returns what sends cost.
    #[must_use]
    pub const fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Returns the override that applies to a number.
    pub(super) fn override_for(
        &self,
        number: PhoneNumber,
        region: Option<Region>,
        now: Timestamp,
    ) -> Option<&Override> {
        let in_force = self.overrides.iter().filter(|rule| rule.is_for(number, region) && now < rule.until);
        in_force.max_by_key(|rule| rule.rank())
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            stake: 8.0,
            bases: Bases::DEFAULT,
            vouched_base: 15.0,
            overrides: Vec::new(),
            is_monitor: false,
            caps: Caps::default(),
            is_shared: false,
            when_blind: WhenBlind::Refuse,
            prices: Prices::default(),
        }
    }
}
