//! The pure state machine: a transition alone, without the store before and after it.

use core::convert::Infallible;
use core::error::Error;
use core::hint::black_box;

use countersign::error::EntropyError;
use countersign::otp::{Attempt, Context, Drawn, Match, NewCode, Record, Step, Terms, Transition};
use countersign::rng::SystemRng;
use countersign::store::{RecordKey, Swap};
use countersign::{Channel, Keys, Limits, Purpose, Refusal, Timestamp};
use criterion::Criterion;
use rand_core::{TryCryptoRng, TryRng};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const TERMS: Terms = Terms::new(Channel::Sms);

/// Checks a code against a record that was decoded before.
pub(crate) fn check(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let service = Service::new()?;
    let context = service.context();
    let (record, issue) = started(&context)?;
    let right = issue.code.as_str();
    let wrong = if right == "123456" { "654321" } else { "123456" };
    let check = |entry: &str| {
        let attempt = Attempt::new(Some(&issue.handle), Purpose::LOGIN, entry);
        record.check(&context, &attempt)
    };
    assert!(matches!(outcome(check(wrong))?, (_, Err(Refusal::WrongCode { tries_left: 4, .. }))));
    assert!(matches!(outcome(check(right))?, (_, Ok(Match { at: NOW, .. }))));

    let mut group = criterion.benchmark_group("check");
    group.bench_function("pure_machine_wrong", |bencher| bencher.iter(|| made(&check(black_box(wrong)))));
    group.bench_function("pure_machine_right", |bencher| bencher.iter(|| made(&check(black_box(right)))));
    group.finish();
    Ok(())
}

/// Issues a code for a recipient without a record.
pub(crate) fn issue(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let service = Service::new()?;
    let context = service.context();
    assert_eq!(started(&context)?.1.code.as_str().len(), 6);

    let fresh = Record::fresh();
    let mut group = criterion.benchmark_group("issue");
    let mut rng = Counting(0);
    group.bench_function("pure_machine", |bencher| {
        bencher.iter(|| draw_and_start(&fresh, &context, &mut rng));
    });
    group.bench_function("pure_machine_system_rng", |bencher| {
        bencher.iter(|| draw_and_start(&fresh, &context, &mut SystemRng));
    });
    group.finish();
    Ok(())
}

/// The random draw for a start is part of it.
fn draw_and_start<R: TryCryptoRng>(
    fresh: &Record,
    context: &Context<'_>,
    rng: &mut R,
) -> Result<(), EntropyError> {
    made(&black_box(fresh).start(context, &TERMS, &Drawn::new(rng)?));
    Ok(())
}

/// Encodes and decodes a record. Both include a MAC, which is an HMAC.
pub(crate) fn record(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let service = Service::new()?;
    let (key, keys) = (&service.key, &service.keys);
    let (record, _) = started(&service.context())?;
    let bytes = record.encode(key, keys)?;
    assert_eq!(Record::decode(bytes.as_slice(), key, keys)?.encode(key, keys)?, bytes);

    let mut group = criterion.benchmark_group("record");
    group.bench_function("encode", |bencher| bencher.iter(|| made(&black_box(&record).encode(key, keys))));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| made(&Record::decode(black_box(bytes.as_slice()), key, keys)));
    });
    group.finish();
    Ok(())
}

/// Keeps a result alive in place. Returning it would move it, and moving a record is not part of a
/// transition.
fn made<T>(result: &T) {
    black_box(result);
}

struct Service {
    key: RecordKey,
    keys: Keys,
    limits: Limits,
}

impl Service {
    fn new() -> Result<Self, Box<dyn Error>> {
        let keys = Keys::from_secret([7; 32])?;
        Ok(Self { key: RecordKey::from_bytes([3; 16]), keys, limits: Limits::DEFAULT })
    }

    fn context(&self) -> Context<'_> {
        let Self { key, keys, limits } = self;
        Context::new(key, keys, NOW, 1).with_limits(limits)
    }
}

/// Returns a record with a running challenge.
fn started(context: &Context<'_>) -> Result<(Record, NewCode), Box<dyn Error>> {
    let (record, issue) = outcome(Record::fresh().start(context, &TERMS, &Drawn::new(&mut Counting(0))?))?;
    Ok((record, issue?))
}

/// Returns the record that a transition writes, and its confirmed outcome.
fn outcome<T>(transition: Transition<T>) -> Result<(Record, Result<T, Refusal>), Box<dyn Error>> {
    let Step::Write { next, withheld } = transition? else { return Err("nothing was written".into()) };
    Ok((next, withheld.confirm(Swap::Applied).ok_or("the outcome is withheld")?))
}

/// A generator that costs almost nothing, so that only the state machine is measured: a counter
/// with mixed bits.
struct Counting(u64);

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|random| (random >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        Ok(mixed ^ (mixed >> 32))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let random = self.try_next_u64()?.to_le_bytes();
            chunk.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
        }
        Ok(())
    }
}

/// Not cryptographically secure, but none of its output leaves this bench.
impl TryCryptoRng for Counting {}
