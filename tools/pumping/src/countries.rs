//! Countries, their mobile numbers, shares of traffic and prices.

use countersign::{Channel, PhoneNumber, Policy, Region};

use crate::rng::Rng;

/// How many countries the service has customers in.
pub(crate) const COUNTRIES: usize = 50;

/// How many more countries there are, without a customer.
pub(crate) const ABROAD: usize = 37;

/// Blocks of a million numbers that a country's subscribers are in; ten times as many in the first.
const MILLIONS: usize = 12;

/// What mobile numbers begin with, and how many digits follow.
const MOBILE: &[(&str, u32)] = &[
    ("+1", 10),
    ("+4474", 8),
    ("+336", 8),
    ("+4915", 9),
    ("+3934", 8),
    ("+346", 8),
    ("+316", 8),
    ("+324", 8),
    ("+3519", 8),
    ("+3538", 8),
    ("+467", 8),
    ("+474", 7),
    ("+452", 7),
    ("+3584", 8),
    ("+485", 8),
    ("+4206", 8),
    ("+4366", 8),
    ("+417", 8),
    ("+3069", 8),
    ("+407", 8),
    ("+3620", 7),
    ("+55119", 8),
    ("+5255", 8),
    ("+54911", 8),
    ("+573", 9),
    ("+569", 8),
    ("+519", 8),
    ("+5939", 8),
    ("+5989", 7),
    ("+5068", 7),
    ("+5076", 7),
    ("+1809", 7),
    ("+1876", 7),
    ("+5024", 7),
    ("+919", 9),
    ("+62812", 8),
    ("+639", 9),
    ("+849", 8),
    ("+668", 8),
    ("+6012", 7),
    ("+659", 7),
    ("+8529", 7),
    ("+8869", 8),
    ("+8190", 8),
    ("+8210", 8),
    ("+614", 8),
    ("+6421", 7),
    ("+277", 8),
    ("+2547", 8),
    ("+23480", 8),
    ("+23324", 7),
    ("+2010", 8),
    ("+2126", 8),
    ("+905", 9),
    ("+9725", 8),
    ("+9665", 8),
    ("+38067", 7),
    ("+923", 9),
    ("+8801", 9),
    ("+947", 8),
    ("+35987", 7),
    ("+3859", 7),
    ("+3816", 8),
    ("+4219", 8),
    ("+3706", 7),
    ("+3712", 7),
    ("+3725", 7),
    ("+3546", 6),
];

pub(crate) struct Country {
    pub(crate) region: Region,
    pub(crate) price: f64,
    /// Part of the new people who answer.
    pub(crate) answers: f64,
    /// Of the traffic, summed up to and with this country.
    share_up_to: f64,
    /// The digits of its blocks of a million numbers, where its subscribers are.
    pub(crate) millions: Vec<u64>,
}

impl Country {
    /// A random number of one of these blocks of a million.
    pub(crate) fn number(&self, millions: &[u64], policy: &Policy, rng: &mut Rng) -> PhoneNumber {
        loop {
            let block = millions[rng.index(millions.len())];
            if let Some(number) = subscriber(block * 1_000_000 + rng.below(1_000_000), self.region, policy) {
                return number;
            }
        }
    }

    /// Random blocks of ten thousand numbers.
    pub(crate) fn blocks(&self, count: usize, policy: &Policy, rng: &mut Rng) -> Vec<u64> {
        let mut blocks = Vec::new();
        while blocks.len() < count {
            let block = self.number(&self.millions, policy, rng).digits() / 10_000;
            if !blocks.contains(&block) {
                blocks.push(block);
            }
        }
        blocks
    }
}

/// A number that may be sent to, of this country.
pub(crate) fn subscriber(digits: u64, region: Region, policy: &Policy) -> Option<PhoneNumber> {
    let number: PhoneNumber = format!("+{digits}").parse().ok()?;
    let is_one = number.region() == Some(region) && policy.decide(number, Channel::Sms).is_allowed();
    is_one.then_some(number)
}

/// The United States have 30% of the traffic; the others share the rest, the first more than the
/// last.
pub(crate) fn countries(policy: &Policy, rng: &mut Rng) -> Vec<Country> {
    let mut countries: Vec<Country> = Vec::new();
    let weights: f64 = (1..COUNTRIES).map(|rank| 1.0 / (rank as f64 + 3.0)).sum();
    for (prefix, digits) in MOBILE {
        if countries.len() == COUNTRIES {
            break;
        }
        let rank = countries.len();
        let most = if rank == 0 { 10 * MILLIONS } else { MILLIONS };
        let Some((region, millions)) = blocks(prefix, *digits, most, policy, rng) else { continue };
        let share = if rank == 0 { 0.3 } else { 0.7 / (rank as f64 + 3.0) / weights };
        let before = countries.last().map_or(0.0, |country| country.share_up_to);
        let price = if rank == 0 { 0.01 } else { rng.between(0.04, 0.26) };
        let answers = rng.between(0.5, 0.72);
        if countries.iter().any(|country: &Country| country.region == region) {
            continue;
        }
        countries.push(Country { region, price, answers, share_up_to: before + share, millions });
    }
    abroad(&mut countries, policy, rng);
    countries
}

/// Countries without customers, found by their calling codes.
fn abroad(countries: &mut Vec<Country>, policy: &Policy, rng: &mut Rng) {
    for code in 20..=998 {
        if countries.len() >= COUNTRIES + ABROAD {
            break;
        }
        let found = (6..=9).find_map(|digits| {
            let (region, millions) = blocks(&format!("+{code}"), digits, 3, policy, rng)?;
            let is_new = countries.iter().all(|country| country.region != region);
            is_new.then_some((region, millions))
        });
        if let Some((region, millions)) = found {
            let (price, answers) = (rng.between(0.04, 0.26), 0.6);
            countries.push(Country { region, price, answers, share_up_to: 1.0, millions });
        }
    }
}

/// The blocks of a million in which most numbers may be sent to.
fn blocks(
    prefix: &str,
    digits: u32,
    most: usize,
    policy: &Policy,
    rng: &mut Rng,
) -> Option<(Region, Vec<u64>)> {
    let prefix: u64 = prefix.strip_prefix('+')?.parse().ok()?;
    let (mut region, mut found) = (None, Vec::new());
    for _ in 0..4_000 {
        let number = prefix * 10_u64.pow(digits) + rng.below(10_u64.pow(digits));
        let Ok(parsed) = format!("+{number}").parse::<PhoneNumber>() else { continue };
        let of = *region.get_or_insert(if prefix == 1 { Region::US } else { parsed.region()? });
        let block = number / 1_000_000;
        let good =
            (0..20).filter(|_| subscriber(block * 1_000_000 + rng.below(1_000_000), of, policy).is_some());
        if !found.contains(&block) && good.count() > 2 {
            found.push(block);
        }
        if found.len() == most {
            break;
        }
    }
    (!found.is_empty()).then_some((region?, found))
}

/// Which country the next login is from.
pub(crate) fn pick(countries: &[Country], rng: &mut Rng) -> usize {
    let place = rng.unit();
    let found = countries.iter().position(|country| place < country.share_up_to);
    found.unwrap_or(COUNTRIES - 1)
}
