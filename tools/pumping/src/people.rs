//! The service's people: their countries, numbers and addresses.

use countersign::{PhoneNumber, Policy};

use crate::countries::{Country, pick};
use crate::rng::Rng;

/// The share of people who are behind a shared /24.
const SHARING: f64 = 0.3;

/// The number of shared /24s in a country.
const SHARED_NETWORKS: u64 = 40;

pub(crate) struct Person {
    pub(crate) number: PhoneNumber,
    pub(crate) country: usize,
    pub(crate) ip: u32,
    pub(crate) is_known: bool,
}

/// Everybody who ever logged in or was imported.
#[derive(Default)]
pub(crate) struct People {
    all: Vec<Person>,
    known: Vec<usize>,
}

impl People {
    /// Adds a stranger from a random country and returns their place.
    pub(crate) fn add(&mut self, countries: &[Country], policy: &Policy, rng: &mut Rng) -> usize {
        let country = pick(countries, rng);
        let own = &countries[country];
        let number = own.number(&own.millions, policy, rng);
        let ip = if rng.chance(SHARING) {
            (10 << 24) + ((country as u32) << 14) + ((rng.below(SHARED_NETWORKS) as u32) << 8)
        } else {
            residential(rng)
        };
        self.all.push(Person { number, country, ip, is_known: false });
        self.all.len() - 1
    }

    pub(crate) fn person(&self, place: usize) -> &Person {
        &self.all[place]
    }

    /// Notes that a person was verified or imported.
    pub(crate) fn verify(&mut self, place: usize) {
        if !self.all[place].is_known {
            self.all[place].is_known = true;
            self.known.push(place);
        }
    }

    /// Picks somebody who was verified or imported.
    pub(crate) fn known(&self, rng: &mut Rng) -> Option<usize> {
        (!self.known.is_empty()).then(|| self.known[rng.index(self.known.len())])
    }
}

/// A random residential address, hardly ever of a /24 that was seen before.
pub(crate) fn residential(rng: &mut Rng) -> u32 {
    (100 << 24) + (rng.next() as u32 & 0x3FFF_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::World;

    #[test]
    fn thirty_percent_share_40_networks_per_country() {
        let (world, countries) = World::for_tests();
        let (mut people, mut rng) = (People::default(), Rng::new(3));
        let added: Vec<usize> =
            (0..10_000).map(|_| people.add(&countries, &world.policy, &mut rng)).collect();
        let shared = |place: &&usize| people.person(**place).ip >> 24 == 10;
        let sharing: Vec<&usize> = added.iter().filter(shared).collect();
        assert!((2_850..3_150).contains(&sharing.len()), "{}", sharing.len());
        let us = sharing.iter().filter(|place| people.person(***place).country == 0);
        let mut networks: Vec<u32> = us.map(|place| people.person(**place).ip >> 8).collect();
        networks.sort_unstable();
        networks.dedup();
        assert_eq!(networks.len(), 40);
    }

    #[test]
    fn only_verified_people_are_picked_again() {
        let (world, countries) = World::for_tests();
        let (mut people, mut rng) = (People::default(), Rng::new(3));
        let places = [0; 3].map(|_| people.add(&countries, &world.policy, &mut rng));
        assert_eq!(people.known(&mut rng), None);
        people.verify(places[1]);
        people.verify(places[1]);
        assert!((0..20).all(|_| people.known(&mut rng) == Some(places[1])));
    }
}
