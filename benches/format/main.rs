//! Display formats and text fields, next to a floor in the same run: the number's digits as text.
//!
//! `cargo bench --bench format`. A time covers all 10,000 numbers of the corpus; `thrpt` counts
//! numbers, or characters for text fields.

use core::error::Error;
use core::hint::black_box;
use core::time::Duration;

use countersign::format::{Formatted, Input};
use countersign::{PhoneNumber, Region};
use criterion::{Criterion, Throughput};

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
    group.bench_function("floor_e164", |bencher| {
        bencher.iter(|| total(numbers, |number| number.to_e164().as_str().len()))
    });
    let mut format = |name, format: fn(PhoneNumber) -> Formatted| {
        for number in numbers {
            let (text, e164) = (format(*number), number.to_e164());
            let end = &e164.as_str()[e164.as_str().len() - 2..];
            assert!(text.as_str().ends_with(end), "{name}: {} for {}", text.as_str(), e164.as_str());
        }
        group.bench_function(name, |bencher| {
            bencher.iter(|| total(numbers, |number| format(number).as_str().len()))
        });
    };
    format("international", PhoneNumber::international);
    format("national", PhoneNumber::national);
    format("rfc3966", PhoneNumber::rfc3966);
    format("masked", |number| number.masked(2));
    group.finish();
}

/// Each character of each number, in the text field of a region.
fn typing(criterion: &mut Criterion) {
    let texts: Vec<&str> = NUMBERS.lines().step_by(100).collect();
    let characters: usize = texts.iter().map(|text| text.len()).sum();
    let typed = |text: &str| {
        let mut input = Input::new(Region::US);
        text.chars().for_each(|c| _ = black_box(input.push(c)));
        input
    };
    for text in &texts {
        let is_kept = |c: &char| c.is_ascii_digit() || *c == '+';
        assert!(typed(text).as_str().chars().filter(is_kept).eq(text.chars()), "{text}");
    }
    let mut group = criterion.benchmark_group("typing");
    group.throughput(Throughput::Elements(characters as u64));
    group.bench_function("push", |bencher| bencher.iter(|| total(&texts, |text| typed(text).as_str().len())));
    let typed: Vec<Input> = texts.iter().map(|text| typed(text)).collect();
    group.throughput(Throughput::Elements(typed.len() as u64));
    group.bench_function("pop", |bencher| {
        bencher.iter(|| typed.iter().map(|input| black_box(input).clone().pop().len()).sum::<usize>())
    });
    group.finish();
}

/// Returns the sum of the answers for all items.
fn total<T: Copy>(items: &[T], answer: impl Fn(T) -> usize) -> usize {
    items.iter().map(|item| answer(black_box(*item))).sum()
}
