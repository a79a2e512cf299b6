//! Failures that are remembered until a success or an operator clears them.

#![cfg(feature = "std")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    unreachable_pub,
    reason = "a test has std, and fails by panicking"
)]

use std::sync::Arc;

use countersign::{Channel, Limits};
use desk::{DAY, Desk, number};
use engine::Engine;

#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "oracle/desk.rs"]
mod desk;
#[path = "oracle/engine.rs"]
mod engine;
#[path = "oracle/rng.rs"]
mod rng;

fn host() -> (Desk<Arc<Engine>>, Arc<Engine>) {
    let engine = Arc::new(Engine::default());
    let limits = Limits::default().failure_memory_forever();
    let mut desk = Desk::new(Arc::clone(&engine)).with(|verifier| verifier.limits(limits));
    engine.set_time(desk.now);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    desk.fail(&issued);
    (desk, engine)
}

#[test]
fn failures_are_remembered_for_ever() {
    let (mut desk, engine) = host();
    for years in [1, 10, 1000] {
        desk.now += years * 365 * DAY;
        engine.set_time(desk.now);
        assert_eq!(desk.failures(), 1);
    }
}

#[test]
fn a_success_clears_them_and_the_record_goes_in_its_time() {
    let (mut desk, engine) = host();
    desk.now += DAY;
    engine.set_time(desk.now);
    let issued = desk.at().start(number(), Channel::Sms).unwrap();
    assert!(desk.at().check(number(), issued.handle(), issued.code().as_str()).is_ok());
    assert_eq!(desk.failures(), 0);
    desk.now += 40 * DAY;
    engine.set_time(desk.now);
    assert_eq!(engine.len(), 0);
}

#[test]
fn an_unlock_clears_them_and_a_forget_does() {
    let (mut desk, _) = host();
    desk.at().unlock(number()).unwrap();
    assert_eq!(desk.failures(), 0);
    let (mut desk, _) = host();
    desk.at().forget(number()).unwrap();
    assert_eq!(desk.failures(), 0);
}
