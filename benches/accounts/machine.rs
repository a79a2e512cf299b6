//! The pure state machine: checking an authenticator's code, next to the least work that it takes:
//! opening the secret, setting up the HMAC key, three HMACs, and, if the key was rotated, sealing
//! the secret again.

use core::error::Error;
use core::hint::black_box;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use countersign::account::{AccountRecord, TotpAttempt};
use countersign::otp::{Context, Drawn, Step};
use countersign::rng::SystemRng;
use countersign::store::{RecordBytes, RecordKey, Swap};
use countersign::totp::{TotpSecret, TotpSettings, TypedTotp};
use countersign::{KeyId, Keys, Refusal, Timestamp};
use criterion::Criterion;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const KEY: RecordKey = RecordKey::from_bytes([3; 16]);
const SECRET: [u8; 20] = *b"12345678901234567890";

pub(crate) fn floors(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let (sealing, nonce, binding) = (Key::from([7; 32]), XNonce::from([9; 24]), [5; 28]);
    let mut sealed = [0; 65];
    sealed[1..21].copy_from_slice(&SECRET);
    let cipher = || XChaCha20Poly1305::new(black_box(&sealing));
    let failed = |_| "the cipher failed";
    let tag = cipher().encrypt_inout_detached(&nonce, &binding, (&mut sealed[..]).into()).map_err(failed)?;
    let open = |sealed: &[u8; 65], tag: &Tag| {
        let mut text = *sealed;
        let opened = cipher().decrypt_inout_detached(&nonce, &binding, (&mut text[..]).into(), tag);
        opened.is_ok().then_some(text)
    };
    let seal = |mut text: [u8; 65]| {
        cipher().encrypt_inout_detached(&nonce, &binding, (&mut text[..]).into()).is_ok().then_some(text)
    };
    let codes = |secret: &[u8]| {
        let keyed: Hmac<Sha1> = Hmac::new_from_slice(secret).ok()?;
        Some([-1, 0, 1].map(|drift| {
            let mut mac = keyed.clone();
            mac.update(&60_000_000_u64.wrapping_add_signed(drift).to_be_bytes());
            mac.finalize().into_bytes()
        }))
    };
    let opened = open(&sealed, &tag).ok_or("the cipher opens what it sealed")?;
    assert_eq!(opened[1..21], SECRET);
    assert_eq!(seal(opened), Some(sealed));

    let mut group = criterion.benchmark_group("totp");
    group.bench_function("floor", |bencher| {
        bencher.iter(|| open(black_box(&sealed), &tag).and_then(|text| codes(&text[1..21])));
    });
    group.bench_function("floor_with_seal", |bencher| {
        bencher.iter(|| {
            let text = open(black_box(&sealed), &tag)?;
            Some((codes(&text[1..21])?, seal(text)?))
        });
    });
    group.finish();
    Ok(())
}

/// Checks a code against a decoded record. `whole_*` also decodes the record and encodes the next,
/// with their MACs.
pub(crate) fn checks(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let keys = Keys::from_secret([7; 32])?;
    let rotated = keys.clone().accept(KeyId::new(1), [8; 32])?.tag_with(KeyId::new(1))?;
    let (secret, settings) = (TotpSecret::from_bytes(&SECRET)?, TotpSettings::DEFAULT);
    let drawn = Drawn::new(&mut SystemRng)?;
    let context = Context::new(&KEY, &keys, NOW, 2);
    let imported = AccountRecord::fresh().import(&context, &secret, settings, &drawn)?;
    let Step::Write { next: record, .. } = imported else { return Err("refused".into()) };

    let right = settings.code(&secret, settings.step(NOW));
    let wrong = if right.as_str() == "123456" { "654321" } else { "123456" };
    let (right, wrong) = (TypedTotp::parse(right.as_str()), TypedTotp::parse(wrong));
    let check = |context: &Context<'_>, entry: &TypedTotp| {
        record.check_totp(context, &TotpAttempt::new(entry), &drawn)
    };
    for (keys, entry, is_right) in [(&keys, &right, true), (&rotated, &right, true), (&keys, &wrong, false)] {
        let step = check(&Context::new(&KEY, keys, NOW, 3), entry)?;
        let Step::Write { withheld, .. } = step else { return Err("refused".into()) };
        let outcome = withheld.confirm(Swap::Applied).ok_or("not applied")?;
        assert_eq!(outcome.is_ok(), is_right);
        assert!(is_right || matches!(outcome, Err(Refusal::WrongCode { tries_left: 9, lock: None })));
    }

    let stored = record.encode(&KEY, &keys)?;
    let whole = |context: &Context<'_>, entry: &TypedTotp| -> Option<RecordBytes> {
        let record = AccountRecord::decode(black_box(stored.as_slice()), &KEY, context.keys).ok()?;
        match record.check_totp(context, &TotpAttempt::new(entry), &drawn).ok()? {
            Step::Write { next, .. } => next.encode(&KEY, context.keys).ok(),
            Step::Answer(_) => None,
        }
    };
    assert!(whole(&context, &right).is_some());

    let after = Context::new(&KEY, &rotated, NOW, 3);
    let mut group = criterion.benchmark_group("totp");
    group.bench_function("check_wrong", |bencher| bencher.iter(|| check(&context, black_box(&wrong))));
    group.bench_function("check_right", |bencher| bencher.iter(|| check(&context, black_box(&right))));
    group.bench_function("check_right_after_a_rotation", |bencher| {
        bencher.iter(|| check(&after, black_box(&right)));
    });
    group.bench_function("whole_wrong", |bencher| bencher.iter(|| whole(&context, black_box(&wrong))));
    group.bench_function("whole_right", |bencher| bencher.iter(|| whole(&context, black_box(&right))));
    group.bench_function("whole_right_after_a_rotation", |bencher| {
        bencher.iter(|| whole(&after, black_box(&right)));
    });
    group.finish();
    Ok(())
}
