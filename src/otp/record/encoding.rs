//! Records as bytes.

use subtle::ConstantTimeEq;

use super::layout::{Reader, Writer};
use super::{EarlierOperations, Record};
use crate::channel::Channel;
use crate::limits::{Failures, SendLog};
use crate::otp::challenge::{Challenge, Retired, Terms};
use crate::otp::code::CodeFormat;
use crate::otp::handle::Handle;
use crate::otp::key::{KeyId, Keys};
use crate::otp::lifetime::Lifetime;
use crate::otp::purpose::Purpose;
use crate::otp::record_error::RecordError;
use crate::otp::tag::Tag;
use crate::otp::version::RecordVersion;
use crate::store::{RecordBytes, RecordKey};

const HAS_CHALLENGE: u8 = 1;
const USED: u8 = 2;

impl Record {
    /// The record as bytes of the latest version, sealed for its place.
    #[must_use]
    pub fn encode(&self, key: &RecordKey, keys: &Keys) -> RecordBytes {
        self.encode_as(RecordVersion::default(), key, keys)
    }

    /// As [`encode`](Self::encode), in a version that servers of an older release read too.
    ///
    /// Version 2, integers little-endian, times in milliseconds of Unix time on 6 bytes:
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 1 | version, 2 |
    /// | 1 | flags: bit 0, a challenge follows; bit 1, it was used |
    /// | 8 | operation that wrote it |
    /// | 6 | when it was written |
    /// | 4 | epoch |
    /// | 2 | failures in a row |
    /// | 1 | locks they led to |
    /// | 6 | locked until; all ones: closed |
    /// | 6 | last failure |
    /// | 6 | cooldown until |
    /// | 1 | number of sends, at most 24 |
    /// | 4 each | sends, newest first: milliseconds before it was written |
    /// | 59 + 16 r | the challenge, if any: handle 16, purpose 8, channel 1, format 1, key id 1, lifetime in seconds 2, expires 6, deadline 6 (all ones: none), tries left 1, r retired tags 1, live tag 16, retired tags 16 each |
    /// | 5 each | the two operations that wrote it before the last, newest first, their lowest 40 bits; not in version 1 |
    /// | 16 | seal: HMAC-SHA256 under the seal key over record key and all of the above, cut to 16 bytes |
    ///
    /// At most 255 bytes. No bytes at all are the record of a recipient of whom nothing is remembered. Samples of each version
    /// are kept in `tests/data/records.csv`.
    #[must_use]
    pub fn encode_as(&self, version: RecordVersion, key: &RecordKey, keys: &Keys) -> RecordBytes {
        let mut out = Writer::new();
        let challenge = self.challenge.as_ref();
        let used = if challenge.is_some_and(|challenge| challenge.used) { USED } else { 0 };
        out.put([version.number(), if challenge.is_some() { HAS_CHALLENGE } else { 0 } | used]);
        out.put(self.operation.to_le_bytes());
        out.put_time(self.written_at);
        out.put(self.epoch.to_le_bytes());
        out.put(self.failures.in_a_row.to_le_bytes());
        out.put([self.failures.locks]);
        out.put_time(self.failures.locked_until);
        out.put_time(self.failures.last_at);
        out.put_time(self.cooldown_until);
        let sends = self.sends.newest_first();
        out.put([sends.len() as u8]);
        for send in sends {
            let age = self.written_at.since(*send).as_millis();
            out.put(u32::try_from(age).unwrap_or(u32::MAX).to_le_bytes());
        }
        if let Some(challenge) = challenge {
            put_challenge(&mut out, challenge);
        }
        if version >= RecordVersion::V2 {
            self.earlier.get().iter().for_each(|&operation| out.put_operation(operation));
        }
        let seal = keys.seal(key, out.written());
        out.put(seal.to_bytes());
        out.finish()
    }

    /// The record that stands at `key`.
    ///
    /// # Errors
    ///
    /// If it is not, to the bit, what a holder of these keys wrote there.
    pub fn decode(bytes: &[u8], key: &RecordKey, keys: &Keys) -> Result<Self, RecordError> {
        let Some(&version) = bytes.first() else { return Ok(Self::fresh()) };
        let version = RecordVersion::from_number(version).ok_or(RecordError::UnknownVersion { version })?;
        let (sealed, seal) = bytes.split_last_chunk().ok_or(RecordError::Truncated { bytes: bytes.len() })?;
        if !bool::from(keys.seal(key, sealed).ct_eq(&Tag::from_bytes(*seal))) {
            return Err(RecordError::BrokenSeal);
        }
        let mut reader = Reader::new(sealed);
        read(&mut reader, version).filter(|_| reader.is_empty()).ok_or(RecordError::Malformed)
    }
}

fn read(from: &mut Reader<'_>, version: RecordVersion) -> Option<Record> {
    let [_version, flags] = from.take()?;
    let operation = u64::from_le_bytes(from.take()?);
    let written_at = from.take_time()?;
    let epoch = u32::from_le_bytes(from.take()?);
    let in_a_row = u16::from_le_bytes(from.take()?);
    let [locks] = from.take()?;
    let failures = Failures { in_a_row, locks, locked_until: from.take_time()?, last_at: from.take_time()? };
    let cooldown_until = from.take_time()?;
    let [count] = from.take()?;
    let mut sends = SendLog::default();
    if count > 0 {
        let mut ages = [0u32; crate::limits::MOST_SENDS];
        for age in ages.get_mut(..usize::from(count))? {
            *age = u32::from_le_bytes(from.take()?);
        }
        let times = ages.iter().take(usize::from(count));
        let times = times.map(|&age| written_at - core::time::Duration::from_millis(age.into()));
        sends = SendLog::from_newest_first(times)?;
    }
    let challenge = match flags {
        0 => None,
        flags if flags & !USED == HAS_CHALLENGE => Some(read_challenge(from, flags & USED != 0)?),
        _ => return None,
    };
    let earlier = match version {
        RecordVersion::V1 => EarlierOperations::default(),
        RecordVersion::V2 => EarlierOperations::new([from.take_operation()?, from.take_operation()?]),
    };
    Some(Record { operation, earlier, written_at, epoch, failures, cooldown_until, sends, challenge })
}

fn put_challenge(out: &mut Writer, challenge: &Challenge) {
    let terms = &challenge.terms;
    out.put(*challenge.handle.as_bytes());
    out.put(*terms.purpose.as_bytes());
    out.put([terms.channel.number(), terms.format.number(), challenge.key.0]);
    out.put(terms.lifetime.seconds().to_le_bytes());
    out.put_time(challenge.expires_at);
    out.put_time(terms.deadline);
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
    let expires_at = from.take_time()?;
    let deadline = from.take_time()?;
    let [tries_left, len] = from.take()?;
    let live = Tag::from_bytes(from.take()?);
    let mut retired = Retired { len, ..Retired::default() };
    for tag in retired.tags.get_mut(..usize::from(len))? {
        *tag = Tag::from_bytes(from.take()?);
    }
    let terms = Terms { purpose, channel, format, lifetime, deadline };
    Some(Challenge { handle, terms, key, expires_at, tries_left, used, live, retired })
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
            record.written_at = NOW + minute * Duration::from_secs(60);
            record.sends.note(record.written_at, &limits);
        }
        record.failures = Failures { in_a_row: 99, locks: 9, locked_until: Timestamp::MAX, last_at: NOW };
        record.cooldown_until = NOW + Duration::from_secs(30);
        let terms = Terms { deadline: Timestamp::MAX, ..Terms::new(Channel::WhatsApp) };
        let mut retired = Retired::default();
        (1..=2).for_each(|n| retired.push(Tag::from_bytes([n; 16])));
        record.challenge = Some(Challenge {
            handle: Handle::from_bytes([9; 16]),
            terms,
            key: KeyId(200),
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
        let bytes = fullest().encode(&KEY, &keys());
        assert_eq!(bytes.as_slice().len(), 255);
        assert!(bytes.as_slice().len() <= RECORD_BYTES);
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert_eq!(back.encode(&KEY, &keys()), bytes);
        assert_eq!((back.operation, back.epoch, &back.failures), (u64::MAX, 7, &fullest().failures));
        assert_eq!(back.earlier, fullest().earlier);
        assert_eq!(back.sends, fullest().sends);
        let challenge = back.challenge.unwrap();
        assert_eq!(challenge.terms, fullest().challenge.unwrap().terms);
        assert!(challenge.used);
    }

    #[test]
    fn the_fresh_record_and_no_bytes_say_the_same() {
        let bytes = Record::fresh().encode(&KEY, &keys());
        assert_eq!(bytes.as_slice().len(), 68);
        let empty = Record::decode(&[], &KEY, &keys()).unwrap();
        assert_eq!(empty.encode(&KEY, &keys()), bytes);
    }

    #[test]
    fn a_version_1_record_comes_back_without_the_earlier_operations() {
        let bytes = fullest().encode_as(RecordVersion::V1, &KEY, &keys());
        assert_eq!((bytes.as_slice()[0], bytes.as_slice().len()), (1, 245));
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert_eq!(back.earlier, EarlierOperations::default());
        let whole = Record { earlier: fullest().earlier, ..back };
        assert_eq!(whole.encode(&KEY, &keys()), fullest().encode(&KEY, &keys()));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_an_error_by_name() {
        let bytes = fullest().encode(&KEY, &keys());
        let error = |bytes: &[u8]| Record::decode(bytes, &KEY, &keys()).map(drop).unwrap_err();
        for bit in 0..bytes.as_slice().len() * 8 {
            let mut flipped = bytes.as_slice().to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let expected = match flipped[0] {
                1 | 2 => RecordError::BrokenSeal,
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
        let bytes = fullest().encode(&KEY, &keys());
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
        let whole = fullest().encode(&KEY, &keys());
        let body = &whole.as_slice()[..whole.as_slice().len() - 16];
        assert_eq!(sealed(body), Ok(()));
        for length in 1..body.len() {
            assert_eq!(sealed(&body[..length]), Err(RecordError::Malformed), "{length} bytes");
        }
        let longer = [body, &[0]].concat();
        assert_eq!(sealed(&longer), Err(RecordError::Malformed));
        // Flags, number of sends, and in the challenge: purpose, channel, format, lifetime, number of retired tags.
        let challenge = 42 + 4 * MOST_SENDS;
        for place in [1, 41, challenge + 16, challenge + 24, challenge + 25, challenge + 28, challenge + 42] {
            let mut body = body.to_vec();
            body[place] = 0xFF;
            assert_eq!(sealed(&body), Err(RecordError::Malformed), "byte {place}");
        }
    }
}
