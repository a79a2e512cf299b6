//! Where something about a secret becomes public, and why it may. Nowhere else may a secret decide what comes next.

use countersign_evidence::memcheck::Place;

/// The one place that has to be found: where nothing was marked, nothing is.
pub(crate) const VERDICT: &str = "wrong, superseded or right: the verdict, which the caller is told";

const MAC: &str = "whether the record's MAC is right: if not, the caller is told";

const REJECTION: &str = "whether a random byte is out of range: then it is thrown away and says nothing of the bytes that are kept";

const SHAPE: &str = "whether an entered character belongs to the alphabet: if not, the caller is told";

const TEXT: &str =
    "whether the code is UTF-8: it always is, and the bits that decide are the same in all characters";

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
];
