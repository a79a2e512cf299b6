//! Samples of accounts: their records, those of recovery codes, and a passcode of an account.

use std::time::Duration;

use countersign::account::{AccountState, RecoveryFormat, RecoverySet, TotpStatus, TotpTerms};
use countersign::kernel::{Envelope, RecordKind};
use countersign::limits::Lock;
use countersign::mfa::{FirstFactor, LoginRules, LoginStep};
use countersign::store::RecordKey;
use countersign::totp::{Algorithm, TotpSecret, TotpSettings};
use countersign::{Account, Challenge, Channel, Refusal, Timestamp};
use countersign_tests::desk::{Desk, HOUR, MINUTE, keys, number, refusal, wrong};
use countersign_tests::faulty::Faulty;

use super::{Sample, kept};

type Of<'a> = Desk<&'a Faulty>;

/// A name, and operations that lead to the record. They return a handle, if there is one, and a
/// right code.
type Story = (&'static str, fn(&mut Of<'_>) -> (String, String));

const WRONG: &str = "aaaa-aaaa-aaaa";

fn account() -> Account {
    Account::new("user-test-7").unwrap()
}

fn challenge() -> Challenge<'static> {
    Challenge::new(number()).with_account(&account())
}

fn secret() -> TotpSecret {
    TotpSecret::from_bytes(b"12345678901234567890").unwrap()
}

fn settings() -> TotpSettings {
    TotpSettings::DEFAULT
}

/// Returns the code that the app shows.
fn shown(desk: &Of<'_>) -> String {
    let step = settings().step(Timestamp::from_unix_millis(desk.now));
    settings().code(&secret(), step).as_str().to_owned()
}

fn enrol(desk: &mut Of<'_>) {
    let (at, account) = (desk.at(), account());
    let calls = at.account(&account);
    let terms = TotpTerms::new().with_secret(secret()).with_minutes(60).unwrap();
    let _ = calls.enrol_totp(&calls.may_enrol_by_own_session(), terms).unwrap();
}

/// Enters the shown code.
fn confirm(desk: &mut Of<'_>) {
    let code = shown(desk);
    let _ = desk.at().account(&account()).check_totp(&code).unwrap();
}

fn activate(desk: &mut Of<'_>) {
    enrol(desk);
    confirm(desk);
    desk.now += MINUTE;
}

fn fail(desk: &mut Of<'_>, account: &Account) -> Refusal {
    let code = wrong(&shown(desk), 0);
    refusal(desk.at().account(account).check_totp(&code))
}

/// Returns the account, as a device presents it that has logged in.
fn on_device(desk: &mut Of<'_>) -> Account {
    let (at, account) = (desk.at(), account());
    let calls = at.account(&account);
    let step = calls.open_login(FirstFactor::other(), &LoginRules::default()).unwrap();
    let LoginStep::Session(grant) = step else { panic!("no second factor is required") };
    account.clone().with_device(calls.device_token(&grant).unwrap())
}

fn issue(desk: &mut Of<'_>, format: RecoveryFormat) -> Vec<String> {
    let (at, account) = (desk.at(), account());
    let calls = at.account(&account);
    let codes = calls.issue_recovery_codes(&calls.may_enrol_by_own_session(), format).unwrap();
    codes.iter().map(str::to_owned).collect()
}

fn recover(desk: &mut Of<'_>, code: &str) {
    let _ = desk.at().account(&account()).check_recovery_code(code).unwrap();
}

const ACCOUNTS: [Story; 8] = [
    ("pending", |desk| {
        enrol(desk);
        (String::new(), shown(desk))
    }),
    ("active", |desk| {
        activate(desk);
        (String::new(), shown(desk))
    }),
    ("active, imported, eight digits of SHA-512", |desk| {
        let settings = settings().with_algorithm(Algorithm::Sha512).with_digits(8).unwrap();
        let long = TotpSecret::from_bytes(&[7; 64]).unwrap();
        desk.at().account(&account()).import_totp(long.clone(), settings).unwrap();
        let step = settings.step(Timestamp::from_unix_millis(desk.now));
        (String::new(), settings.code(&long, step).as_str().to_owned())
    }),
    ("active, failures of all factors", |desk| {
        activate(desk);
        let issued = desk.at().start(challenge(), Channel::Sms).unwrap();
        let code = wrong(issued.code().as_str(), 0);
        let _ = refusal(desk.at().check(challenge(), issued.handle(), &code));
        issue(desk, RecoveryFormat::DEFAULT);
        let _ = refusal(desk.at().account(&account()).check_recovery_code(WRONG));
        (0..2).for_each(|_| _ = fail(desk, &account()));
        let device = on_device(desk);
        (0..3).for_each(|_| _ = fail(desk, &device));
        (String::new(), shown(desk))
    }),
    ("active, locked", |desk| {
        activate(desk);
        (0..10).for_each(|_| _ = fail(desk, &account()));
        (String::new(), shown(desk))
    }),
    ("closed", |desk| {
        activate(desk);
        while fail(desk, &account()) != Refusal::Closed {
            desk.now += HOUR;
        }
        (String::new(), shown(desk))
    }),
    ("removed", |desk| {
        activate(desk);
        confirm(desk);
        desk.at().account(&account()).remove_totp().unwrap();
        (String::new(), shown(desk))
    }),
    ("forgotten", |desk| {
        activate(desk);
        desk.at().account(&account()).forget().unwrap();
        (String::new(), shown(desk))
    }),
];

/// Their account is the sample "active".
const CODES: [Story; 4] = [
    ("unused", |desk| {
        activate(desk);
        (String::new(), issue(desk, RecoveryFormat::DEFAULT).remove(3))
    }),
    ("two used", |desk| {
        activate(desk);
        let mut codes = issue(desk, RecoveryFormat::DEFAULT);
        recover(desk, &codes[0]);
        recover(desk, &codes[9]);
        (String::new(), codes.remove(3))
    }),
    ("longest", |desk| {
        activate(desk);
        let format = RecoveryFormat::DEFAULT.with_codes(12).and_then(|format| format.with_groups(6)).unwrap();
        let mut codes = issue(desk, format);
        recover(desk, &codes[11]);
        recover(desk, &codes[5]);
        (String::new(), codes.remove(0))
    }),
    ("removed", |desk| {
        activate(desk);
        let code = issue(desk, RecoveryFormat::DEFAULT).remove(3);
        desk.at().account(&account()).remove_totp().unwrap();
        (String::new(), code)
    }),
];

const PASSCODES: [Story; 1] = [("of an account", |desk| {
    let issued = desk.at().start(challenge(), Channel::Sms).unwrap();
    (issued.handle().to_string(), issued.code().as_str().to_owned())
})];

/// Returns samples made by operations of the current code.
pub(super) fn samples() -> Vec<Sample> {
    let accounts = ACCOUNTS.iter().map(|story| sample("account", story, is::<AccountState>));
    let codes = CODES.iter().map(|story| sample("recovery", story, is::<RecoverySet>));
    let passcodes = PASSCODES.iter().map(|story| sample("passcode", story, |_, _| true));
    accounts.chain(codes).chain(passcodes).collect()
}

fn is<K: RecordKind>(key: &RecordKey, bytes: &[u8]) -> bool {
    Envelope::<K>::decode(bytes, key, &keys()).is_ok()
}

fn sample(kind: &str, (name, story): &Story, is_it: fn(&RecordKey, &[u8]) -> bool) -> Sample {
    let store = Faulty::default();
    let mut desk = Desk::new(&store);
    let (handle, code) = story(&mut desk);
    let (key, bytes) = store.all().into_iter().find(|(key, bytes)| is_it(key, bytes)).unwrap();
    Sample { kind: kind.to_owned(), name: (*name).to_owned(), now: desk.now, handle, code, key, bytes }
}

/// Puts a sample into a store, after a round trip, and returns a desk at its time.
fn desk<'a, K: RecordKind>(store: &'a Faulty, sample: &Sample) -> Of<'a> {
    let record = Envelope::<K>::decode(&sample.bytes, &sample.key, &keys()).unwrap();
    let again = record.encode(&sample.key, &keys()).unwrap();
    assert_eq!(again.as_slice(), sample.bytes, "{}", sample.name);
    store.put(sample.key, &sample.bytes);
    Desk { now: sample.now, ..Desk::new(store) }
}

#[test]
fn stored_samples_of_accounts_keep_their_meaning() {
    let samples = kept("account");
    assert_eq!(samples.len(), ACCOUNTS.len());
    for sample in samples {
        let (store, name) = (Faulty::default(), sample.name.as_str());
        let mut desk = desk::<AccountState>(&store, &sample);
        let start = Timestamp::from_unix_millis(1_800_000_000_000);
        let status = desk.at().account(&account()).status().unwrap();
        let expected = match name {
            "pending" => (0, None, TotpStatus::Pending { until: start + Duration::from_secs(3600) }),
            "active, failures of all factors" => (7, None, TotpStatus::Active { since: start }),
            "active, locked" => {
                let until = Timestamp::from_unix_millis(desk.now + HOUR);
                (10, Some(Lock::Until(until)), TotpStatus::Active { since: start })
            }
            "closed" => (100, Some(Lock::Closed), TotpStatus::Active { since: start }),
            "removed" | "forgotten" => (0, None, TotpStatus::None),
            _ => (0, None, TotpStatus::Active { since: start }),
        };
        assert_eq!((status.failures, status.lock, status.totp), expected, "{name}");

        if name == "removed" {
            enrol(&mut desk);
        }
        let checked = desk.at().account(&account()).check_totp(&sample.code);
        match name {
            "active, locked" => assert!(matches!(refusal(checked), Refusal::Locked { .. })),
            "closed" => assert_eq!(refusal(checked), Refusal::Closed),
            "removed" => assert_eq!(refusal(checked), Refusal::AlreadyUsed, "enrolled again"),
            "forgotten" => assert_eq!(refusal(checked), Refusal::NotEnrolled),
            _ => assert_eq!(checked.unwrap().confirmed_enrolment(), name == "pending", "{name}"),
        }
        if name == "active, failures of all factors" {
            // The success cleared the strangers' failures with the authenticator.
            assert_eq!(desk.at().account(&account()).status().unwrap().failures, 5);
        }
    }
}

#[test]
fn stored_samples_of_recovery_codes_keep_their_meaning() {
    let samples = kept("recovery");
    assert_eq!(samples.len(), CODES.len());
    let active = kept("account").into_iter().find(|sample| sample.name == "active").unwrap();
    for sample in samples {
        let (store, name) = (Faulty::default(), sample.name.as_str());
        store.put(active.key, &active.bytes);
        let mut desk = desk::<RecoverySet>(&store, &sample);
        let (at, account) = (desk.at(), account());
        let calls = at.account(&account);
        let checked = calls.check_recovery_code(&sample.code);
        let left = match name {
            "removed" => {
                assert_eq!(refusal(checked), Refusal::NotEnrolled);
                continue;
            }
            "two used" => 8,
            _ => 10,
        };
        assert_eq!(checked.unwrap().left(), left - 1, "{name}");
        assert_eq!(refusal(calls.check_recovery_code(&sample.code)), Refusal::AlreadyUsed, "{name}");
        assert_eq!(calls.recovery_codes_left().unwrap(), left - 1, "{name}");
    }
}

#[test]
fn a_stored_passcode_belongs_to_its_account() {
    let samples = kept("passcode");
    let sample = samples.iter().find(|sample| sample.name == "of an account").unwrap();
    let store = Faulty::default();
    store.put(sample.key, &sample.bytes);
    let mut desk = Desk { now: sample.now, ..Desk::new(&store) };
    let handle = sample.handle.parse().unwrap();
    let other = Challenge::new(number()).with_account(&Account::new("user-test-8").unwrap());
    assert_eq!(refusal(desk.at().check(other, handle, &sample.code)), Refusal::UnknownHandle);
    assert!(desk.at().check(challenge(), handle, &sample.code).is_ok());
}
