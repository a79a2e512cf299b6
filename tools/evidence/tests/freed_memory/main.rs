//! Codes and keys are wiped before their memory is freed: freed blocks are searched for them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod accounts;

use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Duration;

use countersign::otp::CodeFormat;
use countersign::rng::SystemRng;
use countersign::{
    Challenge, Channel, Code, Issued, KeyId, Keys, MemoryStore, PhoneNumber, Timestamp, Verifier,
};
use countersign_evidence::freed::{Secret, Seen, Watcher, differing_words, watch};

#[global_allocator]
static WATCHER: Watcher = Watcher;

const ROOT: &[u8; 32] = b"root-secret-that-nobody-may-see!";
const OTHER: &[u8; 32] = b"another-root-to-compare-it-with!";
const NEXT: &[u8; 32] = b"the-next-secret-nobody-may-see!!";
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

fn keys(root: &[u8; 32]) -> Keys {
    Keys::from_secret(root).unwrap()
}

/// Returns the key schedules in memory, and the secrets they were derived from. The words are found
/// by comparison with the keys of another secret: five keys, each with two states of SHA-256, and
/// the key that seals secrets.
fn of_keys() -> Vec<Secret> {
    let mut secrets = differing_words("key schedule", || keys(ROOT), || keys(OTHER));
    assert!(secrets.len() >= 5 * 2 * 4 + 3, "words of key material: {}", secrets.len());
    secrets.extend([ROOT, NEXT].map(|root| Secret { name: "root secret", bytes: root.to_vec() }));
    secrets
}

fn of_code(code: &Code) -> Secret {
    Secret { name: "code", bytes: code.as_str().as_bytes().to_vec() }
}

/// Issues a code of ten letters, which do not occur in memory by chance.
fn issue(verifier: &Verifier<MemoryStore>, number: PhoneNumber) -> Issued {
    let challenge = Challenge::new(number).with_format(CodeFormat::alphanumeric(10).unwrap());
    verifier.at(NOW, &mut SystemRng).start(challenge, Channel::Sms).unwrap()
}

fn number() -> PhoneNumber {
    "+12025550162".parse().unwrap()
}

#[track_caller]
fn clean(seen: Seen, blocks: u64) {
    assert_eq!((seen.leaks, seen.first), (0, None));
    assert!(seen.blocks >= blocks, "expected at least {blocks} freed blocks, got {}", seen.blocks);
}

#[test]
fn watcher_detects_unwiped_secrets() {
    let issued = issue(&Verifier::new(keys(ROOT), MemoryStore::new()), number());
    let code = [of_code(issued.code())];
    let text = issued.code().as_str();
    let seen = |name| Seen { blocks: 1, leaks: 1, first: Some(name) };
    assert_eq!(watch(&code, || drop(black_box(text.to_owned()))), seen("code"));
    assert_eq!(watch(&code, || drop(black_box(Box::new(ManuallyDrop::new(issued.clone()))))), seen("code"));
    let keys = watch(&of_keys(), || drop(black_box(Box::new(ManuallyDrop::new(keys(ROOT))))));
    assert!(keys.leaks >= 3 * 2 * 4, "{keys:?}");
}

/// No destructor can prevent this: a growing vector copies its elements as bytes and frees the old
/// block. Hosts that keep codes in vectors reserve capacity first.
#[test]
fn growing_vector_leaves_a_copy_behind() {
    let issued = issue(&Verifier::new(keys(ROOT), MemoryStore::new()), number());
    let seen = watch(&[of_code(issued.code())], || {
        let mut grows = Vec::with_capacity(1);
        (0..2).for_each(|_| grows.push(issued.code().clone()));
        black_box(&grows);
    });
    assert_eq!((seen.blocks, seen.leaks), (2, 1));
}

#[test]
fn keys_are_wiped() {
    let secrets = of_keys();
    let boxed = Box::new(keys(ROOT));
    clean(watch(&secrets, || drop(black_box(boxed))), 1);
    clean(
        watch(&secrets, || {
            let keys = Box::new(keys(ROOT));
            let clones = vec![(*keys).clone(); 3];
            let next = Box::new(
                (*keys).clone().accept(KeyId::new(1), NEXT).unwrap().tag_with(KeyId::new(1)).unwrap(),
            );
            let last = Box::new((*next).clone().retire(KeyId::new(0)).unwrap());
            drop(black_box((keys, clones, next, last)));
        }),
        4,
    );
}

#[test]
fn accepted_keys_are_wiped() {
    let with = |next: &[u8; 32]| keys(ROOT).accept(KeyId::new(1), next).unwrap();
    let secrets = differing_words("accepted key", || with(NEXT), || with(OTHER));
    assert!(secrets.len() >= 2 * 4, "words of key material: {}", secrets.len());
    let boxed = Box::new(with(NEXT));
    clean(watch(&secrets, || drop(black_box(boxed))), 1);
}

#[test]
fn codes_are_wiped() {
    let issued = issue(&Verifier::new(keys(ROOT), MemoryStore::new()), number());
    let secret = [of_code(issued.code())];
    let boxed = Box::new(issued.clone());
    let code = Box::new(issued.code().clone());
    let shared = Arc::new(issued.clone());
    let several = vec![issued.clone(); 5];
    let maybe = vec![Some(issued.code().clone()), None];
    clean(watch(&secret, || drop(black_box(boxed))), 1);
    clean(watch(&secret, || drop(black_box((code, shared, several, maybe)))), 4);
}

#[test]
fn logins_leave_no_codes() {
    logins(Vec::new());
}

#[test]
fn logins_leave_no_keys() {
    logins(of_keys());
}

/// Runs a hundred logins, each with a wrong, a superseded and a correct code, and then drops the
/// verifier with its store.
fn logins(mut secrets: Vec<Secret>) {
    let verifier = Box::new(Verifier::new(keys(ROOT), MemoryStore::with_capacity(1000)));
    let numbers: Vec<PhoneNumber> = (0..100).map(|n| format!("+12025550{n:03}").parse().unwrap()).collect();
    let mut issued = Vec::with_capacity(200);
    issued.extend(numbers.iter().map(|&number| issue(&verifier, number)));
    let later = NOW + Duration::from_secs(30);
    for (place, &number) in numbers.iter().enumerate() {
        let newer = verifier.at(later, &mut SystemRng).resend(number, issued[place].handle()).unwrap();
        issued.push(newer);
    }
    secrets.extend(issued.iter().map(|issued| of_code(issued.code())));
    let entries: Vec<String> = issued.iter().map(|issued| issued.code().as_str().to_owned()).collect();
    let churn = watch(&secrets, || {
        for (place, &number) in numbers.iter().enumerate() {
            let handle = issued[place].handle();
            let check = |entry: &str| verifier.at(later, &mut SystemRng).check(number, handle, entry);
            assert!(check("2222222222").is_err());
            assert!(check(&entries[place]).is_err(), "superseded");
            assert!(check(&entries[100 + place]).is_ok());
        }
    });
    // A record that keeps its length is overwritten in place, so not every check frees a block.
    clean(churn, 200);
    clean(watch(&secrets, || drop((verifier, issued))), 100);
}
