//! The attackers: which numbers they request passcodes for.

use countersign::{Channel, PhoneNumber, Policy, Region};

use crate::countries::{COUNTRIES, Country, subscriber};
use crate::rng::Rng;
use crate::scenario::{Attack, Kind};

/// Premium-rate ranges of customers' countries: prefix, and how many digits follow.
const PREMIUM: &[(&str, u32)] =
    &[("+1900", 7), ("+44909", 7), ("+3389", 7), ("+49900", 7), ("+39899", 6), ("+34803", 6)];

/// Ranges that no operator has.
const UNALLOCATED: &[(&str, u32)] =
    &[("+11", 9), ("+4460", 8), ("+330", 9), ("+4910", 8), ("+399", 9), ("+342", 8)];

/// The share of a self-verifying ring's requests that are for its own SIMs.
const TO_SIMS: f64 = 0.3;

/// A ring that is pumping, with a random stream of its own: it plans the same with and without the
/// guard.
pub(crate) struct Ring {
    per_hour: f64,
    rng: Rng,
    targets: Targets,
    /// The numbers that answer, and their country.
    sims: Vec<Target>,
}

/// A number to request a passcode for, and its country.
pub(crate) type Target = (usize, PhoneNumber);

enum Targets {
    /// Blocks of 10⁴ with their countries.
    Blocks(Vec<(usize, u64)>),
    /// Blocks of a million, by country.
    Millions(Vec<(usize, Vec<u64>)>),
    Runs {
        country: usize,
        starts: Vec<u64>,
        sent: u64,
    },
    Ranges {
        country: usize,
        ranges: &'static [(&'static str, u32)],
    },
}

impl Ring {
    pub(crate) fn new(attack: &Attack, countries: &[Country], policy: &Policy, mut rng: Rng) -> Self {
        let country = with_customers(countries, 1, 0, &mut rng)[0];
        let own = &countries[country];
        let millions = |country: usize| (country, countries[country].millions.clone());
        let mut sims = Vec::new();
        let targets = match attack.kind {
            Kind::Blocks { blocks, countries: count } => {
                let mut all = Vec::new();
                for place in with_customers(countries, count, blocks, &mut rng) {
                    let found = countries[place].blocks(blocks, policy, &mut rng);
                    all.extend(found.into_iter().map(|block| (place, block)));
                }
                Targets::Blocks(all)
            }
            Kind::SelfVerified { sims: count } => {
                let blocks = own.blocks(2, policy, &mut rng);
                for place in 0..count {
                    let sim = of_block(blocks[place % 2], own.region, policy, &mut rng);
                    sims.extend(sim.map(|sim| (country, sim)));
                }
                Targets::Blocks(blocks.into_iter().map(|block| (country, block)).collect())
            }
            Kind::Runs(runs) => {
                let starts = (0..runs).map(|_| own.number(&own.millions, policy, &mut rng).digits());
                Targets::Runs { country, starts: starts.collect(), sent: 0 }
            }
            Kind::Countries(count) => {
                let places = with_customers(countries, count, 0, &mut rng);
                Targets::Millions(places.into_iter().map(millions).collect())
            }
            Kind::Abroad(count) => {
                Targets::Millions((COUNTRIES..countries.len()).take(count).map(millions).collect())
            }
            Kind::Mimic => {
                let quarter = own.millions.len().div_ceil(4);
                Targets::Millions(vec![(country, own.millions[..quarter].to_vec())])
            }
            Kind::Premium => Targets::Ranges { country, ranges: PREMIUM },
            Kind::Unallocated => Targets::Ranges { country, ranges: UNALLOCATED },
        };
        Self { per_hour: attack.per_hour, rng, targets, sims }
    }

    /// Returns the milliseconds until the next request.
    pub(crate) fn gap(&mut self) -> u64 {
        self.rng.gap(self.per_hour)
    }

    /// Its random stream.
    pub(crate) const fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Returns the number to request a passcode for, and whether it will answer. None if a run of
    /// consecutive numbers left its country's numbering plan.
    pub(crate) fn next(&mut self, countries: &[Country], policy: &Policy) -> Option<(Target, bool)> {
        if !self.sims.is_empty() && self.rng.chance(TO_SIMS) {
            return Some((self.sims[self.rng.index(self.sims.len())], true));
        }
        let rng = &mut self.rng;
        let target = match &mut self.targets {
            Targets::Blocks(blocks) => {
                let (country, block) = blocks[rng.index(blocks.len())];
                (country, of_block(block, countries[country].region, policy, rng)?)
            }
            Targets::Millions(places) => {
                let (country, millions) = &places[rng.index(places.len())];
                (*country, countries[*country].number(millions, policy, rng))
            }
            Targets::Runs { country, starts, sent } => {
                let runs = starts.len() as u64;
                let digits = starts[(*sent % runs) as usize] + *sent / runs;
                *sent += 1;
                (*country, format!("+{digits}").parse().ok()?)
            }
            Targets::Ranges { country, ranges } => {
                let (prefix, digits) = ranges[rng.index(ranges.len())];
                let last = rng.below(10_u64.pow(digits));
                (*country, format!("{prefix}{last:0>width$}", width = digits as usize).parse().ok()?)
            }
        };
        Some((target, false))
    }
}

/// Picks different countries with customers and at least so many blocks of 10⁴. Never the United
/// States, which earn the most.
fn with_customers(countries: &[Country], count: usize, blocks: usize, rng: &mut Rng) -> Vec<usize> {
    let mut left: Vec<usize> = (1..COUNTRIES).filter(|place| countries[*place].has_blocks(blocks)).collect();
    (0..count.min(left.len())).map(|_| left.swap_remove(rng.index(left.len()))).collect()
}

fn of_block(block: u64, region: Region, policy: &Policy, rng: &mut Rng) -> Option<PhoneNumber> {
    (0..1_000).find_map(|_| subscriber(block * 10_000 + rng.below(10_000), region, policy))
}

/// Whether the policy allows a number at all.
pub(crate) fn is_allowed(policy: &Policy, number: PhoneNumber) -> bool {
    policy.decide(number, Channel::Sms).is_allowed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::World;

    fn targets(kind: Kind, count: usize) -> Vec<(Target, bool)> {
        let (World { policy, .. }, countries) = World::for_tests();
        let attack = Attack { kind, per_hour: 100.0, hours: 1.0 };
        let mut ring = Ring::new(&attack, &countries, policy, Rng::new(5));
        (0..count).filter_map(|_| ring.next(&countries, policy)).collect()
    }

    fn distinct(targets: &[(Target, bool)], of: impl Fn(Target) -> u64) -> usize {
        let mut all: Vec<u64> = targets.iter().map(|(target, _)| of(*target)).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    }

    #[test]
    fn attacks_keep_to_their_blocks_and_countries() {
        let block = |(_, number): Target| number.digits() / 10_000;
        let country = |(country, _): Target| country as u64;
        let drip = targets(Kind::Blocks { blocks: 1_000, countries: 1 }, 20_000);
        assert_eq!((distinct(&drip, block), distinct(&drip, country)), (1_000, 1));
        let rotating = targets(Kind::Blocks { blocks: 3, countries: 4 }, 2_000);
        assert_eq!((distinct(&rotating, block), distinct(&rotating, country)), (12, 4));
        let many = targets(Kind::Abroad(37), 2_000);
        assert_eq!(distinct(&many, country), 37);
        assert!(many.iter().all(|((country, _), _)| *country >= COUNTRIES));
    }

    #[test]
    fn runs_are_consecutive() {
        let digits: Vec<u64> =
            targets(Kind::Runs(4), 40).iter().map(|((_, number), _)| number.digits()).collect();
        assert!(digits.iter().zip(&digits[4..]).all(|(one, next)| one + 1 == *next));
    }

    #[test]
    fn self_verifying_rings_send_30_percent_to_60_sims() {
        let targets = targets(Kind::SelfVerified { sims: 60 }, 10_000);
        let to_sims: Vec<_> = targets.into_iter().filter(|(_, is_sim)| *is_sim).collect();
        assert!((2_800..3_200).contains(&to_sims.len()), "{}", to_sims.len());
        assert_eq!(distinct(&to_sims, |(_, number)| number.digits()), 60);
    }

    #[test]
    fn policy_refuses_premium_and_unallocated_numbers() {
        let (World { policy, .. }, _) = World::for_tests();
        for kind in [Kind::Premium, Kind::Unallocated] {
            let targets = targets(kind, 2_000);
            assert!(targets.len() > 1_000, "{} of 2,000 numbers parse", targets.len());
            assert!(targets.iter().all(|((_, number), _)| !is_allowed(policy, *number)));
        }
    }
}
