//! The search, and what it found.

use core::time::Duration;
use std::time::Instant;

use stateright::{Checker, Expectation, Model};

use crate::race::{Law, Race};
use crate::trace::trace;

/// What a search found.
#[derive(Debug)]
pub struct Findings {
    /// How many states there are.
    pub unique: usize,
    /// How many steps lead to them.
    pub steps: usize,
    /// How many steps the longest of the shortest ways has.
    pub depth: usize,
    /// How long the search took.
    pub time: Duration,
    /// How many laws hold in all states.
    pub held: usize,
    /// Those that don't.
    pub broken: Vec<Broken>,
    /// What was to be seen in some state, and was seen in none.
    pub unseen: Vec<&'static str>,
}

/// A law that is broken.
#[derive(Debug)]
pub struct Broken {
    /// Its name.
    pub law: &'static str,
    /// The shortest way to a state in which it is, step by step.
    pub trace: String,
}

/// Visits every state of a race that can be reached, on one thread.
#[must_use]
pub fn explore(race: &Race) -> Findings {
    let began = Instant::now();
    let checker = race.clone().checker().spawn_bfs().join();
    let time = began.elapsed();
    let found = checker.discoveries();
    let is_always = |law: &Law| law.expectation == Expectation::Always;
    let (laws, sights): (Vec<_>, Vec<_>) = checker.model().properties().into_iter().partition(is_always);
    let unseen = sights.iter().map(|law| law.name).filter(|name| !found.contains_key(name)).collect();
    let broken: Vec<_> = laws.iter().filter(|law| found.contains_key(law.name)).collect();
    Findings {
        unique: checker.unique_state_count(),
        steps: checker.state_count(),
        depth: checker.max_depth().saturating_sub(1),
        time,
        held: laws.len() - broken.len(),
        broken: broken.into_iter().filter_map(|law| shortest(race, law)).collect(),
        unseen,
    }
}

/// The checker goes on after a law was broken, for the sake of the others, and keeps the last way that it found. Alone, it
/// stops at the first, which is the shortest.
fn shortest(race: &Race, law: &Law) -> Option<Broken> {
    let mut race = race.clone();
    race.laws = vec![law.clone()];
    let path = race.clone().checker().spawn_bfs().join().discovery(law.name)?;
    Some(Broken { law: law.name, trace: trace(&race, path.into_vec()) })
}
