//! The fields of a passcode record as bytes.
//!
//! Integers little-endian, times in milliseconds of Unix time on 6 bytes:
//!
//! | bytes | what |
//! |---|---|
//! | 2 | failures in a row |
//! | 1 | locks they led to |
//! | 6 | end of the last lock; 0: none, all ones: closed |
//! | 6 | when the failures are forgotten; all ones: never |
//! | 6 | last send by its server's clock; 0: none that cools down |
//! | 4 | longest window that sends are kept for, in milliseconds |
//! | 1 | number of sends, at most 24 |
//! | 4 each | sends, newest first: milliseconds before the record time |
//! | 1 | 0: no challenge; 1: a challenge follows; 2: a used one; 3: the handle of one that ended in a lock |
//! | 65 + 16 r | the challenge: handle 16, purpose 8, channel 1, format 1, key id 1, lifetime in seconds 2, issued 6, expires 6, deadline 6 (all ones: none), tries left 1, r retired tags 1, live tag 16, retired tags 16 each |
//! | 16 | or the handle of the challenge that ended in a lock |
//!
//! Samples are kept in `tests/data/records.csv`.

use core::time::Duration;

use super::{Passcode, Slot};
use crate::channel::Channel;
use crate::kernel::{Reader, Writer};
use crate::limits::{Failures, Lock, MOST_SENDS, SendLog};
use crate::otp::challenge::{Challenge, Retired, Terms};
use crate::otp::code::CodeFormat;
use crate::otp::handle::Handle;
use crate::otp::key::KeyId;
use crate::otp::lifetime::Lifetime;
use crate::otp::purpose::Purpose;
use crate::otp::tag::Tag;
use crate::time::Timestamp;

/// All fields, 24 sends, a challenge with two retired tags.
pub(super) const LONGEST: usize = 26 + 4 * MOST_SENDS + 1 + 65 + 2 * 16;

const EMPTY: u8 = 0;
const CHALLENGE: u8 = 1;
const USED: u8 = 2;
const LOCKED: u8 = 3;

#[inline]
pub(super) fn put(passcode: &Passcode, at: Timestamp, out: &mut Writer) {
    let Passcode { failures, last_send, sends, slot } = passcode;
    out.put(failures.in_a_row.to_le_bytes());
    out.put([failures.locks]);
    out.put_time(match failures.lock {
        None => Timestamp::EPOCH,
        Some(Lock::Until(end)) => end,
        Some(Lock::Closed) => Timestamp::MAX,
    });
    out.put_time(failures.forget_at);
    out.put_time(last_send.unwrap_or(Timestamp::EPOCH));
    out.put(millis(sends.window()));
    let times = sends.newest_first();
    out.put([times.len() as u8]);
    times.iter().for_each(|time| out.put(millis(at.since(*time))));
    match slot {
        Slot::Empty => out.put([EMPTY]),
        Slot::Challenge(challenge) => {
            out.put([if challenge.used { USED } else { CHALLENGE }]);
            put_challenge(out, challenge);
        }
        Slot::Locked(handle) => {
            out.put([LOCKED]);
            out.put(*handle.as_bytes());
        }
    }
}

#[inline]
pub(super) fn take(at: Timestamp, from: &mut Reader<'_>) -> Option<Passcode> {
    let failures = take_failures(from)?;
    let last_send = Some(from.take_time()?).filter(|&time| time > Timestamp::EPOCH);
    let sends = take_sends(from, at)?;
    let [slot] = from.take()?;
    let slot = match slot {
        EMPTY => Slot::Empty,
        CHALLENGE | USED => Slot::Challenge(take_challenge(from, slot == USED)?),
        LOCKED => Slot::Locked(Handle::from_bytes(from.take()?)),
        _ => return None,
    };
    Some(Passcode { failures, last_send, sends, slot })
}

/// Up to 49 days, which is longer than any window.
fn millis(duration: Duration) -> [u8; 4] {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX).to_le_bytes()
}

#[inline]
fn take_failures(from: &mut Reader<'_>) -> Option<Failures> {
    let in_a_row = u16::from_le_bytes(from.take()?);
    let [locks] = from.take()?;
    let lock = match from.take_time()? {
        Timestamp::EPOCH => None,
        Timestamp::MAX => Some(Lock::Closed),
        end => Some(Lock::Until(end)),
    };
    Some(Failures { in_a_row, locks, lock, forget_at: from.take_time()? })
}

#[inline]
fn take_sends(from: &mut Reader<'_>, at: Timestamp) -> Option<SendLog> {
    let window = Duration::from_millis(u32::from_le_bytes(from.take()?).into());
    let [count] = from.take()?;
    let mut times = [Timestamp::EPOCH; MOST_SENDS];
    let times = times.get_mut(..usize::from(count))?;
    for time in times.iter_mut() {
        *time = at - Duration::from_millis(u32::from_le_bytes(from.take()?).into());
    }
    SendLog::from_newest_first(window, times.iter().copied())
}

fn put_challenge(out: &mut Writer, challenge: &Challenge) {
    let terms = &challenge.terms;
    out.put(*challenge.handle.as_bytes());
    out.put(*terms.purpose.as_bytes());
    out.put([terms.channel.number(), terms.format.number(), challenge.key.0]);
    out.put(terms.lifetime.seconds().to_le_bytes());
    out.put_time(challenge.issued_at);
    out.put_time(challenge.expires_at);
    out.put_time(terms.deadline.unwrap_or(Timestamp::MAX));
    out.put([challenge.tries_left, challenge.retired.len]);
    out.put(challenge.live.to_bytes());
    for tag in challenge.retired.tags.iter().take(usize::from(challenge.retired.len)) {
        out.put(tag.to_bytes());
    }
}

#[inline]
fn take_challenge(from: &mut Reader<'_>, used: bool) -> Option<Challenge> {
    let handle = Handle::from_bytes(from.take()?);
    let purpose = Purpose::from_bytes(from.take()?)?;
    let [channel, format, key] = from.take()?;
    let (channel, format, key) =
        (Channel::from_number(channel)?, CodeFormat::from_number(format)?, KeyId(key));
    let lifetime = Lifetime::from_seconds(u16::from_le_bytes(from.take()?).into()).ok()?;
    let (issued_at, expires_at) = (from.take_time()?, from.take_time()?);
    let deadline = Some(from.take_time()?).filter(|&deadline| deadline < Timestamp::MAX);
    let [tries_left, len] = from.take()?;
    let live = Tag::from_bytes(from.take()?);
    let mut retired = Retired { len, ..Retired::default() };
    for tag in retired.tags.get_mut(..usize::from(len))? {
        *tag = Tag::from_bytes(from.take()?);
    }
    let terms = Terms { purpose, channel, format, lifetime, deadline };
    Some(Challenge { handle, terms, key, issued_at, expires_at, tries_left, used, live, retired })
}
