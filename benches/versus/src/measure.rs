//! One library against the clock and the heap.

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use crate::peers::Answer;

/// What a library costs, and what it says.
pub(crate) struct Measured {
    /// Of the fastest round, for one number.
    pub(crate) nanos: f64,
    pub(crate) first_millis: f64,
    pub(crate) heap_after_first: i64,
    pub(crate) heap_after_round: i64,
    /// For one number, when all numbers have been seen before.
    pub(crate) allocations: f64,
    pub(crate) answers: Vec<Answer>,
}

/// So long rounds go on; the slowest library needs longer for its first one and gets two more.
const ENOUGH: Duration = Duration::from_secs(5);

/// Asks for every number, again and again.
///
/// The counting allocator is there in every call, also where nothing is counted; it adds a nanosecond or two to each
/// allocation.
pub(crate) fn measure(ask: fn(&str) -> Answer, numbers: &[&str]) -> Measured {
    let mut answers = Vec::with_capacity(numbers.len());
    let start = Instant::now();
    let first = allocation_counter::measure(|| _ = numbers.first().map(|number| ask(black_box(number))));
    let first_millis = start.elapsed().as_secs_f64() * 1e3;

    let round =
        allocation_counter::measure(|| answers.extend(numbers.iter().map(|number| ask(black_box(number)))));
    let again = allocation_counter::measure(|| {
        numbers.iter().for_each(|number| _ = black_box(ask(black_box(number))))
    });

    let started = Instant::now();
    let mut fastest = Duration::MAX;
    while started.elapsed() < ENOUGH {
        let round = Instant::now();
        numbers.iter().for_each(|number| _ = black_box(ask(black_box(number))));
        fastest = fastest.min(round.elapsed());
    }
    Measured {
        nanos: fastest.as_nanos() as f64 / numbers.len() as f64,
        first_millis,
        heap_after_first: first.bytes_current,
        heap_after_round: first.bytes_current + round.bytes_current,
        allocations: again.count_total as f64 / numbers.len() as f64,
        answers,
    }
}
