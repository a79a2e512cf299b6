//! One library against the clock and the heap.

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use crate::answer::Answer;

/// What a library costs, and what it says.
pub(crate) struct Measured {
    /// Of the fastest round, for one number.
    pub(crate) nanos: f64,
    pub(crate) first_millis: f64,
    /// Bytes.
    pub(crate) memory_after_first: i64,
    pub(crate) memory_after_round: i64,
    /// For one number, when all numbers have been seen before; where they are counted.
    pub(crate) allocations: Option<f64>,
    /// About the numbers to check.
    pub(crate) answers: Vec<Answer>,
}

/// So long rounds go on.
const ENOUGH: Duration = Duration::from_secs(5);

/// Asks for every number of `timed`, again and again, and then once for every number of `checked`.
///
/// The counting allocator is there in every call, also where nothing is counted; it adds a
/// nanosecond or two to each allocation.
pub(crate) fn measure(ask: fn(&str) -> Answer, timed: &[&str], checked: &[&str]) -> Measured {
    let start = Instant::now();
    let first =
        allocation_counter::measure(|| _ = timed.first().map(|number| black_box(ask(black_box(number)))));
    let first_millis = start.elapsed().as_secs_f64() * 1e3;

    let all = || timed.iter().for_each(|number| _ = black_box(ask(black_box(number))));
    let round = allocation_counter::measure(all);
    let again = allocation_counter::measure(all);

    let started = Instant::now();
    let mut fastest = Duration::MAX;
    while started.elapsed() < ENOUGH {
        let round = Instant::now();
        all();
        fastest = fastest.min(round.elapsed());
    }
    Measured {
        nanos: fastest.as_nanos() as f64 / timed.len() as f64,
        first_millis,
        memory_after_first: first.bytes_current,
        memory_after_round: first.bytes_current + round.bytes_current,
        allocations: Some(again.count_total as f64 / timed.len() as f64),
        answers: checked.iter().map(|number| ask(number)).collect(),
    }
}
