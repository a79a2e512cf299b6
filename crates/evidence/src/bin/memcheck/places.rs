//! Where something about a secret becomes public, and why it may. Nowhere else may a secret decide what comes next.

use countersign_evidence::memcheck::Place;

/// The one place that has to be found: where nothing was marked, nothing is.
pub(crate) const VERDICT: &str = "wrong, superseded or right: the verdict, which the caller is told";

const SEAL: &str = "whether the record's seal is whole: if not, the caller is told";

const HEALTH: &str = "whether the generator repeats itself: if so, the caller is told; the comparison may stop at the first \
                      byte that differs from the block before, which says nothing of the others";

const REJECTION: &str = "whether a random byte is out of range: then it is thrown away and says nothing of the bytes that are kept";

const SHAPE: &str = "whether an entered character belongs to the alphabet: if not, the caller is told";

const TEXT: &str =
    "whether the code is UTF-8: it always is, and the bits that decide are the same in all characters";

/// Of the name of an operation, which is no secret: it stands in the record as it is.
const NAME: &str = "whether the generator is stuck: its two words are equal once in 2^64";

pub(crate) const PLACES: &[Place] = &[
    Place { file: "src/otp/check.rs", says: "if verdict == Verdict::Right", why: VERDICT },
    Place { file: "src/otp/challenge.rs", says: "Ok(match live << 1 | retired", why: VERDICT },
    Place { file: "src/otp/record/encoding.rs", says: "keys.seal(key, sealed).ct_eq(", why: SEAL },
    Place { file: "src/otp/entropy.rs", says: "let repeats = self.block == last", why: HEALTH },
    Place { file: "src/otp/entropy.rs", says: "if repeats || words.iter().all(", why: HEALTH },
    Place { file: "src/otp/entropy.rs", says: "if name == other", why: NAME },
    Place { file: "src/otp/code.rs", says: "format.symbol(draw.byte()?)", why: REJECTION },
    Place { file: "src/otp/code.rs", says: "core::str::from_utf8(&self.bytes", why: TEXT },
    Place { file: "src/otp/code.rs", says: "u128::from(format.entered(c)?)", why: SHAPE },
];
