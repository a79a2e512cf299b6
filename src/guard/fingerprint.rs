//! A hash of policy and guard, which traces rulings to the settings that made them.

use core::fmt;

use sha2::{Digest, Sha256};

use super::overrides::{Covered, Treatment};
use super::settings::{Bases, Caps, Guard, WhenBlind};
use crate::channel::Channel;
use crate::policy::Policy;
use crate::region::{Region, RegionSet};

/// A hash of a policy and a guard. It does not cover prices from a function.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    pub(super) const ZERO: Self = Self([0; 8]);

    /// Returns the 8 bytes of the fingerprint.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

/// Writes 16 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::hex::write(f, &self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Guard {
    /// Returns the fingerprint of a policy with this guard. This takes some microseconds.
    #[must_use]
    pub fn fingerprint(&self, policy: &Policy) -> Fingerprint {
        let mut hash = Hash(Sha256::new());
        for channel in [Channel::Sms, Channel::WhatsApp] {
            hash.regions(policy.allowed(channel));
            hash.regions(policy.denied(channel));
            policy.kinds(channel).for_each(|kind| hash.bytes(&[kind.number()]));
            hash.bytes(&[0xFF, u8::from(policy.allows_unallocated(channel))]);
        }
        hash.guard(self);
        let digest = hash.0.finalize();
        let mut cut = [0; 8];
        cut.copy_from_slice(&digest[..8]);
        Fingerprint(cut)
    }
}

struct Hash(Sha256);

impl Hash {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn number(&mut self, number: f64) {
        self.bytes(&number.to_bits().to_le_bytes());
    }

    fn option(&mut self, number: Option<f64>) {
        // No cap is negative.
        self.number(number.unwrap_or(-1.0));
    }

    fn region(&mut self, region: Region) {
        self.bytes(region.as_str().as_bytes());
    }

    fn regions(&mut self, regions: RegionSet) {
        regions.iter().for_each(|region| self.region(region));
        self.bytes(&[0]);
    }

    fn guard(&mut self, guard: &Guard) {
        let Bases { block_100, block_1000, block_10000, block_1000000, ip, account } = guard.bases();
        let Caps { region, tenant, all } = guard.caps();
        for number in [guard.stake(), block_100, block_1000, block_10000, block_1000000, ip, account] {
            self.number(number);
        }
        self.number(guard.vouched_base());
        [region, tenant, all].into_iter().for_each(|cap| self.option(cap));
        self.bytes(&[
            guard.is_monitor().into(),
            guard.has_shared_tallies().into(),
            guard.prices().is_list().into(),
            (guard.when_blind() == WhenBlind::Allow).into(),
        ]);
        for rule in guard.overrides() {
            match *rule.covered() {
                Covered::Prefix(prefix) => self.bytes(&prefix.digits().to_le_bytes()),
                Covered::Region(region) => self.region(region),
            }
            match rule.treatment {
                Treatment::Allow => self.bytes(&[1]),
                Treatment::Refuse => self.bytes(&[2]),
                Treatment::Scale(factor) => {
                    self.bytes(&[3]);
                    self.number(factor);
                }
            }
            self.bytes(&rule.until.unix_millis().to_le_bytes());
        }
        self.bytes(&[0]);
        for (region, channel, price) in guard.prices().listed() {
            self.region(region);
            self.bytes(&[channel.number()]);
            self.number(price);
        }
    }
}
