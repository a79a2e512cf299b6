//! Two accounts over one store, and a clock that moves at will.

use countersign::account::{AccountStatus, RecoveryFormat, TotpTerms};
use countersign::error::Fault;
use countersign::limits::Lock;
use countersign::mfa::{FirstFactor, LoginRules, LoginStep};
use countersign::store::Store;
use countersign::totp::{TimeStep, TotpSecret, TotpSettings};
use countersign::{
    Account, Challenge, Channel, DeviceToken, Error, Limits, PhoneNumber, Refusal, Timestamp, Verifier,
};

use super::super::bytes::Bytes;
use super::ledger::Ledger;
use crate::desk::{DAY, MINUTE, keys};
use crate::rng::Seeded;

const ACCOUNTS: [&str; 2] = ["ada", "bob"];
const NUMBERS: [&str; 2] = ["+12025550162", "+12025550163"];
const START: u64 = 1_800_000_000_000;

pub(super) struct World<'a, S> {
    verifier: Verifier<&'a S>,
    rng: Seeded,
    now: u64,
    accounts: [Ledger; ACCOUNTS.len()],
    tokens: [Option<DeviceToken>; ACCOUNTS.len()],
    /// Whether the next call meets a fault of the store.
    pub(super) may_fail: bool,
}

/// One call: whose, and with a device's token or without.
#[derive(Clone, Copy)]
struct Caller {
    who: usize,
    is_device: bool,
}

impl<'a, S: Store> World<'a, S> {
    pub(super) fn new(store: &'a S, seed: u64) -> Self {
        let limits = Limits::default().with_send_quotas(&[]).unwrap();
        let verifier = Verifier::new(keys(), store).with_instance(1).with_limits(limits);
        let accounts = core::array::from_fn(|_| Ledger::default());
        Self { verifier, rng: Seeded(seed), now: START, accounts, tokens: [None, None], may_fail: false }
    }

    pub(super) fn step(&mut self, bytes: &mut Bytes<'_>) {
        let what = bytes.below(16);
        if what < 3 {
            return self.pass_time(what, bytes);
        }
        let who = bytes.below(2 * ACCOUNTS.len());
        let caller = Caller { who: who % ACCOUNTS.len(), is_device: who >= ACCOUNTS.len() };
        match what {
            3 => self.enrol(caller, bytes),
            4 => self.import(caller, bytes),
            5 => self.issue(caller),
            6..=8 => self.check_totp(caller, bytes),
            9 | 10 => self.recover(caller, bytes),
            11 => self.start(caller, bytes),
            12 => self.pass(caller, bytes),
            13 => self.remove(caller),
            14 => self.guess(caller, bytes.below(12)),
            _ => self.operate(caller, bytes.below(4)),
        }
    }

    fn pass_time(&mut self, what: usize, bytes: &mut Bytes<'_>) {
        self.now = match what {
            0 => self.now.saturating_add(bytes.wide(100 * DAY)),
            1 => self.now.saturating_sub(bytes.wide(2 * DAY)),
            // Any time, also before 2020 and after all records.
            _ if bytes.below(8) == 0 => u64::from_le_bytes([(); 8].map(|()| bytes.byte())),
            _ => self.now.saturating_add(bytes.below(64) as u64 * MINUTE),
        };
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.now)
    }

    fn account(&self, Caller { who, is_device }: Caller) -> Account {
        let token = self.tokens[who].clone().filter(|_| is_device);
        Account::new(ACCOUNTS[who]).unwrap().with_device(token)
    }

    fn status(&mut self, caller: Caller) -> Option<AccountStatus> {
        let (now, account) = (self.time(), self.account(caller));
        self.verifier.at(now, &mut self.rng).account(&account).status().ok()
    }

    /// Returns the caller's lock, unless the next call meets a fault, which asking would use up.
    fn lock(&mut self, caller: Caller) -> Option<Lock> {
        if self.may_fail { None } else { self.status(caller)?.lock }
    }

    /// Checks that no account has more failures than were charged.
    pub(super) fn look(&mut self) {
        for who in 0..ACCOUNTS.len() {
            if let Some(status) = self.status(Caller { who, is_device: false }) {
                assert!(status.failures <= self.accounts[who].charged, "{status:?}");
                assert!(status.failures < 100 || status.lock == Some(Lock::Closed), "{status:?}");
            }
        }
    }

    fn terms(secret: usize) -> TotpTerms {
        TotpTerms::new().with_secret(Self::secret(secret))
    }

    fn secret(secret: usize) -> TotpSecret {
        TotpSecret::from_bytes(&[secret as u8 + 1; 20]).unwrap()
    }

    fn enrol(&mut self, caller: Caller, bytes: &mut Bytes<'_>) {
        let (secret, minutes) = (bytes.below(3), 5 + bytes.wide(1436));
        let (now, account) = (self.time(), self.account(caller));
        let at = self.verifier.at(now, &mut self.rng);
        let calls = at.account(&account);
        let terms = Self::terms(secret).with_minutes(minutes).unwrap();
        let answer = calls.enrol_totp(&calls.may_enrol_by_own_session(), terms);
        self.enrolled(caller, secret, &answer);
    }

    fn import(&mut self, caller: Caller, bytes: &mut Bytes<'_>) {
        let secret = bytes.below(3);
        let (now, account) = (self.time(), self.account(caller));
        let at = self.verifier.at(now, &mut self.rng);
        let answer = at.account(&account).import_totp(Self::secret(secret), TotpSettings::DEFAULT);
        self.enrolled(caller, secret, &answer);
    }

    /// After a fault it is not known which secret is enrolled. The next success tells.
    fn enrolled<T>(&mut self, caller: Caller, secret: usize, answer: &Result<T, Error>) {
        self.expected(answer);
        if answer.is_ok() || !matches!(answer, Err(Error::Refused(_) | Error::Fault(_))) {
            self.accounts[caller.who].enrolled(secret);
        }
    }

    fn issue(&mut self, caller: Caller) {
        let (now, account) = (self.time(), self.account(caller));
        let at = self.verifier.at(now, &mut self.rng);
        let calls = at.account(&account);
        let format = RecoveryFormat::DEFAULT.with_codes(2).unwrap();
        let answer = calls.issue_recovery_codes(&calls.may_enrol_by_own_session(), format);
        self.expected(&answer);
        let own = &mut self.accounts[caller.who].codes;
        answer.iter().for_each(|codes| own.extend(codes.iter().map(str::to_owned)));
    }

    fn check_totp(&mut self, caller: Caller, bytes: &mut Bytes<'_>) {
        let settings = TotpSettings::DEFAULT;
        let step = settings.step(self.time()).number();
        let secret = self.accounts[caller.who].secret.unwrap_or_default();
        let entry = match bytes.below(8) {
            0 => String::from_utf8_lossy(&[(); 6].map(|()| bytes.byte())).into_owned(),
            1 => "000000".to_owned(),
            near => {
                let step = TimeStep::new(step.saturating_add(near as u64).saturating_sub(4));
                settings.code(&Self::secret(secret), step).as_str().to_owned()
            }
        };
        let locked = self.lock(caller);
        let (now, account) = (self.time(), self.account(caller));
        let answer = self.verifier.at(now, &mut self.rng).account(&account).check_totp(&entry);
        self.judge(caller, locked, &answer);
        if let Ok(verified) = answer {
            self.accepted(caller, &entry, verified.step());
        }
    }

    fn accepted(&mut self, caller: Caller, entry: &str, step: TimeStep) {
        let settings = TotpSettings::DEFAULT;
        assert!(step.number().abs_diff(settings.step(self.time()).number()) <= 1);
        let entry: String = entry.split(' ').collect();
        let is = |secret: &usize| settings.code(&Self::secret(*secret), step).as_str() == entry;
        // After a fault, another secret may be enrolled than is known.
        let own = &mut self.accounts[caller.who];
        let secret = own.secret.filter(is).or_else(|| (0..3).find(is)).unwrap();
        own.accepted(secret, step.number());
    }

    fn recover(&mut self, caller: Caller, bytes: &mut Bytes<'_>) {
        let place = usize::from(bytes.byte());
        let own = &self.accounts[caller.who].codes;
        let entry = match (place % 4, own.len()) {
            (0, _) | (_, 0) => "aaaa-aaaa-aaaa".to_owned(),
            (1, _) if place > 200 => String::from_utf8_lossy(&[(); 12].map(|()| bytes.byte())).into_owned(),
            (_, codes) => own[codes - 1 - place / 4 % codes.min(4)].clone(),
        };
        let locked = self.lock(caller);
        let (now, account) = (self.time(), self.account(caller));
        let answer = self.verifier.at(now, &mut self.rng).account(&account).check_recovery_code(&entry);
        self.judge(caller, locked, &answer);
        if answer.is_ok() {
            self.accounts[caller.who].used(&entry);
        }
    }

    fn start(&mut self, caller: Caller, bytes: &mut Bytes<'_>) {
        let number = bytes.below(NUMBERS.len());
        let to: PhoneNumber = NUMBERS[number].parse().unwrap();
        let locked = self.lock(caller);
        let (now, account) = (self.time(), self.account(caller));
        let challenge = Challenge::new(to).with_account(&account);
        let answer = self.verifier.at(now, &mut self.rng).start(challenge, Channel::Sms);
        self.expected(&answer);
        assert!(locked.is_none() || answer.is_err(), "a locked account starts nothing");
        if let Ok(issued) = answer {
            let code = issued.code().as_str().to_owned();
            self.accounts[caller.who].challenges.push((number, issued.handle(), code));
        }
    }

    /// Enters a passcode, mostly of this account's last challenges.
    fn pass(&mut self, caller: Caller, bytes: &mut Bytes<'_>) {
        let place = usize::from(bytes.byte());
        let of = if place > 240 { 1 - caller.who } else { caller.who };
        let challenges = &self.accounts[of].challenges;
        let Some(last) = challenges.len().checked_sub(1) else { return };
        let (number, handle, code) = challenges[last - place / 4 % challenges.len().min(4)].clone();
        let entry = if place % 4 == 0 { "000000" } else { code.as_str() };
        let to: PhoneNumber = NUMBERS[number].parse().unwrap();
        let locked = self.lock(caller);
        let (now, account) = (self.time(), self.account(caller));
        let challenge = Challenge::new(to).with_account(&account);
        let answer = self.verifier.at(now, &mut self.rng).check(challenge, handle, entry);
        self.judge(caller, locked, &answer);
        if answer.is_ok() {
            assert_eq!(of, caller.who, "a challenge of another account");
            self.accounts[caller.who].used(&format!("{handle} {entry}"));
        }
    }

    fn remove(&mut self, caller: Caller) {
        let (now, account) = (self.time(), self.account(caller));
        let answer = self.verifier.at(now, &mut self.rng).account(&account).remove_totp();
        self.expected(&answer);
        if answer.is_ok() || self.may_fail {
            self.accounts[caller.who].removed(answer.is_ok());
        }
    }

    /// Enters wrong codes one after the other. A lock follows the tenth failure at the latest.
    fn guess(&mut self, caller: Caller, times: usize) {
        let mut verdicts = 0;
        for _ in 0..times {
            let (now, account) = (self.time(), self.account(caller));
            let answer = self.verifier.at(now, &mut self.rng).account(&account).check_totp("000000");
            self.judge(caller, None, &answer);
            match answer {
                Ok(verified) => {
                    self.accepted(caller, "000000", verified.step());
                    verdicts = 0;
                }
                Err(Error::Refused(Refusal::WrongCode { .. })) => verdicts += 1,
                Err(_) => {}
            }
        }
        assert!(verdicts <= 10, "{verdicts} verdicts without a lock");
    }

    fn operate(&mut self, caller: Caller, what: usize) {
        let (now, account) = (self.time(), self.account(caller));
        let at = self.verifier.at(now, &mut self.rng);
        let calls = at.account(&account);
        match what {
            0 => {
                let answer = calls.unlock();
                self.expected(&answer);
                if answer.is_ok() {
                    self.accounts[caller.who].charged = 0;
                }
            }
            1 => {
                let answer = calls.forget();
                self.expected(&answer);
                if answer.is_ok() {
                    self.accounts[caller.who].charged = 0;
                }
                if answer.is_ok() || self.may_fail {
                    self.accounts[caller.who].forgotten();
                }
            }
            2 => {
                let answer = calls.reseal_totp();
                self.expected(&answer);
            }
            _ => {
                let Ok(step) = calls.open_login(FirstFactor::other(), &LoginRules::default()) else { return };
                let LoginStep::Session(grant) = step else { panic!("no second factor is required") };
                let token = calls.device_token(&grant).ok();
                drop(calls);
                self.tokens[caller.who] = token.or(self.tokens[caller.who].take());
            }
        }
    }

    /// Checks the answer of a check, and counts what it may have charged.
    fn judge<T>(&mut self, caller: Caller, locked: Option<Lock>, answer: &Result<T, Error>) {
        self.expected(answer);
        let is_verdict = matches!(answer, Ok(_) | Err(Error::Refused(Refusal::WrongCode { .. })));
        assert!(locked.is_none() || !is_verdict, "a locked account compares nothing");
        self.accounts[caller.who].checked(answer, self.may_fail);
    }

    /// Refusals may follow from any state, faults from the clock, and others only from the store.
    fn expected<T>(&self, answer: &Result<T, Error>) {
        match answer {
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(Error::Fault(Fault::ClockWentBack { .. } | Fault::ClockOutOfRange)) => {}
            Err(error) => assert!(self.may_fail, "{error}"),
        }
    }
}
