//! Checks of codes of all factors, each with the answer that the ledger predicts.

use countersign::totp::TimeStep;

use super::super::ledger::{PASSCODE, RECOVERY, TOTP};
use super::{Answer, Entry, Totp, World};

impl World {
    pub(super) fn totp(&mut self, server: usize, is_device: bool, entry: Entry) {
        let (now, group) = (self.now(server), usize::from(is_device));
        let step = now / 30_000;
        let entered = match entry {
            Entry::Right => Some(step),
            Entry::Again => self.totp.and_then(|totp| totp.last),
            _ => None,
        };
        self.guesses += 1;
        let text = match (entered, entry) {
            (_, Entry::Malformed) => "12".to_owned(),
            (Some(step), _) => {
                self.scene.settings.code(&self.scene.secret, TimeStep::new(step)).as_str().to_owned()
            }
            (None, _) => self.wrong(step),
        };
        let is_near = entered.is_some_and(|entered| entered.abs_diff(step) <= 1);
        self.present(server, is_device);
        let mut expected = match (self.live(server), self.ledger.lock(group, now)) {
            _ if self.ledger.went_back(now) => Answer::WentBack,
            (Err(fault), _) => fault,
            (Ok(None), _) => Answer::Refused("not_enrolled"),
            (_, Some(lock)) => Answer::Locked(lock),
            (Ok(Some(totp)), None) => match entered {
                _ if !(self.oldest..=self.newest).contains(&totp.sealed) => Answer::UnknownKey,
                _ if entry == Entry::Malformed => Answer::Refused("malformed_code"),
                Some(entered) if is_near && totp.last >= Some(entered) => Answer::Refused("already_used"),
                Some(_) if is_near => Answer::Done,
                _ => Answer::Wrong { tries_left: 0, lock: None, is_closed: false },
            },
        };
        match &mut expected {
            Answer::Done => {
                self.write(now);
                self.ledger.right(group, TOTP, false, now);
                let current = self.current;
                let totp = self.totp.as_mut().unwrap();
                *totp = Totp { pending: None, last: entered, sealed: current, ..*totp };
            }
            Answer::Wrong { .. } => {
                self.write(now);
                expected = self.counted(group, TOTP, now, u64::MAX);
            }
            _ => {}
        }
        let operation = self.scene.begin_totp(server, &text);
        let result = self.scene.finish(server, operation);
        let _ = self.told(result, expected);
    }

    pub(super) fn recover(&mut self, server: usize, is_device: bool, entry: Entry) {
        let (now, group) = (self.now(server), usize::from(is_device));
        let active = self.totp.filter(|totp| totp.pending.is_none()).map(|totp| totp.id);
        let codes = self.codes.as_mut().filter(|codes| active == Some(codes.enrolment));
        self.guesses += 1;
        let is_bound = codes.is_some();
        let (used, next) = match codes {
            Some(codes) => (codes.codes[..codes.used].last().cloned(), codes.codes.get(codes.used).cloned()),
            None => (None, None),
        };
        let wrong = format!("{:012}", self.guesses);
        let (text, compared) = match (entry, next, used) {
            (Entry::Malformed, ..) => ("a".to_owned(), Answer::Refused("malformed_code")),
            (Entry::Again, _, Some(used)) => (used, Answer::Refused("already_used")),
            (Entry::Right, Some(next), _) => (next, Answer::Done),
            _ => (wrong, Answer::Wrong { tries_left: 0, lock: None, is_closed: false }),
        };
        let mut expected = match self.ledger.lock(group, now) {
            _ if self.ledger.went_back(now) => Answer::WentBack,
            _ if !is_bound => Answer::Refused("not_enrolled"),
            Some(lock) => Answer::Locked(lock),
            None => compared,
        };
        match expected {
            Answer::Done => {
                self.write(now);
                self.ledger.right(group, RECOVERY, true, now);
                self.codes.as_mut().unwrap().used += 1;
            }
            Answer::Wrong { .. } => {
                self.write(now);
                expected = self.counted(group, RECOVERY, now, u64::MAX);
            }
            _ => {}
        }
        self.present(server, is_device);
        let operation = self.scene.begin_recovery(server, &text);
        let result = self.scene.finish(server, operation);
        let _ = self.told(result, expected);
    }

    pub(super) fn pass(&mut self, server: usize, is_device: bool, entry: Entry) {
        let (now, group) = (self.now(server), usize::from(is_device));
        self.present(server, is_device);
        let expected = match self.ledger.lock(group, now) {
            _ if self.ledger.went_back(now) => Answer::WentBack,
            Some(lock) => Answer::Locked(lock),
            None => Answer::Done,
        };
        let started = self.scene.start(server);
        let Some(sent) = self.told(started, expected) else { return };
        self.guesses += 1;
        let (text, expected) = match entry {
            Entry::Right | Entry::Again => {
                self.write(now);
                self.ledger.right(group, PASSCODE, true, now);
                (sent.right(), Answer::Done)
            }
            Entry::Malformed => ("12".to_owned(), Answer::Refused("malformed_code")),
            Entry::Wrong => {
                self.write(now);
                (sent.wrong(self.guesses as usize), self.counted(group, PASSCODE, now, 4))
            }
        };
        let operation = self.scene.begin_pass(server, &sent, &text);
        let result = self.scene.finish(server, operation);
        let _ = self.told(result, expected);
        if entry == Entry::Again {
            let operation = self.scene.begin_pass(server, &sent, &text);
            let again = self.scene.finish(server, operation);
            let _ = self.told(again, Answer::Refused("already_used"));
        }
    }

    /// Returns a code that no step near this one has.
    fn wrong(&self, step: u64) -> String {
        let code = |step| self.scene.settings.code(&self.scene.secret, TimeStep::new(step));
        let near: Vec<_> = (step - 1..=step + 1).map(|step| code(step).as_str().to_owned()).collect();
        (self.guesses..).map(|guess| format!("{guess:08}")).find(|guess| !near.contains(guess)).unwrap()
    }

    fn counted(&mut self, group: usize, factor: usize, now: u64, most: u64) -> Answer {
        let counted = self.ledger.wrong(group, factor, now);
        Answer::Wrong {
            tries_left: counted.tries_left.min(most),
            lock: counted.lock,
            is_closed: counted.is_closed,
        }
    }
}
