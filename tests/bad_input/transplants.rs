//! Tags copied to where they do not belong. A record's MAC already prevents this. Here the MAC is
//! recomputed, which requires the keys, so that the tag itself has to reject the copy.

use std::array;

use countersign::store::RecordKey;
use countersign::{Challenge, Channel, Handle, KeyId, PhoneNumber, Purpose, Refusal, Verifier};
use countersign_tests::desk::{Desk, keys, number, refusal};
use countersign_tests::faulty::Faulty;
use countersign_tests::mac;
use countersign_tests::rng::Seeded;

/// Offsets of the fields of a challenge, which is the last part of a record with one send
/// (documented in `src/otp/passcode/fields.rs`).
const CHALLENGE: usize = 55;
const HANDLE: usize = 0;
const PURPOSE: usize = HANDLE + 16;
const CHANNEL: usize = PURPOSE + 10;
const FORMAT: usize = CHANNEL + 1;
const KEY: usize = FORMAT + 1;

const WRONG: Refusal = Refusal::WrongCode { tries_left: 4, lock: None };

/// A challenge whose code consists of digits that every format contains.
struct Running<'a> {
    desk: Desk<&'a Faulty>,
    store: &'a Faulty,
    key: RecordKey,
    fields: Vec<u8>,
    handle: Handle,
    code: String,
}

fn running(store: &Faulty) -> Running<'_> {
    let mut desk = Desk::new(store);
    loop {
        let issued = desk.at().start(number(), Channel::Sms).unwrap();
        let code = issued.code().as_str().to_owned();
        if !code.contains(['0', '1']) {
            let (key, mut fields) = store.only();
            fields.truncate(fields.len() - 16);
            return Running { desk, store, key, fields, handle: issued.handle(), code };
        }
        desk.at().forget(number()).unwrap();
    }
}

impl Running<'_> {
    /// Writes these bytes into the challenge at this offset, under a valid MAC.
    fn plant(&mut self, at: usize, bytes: &[u8]) {
        let at = self.fields.len() - CHALLENGE + at;
        let place = &mut self.fields[at..at + bytes.len()];
        // Otherwise the offset would be wrong.
        assert!(place.len() == bytes.len() && (bytes.is_empty() || place != bytes));
        place.copy_from_slice(bytes);
        self.move_to(self.key);
    }

    fn move_to(&self, key: RecordKey) {
        self.store.put(key, &mac::with_mac(key.as_bytes(), &self.fields));
    }
}

#[test]
fn the_test_mac_equals_the_librarys() {
    let store = Faulty::default();
    let mut running = running(&store);
    running.plant(0, &[]);
    assert!(running.desk.at().check(number(), running.handle, &running.code).is_ok());
}

/// Test case 1 of RFC 5869, appendix A.1.
#[test]
fn the_test_hkdf_matches_rfc_5869() {
    let (salt, info): ([u8; 13], [u8; 10]) =
        (array::from_fn(|n| n as u8), array::from_fn(|n| 0xF0 + n as u8));
    let derived = mac::hkdf::<42>(&salt, &[0x0B; 22], &info);
    let hexadecimal: String = derived.iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(hexadecimal, expected);
}

#[test]
fn rejects_a_tag_under_another_handle() {
    let store = Faulty::default();
    let mut running = running(&store);
    let other = Handle::from_bytes([9; 16]);
    running.plant(HANDLE, other.as_bytes());
    assert_eq!(running.desk.refused(other, &running.code), WRONG);
}

#[test]
fn rejects_a_tag_for_another_purpose() {
    let store = Faulty::default();
    let mut running = running(&store);
    let purpose = Purpose::new("recovery").unwrap();
    running.plant(PURPOSE, b"recovery\0\0");
    let challenge = Challenge::new(number()).with_purpose(purpose);
    let checked = running.desk.at().check(challenge, running.handle, &running.code);
    assert_eq!(refusal(checked), WRONG);
}

#[test]
fn rejects_a_tag_of_another_channel_format_or_key() {
    for (at, byte) in [(CHANNEL, 2), (FORMAT, 0x16), (KEY, 1)] {
        let store = Faulty::default();
        let mut running = running(&store);
        running.plant(at, &[byte]);
        let both = keys().accept(KeyId::new(1), [8; 32]).unwrap();
        let mut desk = Desk { verifier: Verifier::new(both, &store), ..running.desk };
        assert_eq!(desk.refused(running.handle, &running.code), WRONG, "{byte} at {at}");
    }
}

#[test]
fn rejects_a_tag_of_another_recipient_or_tenant() {
    let other_number: PhoneNumber = "+12025550163".parse().unwrap();
    for (tenant, recipient) in [("", other_number), ("other", number())] {
        let store = Faulty::default();
        let running = running(&store);
        let verifier = Verifier::new(keys(), &store).with_tenant(tenant);
        let mut desk = Desk { verifier, rng: Seeded(2), now: running.desk.now };
        let _ = desk.at().start(recipient, Channel::Sms).unwrap();
        running.move_to(store.other_than(&running.key));
        let checked = desk.at().check(recipient, running.handle, &running.code);
        assert_eq!(refusal(checked), WRONG);
    }
}
