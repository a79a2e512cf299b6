//! The encoding of a passcode record's fields.
//!
//! Integers are little-endian; times are milliseconds of Unix time in 6 bytes.
//!
//! | bytes | field |
//! |---|---|
//! | 1 | bits, see below |
//! | 9 | failures: in a row 2, locks caused 1, forgotten at 6 (all ones: never) |
//! | 6 | end of the last lock (all ones: closed) |
//! | 6 | last send by its server's clock, if it counts for a cooldown |
//! | 4 | longest window that sends are kept for, in milliseconds |
//! | 1 | number of sends, at most 24 |
//! | 4 each | sends, newest first: milliseconds before the record time |
//! | 55 + 16 r | the challenge, see below |
//! | 6 | the challenge's deadline |
//! | 8 | what the guard charged for the challenge's sends: see [`Receipt`](crate::guard::Receipt) |
//! | 1 + 8 t | number t of the host's keys, at most 8, and a tag of each |
//! | 8 | the account that the challenge belongs to, as a part of a keyed hash |
//! | 16 | or, instead of a challenge, the handle of one that ended in a lock |
//!
//! The bits tell which fields are present, as the sum of:
//!
//! - 1 failures, 2 a lock, 4 a last send, 8 a deadline, 64 charges of the guard,
//!   128 an account;
//! - 0 no challenge, 16 a challenge, 32 a used challenge, 48 the handle of one that ended in a
//!   lock.
//!
//! A challenge consists of: handle 16, purpose 10, channel 1, format 1, key id 1, lifetime in
//! seconds 2, time of issue 6, attempts left 1, number r of retired tags 1, live tag 16, retired
//! tags 16 each.
//!
//! Absent fields take no bytes, which keeps the record of a first send (107 bytes) and its MAC
//! cheap: the MAC over at most 119 bytes, key and kind included, takes three compressions.
//!
//! Samples are in `tests/data/records.csv`.

use core::time::Duration;

use super::{Passcode, Slot};
use crate::channel::Channel;
use crate::kernel::{Reader, Writer};
use crate::keys::{KeyId, Tag};
use crate::limits::{Failures, Lock, MOST_SENDS, SendLog};
use crate::otp::account_mark::AccountMark;
use crate::otp::challenge::{Challenge, Charges, Held, Retired, Terms};
use crate::otp::code::CodeFormat;
use crate::otp::handle::Handle;
use crate::otp::lifetime::Lifetime;
use crate::otp::purpose::Purpose;
use crate::time::Timestamp;

/// The longest record: all fields, 24 sends, a challenge with two retired tags and eight of the
/// host's keys, of an account.
pub(super) const LONGEST: usize = 1
    + 9
    + 6
    + 6
    + 4
    + 1
    + 4 * MOST_SENDS
    + 55
    + 2 * 16
    + 6
    + 8
    + 1
    + 8 * Charges::MOST_TAGS
    + AccountMark::LEN;

const FAILURES: u8 = 1;
const LOCK: u8 = 2;
const LAST_SEND: u8 = 4;
const DEADLINE: u8 = 8;
/// The bits of the slot.
const SLOT: u8 = 0x30;
const EMPTY: u8 = 0;
const CHALLENGE: u8 = 0x10;
const USED: u8 = 0x20;
const LOCKED: u8 = 0x30;
const CHARGES: u8 = 0x40;
const ACCOUNT: u8 = 0x80;

#[inline]
pub(super) fn put(passcode: &Passcode, at: Timestamp, out: &mut Writer<'_>) {
    let Passcode { failures, last_send, sends, slot } = passcode;
    let has_failures = *failures != Failures::default();
    let deadline = passcode.challenge().and_then(|challenge| challenge.terms.deadline);
    let charges = passcode.challenge().and_then(|challenge| challenge.charges.as_ref());
    let account = passcode.challenge().map_or(AccountMark::NONE, |challenge| challenge.terms.account);
    let bit = |bit, is_there| if is_there { bit } else { 0 };
    let has = bit(FAILURES, has_failures)
        | bit(LOCK, failures.lock.is_some())
        | bit(LAST_SEND, last_send.is_some())
        | bit(DEADLINE, deadline.is_some())
        | bit(CHARGES, charges.is_some())
        | bit(ACCOUNT, !account.is_none());
    out.put([has | slot_bits(slot)]);
    if has_failures {
        out.put(failures.in_a_row.to_le_bytes());
        out.put([failures.locks]);
        out.put_time(failures.forget_at);
    }
    match failures.lock {
        None => {}
        Some(Lock::Until(end)) => out.put_time(end),
        Some(Lock::Closed) => out.put_time(Timestamp::MAX),
    }
    last_send.iter().for_each(|&sent| out.put_time(sent));
    out.put(millis(sends.window()));
    let times = sends.newest_first();
    out.put([times.len() as u8]);
    times.iter().for_each(|time| out.put(millis(at.since(*time))));
    match slot {
        Slot::Empty => {}
        Slot::Challenge(challenge) => put_challenge(out, challenge),
        Slot::Locked(handle) => out.put(*handle.as_bytes()),
    }
    deadline.iter().for_each(|&deadline| out.put_time(deadline));
    if let Some(charges) = charges {
        put_charges(out, charges);
    }
    if !account.is_none() {
        out.put(account.to_bytes());
    }
}

#[inline]
pub(super) fn fill(passcode: &mut Passcode, at: Timestamp, from: &mut Reader<'_>) -> Option<()> {
    let [has] = from.take()?;
    let is_there = |bit| has & bit != 0;
    // The encoding is canonical: a lock without failures and a deadline without a challenge are not
    // valid.
    (is_there(FAILURES) || !is_there(LOCK)).then_some(())?;
    if is_there(FAILURES) {
        passcode.failures = take_failures(is_there(LOCK), from)?;
    }
    if is_there(LAST_SEND) {
        passcode.last_send = Some(from.take_time()?);
    }
    fill_sends(&mut passcode.sends, at, from)?;
    passcode.slot = match has & SLOT {
        EMPTY => Slot::Empty,
        LOCKED => Slot::Locked(Handle::from_bytes(from.take()?)),
        used => {
            let mut challenge = take_challenge(used == USED, is_there(DEADLINE), from)?;
            if is_there(CHARGES) {
                challenge.charges = Some(take_charges(from)?);
            }
            if is_there(ACCOUNT) {
                challenge.terms.account = AccountMark::from_bytes(from.take()?)?;
            }
            Slot::Challenge(challenge)
        }
    };
    (passcode.challenge().is_some() || has & (DEADLINE | CHARGES | ACCOUNT) == 0).then_some(())
}

const fn slot_bits(slot: &Slot) -> u8 {
    match slot {
        Slot::Empty => EMPTY,
        Slot::Challenge(challenge) if challenge.used => USED,
        Slot::Challenge(_) => CHALLENGE,
        Slot::Locked(_) => LOCKED,
    }
}

/// Encodes a duration of up to 49 days, which is longer than any window.
fn millis(duration: Duration) -> [u8; 4] {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX).to_le_bytes()
}

#[inline]
fn take_failures(is_locked: bool, from: &mut Reader<'_>) -> Option<Failures> {
    let in_a_row = u16::from_le_bytes(from.take()?);
    let [locks] = from.take()?;
    let forget_at = from.take_time()?;
    let lock = match is_locked.then(|| from.take_time()) {
        None => None,
        Some(end) => Some(match end? {
            Timestamp::MAX => Lock::Closed,
            end => Lock::Until(end),
        }),
    };
    let failures = Failures { in_a_row, locks, lock, forget_at };
    (failures != Failures::default()).then_some(failures)
}

#[inline]
fn fill_sends(sends: &mut SendLog, at: Timestamp, from: &mut Reader<'_>) -> Option<()> {
    *sends = SendLog::kept(Duration::from_millis(u32::from_le_bytes(from.take()?).into()));
    let [count] = from.take()?;
    for _ in 0..count {
        sends.push_older(at - Duration::from_millis(u32::from_le_bytes(from.take()?).into()))?;
    }
    Some(())
}

fn put_challenge(out: &mut Writer<'_>, challenge: &Challenge) {
    let terms = &challenge.terms;
    out.put(*challenge.handle.as_bytes());
    out.put(*terms.purpose.as_bytes());
    out.put([terms.channel.number(), terms.format.number(), challenge.key.number()]);
    out.put(terms.lifetime.seconds().to_le_bytes());
    out.put_time(challenge.issued_at);
    out.put([challenge.tries_left, challenge.retired.len]);
    out.put(challenge.live.to_bytes());
    for tag in challenge.retired.tags.iter().take(usize::from(challenge.retired.len)) {
        out.put(tag.to_bytes());
    }
}

#[inline]
fn take_challenge(used: bool, has_deadline: bool, from: &mut Reader<'_>) -> Option<Challenge> {
    let handle = Handle::from_bytes(from.take()?);
    let purpose = Purpose::from_bytes(from.take()?)?;
    let [channel, format, key] = from.take()?;
    let (channel, format, key) =
        (Channel::from_number(channel)?, CodeFormat::from_number(format)?, KeyId::new(key));
    let lifetime = Lifetime::from_seconds(u16::from_le_bytes(from.take()?).into()).ok()?;
    let issued_at = from.take_time()?;
    let [tries_left, len] = from.take()?;
    let live = Tag::from_bytes(from.take()?);
    let mut retired = Retired { len, ..Retired::default() };
    for tag in retired.tags.get_mut(..usize::from(len))? {
        *tag = Tag::from_bytes(from.take()?);
    }
    let deadline = if has_deadline { Some(from.take_time()?) } else { None };
    let terms = Terms { purpose, channel, format, lifetime, deadline, account: AccountMark::NONE };
    let expires_at = terms.expires_at(issued_at);
    let charges = None;
    Some(Challenge { handle, terms, key, issued_at, expires_at, tries_left, used, live, retired, charges })
}

#[cold]
fn put_charges(out: &mut Writer<'_>, charges: &Charges) {
    out.put(charges.receipt);
    out.put([charges.tag_count]);
    charges.tags().iter().for_each(|tag| out.put(*tag));
}

#[cold]
fn take_charges(from: &mut Reader<'_>) -> Option<Held<Charges>> {
    let mut charges = Held::<Charges>::default();
    charges.receipt = from.take()?;
    let [tag_count] = from.take()?;
    charges.tag_count = tag_count;
    for tag in charges.tags.get_mut(..usize::from(tag_count))? {
        *tag = from.take()?;
    }
    (!charges.is_empty()).then_some(charges)
}
