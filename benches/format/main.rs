//! Display formats and text fields, next to a floor in the same run: the number's digits as text.
//!
//! `cargo bench --bench format`. A time covers all 10,000 numbers of the corpus; `thrpt` counts
//! numbers, or characters for text fields.

use core::error::Error;
use core::hint::black_box;
use core::time::Duration;

use countersign::format::{Formatted, Input};
use countersign::{PhoneNumber, Region};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

/// 10,000 valid numbers from all over the world in random order; for their origin see
/// `benches/corpus/README.md`.
const NUMBERS: &str = include_str!("../corpus/numbers.txt");

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let numbers = NUMBERS.lines().map(str::parse).collect::<Result<Vec<PhoneNumber>, _>>()?;
    formats(&mut criterion, &numbers);
    typing(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// From the number to the text, including its validation as UTF-8.
fn formats(criterion: &mut Criterion, numbers: &[PhoneNumber]) {
    let mut group = criterion.benchmark_group("format");
    group.throughput(Throughput::Elements(numbers.len() as u64));
    each(&mut group, "floor_e164", numbers, expected::E164, |number| number.to_e164().as_str().len());
    let mut format = |name, expected, format: fn(PhoneNumber) -> Formatted| {
        each(&mut group, name, numbers, expected, |number| format(number).as_str().len());
    };
    format("international", expected::INTERNATIONAL, PhoneNumber::international);
    format("national", expected::NATIONAL, PhoneNumber::national);
    format("rfc3966", expected::RFC3966, PhoneNumber::rfc3966);
    format("masked", expected::MASKED, |number| number.masked(2));
    group.finish();
}

/// Each character of each number, in the text field of a region.
fn typing(criterion: &mut Criterion) {
    let texts: Vec<&str> = NUMBERS.lines().step_by(100).collect();
    let characters: usize = texts.iter().map(|text| text.len()).sum();
    let mut group = criterion.benchmark_group("typing");
    group.throughput(Throughput::Elements(characters as u64));
    each(&mut group, "push", &texts, expected::TYPED, |text| {
        let mut input = Input::new(Region::US);
        text.chars().for_each(|c| _ = black_box(input.push(c)));
        input.as_str().len()
    });
    group.finish();
}

/// The total length of all texts. A bench with another one stops before it is timed.
mod expected {
    pub(super) const E164: usize = 124_330;
    pub(super) const INTERNATIONAL: usize = 153_518;
    pub(super) const NATIONAL: usize = 123_721;
    pub(super) const RFC3966: usize = 193_518;
    pub(super) const MASKED: usize = 301_738;
    pub(super) const TYPED: usize = 1_534;
}

/// Times `answer` for every item. The sum of the answers must be the expected one.
fn each<T: Copy>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    items: &[T],
    expected: usize,
    answer: impl Fn(T) -> usize,
) {
    let all = || items.iter().map(|item| answer(black_box(*item))).sum::<usize>();
    assert_eq!(all(), expected, "{name}: unexpected answer for the corpus");
    group.bench_function(name, |bencher| bencher.iter(all));
}
