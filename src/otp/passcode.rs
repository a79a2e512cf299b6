//! The record of a recipient's passcodes.

mod fields;

use core::time::Duration;

use super::challenge::Challenge;
use super::handle::Handle;
use crate::channel::Channel;
use crate::kernel::{Envelope, Reader, RecordKind, Writer};
use crate::limits::{Failures, SendLog};
use crate::time::Timestamp;

/// The complete state of a (tenant, recipient, lane): one challenge with the tags of its codes,
/// failures in a row, lock, cooldown, and the times of the last sends. One swap changes all of it
/// or nothing.
///
/// The record contains neither the number nor a code. It changes only by its transitions
/// ([`start`](Record::start), [`check`](Record::check) …), which are pure: time and randomness are
/// arguments.
pub type Record = Envelope<Passcode>;

/// The fields of a [`Record`].
#[derive(Clone, Default)]
pub struct Passcode {
    pub(super) failures: Failures,
    /// When a code was last sent, by the clock of the issuing server.
    pub(super) last_send: Option<Timestamp>,
    pub(super) sends: SendLog,
    pub(super) slot: Slot,
}

/// The challenge of a record.
#[derive(Clone, Default)]
pub(super) enum Slot {
    /// No challenge.
    #[default]
    Empty,
    /// A challenge that can be passed.
    Challenge(Challenge),
    /// The handle of a challenge that ended in a lock. Its codes are deleted.
    Locked(Handle),
}

/// How long an expired challenge is kept, so that a late resend still finds it.
const AFTERLIFE: Duration = Duration::from_secs(600);

impl RecordKind for Passcode {
    const DOMAIN: u8 = 1;
    const LONGEST: usize = fields::LONGEST;

    #[inline]
    fn put(&self, at: Timestamp, out: &mut Writer<'_>) {
        fields::put(self, at, out);
    }

    #[inline]
    fn fill(&mut self, at: Timestamp, from: &mut Reader<'_>) -> Option<()> {
        fields::fill(self, at, from)
    }

    fn keep_until(&self, at: Timestamp) -> Timestamp {
        // The code expires by its issuer's clock. After any write it is valid no longer than its
        // initial lifetime.
        let challenge = self
            .challenge()
            .map_or(Timestamp::EPOCH, |held| at + held.expires_at.since(held.issued_at) + AFTERLIFE);
        challenge.max(self.sends.keep_until(at)).max(self.failures.keep_until())
    }
}

impl Passcode {
    /// Returns the challenge that can be passed.
    pub(super) const fn challenge(&self) -> Option<&Challenge> {
        match &self.slot {
            Slot::Challenge(challenge) => Some(challenge),
            Slot::Empty | Slot::Locked(_) => None,
        }
    }

    /// Returns whether this is the handle of the challenge, including one that ended in a lock.
    pub(super) fn knows(&self, handle: &Handle) -> bool {
        match &self.slot {
            Slot::Challenge(challenge) => handle.is_same_in_record(&challenge.handle),
            Slot::Locked(locked) => handle.is_same_in_record(locked),
            Slot::Empty => false,
        }
    }
}

impl Record {
    /// Returns the challenge, for the guard's notes.
    #[cfg(feature = "alloc")]
    pub(crate) const fn challenge_mut(&mut self) -> Option<&mut Challenge> {
        match &mut self.value.slot {
            Slot::Challenge(challenge) => Some(challenge),
            Slot::Empty | Slot::Locked(_) => None,
        }
    }

    /// Returns the channel of the challenge with this handle, or of the record's challenge if
    /// `handle` is `None`.
    #[must_use]
    pub fn channel(&self, handle: Option<&Handle>) -> Option<Channel> {
        let known = handle.is_none_or(|handle| self.value.knows(handle));
        self.value.challenge().filter(|_| known).map(|challenge| challenge.terms.channel)
    }
}

impl core::fmt::Debug for Passcode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Passcode")
            .field("failures", &self.failures.in_a_row)
            .field("challenge", &self.challenge().is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RecordError;
    use crate::keys::Tag;
    use crate::limits::{Limits, Lock, MOST_SENDS, SendQuota};
    use crate::otp::account_mark::AccountMark;
    use crate::otp::challenge::{Charges, Retired, Terms};
    use crate::store::{RECORD_BYTES, RecordKey};
    use crate::{KeyId, Keys};

    const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
    const NOW: Timestamp = Timestamp::from_unix_millis(1_800_000_000_123);

    fn keys() -> Keys {
        Keys::from_secret([7; 32]).unwrap()
    }

    /// A record with every field at its maximum.
    fn fullest() -> Record {
        let quota = SendQuota::new(MOST_SENDS as u8, Duration::from_secs(86_400)).unwrap();
        let limits = Limits::default().with_send_quotas(&[quota]).unwrap();
        let earlier = [u64::MAX, 5];
        let mut record = Record { operation: u64::MAX, earlier, epoch: 7, ..Record::default() };
        for minute in 0..MOST_SENDS as u32 {
            record.at = NOW + minute * Duration::from_secs(60);
            record.value.sends.note(record.at, &limits);
        }
        record.value.failures =
            Failures { in_a_row: 99, locks: 9, lock: Some(Lock::Closed), forget_at: Timestamp::MAX };
        record.value.last_send = Some(NOW + Duration::from_secs(30));
        let deadline = Some(NOW + Duration::from_secs(100));
        let account = AccountMark::from_bytes([6; 8]).unwrap();
        let terms = Terms { deadline, account, ..Terms::new(Channel::WhatsApp) };
        let mut retired = Retired::default();
        (1..=2).for_each(|n| retired.push(Tag::from_bytes([n; 16])));
        record.value.slot = Slot::Challenge(Challenge {
            handle: Handle::from_bytes([9; 16]),
            terms,
            key: KeyId::new(200),
            issued_at: NOW,
            expires_at: NOW + Duration::from_secs(100),
            tries_left: 5,
            used: true,
            live: Tag::from_bytes([4; 16]),
            retired,
            charges: Some(Charges { receipt: [3; 8], tags: [[5; 8]; 8], tag_count: 8 }.into()),
        });
        record
    }

    #[test]
    fn the_longest_record_fits_and_round_trips() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 349);
        assert!(bytes.as_slice().len() <= RECORD_BYTES);
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert_eq!(back.encode(&KEY, &keys()).unwrap(), bytes);
        assert_eq!(
            (back.operation, back.epoch, &back.value.failures),
            (u64::MAX, 7, &fullest().value.failures)
        );
        assert_eq!(back.earlier, fullest().earlier);
        assert_eq!(back.value.sends, fullest().value.sends);
        let challenge = back.value.challenge().unwrap();
        assert_eq!(challenge.terms, fullest().value.challenge().unwrap().terms);
        assert!(challenge.used);
        let charges = challenge.charges.as_ref().unwrap();
        assert_eq!((charges.receipt, charges.tags()), ([3; 8], &[[5; 8]; 8][..]));
    }

    #[test]
    fn the_empty_record_equals_no_bytes() {
        let bytes = Record::fresh().encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 42);
        let empty = Record::decode(&[], &KEY, &keys()).unwrap();
        assert_eq!(empty.encode(&KEY, &keys()).unwrap(), bytes);
    }

    #[test]
    fn a_forgotten_record_keeps_only_operation_and_time() {
        let record = Record { is_forgotten: true, ..fullest() };
        let bytes = record.encode(&KEY, &keys()).unwrap();
        assert_eq!(bytes.as_slice().len(), 1 + 1 + 8 + 6 + 16);
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert!(back.is_forgotten);
        assert_eq!((back.operation, back.at), (record.operation, record.at));
        assert_eq!((back.value.failures, back.value.sends), (Failures::default(), SendLog::default()));
    }

    #[test]
    fn a_locked_challenge_keeps_only_its_handle() {
        let handle = Handle::from_bytes([9; 16]);
        let record =
            Record { value: Passcode { slot: Slot::Locked(handle), ..fullest().value }, ..fullest() };
        let bytes = record.encode(&KEY, &keys()).unwrap();
        let back = Record::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
        assert!(back.value.knows(&handle) && back.value.challenge().is_none());
        assert!(!back.value.knows(&Handle::from_bytes([8; 16])));
    }

    #[test]
    fn rejects_every_flipped_bit_and_truncation() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        let error = |bytes: &[u8]| Record::decode(bytes, &KEY, &keys()).map(drop).unwrap_err();
        for bit in 0..bytes.as_slice().len() * 8 {
            let mut flipped = bytes.as_slice().to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let expected = match flipped[0] {
                1 => RecordError::WrongMac,
                version => RecordError::UnknownVersion { version },
            };
            assert_eq!(error(&flipped), expected, "bit {bit}");
        }
        for length in 1..bytes.as_slice().len() {
            let expected =
                if length < 16 { RecordError::Truncated { bytes: length } } else { RecordError::WrongMac };
            assert_eq!(error(&bytes.as_slice()[..length]), expected, "{length} bytes");
        }
    }

    #[test]
    fn rejects_records_of_another_key_or_service() {
        let bytes = fullest().encode(&KEY, &keys()).unwrap();
        let elsewhere = RecordKey::from_bytes([4; 16]);
        let others = Keys::from_secret([8; 32]).unwrap();
        for read in [
            Record::decode(bytes.as_slice(), &elsewhere, &keys()),
            Record::decode(bytes.as_slice(), &KEY, &others),
        ] {
            assert_eq!(read.map(drop), Err(RecordError::WrongMac));
        }
    }

    #[test]
    fn rejects_invalid_fields_with_a_valid_mac() {
        let with_mac = |body: &[u8]| {
            let mut bytes = body.to_vec();
            bytes.extend(keys().record_mac(Passcode::DOMAIN, &KEY, body).to_bytes());
            Record::decode(&bytes, &KEY, &keys()).map(drop)
        };
        let whole = fullest().encode(&KEY, &keys()).unwrap();
        let body = &whole.as_slice()[..whole.as_slice().len() - 16];
        assert_eq!(with_mac(body), Ok(()));
        for length in 1..body.len() {
            assert_eq!(with_mac(&body[..length]), Err(RecordError::Malformed), "{length} bytes");
        }
        let longer = [body, &[0]].concat();
        assert_eq!(with_mac(&longer), Err(RecordError::Malformed));
        // State, field bits, number of sends; and in the challenge: purpose, channel, format,
        // lifetime, number of retired tags.
        let (fields, sends) = (36, 62);
        let challenge = sends + 1 + 4 * MOST_SENDS;
        for place in [1, fields, sends].into_iter().chain([16, 26, 27, 30, 38].map(|place| challenge + place))
        {
            let mut body = body.to_vec();
            body[place] = 0xFF;
            assert_eq!(with_mac(&body), Err(RecordError::Malformed), "byte {place}");
        }
        // Absent fields take no bytes: an earlier operation, failures, a lock, a deadline.
        let empty = Record::fresh().encode(&KEY, &keys()).unwrap();
        let fresh = &empty.as_slice()[..empty.as_slice().len() - 16];
        let (envelope, rest) = fresh.split_at(20);
        assert_eq!(with_mac(&[envelope, rest].concat()), Ok(()));
        let mut with_earlier = [&envelope[..16], &[0; 8], &envelope[16..], rest].concat();
        with_earlier[1] += 1;
        let with = |bits: u8, bytes: &[u8]| [envelope, &[bits], bytes, &rest[1..]].concat();
        let without_challenge = |bit: u8| [envelope, &[bit], &rest[1..], &[1; 8]].concat();
        let deadline = [envelope, &[8], &rest[1..], &[1; 6]].concat();
        let mut no_account = body.to_vec();
        no_account[body.len() - 8..].fill(0);
        for body in
            [with_earlier, with(1, &[0; 9]), with(2, &[1; 6]), deadline, without_challenge(0x80), no_account]
        {
            assert_eq!(with_mac(&body), Err(RecordError::Malformed));
        }
        assert_eq!(with_mac(&with(1, &[1; 9])), Ok(()));
    }
}
