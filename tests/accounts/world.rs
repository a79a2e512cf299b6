//! An account over one store and several servers, whose clocks differ. The answer of each call is
//! compared with the ledger.

mod checks;
mod op;

use countersign::limits::Lock;
use countersign::totp::TotpSecret;
use countersign::{Account, Error, KeyId, Keys, Limits};
use countersign_tests::desk::{DAY, MINUTE, keys};

use super::ledger::Ledger;
use super::scene::Scene;
pub use op::{Answer, Entry, Op};

/// The authenticator as it must be.
#[derive(Clone, Copy, Debug)]
struct Totp {
    secret: u8,
    /// Names the enrolment.
    id: u32,
    /// Start and end, while it waits for its first code.
    pending: Option<(u64, u64)>,
    last: Option<u64>,
    sealed: u8,
}

/// Recovery codes as they must be.
struct Codes {
    enrolment: u32,
    codes: Vec<String>,
    used: usize,
}

pub struct World {
    pub scene: Scene,
    pub answers: Vec<Answer>,
    ledger: Ledger,
    stranger: Account,
    totp: Option<Totp>,
    /// Each removed secret that was used: its last step, and when it was removed.
    spent: Vec<(u8, u64, u64)>,
    codes: Option<Codes>,
    enrolments: u32,
    limits: Limits,
    keys: Keys,
    /// The current key, the oldest accepted one, and the newest.
    current: u8,
    oldest: u8,
    newest: u8,
    guesses: u64,
}

impl World {
    pub fn new(seed: u64, limits: Limits, ahead: &[i64]) -> Self {
        let scene = Scene::with_limits(seed, limits).with_clocks(ahead);
        Self {
            answers: Vec::new(),
            ledger: Ledger::new(&limits),
            stranger: scene.account.clone(),
            scene,
            totp: None,
            spent: Vec::new(),
            codes: None,
            enrolments: 0,
            limits,
            keys: keys(),
            current: 0,
            oldest: 0,
            newest: 0,
            guesses: 0,
        }
    }

    pub fn run(&mut self, op: Op) {
        match op {
            Op::Enrol { server, secret, minutes } => self.enrol(server, secret, Some(minutes)),
            Op::Import { server, secret } => self.enrol(server, secret, None),
            Op::Remove { server } => self.remove(server),
            Op::Issue { server } => self.issue(server),
            Op::Totp { server, is_device, entry } => self.totp(server, is_device, entry),
            Op::Recover { server, is_device, entry } => self.recover(server, is_device, entry),
            Op::Pass { server, is_device, entry } => self.pass(server, is_device, entry),
            Op::Unlock { server } => self.unlock(server),
            Op::Rotate => self.rotate(),
            Op::Wait(millis) => self.scene.later(millis),
            Op::WaitForLock { server, is_device, off } => {
                if let Some(Lock::Until(end)) = self.ledger.lock(usize::from(is_device), self.now(server)) {
                    let ahead = self.scene.servers[server].ahead;
                    let end = end.unix_millis().saturating_add_signed(off - ahead);
                    self.scene.now = self.scene.now.max(end);
                }
            }
        }
        self.look();
    }

    /// Each server sees the failures and locks of the ledger.
    fn look(&mut self) {
        for server in 0..2 {
            let now = self.now(server);
            for is_device in [false, true] {
                self.present(server, is_device);
                let status = self.scene.call(server, |at, account| at.account(account).status()).unwrap();
                let expected = (self.ledger.failures(now), self.ledger.lock(usize::from(is_device), now));
                assert_eq!((u64::from(status.failures), status.lock), expected, "server {server}");
            }
        }
    }

    fn now(&self, server: usize) -> u64 {
        self.scene.clock(server).unix_millis()
    }

    /// Presents a device's token, each time of a new device, or none.
    fn present(&mut self, server: usize, is_device: bool) {
        self.scene.account = self.stranger.clone();
        if is_device {
            let token = self.scene.device(server);
            self.scene.account = self.stranger.clone().with_device(token);
        }
    }

    fn told<T>(&mut self, result: Result<T, Error>, expected: Answer) -> Option<T> {
        let (answer, value) = match result {
            Ok(value) => (Answer::Done, Some(value)),
            Err(error) => (Answer::from(&error), None),
        };
        assert_eq!(answer, expected, "{:?} {:?}", self.totp, self.ledger);
        self.answers.push(answer);
        value
    }

    /// Returns whether the authenticator exists for a server: it is active, or pending and not
    /// expired by its clock.
    fn live(&self, server: usize) -> Result<Option<Totp>, Answer> {
        let now = self.now(server);
        match self.totp {
            Some(Totp { pending: Some((started, _)), .. }) if started > now + 5000 => Err(Answer::WentBack),
            Some(Totp { pending: Some((_, end)), .. }) if end <= now => Ok(None),
            totp => Ok(totp),
        }
    }

    fn enrol(&mut self, server: usize, secret: u8, minutes: Option<u64>) {
        let now = self.now(server);
        let is_active = self.totp.is_some_and(|totp| totp.pending.is_none());
        let expected = if self.ledger.went_back(now) {
            Answer::WentBack
        } else if is_active {
            Answer::Refused("already_enrolled")
        } else {
            Answer::Done
        };
        self.scene.secret = TotpSecret::from_bytes(&[secret; 20]).unwrap();
        let (own, settings) = (self.scene.secret.clone(), self.scene.settings);
        let result = match minutes {
            Some(minutes) => self.scene.enrol(server, minutes),
            None => self.scene.call(server, |at, account| at.account(account).import_totp(own, settings)),
        };
        if let Some(totp) = self.totp.filter(|_| expected != Answer::Done) {
            self.scene.secret = TotpSecret::from_bytes(&[totp.secret; 20]).unwrap();
        }
        if self.told(result, expected).is_some() {
            self.write(now);
            self.enrolments += 1;
            let last = self.spent.iter().find(|spent| spent.0 == secret).map(|spent| spent.1);
            let pending = minutes.map(|minutes| (now, now + minutes * MINUTE));
            self.totp = Some(Totp { secret, id: self.enrolments, pending, last, sealed: self.current });
        }
    }

    fn remove(&mut self, server: usize) {
        let now = self.now(server);
        let expected = if self.ledger.went_back(now) { Answer::WentBack } else { Answer::Done };
        let result = self.scene.call(server, |at, account| at.account(account).remove_totp());
        if self.told(result, expected).is_some() {
            if let Some(totp) = self.totp.take() {
                self.write(now);
                let is_known = (self.oldest..=self.newest).contains(&totp.sealed);
                if let (None, Some(last), true) = (totp.pending, totp.last, is_known) {
                    self.spent.retain(|spent| spent.0 != totp.secret);
                    self.spent.push((totp.secret, last, self.ledger.at()));
                }
            }
            self.codes = None;
        }
    }

    fn issue(&mut self, server: usize) {
        let (expected, enrolment) = match self.live(server) {
            Err(fault) => (fault, 0),
            Ok(None) => (Answer::Refused("not_enrolled"), 0),
            Ok(Some(totp)) => (Answer::Done, totp.id),
        };
        let result = self.scene.issue_at(server);
        if let Some(codes) = self.told(result, expected) {
            self.codes = Some(Codes { enrolment, codes, used: 0 });
        }
    }

    fn unlock(&mut self, server: usize) {
        let now = self.now(server);
        let result = self.scene.call(server, |at, account| at.account(account).unlock());
        let _ = self.told(result, Answer::Done);
        self.totp.take_if(|totp| totp.pending.is_some_and(|(started, _)| started > now + 5000));
        self.spent.iter_mut().for_each(|spent| spent.2 = spent.2.min(now));
        self.ledger.unlock(now);
        self.write(now);
    }

    fn rotate(&mut self) {
        let key = |number: u8| KeyId::new(number);
        if self.newest == self.current && self.oldest == self.current {
            self.newest += 1;
            let secret = [100 + self.newest; 32];
            self.keys = self.keys.clone().accept(key(self.newest), secret).unwrap();
        } else if self.newest != self.current {
            self.current = self.newest;
            self.keys = self.keys.clone().tag_with(key(self.current)).unwrap();
        } else {
            self.keys = self.keys.clone().retire(key(self.oldest)).unwrap();
            self.oldest = self.current;
        }
        for server in 0..2 {
            self.scene.rekey(server, self.keys.clone(), self.limits);
        }
    }

    /// The account's record is written.
    fn write(&mut self, now: u64) {
        self.ledger.write(now);
        let at = self.ledger.at();
        self.spent.retain(|spent| at < spent.2 + DAY);
    }
}
