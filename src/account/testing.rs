//! An account for unit tests: every record that is written is read back from its bytes.

use core::time::Duration;

use super::record::{AccountRecord, AccountState};
use super::{Group, TotpAttempt, TotpMatch, TotpOffer, TotpTerms};
use crate::error::{EntropyError, Fault, Refusal};
use crate::limits::Limits;
use crate::otp::{Context, Drawn, Step, Transition};
use crate::rng::Fill;
use crate::store::{RecordKey, Swap};
use crate::time::Timestamp;
use crate::totp::{TimeStep, TotpCode, TotpSecret, TotpSettings, TypedTotp, Window};
use crate::{KeyId, Keys};

pub(super) const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
/// The start of a step of 30 seconds.
pub(super) const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
pub(super) const STEP: Duration = Duration::from_secs(30);
pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) const MS: Duration = Duration::from_millis(1);

pub(super) const SECRET: &[u8; 20] = b"12345678901234567890";

pub(super) struct Host {
    pub(super) keys: Keys,
    pub(super) limits: Limits,
    pub(super) epoch: u32,
    pub(super) record: AccountRecord,
    pub(super) group: Group,
    pub(super) window: Window,
    operations: u64,
}

/// Fills everything with different bytes.
pub(super) struct Counter(pub(super) u64);

impl Fill for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes {
            self.0 += 1;
            *byte = (self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8;
        }
        Ok(())
    }
}

pub(super) fn secret() -> TotpSecret {
    TotpSecret::from_bytes(SECRET).unwrap()
}

pub(super) fn offer() -> TotpOffer {
    TotpTerms::new().with_secret(secret()).offer(&mut Counter(0)).unwrap()
}

/// Returns the code of the app at this time.
pub(super) fn code(at: Timestamp) -> TotpCode {
    TotpSettings::DEFAULT.code(&secret(), step(at))
}

pub(super) fn step(at: Timestamp) -> TimeStep {
    TotpSettings::DEFAULT.step(at)
}

/// Keys of which the second is the current one.
pub(super) fn rotated(keys: Keys) -> Keys {
    let next = KeyId::new(1);
    keys.accept(next, [8; 32]).and_then(|keys| keys.tag_with(next)).unwrap()
}

impl Host {
    pub(super) fn new() -> Self {
        Self {
            keys: Keys::from_secret([7; 32]).unwrap(),
            limits: Limits::default(),
            epoch: 0,
            record: AccountRecord::fresh(),
            group: Group::Common,
            window: Window::DEFAULT,
            operations: 0,
        }
    }

    /// An account with an active authenticator, imported at [`NOW`].
    pub(super) fn enrolled() -> Self {
        let mut host = Self::new();
        host.import(NOW, &secret()).unwrap();
        host
    }

    pub(super) fn context(&self, now: Timestamp) -> Context<'_> {
        Context::new(&KEY, &self.keys, now, self.operations).with_limits(&self.limits).with_epoch(self.epoch)
    }

    pub(super) fn run<T>(
        &mut self,
        now: Timestamp,
        transition: impl FnOnce(&AccountRecord, &Context<'_>, &Drawn) -> Transition<T, AccountState>,
    ) -> Result<Result<T, Refusal>, Fault> {
        self.operations += 1;
        let drawn = Drawn::from_fill(&mut Counter(self.operations << 32)).unwrap();
        match transition(&self.record, &self.context(now), &drawn)? {
            Step::Answer(answer) => Ok(answer),
            Step::Write { next, withheld } => {
                self.write(&next);
                Ok(withheld.confirm(Swap::Applied).unwrap())
            }
        }
    }

    pub(super) fn write(&mut self, next: &AccountRecord) {
        assert!(next.was_written_by(self.operations));
        let bytes = next.encode(&KEY, &self.keys).unwrap();
        self.record = AccountRecord::decode(bytes.as_slice(), &KEY, &self.keys).unwrap();
        assert_eq!(self.record.encode(&KEY, &self.keys).unwrap(), bytes);
    }

    pub(super) fn enrol(&mut self, now: Timestamp) -> Result<Timestamp, Refusal> {
        let enrolled = self.run(now, |record, context, drawn| record.enrol(context, &offer(), drawn));
        enrolled.unwrap().map(|enrolled| enrolled.expires_at())
    }

    pub(super) fn import(&mut self, now: Timestamp, secret: &TotpSecret) -> Result<(), Refusal> {
        let settings = TotpSettings::DEFAULT;
        self.run(now, |record, context, drawn| record.import(context, secret, settings, drawn)).unwrap()
    }

    pub(super) fn remove(&mut self, now: Timestamp) {
        self.run(now, |record, context, _| record.remove(context)).unwrap().unwrap();
    }

    pub(super) fn try_check(
        &mut self,
        now: Timestamp,
        entry: &str,
    ) -> Result<Result<TotpMatch, Refusal>, Fault> {
        let entry = TypedTotp::parse(entry);
        let attempt = TotpAttempt::new(&entry).with_group(self.group).with_window(self.window);
        self.run(now, |record, context, drawn| record.check_totp(context, &attempt, drawn))
    }

    pub(super) fn check(&mut self, now: Timestamp, entry: &str) -> Result<TotpMatch, Refusal> {
        self.try_check(now, entry).unwrap()
    }

    /// Checks an entry that is refused without a write.
    pub(super) fn refused(&mut self, now: Timestamp, entry: &str) -> Refusal {
        let before = self.record.operation();
        let refusal = self.check(now, entry).unwrap_err();
        assert_eq!(self.record.operation(), before, "{refusal} writes nothing");
        refusal
    }

    /// Enters as many wrong codes.
    pub(super) fn fail(&mut self, now: Timestamp, times: u8) {
        for _ in 0..times {
            let wrong = wrong(now);
            assert!(matches!(self.check(now, &wrong), Err(Refusal::WrongCode { .. })));
        }
    }
}

/// Returns an entry that is no code of any step close to this time.
pub(super) fn wrong(at: Timestamp) -> alloc::string::String {
    let near: alloc::vec::Vec<_> =
        (0..=20).map(|steps| code(at - 10 * STEP + steps * STEP).as_str().parse::<u32>().unwrap()).collect();
    let free = (0..).find(|value| !near.contains(value)).unwrap();
    alloc::format!("{free:06}")
}
