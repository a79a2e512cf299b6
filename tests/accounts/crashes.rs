//! A crash after any request, with the pending write applied or not: it costs at most one failure,
//! and grants nothing. The same for a caller whose every reply is lost.

use std::ops::ControlFlow;

use countersign::kernel::{Operation, Request};
use countersign::store::Store;
use countersign::{Error, Refusal};

use super::scene::{Scene, Sent};

/// A call that crashes.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Totp,
    Recovery,
    Passcode,
}

/// An account with all factors.
struct Owner {
    scene: Scene,
    code: String,
    sent: Sent,
}

impl Owner {
    fn new() -> Self {
        let mut scene = Scene::new(1);
        scene.import();
        let code = scene.issue().unwrap().remove(0);
        let sent = scene.start(0).unwrap();
        Self { scene, code, sent }
    }

    /// Makes the call, and crashes after this many requests. Returns whether there were so many.
    fn crashes(&mut self, entry: Entry, is_right: bool, after: usize, is_applied: bool) -> bool {
        let text = self.text(entry, is_right);
        match entry {
            Entry::Totp => {
                let operation = self.scene.begin_totp(0, &text);
                crash(&self.scene, operation, after, is_applied)
            }
            Entry::Recovery => {
                let operation = self.scene.begin_recovery(0, &text);
                crash(&self.scene, operation, after, is_applied)
            }
            Entry::Passcode => {
                let operation = self.scene.begin_pass(0, &self.sent, &text);
                crash(&self.scene, operation, after, is_applied)
            }
        }
    }

    fn text(&self, entry: Entry, is_right: bool) -> String {
        match (entry, is_right) {
            (Entry::Totp, true) => self.scene.code(0),
            (Entry::Totp, false) => self.scene.wrong_code(7),
            (Entry::Recovery, true) => self.code.clone(),
            (Entry::Recovery, false) => "aaaa-aaaa-aaaa".to_owned(),
            (Entry::Passcode, true) => self.sent.right(),
            (Entry::Passcode, false) => self.sent.wrong(0),
        }
    }

    fn enter(&mut self, entry: Entry) -> Result<(), Error> {
        let text = self.text(entry, true);
        match entry {
            Entry::Totp => self.scene.totp(&text),
            Entry::Recovery => self.scene.recover(&text),
            Entry::Passcode => self.scene.pass(&self.sent, &text),
        }
    }
}

/// Carries out this many requests. If the next is a write, it may arrive all the same.
fn crash<T>(scene: &Scene, mut operation: Operation<T>, after: usize, is_applied: bool) -> bool {
    for _ in 0..after {
        if let ControlFlow::Break(_) = scene.turn(0, &mut operation) {
            return false;
        }
    }
    if let (true, Request::Swap { key, expected, record, keep }) = (is_applied, operation.request()) {
        scene.store.compare_and_swap(key, expected, record, keep).unwrap();
    }
    true
}

const ENTRIES: [Entry; 3] = [Entry::Totp, Entry::Recovery, Entry::Passcode];

#[test]
fn a_crash_costs_at_most_one_failure() {
    let mut crashes = 0;
    for entry in ENTRIES {
        for (is_right, is_applied) in [(true, true), (true, false), (false, true), (false, false)] {
            for after in 0.. {
                let mut owner = Owner::new();
                if !owner.crashes(entry, is_right, after, is_applied) {
                    break;
                }
                crashes += 1;
                let failures = owner.scene.failures();
                assert!(failures <= 1, "{entry:?}, {is_right}, after {after}: {failures} failures");
                // The right code still passes, or it was used before the crash.
                match owner.enter(entry) {
                    Ok(()) => assert_eq!(owner.scene.failures(), 0, "{entry:?} clears its own failures"),
                    Err(error) => {
                        assert!(is_right, "a wrong code used up the right one: {error}");
                        assert_eq!(error.refusal(), Some(Refusal::AlreadyUsed));
                        assert_eq!(owner.scene.failures(), failures, "a used code is free");
                    }
                }
            }
        }
    }
    assert!(crashes >= 40, "{crashes} crashes");
}

/// An attacker whose calls always crash: ten charges, and the account is locked without one
/// verdict.
#[test]
fn crashing_guesses_are_charged_each_time() {
    for entry in [Entry::Recovery, Entry::Passcode] {
        let mut owner = Owner::new();
        for failures in 1..=10 {
            // Both records are read, and the charge is written.
            assert!(owner.crashes(entry, false, 2, false));
            assert_eq!(owner.scene.failures(), failures, "{entry:?}");
        }
        let refused = owner.enter(entry).unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::Locked { .. })), "{entry:?}: {refused}");
    }
}
