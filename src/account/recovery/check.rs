//! The transitions of a recovery record: issuing codes and checking one.
//!
//! The record contains no time and no budget; failures are counted in the account's record. It
//! therefore needs no record time, and a server's slow clock is no reason to refuse.

use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::codes::{DrawnCodes, RecoveryCodes};
use super::entry::RecoveryEntry;
use super::set::{Held, RecoveryRecord, RecoverySet};
use crate::account::EnrolmentId;
use crate::clock::valid;
use crate::error::{EntropyError, Fault, Refusal};
use crate::otp::{Context, Step, Transition};

impl RecoveryRecord {
    /// Issues codes for an enrolment, pending or active. They replace all earlier ones.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is wrong; [`EntropyError::Stuck`] if the generator
    /// drew the salt of the earlier codes again.
    pub(crate) fn issue(
        &self,
        context: &Context<'_>,
        enrolment: EnrolmentId,
        drawn: &mut DrawnCodes,
    ) -> Transition<RecoveryCodes, RecoverySet> {
        if self.value.0.as_ref().is_some_and(|held| held.salt == drawn.salt) {
            return Err(EntropyError::Stuck.into());
        }
        let (format, salt) = (drawn.codes.format(), drawn.salt);
        let tags = *drawn.tags(context.keys, context.key);
        let next = self.next(context, Held { format, enrolment, salt, used: 0, tags })?;
        Step::write(next, Ok(drawn.codes.clone()))
    }

    /// Checks an entry against the codes of the account's active enrolment, and returns how many
    /// codes are left.
    ///
    /// An unused code is then used. A wrong code leaves the codes as they are, but the record is
    /// written all the same. `wrong` is the refusal of a wrong code, which the account's budget
    /// determines.
    ///
    /// Refusals that change nothing: [`Refusal::NotEnrolled`] if there are no codes of this
    /// enrolment, [`Refusal::MalformedCode`], and [`Refusal::AlreadyUsed`].
    ///
    /// The entry's tag is compared with all tags in constant time. Only the number of codes and
    /// which kind of outcome it is show in the time that it takes.
    ///
    /// # Errors
    ///
    /// [`Fault::ClockOutOfRange`] if the clock is wrong.
    pub(crate) fn check_code(
        &self,
        context: &Context<'_>,
        active: Option<EnrolmentId>,
        entry: &mut RecoveryEntry,
        wrong: Refusal,
    ) -> Transition<u8, RecoverySet> {
        valid(context.now)?;
        let Some(held) = self.of(active) else { return Step::refuse(Refusal::NotEnrolled) };
        if !entry.is_of(held.format) {
            return Step::refuse(Refusal::MalformedCode);
        }
        let tag = entry.tag(context.keys, context.key, &held.salt);
        let matching = held.tags().iter().zip(0..).fold(0, |matching, (code, place)| {
            matching | u16::conditional_select(&0, &(1 << place), code.ct_eq(&tag))
        });
        if matching & held.used != 0 {
            return Step::refuse(Refusal::AlreadyUsed);
        }
        let after = Held { used: held.used | matching, ..held.clone() };
        let outcome = if matching == 0 { Err(wrong) } else { Ok(after.left()) };
        Step::write(self.next(context, after)?, outcome)
    }

    /// Returns how many codes of the account's active enrolment are left, or `None` if none were
    /// issued with it.
    pub(crate) fn left(&self, active: Option<EnrolmentId>) -> Option<u8> {
        self.of(active).map(Held::left)
    }

    fn of(&self, active: Option<EnrolmentId>) -> Option<&Held> {
        self.value.0.as_ref().filter(|held| active == Some(held.enrolment))
    }

    fn next(&self, context: &Context<'_>, held: Held) -> Result<Self, Fault> {
        let at = valid(context.now)?.max(self.at);
        let next = self.after(context.operation, at, RecoverySet(Some(held)));
        Ok(Self { epoch: self.epoch.max(context.epoch), ..next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::RecoveryFormat;
    use crate::keys::Tag;
    use crate::store::{RecordKey, Swap};
    use crate::{KeyId, Keys, Timestamp};
    use alloc::string::String;
    use alloc::vec::Vec;
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const HERE: Option<EnrolmentId> = Some(EnrolmentId([1; 8]));
    const WRONG: Refusal = Refusal::WrongCode { tries_left: 4, lock: None };

    /// A generator that counts.
    struct Counting(u8);

    impl crate::rng::Fill for Counting {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            self.0 += 1;
            let mut state = u64::from(self.0);
            for byte in bytes {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                *byte = (state >> 56) as u8;
            }
            Ok(())
        }
    }

    fn drawn(seed: u8) -> DrawnCodes {
        DrawnCodes::new(RecoveryFormat::DEFAULT, &mut Counting(seed)).unwrap()
    }

    struct Host {
        keys: Keys,
        record: RecoveryRecord,
        operation: u64,
    }

    impl Host {
        fn new() -> Self {
            let keys = Keys::from_secret([7; 32]).unwrap();
            Self { keys, record: RecoveryRecord::fresh(), operation: 0 }
        }

        fn with_codes() -> (Self, Vec<String>) {
            let mut host = Self::new();
            let codes = host.issue(&mut drawn(0));
            (host, codes)
        }

        fn context(&self) -> Context<'_> {
            Context::new(&KEY, &self.keys, NOW, self.operation)
        }

        fn issue(&mut self, drawn: &mut DrawnCodes) -> Vec<String> {
            self.operation += 1;
            let step = self.record.issue(&self.context(), HERE.unwrap(), drawn).unwrap();
            let Step::Write { next, withheld } = step else { panic!("refused") };
            self.record = next;
            withheld.confirm(Swap::Applied).unwrap().unwrap().iter().map(String::from).collect()
        }

        fn check_of(&mut self, active: Option<EnrolmentId>, entry: &str) -> Result<u8, Refusal> {
            self.operation += 1;
            let mut entry = RecoveryEntry::new(entry);
            match self.record.check_code(&self.context(), active, &mut entry, WRONG).unwrap() {
                Step::Answer(answer) => answer,
                Step::Write { next, withheld } => {
                    assert!(next.was_written_by(self.operation));
                    let bytes = next.encode(&KEY, &self.keys).unwrap();
                    self.record = RecoveryRecord::decode(bytes.as_slice(), &KEY, &self.keys).unwrap();
                    withheld.confirm(Swap::Applied).unwrap()
                }
            }
        }

        fn check(&mut self, entry: &str) -> Result<u8, Refusal> {
            self.check_of(HERE, entry)
        }
    }

    #[test]
    fn each_code_works_once() {
        let (mut host, codes) = Host::with_codes();
        assert_eq!(host.record.left(HERE), Some(10));
        for (code, left) in codes.iter().rev().zip((0..10).rev()) {
            assert_eq!(host.check(code), Ok(left));
            assert_eq!((host.check(code), host.record.left(HERE)), (Err(Refusal::AlreadyUsed), Some(left)));
        }
        for code in &codes {
            assert_eq!(host.check(code), Err(Refusal::AlreadyUsed));
        }
        assert_eq!(host.check("aaaa-aaaa-aaaa"), Err(WRONG), "no code is left, and the guess still counts");
    }

    #[test]
    fn case_spaces_and_dashes_do_not_matter() {
        let (mut host, codes) = Host::with_codes();
        assert_eq!(host.check(&codes[0].to_uppercase().replace('-', " ")), Ok(9));
        assert_eq!(host.check(&codes[0].replace('-', "")), Err(Refusal::AlreadyUsed));
        assert_eq!(host.check(&codes[1].replace('-', "")), Ok(8));
    }

    #[test]
    fn a_wrong_code_is_written_but_changes_no_code() {
        let (mut host, codes) = Host::with_codes();
        let before = host.record.value.0.clone().unwrap();
        assert_eq!(host.check("aaaa-aaaa-aaaa"), Err(WRONG));
        let after = host.record.value.0.clone().unwrap();
        assert_eq!((after.used, after.salt, after.enrolment), (before.used, before.salt, before.enrolment));
        assert_eq!((host.record.operation(), host.record.earlier), (host.operation, [1, 0]));
        assert_eq!(host.check(&codes[9]), Ok(9));
    }

    #[test]
    fn codes_of_another_enrolment_are_not_compared() {
        let (mut host, codes) = Host::with_codes();
        let written = host.record.operation();
        for active in [None, Some(EnrolmentId([2; 8]))] {
            assert_eq!(host.check_of(active, &codes[0]), Err(Refusal::NotEnrolled));
            assert_eq!(host.check_of(active, "x"), Err(Refusal::NotEnrolled));
            assert_eq!(host.record.left(active), None);
        }
        assert_eq!(host.record.operation(), written);
        assert_eq!(host.check(&codes[0]), Ok(9));
        let mut without = Host::new();
        assert_eq!(without.check(&codes[0]), Err(Refusal::NotEnrolled));
    }

    #[test]
    fn malformed_entries_are_not_compared() {
        let (mut host, codes) = Host::with_codes();
        let longer = codes[0].clone() + "-aaaa";
        for entry in ["", "a", &codes[0][1..], &longer, "aaaa-aaaa-aaa\u{e9}", &"a".repeat(1 << 20)] {
            assert_eq!(host.check(entry), Err(Refusal::MalformedCode));
        }
        assert_eq!((host.record.operation(), host.record.left(HERE)), (1, Some(10)));
    }

    #[test]
    fn a_new_set_replaces_the_old_one() {
        let (mut host, old) = Host::with_codes();
        assert_eq!(host.check(&old[0]), Ok(9));
        let new = host.issue(&mut drawn(1));
        assert_eq!(host.record.left(HERE), Some(10));
        assert_eq!(host.check(&old[1]), Err(WRONG));
        assert_eq!(host.check(&new[1]), Ok(9));
    }

    #[test]
    fn reports_a_salt_that_was_drawn_before() {
        let mut host = Host::with_codes().0;
        let again = host.record.issue(&host.context(), EnrolmentId([2; 8]), &mut drawn(0)).map(drop);
        assert_eq!(again, Err(Fault::Entropy(EntropyError::Stuck)));
        host.record = RecoveryRecord::forgotten(9, NOW);
        assert!(host.record.issue(&host.context(), EnrolmentId([2; 8]), &mut drawn(0)).is_ok());
    }

    #[test]
    fn issuing_again_after_a_conflict_gives_the_same_codes() {
        let mut drawn = drawn(0);
        let first = Host::new().issue(&mut drawn);
        let mut host = Host::new();
        assert_eq!(host.issue(&mut drawn), first);
        assert_eq!(host.check(&first[3]), Ok(9));
    }

    #[test]
    fn codes_survive_rotation_but_not_another_root_or_record() {
        let (mut host, codes) = Host::with_codes();
        let rotated = host.keys.clone().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1));
        host.keys = rotated.unwrap().retire(KeyId::new(0)).unwrap();
        assert_eq!(host.check(&codes[0]), Ok(9));
        let elsewhere = RecordKey::from_bytes([4; 16]);
        let others = Keys::from_secret([9; 32]).unwrap();
        for (key, keys) in [(&elsewhere, &host.keys), (&KEY, &others)] {
            let mut entry = RecoveryEntry::new(&codes[1]);
            let context = Context::new(key, keys, NOW, 9);
            let step = host.record.check_code(&context, HERE, &mut entry, WRONG).unwrap();
            let Step::Write { withheld, .. } = step else { panic!("not compared") };
            assert_eq!(withheld.confirm(Swap::Applied), Some(Err(WRONG)));
        }
    }

    #[test]
    fn only_clocks_out_of_range_are_refused() {
        let (mut host, codes) = Host::with_codes();
        let long_ago = Timestamp::from_unix_seconds(1_600_000_000);
        for (now, expected) in [(Timestamp::EPOCH, false), (Timestamp::MAX, false), (long_ago, true)] {
            let context = host.context().with_now(now);
            let mut entry = RecoveryEntry::new(&codes[0]);
            let checked = host.record.check_code(&context, HERE, &mut entry, WRONG).map(drop);
            let issued = host.record.issue(&context, EnrolmentId([1; 8]), &mut drawn(1)).map(drop);
            let expected = if expected { Ok(()) } else { Err(Fault::ClockOutOfRange) };
            assert_eq!((checked, issued), (expected, expected));
        }
        host.check("aaaa-aaaa-aaaa").unwrap_err();
        assert_eq!(host.record.at(), NOW);
    }

    /// The tag, computed from the definitions in RFC 2104 and RFC 8018.
    #[test]
    fn tags_are_macs_of_pbkdf2() {
        let (host, codes) = Host::with_codes();
        let held = host.record.value.0.clone().unwrap();
        for (code, tag) in codes.iter().zip(held.tags()) {
            let symbols = code.replace('-', "");
            let prf = |parts: &[&[u8]]| -> [u8; 32] {
                let mut mac = Hmac::<Sha256>::new_from_slice(symbols.as_bytes()).unwrap();
                parts.iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().into()
            };
            let mut last = prf(&[&held.salt, &1_u32.to_be_bytes()]);
            let mut hash = last;
            for _ in 1..1000 {
                last = prf(&[&last]);
                hash.iter_mut().zip(last).for_each(|(byte, next)| *byte ^= next);
            }
            let expected: Tag = host.keys.recovery_mac(&KEY, &held.salt, &hash);
            assert_eq!(tag.to_bytes(), expected.to_bytes());
        }
    }
}
