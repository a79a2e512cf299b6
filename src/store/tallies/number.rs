//! The memory of a recipient.

use core::time::Duration;

use super::{KEPT_FOR, KNOWN_FOR, decay};
use crate::time::Timestamp;

/// How long a number remains a stranger after its first verification.
const PROBATION: Duration = Duration::from_secs(72 * 60 * 60);

/// The width of the buckets in which sends are counted.
const BUCKET: Duration = Duration::from_secs(24 * 60 * 60);

/// The memory of a recipient, across channels.
///
/// Decayed counts are stored in steps of 2⁻¹⁸, up to 8, so that entries are small and the
/// same in every store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumberMemory {
    pub(super) at: Timestamp,
    /// The first and the last verification. The epoch stands for none.
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// Returns the number of unanswered sends since the last verification.
    pub(super) unanswered: u8,
    /// Sends on the day (of Unix time) of `at`, and on the day before.
    pub(super) sends: [u8; 2],
    pub(super) outstanding: Fixed,
    pub(super) owed: [Fixed; 2],
}

/// A change of a recipient's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumberChange {
    /// Sends to add.
    pub sends: u8,
    /// Unanswered sends to add. Negative for sends that were not delivered.
    pub unanswered: i8,
    /// Unanswered sends to add that were charged to tallies: by SMS or email, and by WhatsApp.
    pub owed: [i8; 2],
    /// For a verification at the time of the change: the time of the first verification. It clears
    /// the unanswered sends.
    pub verified_since: Option<Timestamp>,
}

/// How long ago a recipient answered for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not in the last 180 days. The next answer counts as the first.
    New,
    /// Less than 72 hours ago.
    Recent,
    /// At least 72 hours ago.
    Settled,
}

impl NumberMemory {
    /// The memory of a recipient without sends.
    pub const EMPTY: Self = Self {
        at: Timestamp::EPOCH,
        first: Timestamp::EPOCH,
        last: Timestamp::EPOCH,
        unanswered: 0,
        sends: [0; 2],
        outstanding: Fixed::ZERO,
        owed: [Fixed::ZERO; 2],
    };

    /// Returns the time of the latest change.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns when the recipient was first verified: the first time after 180 days without a
    /// verification.
    #[must_use]
    pub fn first_verified(&self) -> Option<Timestamp> {
        (self.last > Timestamp::EPOCH).then_some(self.first)
    }

    /// Returns when the recipient was last verified.
    #[must_use]
    pub fn last_verified(&self) -> Option<Timestamp> {
        (self.last > Timestamp::EPOCH).then_some(self.last)
    }

    /// Unanswered sends since the last verification.
    #[must_use]
    pub const fn unanswered(&self) -> u8 {
        self.unanswered
    }

    /// Returns the unanswered sends since the last verification, decayed to [`at`](Self::at).
    #[must_use]
    pub fn outstanding(&self) -> f64 {
        self.outstanding.value()
    }

    /// Returns the part of them that was charged to tallies: by SMS or email, and by WhatsApp.
    #[must_use]
    pub fn owed(&self) -> [f64; 2] {
        self.owed.map(Fixed::value)
    }

    /// Returns the approximate number of sends in the 24 hours before `now`: those of the current
    /// day, and of the day before the share that lies within the 24 hours.
    #[must_use]
    pub fn sends_in_24h(&self, now: Timestamp) -> f64 {
        let rolled = self.as_of(now);
        let width = BUCKET.as_millis() as u64;
        let passed = (rolled.at.unix_millis() % width) as f64 / width as f64;
        f64::from(rolled.sends[0]) + f64::from(rolled.sends[1]) * (1.0 - passed)
    }

    /// Returns the first time, at or after `max(at, now)`, at which there are at most `most`
    /// [sends in 24 hours](Self::sends_in_24h).
    #[must_use]
    pub fn fewer_sends_at(&self, most: u8, now: Timestamp) -> Timestamp {
        let rolled = self.as_of(now);
        if rolled.sends_in_24h(rolled.at) <= f64::from(most) {
            return rolled.at;
        }
        let [current, before] = rolled.sends;
        let begin = bucket(rolled.at);
        // Within this bucket if its own sends are few enough, or else when they are those of the
        // one before.
        let (begin, fixed, fading) =
            if current <= most { (begin, current, before) } else { (begin + 1, 0, current) };
        let passed = 1.0 - f64::from(most - fixed) / f64::from(fading);
        let width = BUCKET.as_millis() as u64;
        Timestamp::from_unix_millis(begin * width + (passed * width as f64) as u64 + 1)
    }

    /// Returns how long ago the recipient answered for the first time.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let now = self.at.max(now);
        if self.last == Timestamp::EPOCH || now.since(self.last) > KNOWN_FOR {
            Standing::New
        } else if now.since(self.first) < PROBATION {
            Standing::Recent
        } else {
            Standing::Settled
        }
    }

    /// Returns when the entry expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let verified = if self.last == Timestamp::EPOCH { Timestamp::EPOCH } else { self.last + KNOWN_FOR };
        (self.at + KEPT_FOR).max(verified)
    }

    /// Returns the memory as of `max(at, now)`. A clock that jumped back decays nothing.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        let elapsed = now.since(self.at);
        if elapsed.is_zero() {
            return self;
        }
        if now > self.expires_at() {
            return Self { at: now, ..Self::EMPTY };
        }
        let left = decay(elapsed);
        let sends = match bucket(now) - bucket(self.at) {
            0 => self.sends,
            1 => [0, self.sends[0]],
            _ => [0; 2],
        };
        Self {
            at: now,
            sends,
            outstanding: self.outstanding.times(left),
            owed: self.owed.map(|owed| owed.times(left)),
            ..self
        }
    }

    /// Decays the memory to `max(at, now)` and applies the change, flooring each count at 0.
    pub fn apply(&mut self, change: NumberChange, now: Timestamp) {
        let mut memory = self.as_of(now);
        memory.sends[0] = memory.sends[0].saturating_add(change.sends);
        memory.unanswered = memory.unanswered.saturating_add_signed(change.unanswered);
        memory.outstanding = memory.outstanding.plus(change.unanswered);
        for (owed, change) in memory.owed.iter_mut().zip(change.owed) {
            *owed = owed.plus(change);
        }
        if let Some(since) = change.verified_since {
            let since = since.min(memory.at);
            let is_first = memory.standing(memory.at) == Standing::New;
            memory.first = if is_first { since } else { memory.first.min(since) };
            memory.last = memory.at;
            memory.unanswered = 0;
            memory.outstanding = Fixed::ZERO;
            memory.owed = [Fixed::ZERO; 2];
        }
        *self = memory;
    }
}

impl NumberChange {
    /// Returns the change of a send.
    #[must_use]
    pub const fn sent(owed: [i8; 2]) -> Self {
        Self { sends: 1, unanswered: 1, owed, verified_since: None }
    }

    /// Returns the change of a verification, the first of which was at `since`, unless an earlier
    /// one is known.
    #[must_use]
    pub const fn verified(since: Timestamp) -> Self {
        Self { sends: 0, unanswered: 0, owed: [0; 2], verified_since: Some(since) }
    }
}

/// Returns the bucket of a time.
const fn bucket(at: Timestamp) -> u64 {
    at.unix_millis() / BUCKET.as_millis() as u64
}

/// A count from 0 to just below 8, in 21 bits: steps of 2⁻¹⁸. A send's count decays by such a step
/// in half a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fixed(u32);

impl Fixed {
    pub(super) const ZERO: Self = Self(0);
    const ONE: u32 = 1 << 18;
    const MOST: u32 = (1 << 21) - 1;

    /// Returns the count of this many steps, if it is in range.
    pub(super) fn of_steps(steps: u32) -> Option<Self> {
        (steps <= Self::MOST).then_some(Self(steps))
    }

    /// Returns the number of steps.
    pub(super) const fn steps(self) -> u32 {
        self.0
    }

    fn value(self) -> f64 {
        f64::from(self.0) / f64::from(Self::ONE)
    }

    /// Rounds to the nearest step.
    fn times(self, left: f64) -> Self {
        Self((f64::from(self.0) * left + 0.5) as u32)
    }

    fn plus(self, count: i8) -> Self {
        let sum = i64::from(self.0) + i64::from(count) * i64::from(Self::ONE);
        Self(sum.clamp(0, i64::from(Self::MOST)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const DAY: Duration = Duration::from_secs(86_400);
    /// Midnight of a day of Unix time.
    const NOW: Timestamp = Timestamp::from_unix_seconds(20_000 * 86_400);

    fn after(changes: &[(Timestamp, NumberChange)]) -> NumberMemory {
        let mut memory = NumberMemory::EMPTY;
        changes.iter().for_each(|(now, change)| memory.apply(*change, *now));
        memory
    }

    const SENT: NumberChange = NumberChange::sent([1, 0]);

    #[test]
    fn counts_sends_until_an_answer_and_decays_owed_ones() {
        let memory =
            after(&[(NOW, SENT), (NOW, NumberChange::sent([0, 1])), (NOW, NumberChange::sent([0; 2]))]);
        assert_eq!((memory.unanswered(), memory.outstanding(), memory.owed()), (3, 3.0, [1.0, 1.0]));
        let later = memory.as_of(NOW + DAY);
        assert_eq!((later.unanswered(), later.outstanding(), later.owed()), (3, 1.5, [0.5, 0.5]));
        let mut answered = later;
        answered.apply(NumberChange::verified(NOW + DAY), NOW + DAY);
        assert_eq!((answered.unanswered(), answered.outstanding(), answered.owed()), (0, 0.0, [0.0, 0.0]));
        assert_eq!(answered.first_verified(), Some(NOW + DAY));
        assert_eq!(answered.sends_in_24h(NOW + DAY), 3.0, "an answer forgets no sends");
    }

    #[test]
    fn sends_in_24_hours_fade_out() {
        let memory = after(&[(NOW, SENT), (NOW + HOUR, SENT), (NOW + 25 * HOUR, SENT)]);
        assert_eq!(memory.sends_in_24h(NOW + 25 * HOUR), 1.0 + 2.0 * 23.0 / 24.0);
        assert_eq!(memory.sends_in_24h(NOW + 36 * HOUR), 1.0 + 2.0 * 0.5);
        assert_eq!(memory.sends_in_24h(NOW + 60 * HOUR), 0.5);
        assert_eq!(memory.sends_in_24h(NOW + 72 * HOUR), 0.0);
    }

    #[test]
    fn a_recipient_is_new_recent_or_settled() {
        let standing = |memory: NumberMemory, after| memory.standing(NOW + after);
        let ms = Duration::from_millis(1);
        assert_eq!(standing(after(&[(NOW, SENT)]), DAY), Standing::New);
        let verified = after(&[(NOW, NumberChange::verified(NOW))]);
        assert_eq!(standing(verified, 3 * DAY - ms), Standing::Recent);
        assert_eq!(standing(verified, 3 * DAY), Standing::Settled);
        assert_eq!(standing(verified, 180 * DAY), Standing::Settled);
        assert_eq!(standing(verified, 180 * DAY + ms), Standing::New);
        let imported = after(&[(NOW, NumberChange::verified(NOW - 30 * DAY))]);
        assert_eq!(standing(imported, Duration::ZERO), Standing::Settled);
    }

    #[test]
    fn first_verification_restarts_after_180_days() {
        let again = NOW + 100 * DAY;
        let memory = after(&[(NOW, NumberChange::verified(NOW)), (again, NumberChange::verified(again))]);
        assert_eq!((memory.first_verified(), memory.last_verified()), (Some(NOW), Some(again)));
        let late = again + 181 * DAY;
        let mut memory = memory;
        memory.apply(NumberChange::verified(late), late);
        assert_eq!((memory.first_verified(), memory.last_verified()), (Some(late), Some(late)));
    }

    #[test]
    fn a_clock_that_jumps_back_changes_no_time() {
        let mut memory = after(&[(NOW, NumberChange::verified(NOW)), (NOW + DAY, SENT)]);
        let (before, early) = (memory, NOW - 100 * DAY);
        assert_eq!(memory.as_of(early), memory);
        assert_eq!(memory.standing(early), Standing::Recent);
        memory.apply(SENT, early);
        assert_eq!((memory.at(), memory.unanswered()), (before.at(), 2));
        memory.apply(NumberChange::verified(early), early);
        assert_eq!((memory.at(), memory.last_verified()), (before.at(), Some(before.at())));
    }

    #[test]
    fn strangers_expire_after_10_days_and_verified_numbers_after_180() {
        let stranger = after(&[(NOW, SENT)]);
        assert_eq!(stranger.expires_at(), NOW + 10 * DAY);
        let gone = stranger.as_of(NOW + 11 * DAY);
        assert_eq!(gone, NumberMemory { at: NOW + 11 * DAY, ..NumberMemory::EMPTY });
        let verified = after(&[(NOW, NumberChange::verified(NOW)), (NOW + DAY, SENT)]);
        assert_eq!(verified.expires_at(), NOW + 180 * DAY);
        assert_eq!(verified.as_of(NOW + 179 * DAY).unanswered(), 1);
        let seldom = after(&[(NOW, NumberChange::verified(NOW)), (NOW + 175 * DAY, SENT)]);
        assert_eq!(seldom.expires_at(), NOW + 185 * DAY);
    }

    #[test]
    fn counts_saturate() {
        let mut memory = NumberMemory::EMPTY;
        for _ in 0..300 {
            memory.apply(SENT, NOW);
        }
        assert_eq!((memory.unanswered(), memory.sends_in_24h(NOW)), (255, 255.0));
        assert!(memory.outstanding() > 7.99 && memory.owed()[0] > 7.99);
        let never = NumberChange { unanswered: -1, owed: [-1; 2], ..NumberChange::default() };
        let mut memory = NumberMemory::EMPTY;
        memory.apply(never, NOW);
        assert_eq!(memory, NumberMemory { at: NOW, ..NumberMemory::EMPTY });
    }
}
