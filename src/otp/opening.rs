//! Opening a record for an operation: handles clocks that differ or jump, and epochs.

use super::challenge::Challenge;
use super::context::Context;
use super::handle::Handle;
use super::passcode::{Record, Slot};
use super::purpose::Purpose;
use crate::clock::{self, CLOCK_TOLERANCE, valid};
use crate::error::{Fault, Refusal};
use crate::limits::{Limits, Lock};
use crate::time::Timestamp;

impl Record {
    /// Returns the record before any change, with the operation, epoch and record time of this
    /// call.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`], or [`Fault::ClockWentBack`] if the clock is more than a day
    /// behind the record.
    #[inline(always)]
    pub(super) fn open(&self, context: &Context<'_>) -> Result<Self, Fault> {
        let at = self.record_time(context)?;
        Ok(self.clone().stamped(context, at))
    }

    /// Returns the record time, which is never before the record's last write.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`], or [`Fault::ClockWentBack`] if the clock is more than a day
    /// behind the record.
    #[inline]
    pub(super) fn record_time(&self, context: &Context<'_>) -> Result<Timestamp, Fault> {
        clock::record_time(self.at, context.now)
    }

    /// As [`open`](Self::open), but sets the record time to this server's clock, even if that is
    /// behind. Remaining quotas are kept. A challenge that was issued in this clock's future is
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is out of range.
    pub(super) fn reset(&self, context: &Context<'_>) -> Result<Self, Fault> {
        let now = valid(context.now)?;
        let mut reset = self.clone();
        reset.value.sends.move_back(self.at.since(now));
        if let Slot::Challenge(held) = &reset.value.slot
            && held.issued_at.since(now) > CLOCK_TOLERANCE
        {
            reset.value.slot = Slot::Empty;
        }
        Ok(reset.stamped(context, now))
    }

    /// Returns the running challenge with this handle and purpose. Without a handle, it returns the
    /// record's challenge of this purpose.
    ///
    /// With a handle, an unknown challenge is refused before a lock is, so that only the holder of
    /// the locked challenge learns of the lock.
    ///
    /// # Errors
    ///
    /// Why there is no such challenge, or why it cannot be used.
    #[inline]
    pub(super) fn running(
        &self,
        context: &Context<'_>,
        at: Timestamp,
        handle: Option<&Handle>,
        purpose: Purpose,
    ) -> Result<&Challenge, Refusal> {
        let is_of_epoch = self.epoch >= context.epoch;
        if handle.is_some_and(|handle| !is_of_epoch || !self.value.knows(handle)) {
            return Err(Refusal::UnknownHandle);
        }
        if let Some(refusal) = self.lock_refusal(at) {
            return Err(refusal);
        }
        let is_it = |held: &&Challenge| is_of_epoch && held.terms.purpose == purpose;
        self.value.challenge().filter(is_it).ok_or(Refusal::UnknownHandle)
    }

    /// Returns the lock as a refusal, if the recipient is locked.
    pub(super) fn lock_refusal(&self, at: Timestamp) -> Option<Refusal> {
        self.value.failures.lock(at).map(|lock| match lock {
            Lock::Until(until) => Refusal::Locked { until },
            Lock::Closed => Refusal::Closed,
        })
    }

    /// Returns the end of the cooldown, if one is running. A send counts only if it is close to
    /// this server's clock, on either side, so that a server whose clock is far ahead does not
    /// block sends of the others.
    pub(super) fn cooldown_until(&self, now: Timestamp, limits: &Limits) -> Option<Timestamp> {
        let (sent, cooldown) = (self.value.last_send?, limits.cooldown());
        let apart = now.since(sent).max(sent.since(now));
        (apart < cooldown).then(|| sent + cooldown)
    }

    #[inline(always)]
    fn stamped(mut self, context: &Context<'_>, at: Timestamp) -> Self {
        if self.epoch < context.epoch {
            self.value.slot = Slot::Empty;
            self.epoch = context.epoch;
        }
        self.value.failures.run_out(at);
        self.value.sends = self.value.sends.kept_for(context.limits);
        let earlier = self.earlier_after();
        Self { operation: context.operation, earlier, at, is_forgotten: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::clock::{EARLIEST, FURTHEST_BEHIND};
    use crate::limits::Limits;
    use crate::otp::entropy::testing::Script;
    use crate::otp::{Attempt, Drawn, NewCode, Purpose, Step, Terms, Transition};
    use crate::store::{RecordKey, Swap};
    use crate::{Channel, Code, Keys, Refusal};

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
            transition: impl FnOnce(&Record, &Context<'_>, &Drawn) -> Transition<T>,
        ) -> Result<Result<T, Refusal>, Fault> {
            let (keys, limits, epoch) = (&self.keys, &self.limits, self.epoch);
            let context = Context { key: &KEY, keys, limits, epoch, now, operation: 1 };
            self.outputs += 1;
            let drawn = Drawn::new(&mut Script::repeating(&[self.outputs % 10, 2, 3, 4, 5])).unwrap();
            match transition(&self.record, &context, &drawn)? {
                Step::Answer(answer) => Ok(answer),
                Step::Write { next, withheld } => {
                    self.record = next;
                    Ok(withheld.confirm(Swap::Applied).unwrap())
                }
            }
        }

        fn start(&mut self, now: Timestamp) -> NewCode {
            let started = self
                .run(now, |record, context, drawn| record.start(context, &Terms::new(Channel::Sms), drawn));
            started.unwrap().unwrap()
        }

        fn check(&mut self, now: Timestamp, code: &Code) -> Result<Result<(), Refusal>, Fault> {
            let attempt = Attempt::new(None, Purpose::LOGIN, code.as_str());
            Ok(self.run(now, |record, context, _| record.check(context, &attempt))?.map(drop))
        }
    }

    #[test]
    fn code_expires_to_the_millisecond() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        assert_eq!(issue.expires_at, NOW + Duration::from_secs(120));
        assert_eq!(host.check(issue.expires_at, &issue.code), Ok(Err(Refusal::Expired)));
        assert_eq!(host.check(issue.expires_at - MS, &issue.code), Ok(Ok(())));
    }

    #[test]
    fn accepts_a_code_within_the_clock_tolerance() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        assert_eq!(host.check(NOW - CLOCK_TOLERANCE, &issue.code), Ok(Ok(())));
        assert_eq!(host.record.at, NOW);
    }

    #[test]
    fn rejects_a_clock_behind_by_more_than_the_tolerance() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        let by = CLOCK_TOLERANCE + MS;
        assert_eq!(host.check(NOW - by, &issue.code), Err(Fault::ClockWentBack { by }));
        assert_eq!(host.check(NOW, &issue.code), Ok(Ok(())));
    }

    #[test]
    fn start_by_a_slow_clock_keeps_record_time_and_budgets() {
        let mut host = Host::new();
        host.start(NOW);
        for _ in 0..5 {
            let wrong = Code::entered("999999", crate::otp::CodeFormat::DEFAULT).unwrap();
            assert!(matches!(host.check(NOW, &wrong), Ok(Err(Refusal::WrongCode { .. }))));
        }
        let slow = NOW - FURTHEST_BEHIND;
        let again = host.start(slow);
        assert_eq!((host.record.at, again.expires_at), (NOW, slow + Duration::from_secs(120)));
        assert_eq!(host.record.value.failures.in_a_row, 5);
        assert_eq!(host.record.value.sends.newest_first(), [NOW, NOW]);
        assert_eq!(host.check(NOW, &again.code), Ok(Err(Refusal::Expired)), "expired by this server's clock");
        assert_eq!(host.check(slow, &again.code), Ok(Ok(())), "valid by its issuer's clock");
    }

    #[test]
    fn rejects_a_clock_a_day_behind_until_the_record_is_unlocked() {
        let mut host = Host::new();
        host.start(NOW);
        let (behind, by) = (NOW - FURTHEST_BEHIND - MS, FURTHEST_BEHIND + MS);
        let start = |record: &Record, context: &Context<'_>, drawn: &Drawn| {
            record.start(context, &Terms::new(Channel::Sms), drawn)
        };
        assert_eq!(host.run(behind, start).map(drop), Err(Fault::ClockWentBack { by }));
        assert_eq!(host.run(behind, |record, context, _| record.unlock(context)), Ok(Ok(())));
        assert_eq!(host.record.at, behind);
        assert_eq!(host.record.value.sends.newest_first(), [behind], "the quota is kept");
        assert!(host.record.value.challenge().is_none(), "its code was issued in the future");
        host.start(behind);
    }

    #[test]
    fn cooldown_applies_on_both_sides_of_the_clock() {
        let mut host = Host::new();
        host.start(NOW);
        let cooldown = Duration::from_secs(30);
        let refusal = |host: &mut Host, now| {
            let context_free = |record: &Record, context: &Context<'_>, _: &Drawn| {
                Step::<()>::refuse(
                    record.open(context)?.send_refusal(context).unwrap_or(Refusal::MalformedCode),
                )
            };
            host.run(now, context_free).unwrap().unwrap_err()
        };
        let cooling = Refusal::CoolingDown { retry_at: NOW + cooldown };
        for now in [NOW - cooldown + MS, NOW, NOW + cooldown - MS] {
            assert_eq!(refusal(&mut host, now), cooling);
        }
        for now in [NOW - cooldown, NOW + cooldown] {
            assert_eq!(refusal(&mut host, now), Refusal::MalformedCode, "no cooldown");
        }
    }

    #[test]
    fn rejects_a_clock_before_2020() {
        let mut host = Host::new();
        let start = |record: &Record, context: &Context<'_>, drawn: &Drawn| {
            record.start(context, &Terms::new(Channel::Sms), drawn)
        };
        let seconds_as_millis = Timestamp::from_unix_millis(1_800_000_000);
        for now in [Timestamp::EPOCH, seconds_as_millis, EARLIEST - MS] {
            assert_eq!(host.run(now, start).map(drop), Err(Fault::ClockOutOfRange));
        }
        host.start(EARLIEST);
    }

    #[test]
    fn rejects_the_maximum_timestamp_as_now() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        assert_eq!(host.check(Timestamp::MAX, &issue.code), Err(Fault::ClockOutOfRange));
        let unlocked = host.run(Timestamp::MAX, |record, context, _| record.unlock(context));
        assert_eq!(unlocked, Err(Fault::ClockOutOfRange));
    }

    #[test]
    fn higher_epoch_ends_the_challenge_and_keeps_the_failures() {
        let mut host = Host::new();
        let issue = host.start(NOW);
        let wrong = Code::entered("999999", crate::otp::CodeFormat::DEFAULT).unwrap();
        assert!(host.check(NOW, &wrong).unwrap().is_err());
        host.epoch = 1;
        assert_eq!(host.check(NOW, &issue.code), Ok(Err(Refusal::UnknownHandle)));
        let later = host.start(NOW + Duration::from_secs(30));
        assert_eq!((host.record.epoch, host.record.value.failures.in_a_row), (1, 1));
        host.epoch = 0;
        assert_eq!(
            host.check(NOW + Duration::from_secs(30), &later.code),
            Ok(Ok(())),
            "on a server with the old epoch"
        );
        assert_eq!(host.record.epoch, 1);
    }
}
