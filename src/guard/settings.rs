//! What an operator sets.

use alloc::vec::Vec;

use super::error::{GuardError, not_negative, positive};
use super::overrides::{Override, Treatment};
use super::prices::Prices;
use crate::number::PhoneNumber;
use crate::region::Region;
use crate::time::Timestamp;

/// The settings of the guard. They are data, made rarely and asked often.
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

/// How much may be unanswered where nothing was ever answered, in sends.
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

/// Caps on what is spent in 24 hours, in the price list's currency. Strangers stop at the cap,
/// everybody at twice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Caps {
    /// In each region.
    pub region: Option<f64>,
    /// By each tenant.
    pub tenant: Option<f64>,
    /// In all.
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
    /// What a tenant is prepared to lose in a region before anybody there has answered.
    ///
    /// # Errors
    ///
    /// If it is 0, negative or not finite.
    pub fn with_stake(self, stake: f64) -> Result<Self, GuardError> {
        Ok(Self { stake: positive(stake, "stake")?, ..self })
    }

    /// How much may be unanswered where nothing was ever answered.
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

    /// What vouched strangers of a region may cost before any of them has answered. At 0, vouching
    /// helps nobody.
    ///
    /// # Errors
    ///
    /// If it is negative or not finite.
    pub fn with_vouched_base(self, base: f64) -> Result<Self, GuardError> {
        Ok(Self { vouched_base: not_negative(base, "vouched_base")?, ..self })
    }

    /// One override more. Where several are in force, the longest prefix wins, then a region; of
    /// equals the one that was added last.
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

    /// Whether to decide and charge as if the guard were enforced, but send nevertheless.
    #[must_use]
    pub fn with_monitor(self, is_monitor: bool) -> Self {
        Self { is_monitor, ..self }
    }

    /// Caps on what is spent in 24 hours.
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

    /// Whether all tenants share their tallies. Each separate tenant multiplies the possible loss.
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

    /// What sends cost.
    #[must_use]
    pub fn with_prices(self, prices: Prices) -> Self {
        Self { prices, ..self }
    }

    /// What a tenant is prepared to lose in a region before anybody there has answered.
    #[must_use]
    pub const fn stake(&self) -> f64 {
        self.stake
    }

    /// How much may be unanswered where nothing was ever answered.
    #[must_use]
    pub const fn bases(&self) -> Bases {
        self.bases
    }

    /// What vouched strangers of a region may cost before any of them has answered.
    #[must_use]
    pub const fn vouched_base(&self) -> f64 {
        self.vouched_base
    }

    /// The overrides, in the order in which they were added.
    #[must_use]
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Whether refusals are named but not enforced.
    #[must_use]
    pub const fn is_monitor(&self) -> bool {
        self.is_monitor
    }

    /// Caps on what is spent in 24 hours.
    #[must_use]
    pub const fn caps(&self) -> Caps {
        self.caps
    }

    /// Whether all tenants share their tallies.
    #[must_use]
    pub const fn has_shared_tallies(&self) -> bool {
        self.is_shared
    }

    /// Returns what happens to a send when the tallies cannot be read.
    #[must_use]
    pub const fn when_blind(&self) -> WhenBlind {
        self.when_blind
    }

    /// What sends cost.
    #[must_use]
    pub const fn prices(&self) -> &Prices {
        &self.prices
    }

    /// The override in force for a number.
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
