//! A record opened for an operation: where clocks that differ or jump, and epochs, are dealt with once for all.

use core::time::Duration;

use super::challenge::Challenge;
use super::context::Context;
use super::handle::Handle;
use super::record::Record;
use super::refusal::Fault;
use crate::time::Timestamp;

/// Two servers' clocks may differ by this much. Within it a record's time stands still; it never runs back.
pub(super) const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

impl Record {
    /// The record as it is before the operation does anything: of this operation, epoch and time. Its `written_at` is
    /// the time to reckon with, which is never before that of the last write.
    ///
    /// # Errors
    ///
    /// If the clock is out of range, or further behind the record's than clocks may differ.
    pub(super) fn open(&self, context: &Context<'_>) -> Result<Self, Fault> {
        let now = self.time(context)?;
        Ok(self.clone().stamped(context, now))
    }

    /// The time to reckon with, which is never before that of the record's last write.
    ///
    /// # Errors
    ///
    /// If the clock is out of range, or further behind the record's than clocks may differ.
    #[inline]
    pub(super) fn time(&self, context: &Context<'_>) -> Result<Timestamp, Fault> {
        let by = self.written_at.since(valid(context.now)?);
        if by > CLOCK_TOLERANCE {
            return Err(Fault::ClockWentBack { by });
        }
        Ok(context.now.max(self.written_at))
    }

    /// The challenge with this handle, or whichever there is, unless it is of an earlier epoch.
    #[inline]
    pub(super) fn challenge_of_epoch(&self, epoch: u32, handle: Option<&Handle>) -> Option<&Challenge> {
        self.challenge(handle).filter(|_| self.epoch >= epoch)
    }

    /// As [`open`](Self::open), for operations that let no code pass: where the clock went back they take it as it is now. What was left of locks,
    /// cooldowns and quotas is still left; the challenge is dropped, for its code would live longer than it may.
    ///
    /// # Errors
    ///
    /// If the clock is out of range.
    pub(super) fn open_at_any_time(&self, context: &Context<'_>) -> Result<Self, Fault> {
        match self.open(context) {
            Err(Fault::ClockWentBack { by }) => {
                let mut moved = self.clone();
                moved.challenge = None;
                moved.cooldown_until = moved.cooldown_until - by;
                moved.failures.move_back(by);
                moved.sends.move_back(by);
                Ok(moved.stamped(context, context.now))
            }
            opened => opened,
        }
    }

    fn stamped(mut self, context: &Context<'_>, written_at: Timestamp) -> Self {
        if self.epoch < context.epoch {
            self.challenge = None;
            self.epoch = context.epoch;
        }
        let earlier = self.earlier.after(self.operation);
        Self { operation: context.operation, earlier, written_at, ..self }
    }
}

fn valid(now: Timestamp) -> Result<Timestamp, Fault> {
    if now < Timestamp::MAX { Ok(now) } else { Err(Fault::ClockOutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::otp::Keys;
    use crate::otp::entropy::testing::Script;
    use crate::otp::{Attempt, Issue, Purpose, Refusal, Step, Terms, Transition};
    use crate::store::RecordKey;
    use crate::store::Swap;
    use crate::{Channel, Code};

    const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const MS: Duration = Duration::from_millis(1);

    struct Host {
        keys: Keys,
        limits: Limits,
        epoch: u32,
        record: Record,
        outputs: u8,
    }

    impl Host {
        fn new() -> Self {
            let keys = Keys::from_secret([7; 32]).unwrap();
            Self { keys, limits: Limits::default(), epoch: 0, record: Record::fresh(), outputs: 0 }
        }

        fn run<T>(
            &mut self,
            now: Timestamp,
            transition: impl FnOnce(&Record, &Context<'_>, &mut Script) -> Transition<T>,
        ) -> Result<Result<T, Refusal>, Fault> {
            let (keys, limits, epoch) = (&self.keys, &self.limits, self.epoch);
            let version = crate::otp::RecordVersion::default();
            let context = Context { key: &KEY, keys, limits, epoch, now, operation: 1, version };
            self.outputs += 1;
            let mut rng = Script::repeating(&[self.outputs % 10, 2, 3, 4, 5]);
            match transition(&self.record, &context, &mut rng)? {
                Step::Answer(answer) => Ok(answer),
                Step::Write { next, sealed } => {
                    self.record = next;
                    Ok(sealed.confirm(Swap::Applied).unwrap())
                }
            }
        }

        fn start(&mut self, now: Timestamp) -> Issue {
            let started =
                self.run(now, |record, context, rng| record.start(context, &Terms::new(Channel::Sms), rng));
            started.unwrap().unwrap()
        }

        fn check(&mut self, now: Timestamp, code: &Code) -> Result<Result<(), Refusal>, Fault> {
            let attempt = Attempt { handle: None, purpose: Purpose::LOGIN, entry: code.as_str() };
            Ok(self.run(now, |record, context, _| record.check(context, &attempt))?.map(drop))
        }
    }

    #[test]
    fn a_code_dies_at_its_time_to_the_millisecond() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        assert_eq!(issue.expires_at, NOW + Duration::from_secs(120));
        assert_eq!(host.check(issue.expires_at, &issue.code), Ok(Err(Refusal::Expired)));
        assert_eq!(host.check(issue.expires_at - MS, &issue.code), Ok(Ok(())));
    }

    #[test]
    fn within_the_tolerance_time_stands_still() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        assert_eq!(host.check(NOW - CLOCK_TOLERANCE, &issue.code), Ok(Ok(())));
        assert_eq!(host.record.written_at, NOW);
    }

    #[test]
    fn beyond_it_no_code_passes_and_nothing_is_lost() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        let by = CLOCK_TOLERANCE + MS;
        assert_eq!(host.check(NOW - by, &issue.code), Err(Fault::ClockWentBack { by }));
        assert_eq!(host.check(NOW, &issue.code), Ok(Ok(())));
    }

    #[test]
    fn a_start_takes_the_clock_as_it_is_and_keeps_what_was_left() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        for _ in 0..5 {
            let wrong = Code::entered("999999", crate::CodeFormat::DEFAULT).unwrap();
            assert!(matches!(host.check(NOW, &wrong), Ok(Err(Refusal::WrongCode { .. }))));
        }
        let back = NOW - Duration::from_secs(86_400);
        let refused =
            host.run(back, |record, context, rng| record.start(context, &Terms::new(Channel::Sms), rng));
        let retry_at = back + Duration::from_secs(30);
        assert_eq!(refused.unwrap().map(drop), Err(Refusal::CoolingDown { retry_at }));
        let again = host.start(retry_at);
        assert_eq!((host.record.failures.in_a_row, host.record.sends.newest_first().len()), (5, 2));
        assert!(matches!(host.check(retry_at, &issue.code), Ok(Err(Refusal::WrongCode { .. }))));
        assert_eq!(host.check(retry_at, &again.code), Ok(Ok(())));
    }

    #[test]
    fn no_operation_takes_the_end_of_time_for_now() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        assert_eq!(host.check(Timestamp::MAX, &issue.code), Err(Fault::ClockOutOfRange));
        let unlocked = host.run(Timestamp::MAX, |record, context, _| record.unlock(context));
        assert_eq!(unlocked, Err(Fault::ClockOutOfRange));
    }

    #[test]
    fn a_higher_epoch_kills_the_challenge_and_keeps_the_failures() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        let wrong = Code::entered("999999", crate::CodeFormat::DEFAULT).unwrap();
        assert!(host.check(NOW, &wrong).unwrap().is_err());
        host.epoch = 1;
        assert_eq!(host.check(NOW, &issue.code), Ok(Err(Refusal::UnknownHandle)));
        let later = host.start(NOW + Duration::from_secs(30));
        assert_eq!((host.record.epoch, host.record.failures.in_a_row), (1, 1));
        host.epoch = 0;
        assert_eq!(
            host.check(NOW + Duration::from_secs(30), &later.code),
            Ok(Ok(())),
            "a server that lags behind"
        );
        assert_eq!(host.record.epoch, 1);
    }
}
