//! However guesses interleave, whatever is lost, and whoever crashes: at most ten verdicts per lock
//! period, each after its failure is in the store, and no more failures than attempts.

use countersign::limits::Lock;
use countersign::{Error, Refusal};
use proptest::prelude::*;

use super::crowd::{Crowd, End, Faults};
use super::scene::{Scene, Sent};
use crate::cases::cases;

/// Failures that lock an account.
const LIMIT: usize = 10;
/// Failures that close it.
const CLOSED: usize = 100;

/// Guesses at all factors of an account, always wrong.
struct Siege {
    scene: Scene,
    crowd: Crowd<()>,
    sent: Vec<Sent>,
    guesses: u64,
    verdicts: usize,
    /// Calls that ended without a verdict and without a refusal: their charge may remain.
    unknown: usize,
}

impl Siege {
    fn new(seed: u64, faults: Faults) -> Self {
        let limits = countersign::Limits::default().with_tries_per_code(100).unwrap();
        let mut scene = Scene::with_limits(seed, limits);
        scene.import();
        scene.issue().unwrap();
        // So many that none of them is locked before the account is.
        let sent = (0..4).map(|_| scene.start(0).unwrap()).collect();
        Self { scene, crowd: Crowd::new(seed, faults), sent, guesses: 0, verdicts: 0, unknown: 0 }
    }

    /// Lets another guess join in.
    fn guess(&mut self) {
        let (server, guess) = (self.crowd.dice(2) as usize, self.guesses);
        self.guesses += 1;
        match self.crowd.dice(3) {
            0 => {
                let operation = self.scene.begin_totp(server, &self.scene.wrong_code(guess));
                self.crowd.join((), server, operation);
            }
            1 => {
                let operation = self.scene.begin_recovery(server, &format!("{guess:012}"));
                self.crowd.join((), server, operation);
            }
            _ => {
                let sent = &self.sent[guess as usize % self.sent.len()];
                let (number, entry) = ((sent.number, sent.issued.handle()), sent.wrong(guess as usize));
                let operation = self.scene.begin(server, |at, account| {
                    let challenge = countersign::Challenge::new(number.0).with_account(account);
                    at.check(challenge, number.1, &entry)
                });
                self.crowd.join((), server, operation);
            }
        }
    }

    fn step(&mut self) {
        let Some(((), end)) = self.crowd.step(&self.scene) else { return };
        assert!(!end.is_success(), "a wrong guess passed");
        if end.is_verdict() {
            self.verdicts += 1;
            let counted = self.scene.failures();
            assert!(usize::from(counted) >= self.verdicts, "{} verdicts, {counted} failures", self.verdicts);
        } else if !end.is_refusal() {
            // A call that is a day late is a clock that went back.
            let (End::Crashed | End::Answered(Err(Error::Store(_) | Error::Contended | Error::Fault(_)))) =
                end
            else {
                panic!("{end:?}")
            };
            self.unknown += 1;
        }
    }

    /// Guesses, with this many calls at a time, until all of them have ended.
    fn rush(&mut self, guesses: u64, at_a_time: usize) {
        let end = self.guesses + guesses;
        while self.guesses < end || self.crowd.len() > 0 {
            while self.crowd.len() < at_a_time && self.guesses < end {
                self.guess();
            }
            self.step();
        }
    }

    /// Returns how many charges could not be taken back.
    fn unsettled(&self) -> usize {
        self.scene.events.lock().unwrap().iter().filter(|event| event.is_unsettled).count()
    }
}

proptest! {
    #![proptest_config(cases(8))]

    /// 300 guesses within one lock period.
    #[test]
    fn three_hundred_guesses_get_ten_verdicts(seed in any::<u64>(), at_a_time in 1..40usize) {
        let mut siege = Siege::new(seed, Faults::default());
        siege.rush(300, at_a_time);
        assert_eq!(siege.verdicts, LIMIT);
        assert_eq!(siege.scene.failures(), LIMIT as u16);
        assert!(matches!(siege.scene.lock(), Some(Lock::Until(_))));
    }

    /// The same with lost replies, late writes, errors and crashes. Each failure belongs to a
    /// verdict or to a call whose caller learned nothing.
    #[test]
    fn faults_give_no_more_verdicts(seed in any::<u64>(), at_a_time in 1..40usize) {
        let mut siege = Siege::new(seed, Faults::MANY);
        siege.rush(300, at_a_time);
        let failures = usize::from(siege.scene.failures());
        let (verdicts, unknown, unsettled) = (siege.verdicts, siege.unknown, siege.unsettled());
        assert!(verdicts <= LIMIT, "{verdicts} verdicts");
        assert!((verdicts..=verdicts + unknown + unsettled).contains(&failures), "{verdicts} {failures}");
    }

    /// Lock after lock, with calls that began before a lock and end after it, until the account is
    /// closed.
    #[test]
    fn each_lock_period_adds_ten_verdicts_until_closed(seed in any::<u64>(), at_a_time in 1..20usize) {
        let mut siege = Siege::new(seed, Faults { crashes: 2, ..Faults::MANY });
        let mut periods = 1;
        for _ in 0..4000 {
            while siege.crowd.len() < at_a_time {
                siege.guess();
            }
            siege.step();
            assert!(siege.verdicts <= LIMIT * periods, "{} verdicts in {periods}", siege.verdicts);
            match siege.scene.lock() {
                Some(Lock::Until(end)) if siege.crowd.dice(10) == 0 => {
                    siege.scene.now = end.unix_millis();
                    periods += 1;
                    // Codes are valid for minutes only.
                    siege.sent = (0..4).flat_map(|_| siege.scene.start(0)).collect();
                }
                Some(Lock::Closed) => break,
                _ => {}
            }
        }
        assert_eq!(siege.scene.lock(), Some(Lock::Closed));
        siege.rush(30, at_a_time);
        assert!(siege.verdicts <= CLOSED && usize::from(siege.scene.failures()) >= CLOSED);
        let refused = siege.scene.totp("00000000").unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::Closed));
    }
}

/// Strangers and the owner's devices are locked apart, by ten failures each. The account is closed
/// by a hundred of both.
#[test]
fn strangers_and_devices_get_ten_verdicts_each() {
    for seed in 0..8 {
        let mut siege = Siege::new(seed, Faults::default());
        let stranger = siege.scene.account.clone();
        let device = stranger.clone().with_device(siege.scene.device(0));
        let mut verdicts = [0; 2];
        let mut crowd = Crowd::new(seed, Faults::default());
        for guess in 0..120 {
            let group = usize::from(guess % 3 == 0);
            siege.scene.account = [&stranger, &device][group].clone();
            let entry = siege.scene.wrong_code(guess);
            match guess % 2 {
                0 => crowd.join(group, 0, siege.scene.begin_totp(0, &entry)),
                _ => crowd.join(group, 1, siege.scene.begin_recovery(1, &format!("{guess:012}"))),
            }
        }
        for (group, end) in crowd.run(&siege.scene) {
            verdicts[group] += usize::from(end.is_verdict());
        }
        assert_eq!((verdicts, siege.scene.failures()), ([LIMIT; 2], 20));
    }
}
