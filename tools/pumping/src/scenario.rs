//! Scenarios: the service, who attacks it, what else happens, and the limits to keep.

use core::ops::Range;

/// The length of a run, in days.
pub(crate) const DAYS: f64 = 16.0;

/// The day from which logins are scored.
pub(crate) const SCORED_FROM: f64 = 7.0;

/// The day on which attacks, surges and outages begin.
pub(crate) const EVENTFUL_FROM: f64 = 9.0;

#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) logins_per_day: f64,
    /// The share of logins by new people.
    pub(crate) new: f64,
    /// The number of people who are imported at the start.
    pub(crate) imported: usize,
    pub(crate) surge: Option<Surge>,
    pub(crate) outage: Option<Range<f64>>,
    pub(crate) attack: Option<Attack>,
    /// The days whose first asks are scored.
    pub(crate) scored: Range<f64>,
    /// The limit on the share of these that are refused.
    pub(crate) refused: f64,
    /// Wider limits, where the rule itself is known to miss the usual ones (README).
    pub(crate) known_miss: Option<KnownMiss>,
}

/// The limits of a scenario that is known to miss the usual ones: shares of the plan and of logins.
#[derive(Clone, Copy)]
pub(crate) struct KnownMiss {
    pub(crate) lost: f64,
    pub(crate) refused: f64,
    pub(crate) locked_out: f64,
}

/// More logins for a time, in days.
#[derive(Clone)]
pub(crate) struct Surge {
    pub(crate) days: Range<f64>,
    pub(crate) times: f64,
    pub(crate) new: f64,
}

/// An attack that begins on day 9.
#[derive(Clone)]
pub(crate) struct Attack {
    pub(crate) kind: Kind,
    pub(crate) per_hour: f64,
    pub(crate) hours: f64,
}

/// Which numbers an attack requests passcodes for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Random numbers of so many blocks of 10⁴ in each of so many countries with customers.
    Blocks { blocks: usize, countries: usize },
    /// Consecutive numbers, from so many starting points in a country with customers.
    Runs(u64),
    /// Random numbers of so many countries with customers.
    Countries(usize),
    /// Random numbers of so many countries without customers.
    Abroad(usize),
    /// Random numbers of a quarter of a country's blocks of a million.
    Mimic,
    /// Random numbers of two blocks of 10⁴; 30% of the requests are for this many SIMs in these
    /// blocks, which answer.
    SelfVerified { sims: usize },
    /// Premium-rate numbers.
    Premium,
    /// Numbers of ranges that no operator has.
    Unallocated,
}

const USUAL: Scenario = Scenario {
    name: "quiet",
    logins_per_day: 4_000.0,
    new: 0.12,
    imported: 20_000,
    surge: None,
    outage: None,
    attack: None,
    scored: SCORED_FROM..DAYS,
    refused: 0.001,
    known_miss: None,
};

const TINY: Scenario = Scenario { name: "tiny", logins_per_day: 10.0, ..USUAL };

const LAUNCH: Scenario = Scenario { name: "launch", logins_per_day: 3_000.0, new: 0.7, imported: 0, ..USUAL };

const MINGLED: KnownMiss = KnownMiss { lost: 0.25, refused: 0.05, locked_out: 0.005 };

const SIX_HOURS: f64 = 0.25;

const THREE_HOURS: f64 = 0.125;

const HAMMER: Kind = Kind::Blocks { blocks: 1, countries: 1 };

const ROTATING: Kind = Kind::Blocks { blocks: 3, countries: 4 };

/// A scenario with an attack.
const fn attacked(usual: Scenario, name: &'static str, kind: Kind, per_hour: f64, hours: f64) -> Scenario {
    let (attack, refused) = (Some(Attack { kind, per_hour, hours }), usual.refused);
    Scenario { name, attack, refused, ..usual }
}

/// A scenario in which more honest logins may be refused.
const fn hard(scenario: Scenario) -> Scenario {
    Scenario { refused: 0.007, ..scenario }
}

pub(crate) fn all() -> Vec<Scenario> {
    let drip = Kind::Blocks { blocks: 1_000, countries: 1 };
    let pumped_at_peak = Kind::Blocks { blocks: 30, countries: 1 };
    let peak = Surge { days: EVENTFUL_FROM..EVENTFUL_FROM + THREE_HOURS, times: 20.0, new: 0.5 };
    let growth = Surge { days: EVENTFUL_FROM..EVENTFUL_FROM + 1.0, times: 10.0, new: 0.5 };
    let outage_ends = EVENTFUL_FROM + SIX_HOURS;
    let outage = Some(EVENTFUL_FROM..outage_ends);
    let mingled = hard(attacked(USUAL, "many, mingled", Kind::Countries(37), 100.0, 120.0));
    vec![
        USUAL,
        attacked(USUAL, "hammer", HAMMER, 1_500.0, 12.0),
        attacked(USUAL, "sequential", Kind::Runs(4), 400.0, 48.0),
        hard(attacked(USUAL, "drip", drip, 125.0, 120.0)),
        hard(attacked(USUAL, "many countries", Kind::Abroad(37), 100.0, 120.0)),
        Scenario { known_miss: Some(MINGLED), ..mingled },
        attacked(USUAL, "rotating", ROTATING, 150.0, 72.0),
        attacked(USUAL, "premium", Kind::Premium, 150.0, 72.0),
        attacked(USUAL, "unallocated", Kind::Unallocated, 150.0, 72.0),
        attacked(USUAL, "self-verified", Kind::SelfVerified { sims: 60 }, 200.0, 72.0),
        hard(attacked(USUAL, "close a country", Kind::Countries(1), 2_000.0, 3.0)),
        hard(attacked(USUAL, "mimic", Kind::Mimic, 150.0, 96.0)),
        Scenario { surge: Some(peak), ..hard(attacked(USUAL, "peak", pumped_at_peak, 1_500.0, 3.0)) },
        Scenario {
            name: "outage",
            outage: outage.clone(),
            scored: EVENTFUL_FROM..outage_ends,
            refused: 0.02,
            ..USUAL
        },
        Scenario { name: "after outage", outage, scored: outage_ends..DAYS, ..USUAL },
        Scenario { name: "growth", surge: Some(growth), ..USUAL },
        TINY,
        attacked(TINY, "tiny, hammer", HAMMER, 1_500.0, 12.0),
        LAUNCH,
        attacked(LAUNCH, "launch, rotating", ROTATING, 150.0, 72.0),
    ]
}
