use super::*;
use crate::account::testing::{HOUR, Host, KEY, MS, NOW, code};

fn charge(host: &mut Host, now: Timestamp) -> Charged {
    let charged = host.record.charge(&host.context(now), Group::Common, Factor::Passcode).unwrap();
    host.record = charged.next.clone();
    charged
}

#[test]
fn a_charge_is_written_before_the_comparison_and_settled_after_it() {
    let mut host = Host::enrolled();
    for tries_left in (1..10).rev() {
        let charged = charge(&mut host, NOW);
        assert_eq!((charged.tries_left, charged.lock), (tries_left, None));
        assert!(host.record.has_charged(charged.id));
    }
    let tenth = charge(&mut host, NOW);
    let locked = Refusal::Locked { until: NOW + HOUR };
    assert_eq!((tenth.tries_left, tenth.lock), (0, Some(Lock::Until(NOW + HOUR))));
    assert_eq!(host.record.why_locked(&host.context(NOW), Group::Common), Ok(Some(locked)));
    assert_eq!(host.record.why_locked(&host.context(NOW), Group::Trusted), Ok(None));
    assert_eq!(host.refused(NOW, code(NOW).as_str()), locked, "of all factors");
    host.record = host.record.settle(&host.context(NOW), tenth.id).unwrap().unwrap();
    assert_eq!(host.record.why_locked(&host.context(NOW), Group::Common), Ok(None));
    assert_eq!(host.record.value.budget.sum(), 0);
    assert!(host.record.settle(&host.context(NOW), tenth.id).unwrap().is_none(), "nothing to write");
    assert!(host.record.has_charged(tenth.id), "even if it was settled");
}

#[test]
fn a_refund_is_written_once() {
    let mut host = Host::new();
    let (first, second) = (charge(&mut host, NOW), charge(&mut host, NOW));
    host.record = host.record.refund(&host.context(NOW), first.id).unwrap().unwrap();
    assert_eq!(host.record.value.budget.sum(), 1);
    assert!(host.record.refund(&host.context(NOW), first.id).unwrap().is_none());
    host.record = host.record.settle(&host.context(NOW), second.id).unwrap().unwrap();
    assert_eq!(host.record.value.budget.sum(), 0);
}

#[test]
fn charges_of_a_forgotten_record_are_unknown() {
    let mut host = Host::new();
    let old = charge(&mut host, NOW);
    host.record = AccountRecord::forget(&host.context(NOW)).unwrap();
    assert!(!host.record.has_charged(old.id));
    assert!(host.record.settle(&host.context(NOW), old.id).unwrap().is_none());
    let context = host.context(NOW).with_operation(1 << 20);
    let next = host.record.charge(&context, Group::Common, Factor::Passcode).unwrap().next;
    assert!(!next.has_charged(old.id));
    assert!(next.refund(&host.context(NOW), old.id).unwrap().is_none());
}

#[test]
fn charges_are_kept_in_record_time() {
    let mut host = Host::new();
    let _ = charge(&mut host, NOW + HOUR);
    for _ in 0..9 {
        let _ = charge(&mut host, NOW);
    }
    let until = NOW + 2 * HOUR;
    let slow = host.context(NOW - 12 * HOUR);
    assert_eq!(host.record.why_locked(&slow, Group::Common), Ok(Some(Refusal::Locked { until })));
    assert_eq!(host.record.why_locked(&host.context(until), Group::Common), Ok(None));
    assert!(matches!(host.record.why_locked(&host.context(until - MS), Group::Common), Ok(Some(_))));
    let behind = host.context(NOW - 24 * HOUR);
    assert!(host.record.why_locked(&behind, Group::Common).is_err());
    assert!(host.record.charge(&behind, Group::Common, Factor::Totp).is_err());
    assert_eq!(host.record.keep().until(), until + 31 * 24 * HOUR);
    assert!(host.record.encode(&KEY, &host.keys).is_ok());
}
