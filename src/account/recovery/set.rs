//! The record of an account's recovery codes.

use core::fmt;

use super::format::{MOST_CODES, RecoveryFormat};
use super::slow_hash::SALT;
use crate::account::EnrolmentId;
use crate::kernel::{Envelope, Reader, RecordKind, Writer};
use crate::keys::Tag;
use crate::time::Timestamp;

/// The recovery codes of an account, in a record of their own.
///
/// The record contains no code, but a tag of each: HMAC-SHA256 under a key that never rotates, over
/// the record's key, the salt, and the code's PBKDF2-HMAC-SHA256 (1,000 rounds), truncated to 16
/// bytes. A code is hashed in lower case and without dashes. Whoever reads the store cannot even
/// begin to guess without the keys; with the keys, each guess costs the slow hash.
pub type RecoveryRecord = Envelope<RecoverySet>;

/// The fields of a [`RecoveryRecord`].
///
/// Integers are little-endian.
///
/// | bytes | field |
/// |---|---|
/// | 1 | number n of codes, at most 12; 0 if there is no set, and the fields end here |
/// | 1 | groups of four characters in each code, 3 to 6 |
/// | 8 | id of the enrolment that the codes belong to |
/// | 16 | salt |
/// | 2 | used codes: bit i is set if code i was used |
/// | 16 n | tags of the codes, those of used codes included |
///
/// Samples are in `tests/data/records.csv`.
///
/// A set is kept for ever, because nobody knows when its owner will need it.
#[derive(Clone, Default)]
pub struct RecoverySet(pub(super) Option<Held>);

/// A set of codes that was issued.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) format: RecoveryFormat,
    pub(super) enrolment: EnrolmentId,
    pub(super) salt: [u8; SALT],
    pub(super) used: u16,
    /// The tags of the codes, followed by zeros.
    pub(super) tags: [Tag; MOST_CODES],
}

impl RecordKind for RecoverySet {
    const DOMAIN: u8 = 3;
    const LONGEST: usize = 1 + 1 + 8 + SALT + 2 + Tag::LEN * MOST_CODES;

    fn put(&self, _: Timestamp, out: &mut Writer<'_>) {
        let Some(held) = &self.0 else { return out.put([0]) };
        out.put([held.format.codes(), held.format.groups()]);
        out.put(held.enrolment.0);
        out.put(held.salt);
        out.put(held.used.to_le_bytes());
        held.tags().iter().for_each(|tag| out.put(tag.to_bytes()));
    }

    fn fill(&mut self, _: Timestamp, from: &mut Reader<'_>) -> Option<()> {
        let [codes] = from.take()?;
        if codes > 0 {
            self.0 = Some(take(codes, from)?);
        }
        Some(())
    }

    fn keep_until(&self, _: Timestamp) -> Timestamp {
        if self.0.is_some() { Timestamp::MAX } else { Timestamp::EPOCH }
    }
}

fn take(codes: u8, from: &mut Reader<'_>) -> Option<Held> {
    let [groups] = from.take()?;
    let format = RecoveryFormat::DEFAULT.with_codes(codes).ok()?.with_groups(groups).ok()?;
    let enrolment = EnrolmentId(from.take()?);
    let salt = from.take()?;
    let used = u16::from_le_bytes(from.take()?);
    // The encoding is canonical: a code that does not exist was not used.
    (used >> codes == 0).then_some(())?;
    let mut held = Held { format, enrolment, salt, used, tags: [Tag::default(); MOST_CODES] };
    for tag in held.tags.get_mut(..usize::from(codes))? {
        *tag = Tag::from_bytes(from.take()?);
    }
    Some(held)
}

impl Held {
    pub(super) fn tags(&self) -> &[Tag] {
        self.tags.get(..usize::from(self.format.codes())).unwrap_or_default()
    }

    pub(super) fn left(&self) -> u8 {
        self.format.codes().saturating_sub(self.used.count_ones() as u8)
    }
}

impl fmt::Debug for RecoverySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoverySet").field("left", &self.0.as_ref().map(Held::left)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keys;
    use crate::error::RecordError;
    use crate::otp::Passcode;
    use crate::store::{RECORD_BYTES, RecordKey};
    use alloc::format;

    const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
    const NOW: Timestamp = Timestamp::from_unix_millis(1_800_000_000_123);

    fn keys() -> Keys {
        Keys::from_secret([7; 32]).unwrap()
    }

    /// A record with every field at its maximum.
    fn fullest() -> RecoveryRecord {
        let held = Held {
            format: RecoveryFormat::DEFAULT.with_codes(12).unwrap().with_groups(6).unwrap(),
            enrolment: EnrolmentId([0xE1; 8]),
            salt: [0x5A; 16],
            used: 0x0FFF,
            tags: core::array::from_fn(|n| Tag::from_bytes([n as u8 + 1; 16])),
        };
        let record = RecoveryRecord::fresh().after(7, NOW, RecoverySet(None));
        record.after(8, NOW, RecoverySet(None)).after(u64::MAX, NOW, RecoverySet(Some(held)))
    }

    #[test]
    fn the_longest_record_fits_and_round_trips() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 1 + 1 + 8 + 6 + 16 + 4 + RecoverySet::LONGEST + 16);
        assert!(bytes.as_slice().len() <= RECORD_BYTES);
        let back = RecoveryRecord::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert_eq!(back.encode(&KEY, &keys()).unwrap(), bytes);
        let held = back.value.0.unwrap();
        assert_eq!((held.enrolment, held.salt, held.used), (EnrolmentId([0xE1; 8]), [0x5A; 16], 0x0FFF));
        assert_eq!((held.tags().len(), held.left()), (12, 0));
    }

    #[test]
    fn an_empty_record_has_one_byte_of_fields() {
        let bytes = RecoveryRecord::fresh().encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 1 + 1 + 8 + 6 + 4 + 1 + 16);
        let empty = RecoveryRecord::decode(&[], &KEY, &keys()).unwrap();
        assert_eq!(empty.encode(&KEY, &keys()).unwrap(), bytes);
    }

    #[test]
    fn a_set_is_kept_for_ever_and_a_forgotten_one_for_ten_minutes() {
        assert_eq!(fullest().keep().ttl(), None);
        let forgotten = RecoveryRecord::forgotten(1, NOW);
        assert_eq!(forgotten.keep().ttl(), Some(core::time::Duration::from_secs(600)));
    }

    #[test]
    fn rejects_every_flipped_bit_and_truncation() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        let error = |bytes: &[u8]| RecoveryRecord::decode(bytes, &KEY, &keys()).map(drop).unwrap_err();
        for bit in 8..bytes.as_slice().len() * 8 {
            let mut flipped = bytes.as_slice().to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(error(&flipped), RecordError::WrongMac, "bit {bit}");
        }
        for length in 16..bytes.as_slice().len() {
            assert_eq!(error(&bytes.as_slice()[..length]), RecordError::WrongMac, "{length} bytes");
        }
    }

    #[test]
    fn rejects_records_of_another_kind_key_or_service() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        let elsewhere = RecordKey::from_bytes([4; 16]);
        let others = Keys::from_secret([8; 32]).unwrap();
        let wrong_mac = Err(RecordError::WrongMac);
        assert_eq!(RecoveryRecord::decode(bytes.as_slice(), &elsewhere, &keys()).map(drop), wrong_mac);
        assert_eq!(RecoveryRecord::decode(bytes.as_slice(), &KEY, &others).map(drop), wrong_mac);
        assert_eq!(Envelope::<Passcode>::decode(bytes.as_slice(), &KEY, &keys()).map(drop), wrong_mac);
        let passcodes = Envelope::<Passcode>::fresh().encode(&KEY, &keys()).unwrap();
        assert_eq!(RecoveryRecord::decode(passcodes.as_slice(), &KEY, &keys()).map(drop), wrong_mac);
    }

    #[test]
    fn rejects_invalid_fields_with_a_valid_mac() {
        let with_mac = |body: &[u8]| {
            let mut bytes = body.to_vec();
            bytes.extend(keys().record_mac(RecoverySet::DOMAIN, &KEY, body).to_bytes());
            RecoveryRecord::decode(&bytes, &KEY, &keys()).map(drop)
        };
        let whole = fullest().encode(&KEY, &keys()).unwrap();
        let body = &whole.as_slice()[..whole.as_slice().len() - 16];
        assert_eq!(with_mac(body), Ok(()));
        let fields = body.len() - RecoverySet::LONGEST;
        for length in fields..body.len() {
            assert_eq!(with_mac(&body[..length]), Err(RecordError::Malformed), "{length} bytes");
        }
        assert_eq!(with_mac(&[body, &[0]].concat()), Err(RecordError::Malformed));
        // The number of codes, the groups, and the highest of the used codes.
        for (place, sound) in [(0, 12..=12), (1, 3..=6), (27, 0..=15)] {
            for byte in 0..=255 {
                let mut body = body.to_vec();
                body[fields + place] = byte;
                assert_eq!(with_mac(&body).is_ok(), sound.contains(&byte), "{byte} at {place}");
            }
        }
    }

    #[test]
    fn debug_shows_only_the_number_of_codes_left() {
        assert_eq!(format!("{:?}", fullest().value), "RecoverySet { left: Some(0), .. }");
    }
}
