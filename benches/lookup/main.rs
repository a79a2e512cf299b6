//! From a string to a decision, and the parts of that path, next to floors in the same run.
//!
//! `cargo bench --bench lookup`. A time covers all 10,000 numbers of the corpus; `thrpt` counts
//! numbers.

mod corpus;
mod floor;

use core::error::Error;
use core::hint::black_box;
use core::time::Duration;

use corpus::{Corpus, corpus};
use countersign::policy::{Decision, PolicyError};
use countersign::{Channel, PhoneNumber, Policy, Region};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    independent(&mut criterion)?;
    chained(&mut criterion)?;
    cold(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// One number after the other, as in a batch: the processor may overlap several of them.
fn independent(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let Corpus { texts, numbers, table } = corpus()?;
    let policy = policy()?;
    let sum_of_digits = numbers.iter().fold(0, |sum: u64, number| sum.wrapping_add(number.digits()));

    let mut group = criterion.benchmark_group("floor");
    each(&mut group, "empty_loop", texts, expected::BYTES, |text| text.len() as u64);
    each(&mut group, "validate_and_load", texts, sum_of_digits, |text| {
        floor::validate_and_load(text.as_bytes(), table)
            .map_or(0, |(digits, entry)| black_box((digits, entry)).0)
    });
    group.finish();

    let mut group = criterion.benchmark_group("number");
    each(&mut group, "string_to_decision", texts, expected::ALLOWED, |text| allowed(decide(text, &policy)));
    all(&mut group, "strings_to_decisions", texts.len(), expected::ALLOWED, || {
        let answers = policy.decide_many(black_box(texts), Channel::Sms);
        answers.map(|answer| allowed(answer.ok().map(|(_, decision)| decision))).sum()
    });
    each(&mut group, "parse", texts, sum_of_digits, |text| parse(text).map_or(0, PhoneNumber::digits));
    each(&mut group, "region", numbers, expected::AMERICAN, |number| {
        u64::from(black_box(number.region()) == Some(Region::US))
    });
    each(&mut group, "region_code", numbers, expected::LETTERS, |number| {
        black_box(number.region().map_or("", Region::as_str)).len() as u64
    });
    each(&mut group, "policy_alone", numbers, expected::ALLOWED, |number| {
        allowed(Some(policy.decide(number, Channel::Sms)))
    });
    group.finish();
    Ok(())
}

/// Each number becomes known only with the answer for the previous one: the latency of a single
/// call, without its overhead.
fn chained(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let Corpus { texts, numbers, table } = corpus()?;
    let policy = policy()?;
    let sum_of_digits = numbers.iter().fold(0, |sum: u64, number| sum.wrapping_add(number.digits()));

    let mut group = criterion.benchmark_group("chained");
    chain(&mut group, "floor_validate_and_load", texts, sum_of_digits, |text| {
        floor::validate_and_load(text.as_bytes(), table)
            .map_or(0, |(digits, entry)| black_box((digits, entry)).0)
    });
    chain(&mut group, "string_to_decision", texts, expected::ALLOWED, |text| allowed(decide(text, &policy)));
    group.finish();
    Ok(())
}

/// Numbers in random order from all countries, as a service sees the first one after other work:
/// between rounds the tables are evicted from the processor's nearer caches (by writing 8 MB; the
/// last level may be larger).
fn cold(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    const ROUND: usize = 50;
    let Corpus { texts, .. } = corpus()?;
    let policy = policy()?;
    let mut other_work = vec![0_u8; 8 << 20];
    let mut rounds = texts.chunks_exact(ROUND).cycle();

    let mut group = criterion.benchmark_group("cold");
    group.throughput(Throughput::Elements(ROUND as u64));
    group.bench_function("string_to_decision", |bencher| {
        bencher.iter_batched(
            || {
                other_work.iter_mut().step_by(64).for_each(|byte| *byte = byte.wrapping_add(1));
                black_box(&mut other_work);
                rounds.next().unwrap_or_default()
            },
            |round| round.iter().map(|text| allowed(decide(black_box(text), &policy))).sum::<u64>(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    Ok(())
}

/// The answers for the corpus. A bench with any other answer stops before it is timed.
#[allow(dead_code, reason = "tests use the rest of the file")]
mod expected {
    // Made with the corpus: BYTES, ALLOWED_BY_DEFAULT, ALLOWED, LETTERS.
    include!("../corpus/expected.rs");
    /// Numbers of the United States.
    pub(super) const AMERICAN: u64 = 1_600;
}

/// The default and twelve more countries, so that about half of the corpus is allowed and branches
/// are unpredictable.
fn policy() -> Result<Policy, PolicyError> {
    use Region as R;
    let more = [R::AU, R::BR, R::DE, R::ES, R::FR, R::GB, R::IT, R::JP, R::KR, R::MX, R::NL, R::PL];
    Policy::default().allow(Channel::Sms, more)
}

fn parse(text: &str) -> Option<PhoneNumber> {
    text.parse().ok()
}

fn decide(text: &str, policy: &Policy) -> Option<Decision> {
    Some(policy.decide(parse(text)?, Channel::Sms))
}

/// Reduces a decision to a count, after it was computed in full, including its reason.
fn allowed(decision: Option<Decision>) -> u64 {
    u64::from(black_box(decision) == Some(Decision::Allow))
}

/// Times `answer` for every item. The sum of the answers must be the expected one.
fn each<T: Copy>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    items: &[T],
    expected: u64,
    answer: impl Fn(T) -> u64,
) {
    // The black box keeps the compiler from overlapping several items, which no caller could do.
    let all = || items.iter().fold(0, |sum: u64, item| sum.wrapping_add(answer(black_box(*item))));
    assert_eq!(all(), expected, "{name}: unexpected answer for the corpus");
    group.throughput(Throughput::Elements(items.len() as u64));
    group.bench_function(name, |bencher| bencher.iter(all));
}

/// Times one call for all items, which may overlap them.
fn all(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    items: usize,
    expected: u64,
    answer: impl Fn() -> u64,
) {
    assert_eq!(answer(), expected, "{name}: unexpected answer for the corpus");
    group.throughput(Throughput::Elements(items as u64));
    group.bench_function(name, |bencher| bencher.iter(&answer));
}

/// As [`each`], but the index of the next item depends on the answer. It is always the next one,
/// which the processor cannot know.
fn chain<T: Copy>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    items: &[T],
    expected: u64,
    answer: impl Fn(T) -> u64,
) {
    let all = || {
        let (nothing, mut place, mut sum) = (black_box(0), 0, 0_u64);
        while let Some(item) = items.get(place) {
            let answer = answer(*item);
            sum = sum.wrapping_add(answer);
            place += 1 + (answer & nothing) as usize;
        }
        sum
    };
    assert_eq!(all(), expected, "{name}: unexpected answer for the corpus");
    group.throughput(Throughput::Elements(items.len() as u64));
    group.bench_function(name, |bencher| bencher.iter(all));
}
