//! Servers over one store, an account, and what its owner holds.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use countersign::account::{AccountStatus, RecoveryFormat, TotpTerms};
use countersign::events::Event;
use countersign::kernel::{Operation, Reply, Request, Service};
use countersign::limits::Lock;
use countersign::mfa::{FirstFactor, LoginRules, LoginStep};
use countersign::store::{Loaded, Store};
use countersign::totp::{TotpSecret, TotpSettings};
use countersign::{
    Account, Challenge, Channel, DeviceToken, Error, Issued, Keys, Limits, MemoryStore, PhoneNumber,
    Timestamp, Verified, Verifier, execute,
};
use countersign_tests::desk::{DAY, keys, wrong};
use countersign_tests::rng::Seeded;

/// Calls that are carried out step by step.
pub type Steps<'a> = Verifier<&'a (), execute::InSteps<execute::At<'a, Seeded>>, &'a Service>;

/// The beginning of a call.
pub type Begun<T> = Result<Operation<T>, Error>;

/// One server.
pub struct Server {
    pub verifier: Verifier<()>,
    pub rng: Seeded,
    /// How far its clock is ahead of real time, in milliseconds.
    pub ahead: i64,
}

/// See the module's documentation.
pub struct Scene {
    pub store: MemoryStore,
    pub servers: Vec<Server>,
    pub account: Account,
    /// Milliseconds of real time.
    pub now: u64,
    pub secret: TotpSecret,
    pub settings: TotpSettings,
    /// All events of all servers.
    pub events: Arc<Mutex<Vec<Event>>>,
    recipients: u32,
}

/// A passcode that was sent for the account.
pub struct Sent {
    pub number: PhoneNumber,
    pub issued: Issued,
}

impl Sent {
    pub fn right(&self) -> String {
        self.issued.code().as_str().to_owned()
    }

    /// Returns one of six wrong codes.
    pub fn wrong(&self, place: usize) -> String {
        wrong(self.issued.code().as_str(), place % 6)
    }
}

impl Scene {
    /// Two servers with the same clock, and an account without factors.
    pub fn new(seed: u64) -> Self {
        Self::with_limits(seed, Limits::default())
    }

    pub fn with_limits(seed: u64, limits: Limits) -> Self {
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let server = |number: u64| {
            let log = Arc::clone(&events);
            let verifier = Verifier::new(keys(), ())
                .with_limits(limits)
                .with_instance(number)
                .with_events(move |event| log.lock().unwrap().push(*event));
            Server { verifier, rng: Seeded(seed ^ number << 40), ahead: 0 }
        };
        Self {
            store: MemoryStore::new(),
            servers: vec![server(1), server(2)],
            account: Account::new("user-test-7").unwrap(),
            now: 1_800_000_000_000,
            secret: TotpSecret::from_bytes(&[9; 20]).unwrap(),
            settings: TotpSettings::DEFAULT.with_digits(8).unwrap(),
            events,
            recipients: 0,
        }
    }

    /// Sets how far each server's clock is ahead, in milliseconds.
    pub fn with_clocks(mut self, ahead: &[i64]) -> Self {
        self.servers.iter_mut().zip(ahead).for_each(|(server, ahead)| server.ahead = *ahead);
        self
    }

    /// Gives a server other keys.
    pub fn rekey(&mut self, server: usize, keys: Keys, limits: Limits) {
        let log = Arc::clone(&self.events);
        self.servers[server].verifier = Verifier::new(keys, ())
            .with_limits(limits)
            .with_instance(server as u64 + 1)
            .with_events(move |event| log.lock().unwrap().push(*event));
    }

    /// Returns the time of a server's clock.
    pub fn clock(&self, server: usize) -> Timestamp {
        Timestamp::from_unix_millis(self.now.saturating_add_signed(self.servers[server].ahead))
    }

    pub fn later(&mut self, millis: u64) {
        self.now += millis;
    }

    /// Begins a call of a server.
    pub fn begin<T>(
        &mut self,
        server: usize,
        call: impl FnOnce(&Steps<'_>, &Account) -> Begun<T>,
    ) -> Operation<T> {
        let clock = self.clock(server);
        let Server { verifier, rng, .. } = &mut self.servers[server];
        call(&verifier.at(clock, rng).in_steps(), &self.account).unwrap()
    }

    /// Carries out one request of an operation.
    pub fn turn<T>(&self, server: usize, operation: &mut Operation<T>) -> ControlFlow<Result<T, Error>> {
        let verifier = &self.servers[server].verifier;
        match operation.request() {
            Request::Read(keys) => {
                let read: Vec<Loaded> = keys.iter().map(|key| self.store.load(key).unwrap()).collect();
                operation.answer(verifier, Reply::Read(Ok(&read)))
            }
            Request::Swap { key, expected, record, keep } => {
                let swap = self.store.compare_and_swap(key, expected, record, keep);
                operation.answer(verifier, Reply::Swapped(swap))
            }
            other => panic!("unknown request: {other:?}"),
        }
    }

    /// Carries an operation out until it is about to write for the `nth` time, counted from 1.
    pub fn until_write<T>(&self, server: usize, operation: &mut Operation<T>, nth: usize) {
        let mut writes = 0;
        loop {
            writes += usize::from(matches!(operation.request(), Request::Swap { .. }));
            if writes == nth {
                return;
            }
            assert!(self.turn(server, operation).is_continue(), "it ended before write {nth}");
        }
    }

    pub fn finish<T>(&self, server: usize, mut operation: Operation<T>) -> Result<T, Error> {
        loop {
            if let ControlFlow::Break(result) = self.turn(server, &mut operation) {
                return result;
            }
        }
    }

    /// Makes a call undisturbed.
    pub fn call<T>(
        &mut self,
        server: usize,
        call: impl FnOnce(&Steps<'_>, &Account) -> Begun<T>,
    ) -> Result<T, Error> {
        let operation = self.begin(server, call);
        self.finish(server, operation)
    }

    /// Enrols the authenticator, active at once.
    pub fn import(&mut self) {
        let (secret, settings) = (self.secret.clone(), self.settings);
        self.call(0, |at, account| at.account(account).import_totp(secret, settings)).unwrap();
    }

    /// Starts an enrolment of the authenticator.
    pub fn enrol(&mut self, server: usize, minutes: u64) -> Result<(), Error> {
        let terms = TotpTerms::new().with_settings(self.settings).with_secret(self.secret.clone());
        let terms = terms.with_minutes(minutes).unwrap();
        self.call(server, |at, account| {
            let calls = at.account(account);
            calls.enrol_totp(&calls.may_enrol_by_own_session(), terms)
        })
        .map(drop)
    }

    pub fn remove(&mut self) {
        self.call(0, |at, account| at.account(account).remove_totp()).unwrap();
    }

    /// Issues recovery codes.
    pub fn issue(&mut self) -> Result<Vec<String>, Error> {
        self.issue_at(0)
    }

    pub fn issue_at(&mut self, server: usize) -> Result<Vec<String>, Error> {
        let codes = self.call(server, |at, account| {
            let calls = at.account(account);
            calls.issue_recovery_codes(&calls.may_enrol_by_own_session(), RecoveryFormat::DEFAULT)
        })?;
        Ok(codes.iter().map(str::to_owned).collect())
    }

    /// Returns the authenticator's code this many steps from now, by the first server's clock.
    pub fn code(&self, steps: i64) -> String {
        let at = self.clock(0);
        let step = self.settings.step(at).number().saturating_add_signed(steps);
        self.settings.code(&self.secret, countersign::totp::TimeStep::new(step)).as_str().to_owned()
    }

    /// Returns a code that the authenticator does not show within three steps.
    pub fn wrong_code(&self, seed: u64) -> String {
        let shown: Vec<String> = (-3..=3).map(|steps| self.code(steps)).collect();
        (seed..).map(|guess| format!("{:08}", guess % 100_000_000)).find(|it| !shown.contains(it)).unwrap()
    }

    /// Starts a challenge of a recipient that the account did not have before.
    pub fn start(&mut self, server: usize) -> Result<Sent, Error> {
        self.recipients += 1;
        let number: PhoneNumber = format!("+1202{}", 5_550_000 + self.recipients).parse().unwrap();
        let issued = self.call(server, |at, account| {
            at.start(Challenge::new(number).with_account(account), Channel::Sms)
        })?;
        Ok(Sent { number, issued })
    }

    pub fn begin_totp(
        &mut self,
        server: usize,
        entry: &str,
    ) -> Operation<countersign::account::VerifiedTotp> {
        self.begin(server, |at, account| at.account(account).check_totp(entry))
    }

    pub fn begin_recovery(
        &mut self,
        server: usize,
        entry: &str,
    ) -> Operation<countersign::account::VerifiedRecovery> {
        self.begin(server, |at, account| at.account(account).check_recovery_code(entry))
    }

    pub fn begin_pass(&mut self, server: usize, sent: &Sent, entry: &str) -> Operation<Verified> {
        let (number, handle) = (sent.number, sent.issued.handle());
        self.begin(server, |at, account| {
            at.check(Challenge::new(number).with_account(account), handle, entry)
        })
    }

    pub fn totp(&mut self, entry: &str) -> Result<(), Error> {
        let operation = self.begin_totp(0, entry);
        self.finish(0, operation).map(drop)
    }

    pub fn recover(&mut self, entry: &str) -> Result<(), Error> {
        let operation = self.begin_recovery(0, entry);
        self.finish(0, operation).map(drop)
    }

    pub fn pass(&mut self, sent: &Sent, entry: &str) -> Result<(), Error> {
        let operation = self.begin_pass(0, sent, entry);
        self.finish(0, operation).map(drop)
    }

    pub fn status(&mut self) -> AccountStatus {
        self.call(0, |at, account| at.account(account).status()).unwrap()
    }

    pub fn failures(&mut self) -> u16 {
        self.status().failures
    }

    pub fn lock(&mut self) -> Option<Lock> {
        self.status().lock
    }

    /// Returns the token of a device that was given a session a day ago.
    pub fn device(&mut self, server: usize) -> DeviceToken {
        let clock = Timestamp::from_unix_millis(self.clock(server).unix_millis() - DAY);
        let Server { verifier, rng, .. } = &mut self.servers[server];
        let at = verifier.at(clock, rng);
        let calls = at.account(&self.account);
        let LoginStep::Session(grant) =
            calls.open_login(FirstFactor::other(), &LoginRules::default()).unwrap()
        else {
            panic!("no session")
        };
        calls.device_token(&grant).unwrap()
    }
}
