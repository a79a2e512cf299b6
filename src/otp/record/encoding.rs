//! Records as bytes.

use core::time::Duration;

use subtle::ConstantTimeEq;

use super::layout::{Reader, Writer};
use super::{EarlierOperations, Record, Slot};
use crate::channel::Channel;
use crate::limits::{Failures, Lock, SendLog};
use crate::otp::challenge::{Challenge, Retired, Terms};
use crate::otp::code::CodeFormat;
use crate::otp::handle::Handle;
use crate::otp::key::{KeyId, Keys};
use crate::otp::lifetime::Lifetime;
use crate::otp::purpose::Purpose;
use crate::otp::record_error::RecordError;
use crate::otp::tag::Tag;
use crate::store::{RecordBytes, RecordKey};
use crate::time::Timestamp;

/// The version that is written, and the only one that is read: there was no release before it.
const VERSION: u8 = 1;

const EMPTY: u8 = 0;
const CHALLENGE: u8 = 1;
const USED: u8 = 2;
const LOCKED: u8 = 3;
const FORGOTTEN: u8 = 4;

impl Record {
    /// The record as bytes, sealed for its place.
    ///
    /// Version 1, integers little-endian, times in milliseconds of Unix time on 6 bytes:
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 1 | version, 1 |
    /// | 1 | 0: no challenge; 1: a challenge follows; 2: a used one; 3: the handle of one that ended in a lock; 4: forgotten |
    /// | 8 | operation that wrote it |
    /// | 6 | record time of the write; a forgotten record ends here |
    /// | 8 each | the two operations that wrote it before the last, newest first |
    /// | 4 | epoch |
    /// | 2 | failures in a row |
    /// | 1 | locks they led to |
    /// | 6 | end of the last lock; 0: none, all ones: closed |
    /// | 6 | when the failures are forgotten; all ones: never |
    /// | 6 | last send by its server's clock; 0: none that cools down |
    /// | 4 | longest window that sends are kept for, in milliseconds |
    /// | 1 | number of sends, at most 24 |
    /// | 4 each | sends, newest first: milliseconds before the record time |
    /// | 65 + 16 r | the challenge, if any: handle 16, purpose 8, channel 1, format 1, key id 1, lifetime in seconds 2, issued 6, expires 6, deadline 6 (all ones: none), tries left 1, r retired tags 1, live tag 16, retired tags 16 each |
    /// | 16 | or the handle of the challenge that ended in a lock |
    /// | 16 | seal: HMAC-SHA256 under the seal key over record key and all of the above, cut to 16 bytes |
    ///
    /// At most 271 bytes. No bytes at all are the record of a recipient of whom nothing is remembered.
    /// Samples are kept in `tests/data/records.csv`.
    ///
    /// # Errors
    ///
    /// If there is no room for a field, which no record of this crate leads to.
    pub fn encode(&self, key: &RecordKey, keys: &Keys) -> Result<RecordBytes, RecordError> {
        let mut out = Writer::new();
        out.put([VERSION, self.slot.number()]);
        out.put(self.operation.to_le_bytes());
        out.put_time(self.at);
        if !self.is_forgotten() {
            self.put_rest(&mut out);
        }
        let seal = keys.seal(key, out.written());
        out.put(seal.to_bytes());
        out.finish()
    }

    fn put_rest(&self, out: &mut Writer) {
        self.earlier.get().iter().for_each(|operation| out.put(operation.to_le_bytes()));
        out.put(self.epoch.to_le_bytes());
        out.put(self.failures.in_a_row.to_le_bytes());
        out.put([self.failures.locks]);
        out.put_time(match self.failures.lock {
            None => Timestamp::EPOCH,
            Some(Lock::Until(end)) => end,
            Some(Lock::Closed) => Timestamp::MAX,
        });
        out.put_time(self.failures.forget_at);
        out.put_time(self.last_send.unwrap_or(Timestamp::EPOCH));
        out.put(millis(self.sends.window()));
        let sends = self.sends.newest_first();
        out.put([sends.len() as u8]);
        sends.iter().for_each(|send| out.put(millis(self.at.since(*send))));
        match &self.slot {
            Slot::Challenge(challenge) => put_challenge(out, challenge),
            Slot::Locked(handle) => out.put(*handle.as_bytes()),
            Slot::Empty | Slot::Forgotten => {}
        }
    }

    /// The record that stands at `key`.
    ///
    /// # Errors
    ///
    /// If it is not, to the bit, what a holder of these keys wrote there.
    pub fn decode(bytes: &[u8], key: &RecordKey, keys: &Keys) -> Result<Self, RecordError> {
        let Some(&version) = bytes.first() else { return Ok(Self::fresh()) };
        if version != VERSION {
            return Err(RecordError::UnknownVersion { version });
        }
        let (sealed, seal) = bytes.split_last_chunk().ok_or(RecordError::Truncated { bytes: bytes.len() })?;
        if !bool::from(keys.seal(key, sealed).ct_eq(&Tag::from_bytes(*seal))) {
            return Err(RecordError::BrokenSeal);
        }
        let mut reader = Reader::new(sealed);
        read(&mut reader).filter(|_| reader.is_empty()).ok_or(RecordError::Malformed)
    }
}

impl Slot {
    const fn number(&self) -> u8 {
        match self {
            Self::Empty => EMPTY,
            Self::Challenge(Challenge { used: false, .. }) => CHALLENGE,
            Self::Challenge(_) => USED,
            Self::Locked(_) => LOCKED,
            Self::Forgotten => FORGOTTEN,
        }
    }
}

/// Up to 49 days, which is longer than any window.
fn millis(duration: Duration) -> [u8; 4] {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX).to_le_bytes()
}

fn read(from: &mut Reader<'_>) -> Option<Record> {
    let [_version, slot] = from.take()?;
    let operation = u64::from_le_bytes(from.take()?);
    let at = from.take_time()?;
    if slot == FORGOTTEN {
        return Some(Record { operation, at, slot: Slot::Forgotten, ..Record::default() });
    }
    let earlier =
        EarlierOperations::new([u64::from_le_bytes(from.take()?), u64::from_le_bytes(from.take()?)]);
    let epoch = u32::from_le_bytes(from.take()?);
    let failures = read_failures(from)?;
    let last_send = Some(from.take_time()?).filter(|&time| time > Timestamp::EPOCH);
    let sends = read_sends(from, at)?;
    let slot = match slot {
        EMPTY => Slot::Empty,
        CHALLENGE | USED => Slot::Challenge(read_challenge(from, slot == USED)?),
        LOCKED => Slot::Locked(Handle::from_bytes(from.take()?)),
        _ => return None,
    };
    Some(Record { operation, earlier, at, epoch, failures, last_send, sends, slot })
}

fn read_failures(from: &mut Reader<'_>) -> Option<Failures> {
    let in_a_row = u16::from_le_bytes(from.take()?);
    let [locks] = from.take()?;
    let lock = match from.take_time()? {
        Timestamp::EPOCH => None,
        Timestamp::MAX => Some(Lock::Closed),
        end => Some(Lock::Until(end)),
    };
    Some(Failures { in_a_row, locks, lock, forget_at: from.take_time()? })
}

fn read_sends(from: &mut Reader<'_>, at: Timestamp) -> Option<SendLog> {
    let window = Duration::from_millis(u32::from_le_bytes(from.take()?).into());
    let [count] = from.take()?;
    let mut times = [Timestamp::EPOCH; crate::limits::MOST_SENDS];
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

fn read_challenge(from: &mut Reader<'_>, used: bool) -> Option<Challenge> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Limits, MOST_SENDS, SendQuota};
    use crate::store::RECORD_BYTES;
    use crate::time::Timestamp;
    use core::time::Duration;

    const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
    const NOW: Timestamp = Timestamp::from_unix_millis(1_800_000_000_123);

    fn keys() -> Keys {
        Keys::from_secret([7; 32]).unwrap()
    }

    /// A record that has all a record can have.
    fn fullest() -> Record {
        let quota = SendQuota::new(MOST_SENDS as u8, Duration::from_secs(86_400)).unwrap();
        let limits = Limits::default().send_quotas(&[quota]).unwrap();
        let earlier = EarlierOperations::new([u64::MAX, 5]);
        let mut record = Record { operation: u64::MAX, earlier, epoch: 7, ..Record::default() };
        for minute in 0..MOST_SENDS as u32 {
            record.at = NOW + minute * Duration::from_secs(60);
            record.sends.note(record.at, &limits);
        }
        record.failures =
            Failures { in_a_row: 99, locks: 9, lock: Some(Lock::Closed), forget_at: Timestamp::MAX };
        record.last_send = Some(NOW + Duration::from_secs(30));
        let terms = Terms { deadline: Some(NOW), ..Terms::new(Channel::WhatsApp) };
        let mut retired = Retired::default();
        (1..=2).for_each(|n| retired.push(Tag::from_bytes([n; 16])));
        record.slot = Slot::Challenge(Challenge {
            handle: Handle::from_bytes([9; 16]),
            terms,
            key: KeyId(200),
            issued_at: NOW,
            expires_at: NOW + Duration::from_secs(120),
            tries_left: 5,
            used: true,
            live: Tag::from_bytes([4; 16]),
            retired,
        });
        record
    }

    #[test]
    fn the_fullest_record_fits_and_comes_back_byte_for_byte() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 271);
        assert!(bytes.as_slice().len() <= RECORD_BYTES);
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert_eq!(back.encode(&KEY, &keys()).unwrap(), bytes);
        assert_eq!((back.operation, back.epoch, &back.failures), (u64::MAX, 7, &fullest().failures));
        assert_eq!(back.earlier, fullest().earlier);
        assert_eq!(back.sends, fullest().sends);
        let challenge = back.challenge().unwrap();
        assert_eq!(challenge.terms, fullest().challenge().unwrap().terms);
        assert!(challenge.used);
    }

    #[test]
    fn the_fresh_record_and_no_bytes_say_the_same() {
        let bytes = Record::fresh().encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 78);
        let empty = Record::decode(&[], &KEY, &keys()).unwrap();
        assert_eq!(empty.encode(&KEY, &keys()).unwrap(), bytes);
    }

    #[test]
    fn a_forgotten_record_says_who_forgot_it_and_when_and_no_more() {
        let record = Record { slot: Slot::Forgotten, ..fullest() };
        let bytes = record.encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 1 + 1 + 8 + 6 + 16);
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert!(back.is_forgotten());
        assert_eq!((back.operation, back.at), (record.operation, record.at));
        assert_eq!((back.failures, back.sends), (Failures::default(), SendLog::default()));
    }

    #[test]
    fn of_a_locked_challenge_the_handle_alone_is_kept() {
        let handle = Handle::from_bytes([9; 16]);
        let record = Record { slot: Slot::Locked(handle), ..fullest() };
        let bytes = record.encode(&KEY, &keys()).unwrap();
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert!(back.knows(&handle) && back.challenge().is_none());
        assert!(!back.knows(&Handle::from_bytes([8; 16])));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_an_error_by_name() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        let error = |bytes: &[u8]| Record::decode(bytes, &KEY, &keys()).map(drop).unwrap_err();
        for bit in 0..bytes.as_slice().len() * 8 {
            let mut flipped = bytes.as_slice().to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let expected = match flipped[0] {
                1 => RecordError::BrokenSeal,
                version => RecordError::UnknownVersion { version },
            };
            assert_eq!(error(&flipped), expected, "bit {bit}");
        }
        for length in 1..bytes.as_slice().len() {
            let expected =
                if length < 16 { RecordError::Truncated { bytes: length } } else { RecordError::BrokenSeal };
            assert_eq!(error(&bytes.as_slice()[..length]), expected, "{length} bytes");
        }
    }

    #[test]
    fn a_record_that_was_moved_or_is_of_another_service_is_an_error() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        let elsewhere = RecordKey::from_bytes([4; 16]);
        let others = Keys::from_secret([8; 32]).unwrap();
        for read in [
            Record::decode(bytes.as_slice(), &elsewhere, &keys()),
            Record::decode(bytes.as_slice(), &KEY, &others),
        ] {
            assert_eq!(read.map(drop), Err(RecordError::BrokenSeal));
        }
    }

    #[test]
    fn sealed_nonsense_is_malformed_and_no_panic() {
        let sealed = |body: &[u8]| {
            let mut bytes = body.to_vec();
            bytes.extend(keys().seal(&KEY, body).to_bytes());
            Record::decode(&bytes, &KEY, &keys()).map(drop)
        };
        let whole = fullest().encode(&KEY, &keys()).unwrap();
        let body = &whole.as_slice()[..whole.as_slice().len() - 16];
        assert_eq!(sealed(body), Ok(()));
        for length in 1..body.len() {
            assert_eq!(sealed(&body[..length]), Err(RecordError::Malformed), "{length} bytes");
        }
        let longer = [body, &[0]].concat();
        assert_eq!(sealed(&longer), Err(RecordError::Malformed));
        // Slot, number of sends, and in the challenge: purpose, channel, format, lifetime, number of
        // retired tags.
        let challenge = 62 + 4 * MOST_SENDS;
        for place in [1, 61, challenge + 16, challenge + 24, challenge + 25, challenge + 28, challenge + 48] {
            let mut body = body.to_vec();
            body[place] = 0xFF;
            assert_eq!(sealed(&body), Err(RecordError::Malformed), "byte {place}");
        }
    }
}
