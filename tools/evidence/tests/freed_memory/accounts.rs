//! Accounts: secrets of authenticators, codes and keys.

use std::hint::black_box;
use std::time::Duration;

use countersign::account::{RecoveryFormat, TotpTerms};
use countersign::mfa::{FirstFactor, LoginRules, LoginStep};
use countersign::otp::CodeFormat;
use countersign::rng::SystemRng;
use countersign::totp::{TotpSecret, TotpSettings, UriName};
use countersign::{Account, Challenge, Channel, KeyId, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier};
use countersign_evidence::freed::{Secret, watch};

use super::{NEXT, NOW, ROOT, clean, keys, of_code, of_keys};

/// Eight digits, which do not occur in memory by chance.
fn settings() -> TotpSettings {
    TotpSettings::DEFAULT.with_digits(8).unwrap()
}

fn of_secret(secret: &TotpSecret) -> [Secret; 2] {
    let base32 = secret.to_base32().as_str().as_bytes().to_vec();
    [("secret", secret.as_bytes().to_vec()), ("secret in Base32", base32)]
        .map(|(name, bytes)| Secret { name, bytes })
}

fn of_recovery_code(code: &str) -> [Secret; 2] {
    [code.to_owned(), code.replace('-', "")]
        .map(|code| Secret { name: "recovery code", bytes: code.into_bytes() })
}

fn of_totp(secret: &TotpSecret, now: Timestamp) -> Secret {
    let code = settings().code(secret, settings().step(now));
    Secret { name: "code of an app", bytes: code.as_str().as_bytes().to_vec() }
}

fn rotated() -> Keys {
    keys(ROOT).accept(KeyId::new(1), NEXT).unwrap().tag_with(KeyId::new(1)).unwrap()
}

/// An account, what its owner has, and their number.
struct Owner {
    account: Account,
    number: PhoneNumber,
    secret: TotpSecret,
}

impl Owner {
    fn all() -> Vec<Self> {
        let owner = |n: u32| Self {
            account: Account::new(format!("user-test-{n}")).unwrap(),
            number: format!("+12025550{n:03}").parse().unwrap(),
            secret: TotpSecret::generate(&mut SystemRng).unwrap(),
        };
        (0..20).map(owner).collect()
    }

    fn code(&self, now: Timestamp) -> String {
        settings().code(&self.secret, settings().step(now)).as_str().to_owned()
    }
}

fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

/// Enrols, and shows the secret.
fn enrol(verifier: &Verifier<&MemoryStore>, owner: &Owner) {
    let mut rng = SystemRng;
    let at = verifier.at(NOW, &mut rng);
    let calls = at.account(&owner.account);
    let terms = TotpTerms::new().with_settings(settings()).with_secret(owner.secret.clone());
    let enrolled = calls.enrol_totp(&calls.may_enrol_by_own_session(), terms).unwrap();
    let uri = enrolled.key_uri(UriName::new("Acme").unwrap(), UriName::new("ada").unwrap());
    black_box((Box::new(uri.to_text()), Box::new(uri), Box::new(enrolled)));
}

#[test]
fn enrolments_leave_no_secret_and_no_keys() {
    let (store, owners) = (MemoryStore::with_capacity(1000), Owner::all());
    let verifier = Verifier::new(keys(ROOT), &store);
    let mut secrets = of_keys();
    secrets.extend(owners.iter().flat_map(|owner| of_secret(&owner.secret)));
    let entries: Vec<[String; 2]> =
        owners.iter().map(|owner| [owner.code(NOW), owner.code(later(30))]).collect();
    secrets.extend(owners.iter().flat_map(|owner| [NOW, later(30)].map(|now| of_totp(&owner.secret, now))));
    let seen = watch(&secrets, || {
        for (owner, [first, second]) in owners.iter().zip(&entries) {
            enrol(&verifier, owner);
            let check = |seconds, entry: &str| {
                verifier.at(later(seconds), &mut SystemRng).account(&owner.account).check_totp(entry)
            };
            assert!(check(0, first).is_ok());
            assert!(check(0, first).is_err());
            assert!(check(0, "00000000").is_err());
            let next = Box::new(Verifier::new(rotated(), &store));
            let at_next = |seconds, entry: &str| {
                next.at(later(seconds), &mut SystemRng).account(&owner.account).check_totp(entry)
            };
            assert!(at_next(30, second).is_ok(), "sealed again");
            next.at(later(60), &mut SystemRng).account(&owner.account).remove_totp().unwrap();
            enrol(&verifier, owner);
            next.at(later(60), &mut SystemRng).account(&owner.account).reseal_totp().unwrap();
        }
    });
    clean(seen, 100);
    let verifier = Box::new(verifier);
    clean(watch(&secrets, || drop(verifier)), 1);
    clean(watch(&secrets, || drop((owners, store))), 40);
}

/// Enrols, and returns recovery codes.
fn with_codes(verifier: &Verifier<&MemoryStore>, owner: &Owner) -> Vec<String> {
    enrol(verifier, owner);
    let mut rng = SystemRng;
    let at = verifier.at(NOW, &mut rng);
    let calls = at.account(&owner.account);
    let permit = calls.may_enrol_by_own_session();
    let codes = calls.issue_recovery_codes(&permit, RecoveryFormat::DEFAULT).unwrap();
    let _ = calls.check_totp(&owner.code(NOW)).unwrap();
    codes.iter().map(str::to_owned).collect()
}

#[test]
fn recovery_codes_leave_nothing() {
    let (store, owners) = (MemoryStore::with_capacity(1000), Owner::all());
    let verifier = Verifier::new(keys(ROOT), &store);
    let codes: Vec<_> = owners.iter().map(|owner| with_codes(&verifier, owner)).collect();
    let mut secrets = of_keys();
    secrets.extend(codes.iter().flatten().flat_map(|code| of_recovery_code(code)));
    secrets.extend(owners.iter().flat_map(|owner| of_secret(&owner.secret)));
    let seen = watch(&secrets, || {
        for (owner, codes) in owners.iter().zip(&codes) {
            let mut rng = SystemRng;
            let at = verifier.at(NOW, &mut rng);
            let calls = at.account(&owner.account);
            assert!(calls.check_recovery_code("aaaa-aaaa-aaaa").is_err());
            assert!(calls.check_recovery_code(&codes[0]).is_ok());
            assert!(calls.check_recovery_code(&codes[0]).is_err());
            assert_eq!(calls.recovery_codes_left().unwrap(), 9);
        }
    });
    clean(seen, 40);
}

/// The codes of a set that is issued under watch are known only afterwards.
#[test]
fn issued_recovery_codes_are_wiped() {
    let (store, owners) = (MemoryStore::with_capacity(100), Owner::all());
    let verifier = Verifier::new(keys(ROOT), &store);
    let owner = &owners[0];
    let _ = with_codes(&verifier, owner);
    let mut rng = SystemRng;
    let at = verifier.at(NOW, &mut rng);
    let calls = at.account(&owner.account);
    let permit = calls.may_enrol_by_own_session();
    let codes = calls.issue_recovery_codes(&permit, RecoveryFormat::DEFAULT).unwrap();
    let secrets: Vec<_> = codes.iter().flat_map(of_recovery_code).collect();
    let (boxed, several) = (Box::new(codes.clone()), vec![codes.clone(); 5]);
    clean(watch(&secrets, || drop(black_box((codes, boxed, several)))), 8);
}

#[test]
fn passcodes_of_accounts_and_devices_leave_nothing() {
    let (store, owners) = (MemoryStore::with_capacity(1000), Owner::all());
    let verifier = Verifier::new(keys(ROOT), &store);
    let mut secrets = of_keys();
    let format = CodeFormat::alphanumeric(10).unwrap();
    let challenge =
        |owner: &Owner| Challenge::new(owner.number).with_format(format).with_account(&owner.account);
    let issued: Vec<_> = owners
        .iter()
        .map(|owner| verifier.at(NOW, &mut SystemRng).start(challenge(owner), Channel::Sms).unwrap())
        .collect();
    secrets.extend(issued.iter().map(|issued| of_code(issued.code())));
    let seen = watch(&secrets, || {
        for (owner, issued) in owners.iter().zip(&issued) {
            let check = |entry: &str| {
                verifier.at(NOW, &mut SystemRng).check(challenge(owner), issued.handle(), entry)
            };
            assert!(check("2222222222").is_err());
            let passed = Box::new(check(issued.code().as_str()).unwrap());
            let mut rng = SystemRng;
            let at = verifier.at(NOW, &mut rng);
            let calls = at.account(&owner.account);
            let first = FirstFactor::passcode(&passed);
            let step = Box::new(calls.open_login(first, &LoginRules::default()).unwrap());
            let LoginStep::Session(grant) = &*step else { panic!("no second factor is required") };
            let device = Box::new(owner.account.clone().with_device(calls.device_token(grant).unwrap()));
            assert!(verifier.at(NOW, &mut SystemRng).account(&device).check_totp("00000000").is_err());
        }
    });
    clean(seen, 100);
}
