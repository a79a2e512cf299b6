//! Keys of accounts rotate in two phases, without loss of a factor or a failure. A server without
//! the key of a sealed secret compares nothing and charges nothing.

use countersign::error::Fault;
use countersign::{Error, KeyId, Keys, Limits, Refusal};
use countersign_tests::desk::keys;

use super::scene::Scene;

const OLD: KeyId = KeyId::new(0);
const NEW: KeyId = KeyId::new(1);

/// Both keys, with new tags under the old one.
fn accepting() -> Keys {
    keys().accept(NEW, [8; 32]).unwrap()
}

/// Both keys, with new tags under the new one.
fn rotated() -> Keys {
    accepting().tag_with(NEW).unwrap()
}

/// The new key only.
fn retired() -> Keys {
    rotated().retire(OLD).unwrap()
}

fn rekey(scene: &mut Scene, server: usize, keys: Keys) {
    scene.rekey(server, keys, Limits::default());
}

fn check(scene: &mut Scene, server: usize) -> Result<(), Error> {
    scene.later(30_000);
    let operation = scene.begin_totp(server, &scene.code(0));
    scene.finish(server, operation).map(drop)
}

/// Returns the key that the server did not have.
fn missing<T>(result: Result<T, Error>) -> Option<KeyId> {
    match result {
        Err(Error::Fault(Fault::UnknownKey(key))) => Some(key),
        Err(error) => panic!("{error}"),
        Ok(_) => None,
    }
}

#[test]
fn a_right_code_seals_the_secret_under_the_current_key() {
    let mut scene = Scene::new(1);
    scene.import();
    let codes = scene.issue().unwrap();
    assert!(scene.totp(&scene.wrong_code(1)).is_err());
    // Each server in each phase finds the factor, and the failure.
    rekey(&mut scene, 0, accepting());
    check(&mut scene, 1).unwrap();
    check(&mut scene, 0).unwrap();
    assert!(scene.totp(&scene.wrong_code(1)).is_err());
    rekey(&mut scene, 1, accepting());
    rekey(&mut scene, 0, rotated());
    assert_eq!(scene.failures(), 1);
    check(&mut scene, 1).unwrap();
    rekey(&mut scene, 1, retired());
    assert_eq!(missing(check(&mut scene, 1)), Some(OLD), "still sealed under the old key");
    check(&mut scene, 0).unwrap();
    assert_eq!(missing(check(&mut scene, 1)), None, "the last check sealed it under the new one");
    rekey(&mut scene, 0, keys());
    assert_eq!(missing(check(&mut scene, 0)), Some(NEW));
    // Recovery codes do not depend on keys that rotate.
    for (server, code) in codes.iter().enumerate().take(2) {
        let operation = scene.begin_recovery(server, code);
        assert!(scene.finish(server, operation).is_ok());
    }
}

/// Wrong codes do not seal it, and the secret stays under the old key.
#[test]
fn only_a_right_code_seals_the_secret() {
    let mut scene = Scene::new(1);
    scene.import();
    rekey(&mut scene, 0, rotated());
    rekey(&mut scene, 1, retired());
    assert!(scene.totp(&scene.wrong_code(1)).is_err());
    assert_eq!(missing(check(&mut scene, 1)), Some(OLD));
}

#[test]
fn a_missing_key_compares_nothing_and_charges_nothing() {
    let mut scene = Scene::new(1);
    scene.import();
    rekey(&mut scene, 1, retired());
    for entry in [scene.code(0), scene.wrong_code(3), "malformed".to_owned()] {
        let mut operation = scene.begin_totp(1, &entry);
        let end = scene.turn(1, &mut operation).break_value().expect("it writes nothing");
        assert_eq!(missing(end), Some(OLD), "right, wrong and malformed alike");
    }
    assert_eq!(scene.failures(), 0);
    // The budget needs no such key: a lock is told, and failures are counted by the other servers.
    for guess in 0..10 {
        let entry = scene.wrong_code(guess);
        assert!(scene.totp(&entry).is_err());
    }
    let refused = check(&mut scene, 1).unwrap_err().refusal();
    assert!(matches!(refused, Some(Refusal::Locked { .. })));
    // It can be removed all the same.
    scene.call(1, |at, account| at.account(account).remove_totp()).unwrap();
    assert_eq!(scene.failures(), 10, "and nothing is forgotten");
}

/// A passcode challenge whose key is missing is not charged to the account.
#[test]
fn a_passcode_under_a_missing_key_is_not_charged() {
    let mut scene = Scene::new(1);
    let sent = scene.start(0).unwrap();
    rekey(&mut scene, 1, retired());
    let operation = scene.begin_pass(1, &sent, &sent.wrong(0));
    assert_eq!(missing(scene.finish(1, operation)), Some(OLD));
    assert_eq!(scene.failures(), 0);
    assert!(scene.pass(&sent, &sent.right()).is_ok());
}

/// Another root secret finds no account of this one, and cannot lock it.
#[test]
fn another_root_is_another_account() {
    let mut scene = Scene::new(1);
    scene.import();
    rekey(&mut scene, 1, Keys::from_secret([9; 32]).unwrap());
    let refused = check(&mut scene, 1).unwrap_err().refusal();
    assert_eq!(refused, Some(Refusal::NotEnrolled));
    check(&mut scene, 0).unwrap();
}
