//! Two verifiers with laxer and stricter limits over one store: the lax one sends what its own
//! limits allow, and the strict one counts all of it.

use std::sync::Arc;
use std::time::Duration;

use countersign::{Channel, Handle, Limits, SendQuota, Timestamp, Verifier};
use countersign_tests::desk::{DAY, HOUR, MINUTE, SECOND, keys, number, wrong};
use countersign_tests::engine::Engine;
use countersign_tests::rng::Seeded;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::cases;

type Quotas = &'static [(u8, u64)];

const STRICT: [Quotas; 5] = [
    &[(20, DAY)],
    &[(5, 10 * MINUTE), (20, DAY)],
    &[(3, HOUR)],
    &[(24, 30 * DAY), (2, MINUTE)],
    &[(1, 30 * DAY)],
];

const LAX: [Quotas; 5] = [&[], &[(1, SECOND)], &[(24, SECOND)], &[(24, HOUR)], &[(2, SECOND), (10, MINUTE)]];

/// A call of the strict (`true`) or the lax verifier, or a pause.
#[derive(Clone, Copy, Debug)]
enum Op {
    Call(Call, bool),
    Wait(u64),
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Start,
    Resend,
    Wrong,
    Right,
    Cancel,
    Undelivered,
}

fn verifier(engine: &Arc<Engine>, quotas: Quotas) -> Verifier<Arc<Engine>> {
    let quota = |&(sends, window)| SendQuota::new(sends, Duration::from_millis(window)).unwrap();
    let quotas: Vec<SendQuota> = quotas.iter().map(quota).collect();
    let limits = Limits::default().with_cooldown(Duration::ZERO).unwrap().with_send_quotas(&quotas).unwrap();
    Verifier::new(keys(), Arc::clone(engine)).with_limits(limits)
}

/// Runs the calls and returns how many codes the lax verifier and the strict one sent.
///
/// What the strict verifier allows is compared with all sends since its first write, which may be a
/// failure: a record keeps the windows that it was written under, and is dropped when they have
/// ended.
fn run(strict: Quotas, lax: Quotas, ops: &[Op]) -> [usize; 2] {
    let engine = Arc::new(Engine::default());
    let (of_strict, of_lax) = (verifier(&engine, strict), verifier(&engine, lax));
    let (mut now, mut rng) = (1_800_000_000_000, Seeded(1));
    engine.set_time(now);
    let (mut sends, mut has_written, mut dropped, mut all) = (Vec::new(), false, 0, [0, 0]);
    let mut last: Option<(Handle, String)> = None;
    for &op in ops {
        let (call, strictly) = match op {
            Op::Call(call, strictly) => (call, strictly),
            Op::Wait(millis) => {
                now += millis;
                engine.set_time(now);
                if engine.dropped() > dropped {
                    dropped = engine.dropped();
                    let counts = |sent: &u64| strict.iter().any(|&(_, window)| now < sent + window);
                    assert!(!sends.iter().any(counts), "dropped although sends still count");
                    sends.clear();
                    has_written = false;
                }
                continue;
            }
        };
        let verifier = if strictly { &of_strict } else { &of_lax };
        let applied = engine.applied();
        let at = verifier.at(Timestamp::from_unix_millis(now), &mut rng);
        let issued = match (call, &last) {
            (Call::Start, _) => at.start(number(), Channel::Sms).ok(),
            (Call::Resend, Some((handle, _))) => at.resend(number(), *handle).ok(),
            (Call::Wrong, Some((handle, code))) => {
                at.check(number(), *handle, &wrong(code, 0)).err();
                None
            }
            (Call::Right, Some((handle, code))) => {
                at.check(number(), *handle, code).err();
                None
            }
            (Call::Cancel, Some((handle, _))) => {
                at.cancel(number(), *handle).err();
                None
            }
            (Call::Undelivered, Some((handle, _))) => {
                at.undelivered(number(), *handle).err();
                None
            }
            (_, None) => None,
        };
        has_written |= strictly && engine.applied() > applied;
        let Some(issued) = issued else { continue };
        last = Some((issued.handle(), issued.code().as_str().to_owned()));
        all[usize::from(strictly)] += 1;
        if has_written {
            sends.push(now);
        }
        if strictly {
            for &(most, window) in strict {
                let sent = sends.iter().filter(|&&time| now < time + window).count();
                assert!(sent <= usize::from(most), "{sent} of {most} in {window} ms");
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_laxer_verifier_does_not_refill_a_strict_quota(
        strict in select(&STRICT),
        lax in select(&LAX),
        ops in vec(op(), 1..80),
    ) {
        run(strict, lax, &ops);
    }
}

fn op() -> impl Strategy<Value = Op> {
    let calls = [Call::Wrong, Call::Right, Call::Cancel, Call::Undelivered];
    let call = prop_oneof![10 => Just(Call::Start), 3 => Just(Call::Resend), 4 => select(calls.to_vec())];
    prop_oneof![
        2 => (call, any::<bool>()).prop_map(|(call, strictly)| Op::Call(call, strictly)),
        1 => prop_oneof![0..3 * SECOND, 0..5 * MINUTE, 0..3 * HOUR, 0..2 * DAY].prop_map(Op::Wait),
    ]
}

/// The attack as it was found: a strict service and one without quotas in turn, within an hour.
#[test]
fn a_verifier_without_quotas_does_not_raise_a_daily_quota() {
    for lax in [LAX[0], LAX[1]] {
        let pair = [Op::Call(Call::Start, true), Op::Wait(MINUTE), Op::Call(Call::Start, false)];
        let ops: Vec<Op> = pair.iter().cycle().take(180).copied().collect();
        let [by_lax, by_strict] = run(STRICT[0], lax, &ops);
        assert!(by_strict <= 20 && by_lax >= 40, "{by_strict} and {by_lax}");
    }
}

/// The strict verifier need not send: any write of its own, here a failure, keeps the sends from
/// then on.
#[test]
fn a_failure_counted_by_the_strict_verifier_keeps_later_sends() {
    for lax in [LAX[0], LAX[1]] {
        let [start, failure] = [Op::Call(Call::Start, false), Op::Call(Call::Wrong, true)];
        let mut ops = vec![start, failure, Op::Wait(2 * SECOND)];
        ops.extend([start, Op::Wait(2 * SECOND)].iter().cycle().take(40));
        ops.push(Op::Call(Call::Start, true));
        assert_eq!(run(STRICT[0], lax, &ops), [21, 0]);
    }
}
