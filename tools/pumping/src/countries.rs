//! Countries: their blocks of numbers, shares of traffic and prices.

use countersign::{Channel, PhoneNumber, Policy, Region};

use crate::mobile::MOBILE;
use crate::rng::Rng;

/// The number of countries with customers.
pub(crate) const COUNTRIES: usize = 50;

/// The number of countries without customers.
pub(crate) const ABROAD: usize = 37;

/// The most blocks of a million numbers that a country's subscribers are in. The United States have
/// ten times as many.
const MILLIONS: usize = 40;

/// The price of a send, in dollars: from the United States to the most expensive country.
const PRICES: [f64; 2] = [0.04, 0.26];

/// The share of new people who answer their first code, by country.
const ANSWERS: [f64; 2] = [0.5, 0.72];

#[derive(Clone)]
pub(crate) struct Country {
    pub(crate) region: Region,
    pub(crate) price: f64,
    /// The share of new people who answer their first code.
    pub(crate) answers: f64,
    /// The sum of the shares of traffic up to and including this country.
    share_up_to: f64,
    /// The blocks of a million numbers that its subscribers are in: their numbers without the last
    /// six digits.
    pub(crate) millions: Vec<u64>,
}

impl Country {
    fn new(region: Region, millions: Vec<u64>, share_up_to: f64) -> Self {
        Self { region, price: 0.0, answers: 0.0, share_up_to, millions }
    }

    /// Returns a random number from a random one of these blocks of a million.
    pub(crate) fn number(&self, millions: &[u64], policy: &Policy, rng: &mut Rng) -> PhoneNumber {
        loop {
            let block = millions[rng.index(millions.len())];
            if let Some(number) = subscriber(block * 1_000_000 + rng.below(1_000_000), self.region, policy) {
                return number;
            }
        }
    }

    /// Returns random blocks of ten thousand numbers.
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

    /// Whether it has at least twice as many blocks of ten thousand numbers.
    pub(crate) const fn has_blocks(&self, count: usize) -> bool {
        self.millions.len() * 100 >= 2 * count
    }
}

/// Parses a number and returns it if it belongs to this region and may be sent to.
pub(crate) fn subscriber(digits: u64, region: Region, policy: &Policy) -> Option<PhoneNumber> {
    let number: PhoneNumber = format!("+{digits}").parse().ok()?;
    let is_one = number.region() == Some(region) && policy.decide(number, Channel::Sms).is_allowed();
    is_one.then_some(number)
}

/// Returns the countries, without prices: those with customers, then those without. They are the
/// same for every seed.
///
/// # Errors
///
/// If the policy allows fewer countries.
pub(crate) fn countries(policy: &Policy) -> Result<Vec<Country>, String> {
    let rng = &mut Rng::new(1);
    let mut countries: Vec<Country> = Vec::new();
    for (prefix, digits) in MOBILE {
        if countries.len() == COUNTRIES {
            break;
        }
        let rank = countries.len();
        let limit = if rank == 0 { 10 * MILLIONS } else { MILLIONS };
        let Some((region, millions)) = blocks(prefix, *digits, limit, policy, rng) else { continue };
        if countries.iter().all(|country| country.region != region) {
            let before = countries.last().map_or(0.0, |country| country.share_up_to);
            countries.push(Country::new(region, millions, before + share(rank)));
        }
    }
    abroad(&mut countries, policy, rng);
    if countries.len() < COUNTRIES + ABROAD {
        return Err(format!("the policy allows only {} countries", countries.len()));
    }
    Ok(countries)
}

/// The share of traffic: 30% for the United States; the others share the rest, unequally.
fn share(rank: usize) -> f64 {
    let weight = |rank: usize| 1.0 / (rank as f64 + 3.0);
    if rank == 0 { 0.3 } else { 0.7 * weight(rank) / (1..COUNTRIES).map(weight).sum::<f64>() }
}

/// Draws a seed's prices and answer rates. The United States are the cheapest.
pub(crate) fn with_prices(countries: &[Country], seed: u64) -> Vec<Country> {
    let rng = &mut Rng::named(seed, "prices");
    let mut countries = countries.to_vec();
    for (rank, country) in countries.iter_mut().enumerate() {
        let [low, high] = PRICES;
        // Four decimals, as in price lists.
        country.price = if rank == 0 { low } else { (rng.between(low, high) * 1e4).round() / 1e4 };
        country.answers = rng.between(ANSWERS[0], ANSWERS[1]);
    }
    countries
}

/// Returns the prices as a list that `Prices::from_csv` reads.
pub(crate) fn price_list(countries: &[Country]) -> String {
    let lines =
        countries.iter().map(|country| format!("{},sms,{}\n", country.region.as_str(), country.price));
    lines.fold("region,channel,price\n".into(), |list, line| list + &line)
}

/// Adds countries without customers, found by their calling codes.
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
        countries.extend(found.map(|(region, millions)| Country::new(region, millions, 1.0)));
    }
}

/// Finds blocks of a million numbers of which a good part may be sent to.
fn blocks(
    prefix: &str,
    digits: u32,
    limit: usize,
    policy: &Policy,
    rng: &mut Rng,
) -> Option<(Region, Vec<u64>)> {
    const TRIES: u32 = 300;
    let prefix: u64 = prefix.strip_prefix('+')?.parse().ok()?;
    let (mut region, mut found) = (None, Vec::new());
    let mut tries = 0;
    while found.len() < limit && tries < TRIES {
        tries += 1;
        let number = prefix * 10_u64.pow(digits) + rng.below(10_u64.pow(digits));
        let Ok(parsed) = format!("+{number}").parse::<PhoneNumber>() else { continue };
        let of = *region.get_or_insert(if prefix == 1 { Region::US } else { parsed.region()? });
        let block = number / 1_000_000;
        let allowed =
            (0..20).filter(|_| subscriber(block * 1_000_000 + rng.below(1_000_000), of, policy).is_some());
        if !found.contains(&block) && allowed.count() > 2 {
            found.push(block);
            tries = 0;
        }
    }
    (!found.is_empty()).then_some((region?, found))
}

/// Picks the country of a new person.
pub(crate) fn pick(countries: &[Country], rng: &mut Rng) -> usize {
    let place = rng.unit();
    let found = countries.iter().position(|country| place < country.share_up_to);
    found.unwrap_or(COUNTRIES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::World;
    use countersign::guard::Prices;

    #[test]
    fn traffic_prices_and_answers_are_as_described() {
        let (_, countries) = World::for_tests();
        assert_eq!(countries.len(), COUNTRIES + ABROAD);
        assert_eq!(countries[0].region, Region::US);
        assert!((countries[COUNTRIES - 1].share_up_to - 1.0).abs() < 1e-9);
        for country in &countries {
            assert!((0.04..=0.26).contains(&country.price), "{:?}", country.region);
            assert!((0.5..=0.72).contains(&country.answers), "{:?}", country.region);
        }
        let prices = Prices::from_csv(&price_list(&countries)).unwrap();
        for country in &countries {
            assert_eq!(prices.of(Some(country.region), Channel::Sms), country.price);
        }
        let mut regions: Vec<&str> = countries.iter().map(|country| country.region.as_str()).collect();
        regions.sort_unstable();
        assert!(regions.windows(2).all(|pair| pair[0] != pair[1]));

        let rng = &mut Rng::new(1);
        let from_us = (0..100_000).filter(|_| pick(&countries, rng) == 0).count();
        assert!((29_000..31_000).contains(&from_us), "{from_us}");
    }
}
