use core::time::Duration;

use super::*;
use crate::account::budget::Group;
use crate::account::testing::{HOUR, Host, KEY, NOW, code};
use crate::account::{Factor, budget};
use crate::error::RecordError;
use crate::otp::Record;
use crate::store::{RECORD_BYTES, RecordKey};
use crate::totp::TimeStep;
use crate::{Keys, Limits};

fn keys() -> Keys {
    Keys::from_secret([7; 32]).unwrap()
}

/// A record with every field at its maximum.
fn fullest() -> AccountRecord {
    let mut host = Host::enrolled();
    host.check(NOW, code(NOW).as_str()).unwrap();
    host.remove(NOW);
    host.enrol(NOW).unwrap();
    let mut record = host.record;
    record.earlier = [u64::MAX, 5];
    (record.operation, record.epoch) = (u64::MAX, 7);
    record.value.totp.as_mut().unwrap().last = Some(TimeStep::new(u64::MAX));
    record.value.spent = [record.value.spent[0]; 4].into();
    let limits = Limits::default().with_failures_before_lock(6).unwrap();
    for group in Group::ALL {
        for _ in 0..20 {
            for factor in Factor::ALL {
                record.value.budget.charge(group, factor, u32::MAX, NOW, &limits);
            }
        }
    }
    record
}

#[test]
fn the_longest_record_fits_and_round_trips() {
    let bytes = fullest().encode(&KEY, &keys()).unwrap();
    assert_eq!(bytes.as_slice().len(), 52 + fields::LONGEST);
    assert_eq!(fields::LONGEST, 145 + 1 + 133 + 4 * 30);
    assert!(bytes.as_slice().len() <= RECORD_BYTES);
    let back = AccountRecord::decode(bytes.as_slice(), &KEY, &keys()).unwrap();
    assert_eq!(back.encode(&KEY, &keys()).unwrap(), bytes);
    assert_eq!(back.value.budget, fullest().value.budget);
    assert_eq!((back.operation, back.epoch, back.earlier), (u64::MAX, 7, [u64::MAX, 5]));
}

#[test]
fn the_empty_record_equals_no_bytes() {
    let bytes = AccountRecord::fresh().encode(&KEY, &keys()).unwrap();
    assert_eq!(bytes.as_slice().len(), 1 + 1 + 8 + 6 + 4 + 5 + 16);
    let empty = AccountRecord::decode(&[], &KEY, &keys()).unwrap();
    assert_eq!(empty.encode(&KEY, &keys()).unwrap(), bytes);
}

#[test]
fn rejects_every_flipped_bit_and_truncation() {
    let bytes = fullest().encode(&KEY, &keys()).unwrap();
    let error = |bytes: &[u8]| AccountRecord::decode(bytes, &KEY, &keys()).map(drop).unwrap_err();
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
fn rejects_records_of_another_account_service_or_kind() {
    let bytes = fullest().encode(&KEY, &keys()).unwrap();
    let elsewhere = RecordKey::from_bytes([4; 16]);
    let others = Keys::from_secret([8; 32]).unwrap();
    for read in [
        AccountRecord::decode(bytes.as_slice(), &elsewhere, &keys()),
        AccountRecord::decode(bytes.as_slice(), &KEY, &others),
    ] {
        assert_eq!(read.map(drop), Err(RecordError::WrongMac));
    }
    assert_eq!(Record::decode(bytes.as_slice(), &KEY, &keys()).map(drop), Err(RecordError::WrongMac));
    let passcode = Record::fresh().encode(&KEY, &keys()).unwrap();
    let read = AccountRecord::decode(passcode.as_slice(), &KEY, &keys());
    assert_eq!(read.map(drop), Err(RecordError::WrongMac));
}

/// Decodes fields that only a holder of the keys could write.
fn with_mac(body: &[u8]) -> Result<AccountRecord, RecordError> {
    let mut bytes = body.to_vec();
    bytes.extend(keys().record_mac(AccountState::DOMAIN, &KEY, body).to_bytes());
    AccountRecord::decode(&bytes, &KEY, &keys())
}

fn body(record: &AccountRecord) -> Vec<u8> {
    let bytes = record.encode(&KEY, &keys()).unwrap();
    bytes.as_slice()[..bytes.as_slice().len() - 16].to_vec()
}

#[test]
fn rejects_invalid_fields_with_a_valid_mac() {
    let malformed = |body: &[u8], what: &str| {
        assert_eq!(with_mac(body).map(drop), Err(RecordError::Malformed), "{what}");
    };
    let whole = body(&fullest());
    assert!(with_mac(&whole).is_ok());
    for length in 1..whole.len() {
        malformed(&whole[..length], "truncated");
    }
    malformed(&[&whole[..], &[0]].concat(), "longer");
    let budget = 36;
    let totp = budget + budget::LONGEST;
    let first_lock = budget + 2 + 3 * 19 + 1;
    for (place, byte, what) in [
        (budget, 0xFF, "an unknown bit"),
        (budget, 0x7E, "failures without a charge"),
        (budget + 1, 0xFE, "bytes of failures that are absent"),
        (first_lock + 6, 3, "the factor of a lock"),
        (totp - 5, 6, "the charge that closed it"),
        (totp, 0x0F, "pending and active"),
        (totp, 0x2D, "a fifth removed secret"),
        (totp, 0x0C, "a newest step without an enrolment"),
        (totp + 9, 3, "algorithm"),
        (totp + 10, 9, "digits"),
        (totp + 11, 14, "period"),
        (totp + 19, 0xFF, "minutes"),
    ] {
        let mut body = whole.clone();
        body[place] = byte;
        malformed(&body, what);
    }
    // Absent values take no bytes: a number of charges, failures.
    for (failures, what) in [(&[0; 4][..], "number 0"), (&[0; 19], "no failures")] {
        let fresh = body(&AccountRecord::fresh());
        let bits = [1, u8::from(failures.len() > 4)];
        malformed(&[&fresh[..20], &bits, failures, &fresh[22..]].concat(), what);
    }
    let charged = [&[1, 1][..], &[1; 19]].concat();
    let fresh = body(&AccountRecord::fresh());
    let sound = with_mac(&[&fresh[..20], &charged, &fresh[22..]].concat()).unwrap();
    assert_eq!(sound.value.budget.sum(), 8 + 1);
}

#[test]
fn failures_of_any_one_factor_round_trip() {
    let fresh = body(&AccountRecord::fresh());
    for factor in 0..6 {
        for charges in [[0xFF; 19], [1; 19]] {
            let bits = [1 << factor; 2];
            let fields = if factor < 3 {
                [&bits[..], &charges, &[0, 0, 0]].concat()
            } else {
                [&bits[..], &[0], &charges, &[0, 0]].concat()
            };
            let whole = [&fresh[..20], &fields].concat();
            assert_eq!(body(&with_mac(&whole).unwrap()), whole);
        }
    }
}

#[test]
fn an_active_authenticator_is_kept_for_ever() {
    assert_eq!(Host::enrolled().record.keep().until(), Timestamp::MAX);
    let mut host = Host::enrolled();
    host.check(NOW, code(NOW).as_str()).unwrap();
    host.remove(NOW + HOUR);
    assert_eq!(host.record.keep().until(), NOW + 25 * HOUR, "a removed one for a day");
    assert_eq!(AccountRecord::fresh().keep().until(), Timestamp::EPOCH + Duration::from_secs(600));
}

#[test]
fn a_pending_enrolment_is_kept_for_a_day_longer_than_it_can_be_pending() {
    let mut host = Host::new();
    host.enrol(NOW).unwrap();
    assert_eq!(host.record.keep().until(), NOW + 48 * HOUR);
    host.fail(NOW + 2 * HOUR, 1);
    host.enrol(NOW).unwrap();
    host.run(NOW, |record, context, _| record.unlock(context)).unwrap().unwrap();
    assert_eq!(host.record.keep().until(), NOW + 48 * HOUR);
}

#[test]
fn debug_shows_no_secret() {
    let shown = alloc::format!("{:?} {:?}", fullest(), fullest().value());
    assert!(shown.contains("failures: 1") && !shown.contains("sealed") && !shown.contains("nonce"));
}
