//! What a library says of a number: region, validity and kind.

use core::fmt;

/// The kinds by libphonenumber's names, as in `tests/data/agreement.csv`.
const KINDS: [&str; 11] = [
    "fixed_line",
    "mobile",
    "fixed_line_or_mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
];

/// Region and kind are asked of valid numbers only: of the others, some libraries give a number
/// object and others an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// No number, or one that nobody has.
    NotValid,
    /// A number in an assigned range.
    Valid {
        /// ISO 3166-1 alpha-2; none for global services, which libphonenumber calls "001", the
        /// world.
        region: Option<[u8; 2]>,
        /// `unknown` where the library has no kind for it.
        kind: &'static str,
    },
}

impl Answer {
    pub(crate) fn valid(region: Option<&str>, kind: &'static str) -> Self {
        let region = match region.map(str::as_bytes) {
            Some(&[a, b]) => Some([a, b]),
            _ => None,
        };
        Self::Valid { region, kind }
    }

    /// `region,kind`; what is no kind (`unallocated`, `impossible`, an error, nothing) is not
    /// valid.
    pub(crate) fn read(text: &str) -> Self {
        let (region, kind) = text.split_once(',').unwrap_or_default();
        let known = KINDS.iter().find(|known| **known == kind).copied();
        match known.or((kind == "unknown").then_some("unknown")) {
            Some(kind) => Self::valid(Some(region), kind),
            None => Self::NotValid,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotValid => f.write_str("not valid"),
            Self::Valid { region: Some([a, b]), kind } => {
                write!(f, "{}{} {kind}", char::from(*a), char::from(*b))
            }
            Self::Valid { region: None, kind } => write!(f, "no region, {kind}"),
        }
    }
}
