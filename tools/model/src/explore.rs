//! The search and its findings.

use core::time::Duration;
use std::time::Instant;

use stateright::{Checker, Expectation, Model};

use crate::race::{Law, Race};
use crate::trace::trace;

/// The findings of a search.
#[derive(Debug)]
pub struct Findings {
    /// The number of distinct states.
    pub unique: usize,
    /// The number of steps that were explored.
    pub steps: usize,
    /// The length of the longest of the shortest paths.
    pub depth: usize,
    /// The duration of the search.
    pub time: Duration,
    /// The number of laws that hold in all states.
    pub held: usize,
    /// The broken laws.
    pub broken: Vec<Broken>,
    /// The names of events that should occur in some state but occur in none.
    pub unseen: Vec<&'static str>,
}

/// A broken law.
#[derive(Debug)]
pub struct Broken {
    /// The name of the law.
    pub law: &'static str,
    /// The shortest path to a state that breaks it, step by step.
    pub trace: String,
}

/// Visits every reachable state of a race, on one thread.
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

/// Returns the shortest path to a violation. The checker continues after a violation for the sake
/// of the other laws, and keeps the last path that it found. With a single law it stops at the
/// first, which is the shortest.
fn shortest(race: &Race, law: &Law) -> Option<Broken> {
    let mut race = race.clone();
    race.laws = vec![law.clone()];
    let path = race.clone().checker().spawn_bfs().join().discovery(law.name)?;
    Some(Broken { law: law.name, trace: trace(&race, path.into_vec()) })
}
