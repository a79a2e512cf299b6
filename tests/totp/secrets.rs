//! Secrets in Base32, and drawn ones.

use countersign::totp::{Algorithm, SecretErrorKind, TotpSecret};
use countersign_tests::fuzz::base32;
use countersign_tests::rng::Seeded;
use proptest::prelude::*;

use super::secret_bytes;
use crate::cases::cases;

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn case_separators_and_padding_do_not_matter(bytes in secret_bytes(), seed: u64, padding in 0..8usize) {
        let secret = TotpSecret::from_bytes(&bytes).unwrap();
        let mut written = String::new();
        for (at, c) in secret.to_base32().as_str().chars().enumerate() {
            let bits = seed.rotate_left(3 * at as u32);
            written.push(if bits & 1 == 1 { c.to_ascii_lowercase() } else { c });
            written.push_str(["", " ", "-", "", " - ", "", "", ""][(bits >> 1) as usize % 8]);
        }
        written.push_str(&"=".repeat(padding));
        prop_assert_eq!(written.parse::<TotpSecret>(), Ok(secret));
        base32::run(written.as_bytes());
    }

    #[test]
    fn arbitrary_texts_match_a_plain_reading(
        text in prop_oneof!["[A-Za-z2-7]{20,110}", "[A-Za-z2-7 =-]{20,40}", "[A-Z2-7]{26}[=]{0,7}[A-Z01é=]{0,2}", any::<String>()]
    ) {
        base32::run(text.as_bytes());
    }
}

#[test]
fn errors_have_a_reason_and_a_position() {
    use SecretErrorKind::{Character, Length, Padding, TooLong, TooShort};
    let (long, longer) = ("A".repeat(103), "A".repeat(104));
    let spaced = format!("{} - A", "A".repeat(103));
    let huge = "A".repeat(1 << 20);
    assert!(long.parse::<TotpSecret>().is_ok_and(|secret| secret.as_bytes() == [0; 64]));
    assert!("A".repeat(26).parse::<TotpSecret>().is_ok_and(|secret| secret.as_bytes() == [0; 16]));
    for (text, kind, position) in [
        ("", TooShort, 0),
        (" - ", TooShort, 3),
        ("====", TooShort, 4),
        ("GEZDGNBVGY3TQOJQGEZDGNBV", TooShort, 24),
        ("GEZDGNBVGY3TQOJQ", TooShort, 16),
        ("GEZDGNBVGY3TQOJQGEZDGNBVGYA", Length, 27),
        ("G", Length, 1),
        ("GEZ", Length, 3),
        ("GEZDGN", Length, 6),
        ("GEZDGNBVGY3TQOJQGEZDGNBVG1", Character, 25),
        ("gez 0", Character, 4),
        ("gez\u{e9}dgnbvgy3tqojqgezdgnbvgy", Character, 3),
        ("gez\tdgnb", Character, 3),
        ("GEZDGNBVGY3TQOJQGEZDGNBVGY=A", Padding, 26),
        ("=GEZDGNBVGY3TQOJQGEZDGNBVGY", Padding, 0),
        (&longer, TooLong, 103),
        (&spaced, TooLong, 106),
        (&huge, TooLong, 103),
    ] {
        let error = text.parse::<TotpSecret>().unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    }
}

#[test]
fn drawn_secrets_differ_and_have_the_length_of_the_hash() {
    let mut rng = Seeded(1);
    let (one, other) = (TotpSecret::generate(&mut rng).unwrap(), TotpSecret::generate(&mut rng).unwrap());
    assert_eq!((one.as_bytes().len(), other.as_bytes().len()), (20, 20));
    assert_ne!(one, other);
    for algorithm in Algorithm::ALL {
        let secret = TotpSecret::generate_for(algorithm, &mut rng).unwrap();
        assert_eq!(secret.as_bytes().len(), algorithm.output_length());
    }
}
