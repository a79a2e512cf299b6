//! Secrets that are sealed by generators in the same state do not share a nonce: the XOR of two
//! ciphertexts would be that of the secrets.

use std::collections::BTreeMap;

use countersign::account::TotpTerms;
use countersign::totp::{TotpSecret, TotpSettings};
use countersign::{Account, KeyId, Keys, Timestamp, Verifier};
use countersign_tests::desk::keys;
use countersign_tests::faulty::Faulty;
use countersign_tests::rng::Seeded;

use super::NOW;

/// The id of a key with a nonce, and what was encrypted under them.
#[derive(Default)]
struct Sealed(BTreeMap<[u8; 1 + 24], [u8; 65]>);

impl Sealed {
    /// Reads the end of a record: key id 1, nonce 24, ciphertext 65, tag 16, and the record's MAC
    /// 16.
    fn note(&mut self, store: &Faulty) {
        let (_, record) = store.only();
        let (rest, _) = record.split_last_chunk::<32>().unwrap();
        let (rest, text) = rest.split_last_chunk().unwrap();
        let (_, under) = rest.split_last_chunk().unwrap();
        let before = self.0.insert(*under, *text);
        assert!(before.is_none_or(|before| before == *text), "another text under the same nonce");
    }
}

fn secrets() -> [TotpSecret; 3] {
    [[1; 20].as_slice(), &[2; 20], &[1; 21]].map(|bytes| TotpSecret::from_bytes(bytes).unwrap())
}

#[test]
fn a_nonce_is_used_again_only_for_the_same_secret() {
    let settings = [TotpSettings::DEFAULT, TotpSettings::DEFAULT.with_digits(8).unwrap()];
    let (mut sealed, mut inputs) = (Sealed::default(), 0);
    for account in ["a", "b"].map(|id| Account::new(id).unwrap()) {
        for (secret, settings) in
            secrets().iter().flat_map(|secret| settings.map(|settings| (secret, settings)))
        {
            let terms = TotpTerms::new().with_secret(secret.clone()).with_settings(settings);
            for is_enrolled in [true, true, false] {
                let (store, mut rng) = (Faulty::default(), Seeded(7));
                let verifier = Verifier::new(keys(), &store);
                let at = verifier.at(NOW, &mut rng);
                let calls = at.account(&account);
                if is_enrolled {
                    calls.enrol_totp(&calls.may_enrol_by_own_session(), terms.clone()).map(drop).unwrap();
                } else {
                    calls.import_totp(secret.clone(), settings).unwrap();
                }
                sealed.note(&store);
            }
            inputs += 1;
        }
    }
    assert_eq!((sealed.0.len(), inputs), (12, 12));
}

#[test]
fn a_rotated_key_is_used_once_for_each_secret() {
    let mut sealed = Sealed::default();
    let accepting = || keys().accept(KeyId::new(1), [8; 32]).unwrap();
    let rotated = || accepting().tag_with(KeyId::new(1)).unwrap();
    for secret in secrets() {
        let account = Account::new("a").unwrap();
        let store = Faulty::default();
        let mut checked = |keys: Keys, minutes: u64| {
            let now = Timestamp::from_unix_millis(NOW.unix_millis() + 60_000 * minutes);
            let mut rng = Seeded(7);
            let verifier = Verifier::new(keys, &store);
            let at = verifier.at(now, &mut rng);
            let (calls, settings) = (at.account(&account), TotpSettings::DEFAULT);
            if minutes == 0 {
                calls.import_totp(secret.clone(), settings).unwrap();
            } else {
                let code = settings.code(&secret, settings.step(now));
                let _ = calls.check_totp(code.as_str()).unwrap();
            }
            sealed.note(&store);
        };
        checked(keys(), 0);
        checked(accepting(), 1);
        checked(rotated(), 2);
        checked(rotated(), 3);
    }
    // For each secret, those of the import and of the first check under the next key.
    assert_eq!(sealed.0.len(), 3 + 3);
}
