//! The lines where something about a secret becomes public, with the reason. No other line may
//! depend on a secret.

use countersign_evidence::memcheck::Place;

/// The place that must be found: otherwise no mark came through.
pub(crate) const VERDICT: &str = "wrong, superseded or right: the verdict, which is returned to the caller";

const MAC: &str = "whether the record's MAC is right: if not, the caller is told";

const REJECTION: &str =
    "whether a random byte is out of range: it is discarded, and reveals nothing about the accepted bytes";

const SHAPE: &str = "whether an entered character belongs to the alphabet: if not, the caller is told";

const TEXT: &str =
    "whether the code is UTF-8: it always is, and the deciding bits are the same in all characters";

const SEAL: &str = "whether a stored secret is whole: if not, the caller is told";

const ACCOUNT: &str = "whether it is the same account: its name is the key of its record, which is public";

pub(crate) const PLACES: &[Place] = &[
    Place { file: "src/otp/check.rs", says: "if verdict == Verdict::Right", why: VERDICT },
    Place { file: "src/otp/challenge.rs", says: "Ok(match live << 1 | retired", why: VERDICT },
    Place {
        file: "src/kernel/envelope.rs",
        says: "keys.record_mac(K::DOMAIN, key, fields).ct_eq(",
        why: MAC,
    },
    Place { file: "src/otp/code.rs", says: "(random < 250).then_some(", why: REJECTION },
    Place { file: "src/otp/code.rs", says: "if random < 240", why: REJECTION },
    Place { file: "src/otp/code.rs", says: "core::str::from_utf8(&self.bytes", why: TEXT },
    Place { file: "src/otp/code.rs", says: "u128::from(format.entered(c)?)", why: SHAPE },
    Place {
        file: "src/totp/check.rs",
        says: "match (bool::from(is_right), bool::from(is_used))",
        why: VERDICT,
    },
    Place { file: "src/account/check.rs", says: "match check.check_typed(entry)", why: VERDICT },
    Place { file: "src/account/recovery/check.rs", says: "if matching & held.used != 0", why: VERDICT },
    Place { file: "src/account/recovery/check.rs", says: "let outcome = if matching == 0", why: VERDICT },
    Place { file: "src/refusal.rs", says: "match self", why: VERDICT },
    Place { file: "src/keys/seal.rs", says: "decrypt_inout_detached(", why: SEAL },
    Place { file: "src/account/sealed.rs", says: "opened.ok_or(Fault::UnknownKey(self.key))", why: SEAL },
    Place {
        file: "src/totp/secret.rs",
        says: "(SHORTEST..=LONGEST).contains(&usize::from(length))",
        why: SEAL,
    },
    Place { file: "src/mfa/grant.rs", says: "self.account == account", why: ACCOUNT },
    Place { file: "src/otp/check.rs", says: "challenge.terms.account != attempt.account", why: ACCOUNT },
    Place { file: "src/account/recovery/codes.rs", says: "(random < 252).then_some(", why: REJECTION },
    Place {
        file: "src/account/recovery/codes.rs",
        says: "if codes.has_equal()",
        why: "whether two codes of a set are equal: the set is discarded",
    },
    Place { file: "src/account/recovery/codes.rs", says: "core::str::from_utf8(code)", why: TEXT },
    Place { file: "src/account/recovery/entry.rs", says: "!matches!(byte, b' ' | b'-')", why: SHAPE },
    Place { file: "src/account/recovery/entry.rs", says: "symbol.is_ascii_lowercase() ||", why: SHAPE },
    Place { file: "src/totp/entry.rs", says: "filter(|byte| *byte != b' ')", why: SHAPE },
    Place { file: "src/totp/entry.rs", says: "if !byte.is_ascii_digit()", why: SHAPE },
];
