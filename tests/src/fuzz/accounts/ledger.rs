//! What has happened to an account, as far as the properties need it.

use std::collections::{BTreeSet, VecDeque};

use countersign::{Error, Refusal};

/// Removals that a record remembers.
const REMOVALS: usize = 4;

/// An account's past.
#[derive(Default)]
pub(super) struct Ledger {
    /// The secret of the current enrolment.
    pub(super) secret: Option<usize>,
    /// The last removed secrets, oldest first.
    removed: VecDeque<usize>,
    /// Secrets with the steps whose codes were accepted.
    accepted: BTreeSet<(usize, u64)>,
    /// Recovery codes and passcodes that were accepted.
    used: BTreeSet<String>,
    /// Failures that may count.
    pub(super) charged: u16,
    /// Recovery codes, newest last.
    pub(super) codes: Vec<String>,
    /// Challenges: number, handle and code.
    pub(super) challenges: Vec<(usize, countersign::Handle, String)>,
}

impl Ledger {
    pub(super) fn enrolled(&mut self, secret: usize) {
        self.secret = Some(secret);
    }

    /// Notes a removal, which may have failed after it was written.
    pub(super) fn removed(&mut self, is_sure: bool) {
        if let Some(secret) = if is_sure { self.secret.take() } else { self.secret } {
            self.removed.push_back(secret);
        }
        // A secret that is no longer remembered is like a new one.
        while self.removed.len() > REMOVALS {
            let dropped = self.removed.pop_front();
            if self.secret != dropped && !dropped.is_some_and(|secret| self.removed.contains(&secret)) {
                self.accepted.retain(|(secret, _)| Some(*secret) != dropped);
            }
        }
    }

    /// Forgets everything but codes: those that the account had issued are not valid any more, and
    /// a success would show it.
    pub(super) fn forgotten(&mut self) {
        self.accepted.clear();
        self.removed.clear();
        self.secret = None;
    }

    pub(super) fn accepted(&mut self, secret: usize, step: u64) {
        assert!(self.accepted.insert((secret, step)), "a code of step {step} was accepted twice");
        self.secret = Some(secret);
    }

    pub(super) fn used(&mut self, code: &str) {
        assert!(self.used.insert(code.to_owned()), "{code} was accepted twice");
    }

    /// Counts what a check may have charged.
    pub(super) fn checked<T>(&mut self, answer: &Result<T, Error>, may_fail: bool) {
        let is_wrong = matches!(answer, Err(Error::Refused(Refusal::WrongCode { .. })));
        if is_wrong || may_fail {
            self.charged += 1;
        }
    }
}
