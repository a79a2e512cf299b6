//! Who attacks, and what else happens.

use core::ops::Range;

/// A scenario: sixteen days of a service.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Logins a day, how many of them are new people, and whether the others are imported.
    pub(crate) logins: f64,
    pub(crate) new: f64,
    pub(crate) is_imported: bool,
    pub(crate) surge: Option<Surge>,
    pub(crate) outage: Option<Range<f64>>,
    pub(crate) attack: Option<Attack>,
    /// The most that may be refused at first ask, of honest logins.
    pub(crate) refused: f64,
}

/// More logins for a time, in days.
pub(crate) struct Surge {
    pub(crate) days: Range<f64>,
    pub(crate) times: f64,
    pub(crate) new: f64,
}

pub(crate) struct Attack {
    pub(crate) kind: Kind,
    /// Sends an hour, for so many hours from day 9 on.
    pub(crate) per_hour: f64,
    pub(crate) hours: f64,
}

/// Which numbers are pumped.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Random ones of so many blocks of 10⁴ in each of so many countries.
    Blocks {
        blocks: usize,
        countries: usize,
    },
    /// One after the other, from so many beginnings.
    Runs(u64),
    /// Random ones of so many countries, among the customers'.
    Countries(usize),
    /// Random ones of so many countries without customers.
    Abroad(usize),
    /// As honest people's of a quarter of a country.
    Mimic,
    /// Of two blocks of 10⁴, 30% to 60 numbers that answer.
    SelfVerified,
    Premium,
    Unallocated,
}

const USUAL: Scenario = Scenario {
    name: "",
    logins: 4_000.0,
    new: 0.12,
    is_imported: true,
    surge: None,
    outage: None,
    attack: None,
    refused: 0.001,
};

const fn attack(kind: Kind, per_hour: f64, hours: f64) -> Option<Attack> {
    Some(Attack { kind, per_hour, hours })
}

pub(crate) fn all() -> Vec<Scenario> {
    let blocks = |blocks, countries| Kind::Blocks { blocks, countries };
    vec![
        Scenario { name: "quiet", ..USUAL },
        Scenario { name: "hammer", attack: attack(blocks(1, 1), 1_500.0, 12.0), ..USUAL },
        Scenario { name: "sequential", attack: attack(Kind::Runs(4), 400.0, 48.0), ..USUAL },
        Scenario { name: "drip", attack: attack(blocks(1_000, 1), 125.0, 120.0), refused: 0.007, ..USUAL },
        Scenario {
            name: "many countries",
            attack: attack(Kind::Abroad(37), 100.0, 120.0),
            refused: 0.007,
            ..USUAL
        },
        // Harder: in countries with customers, among their own numbers.
        Scenario {
            name: "many, mingled",
            attack: attack(Kind::Countries(37), 100.0, 120.0),
            refused: 0.007,
            ..USUAL
        },
        Scenario { name: "rotating", attack: attack(blocks(3, 4), 150.0, 72.0), ..USUAL },
        Scenario { name: "premium", attack: attack(Kind::Premium, 150.0, 72.0), ..USUAL },
        Scenario { name: "unallocated", attack: attack(Kind::Unallocated, 150.0, 72.0), ..USUAL },
        Scenario { name: "self-verified", attack: attack(Kind::SelfVerified, 200.0, 72.0), ..USUAL },
        Scenario {
            name: "close a country",
            attack: attack(Kind::Countries(1), 2_000.0, 3.0),
            refused: 0.007,
            ..USUAL
        },
        Scenario { name: "mimic", attack: attack(Kind::Mimic, 150.0, 96.0), refused: 0.007, ..USUAL },
        Scenario {
            name: "peak",
            surge: Some(Surge { days: 9.0..9.125, times: 20.0, new: 0.5 }),
            attack: attack(blocks(30, 1), 1_500.0, 3.0),
            refused: 0.007,
            ..USUAL
        },
        Scenario { name: "outage", outage: Some(9.0..9.25), refused: 0.02, ..USUAL },
        Scenario { name: "growth", surge: Some(Surge { days: 9.0..10.0, times: 10.0, new: 0.5 }), ..USUAL },
        Scenario { name: "tiny", logins: 10.0, ..USUAL },
        Scenario { name: "launch", logins: 3_000.0, new: 0.7, is_imported: false, ..USUAL },
    ]
}
