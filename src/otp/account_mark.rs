//! The account that a challenge belongs to.

/// Names the account of a challenge: the first bytes of the account's own keyed hash, or zeros.
///
/// It is not an `Option`: bytes left unwritten would copy leftover stack contents to wherever a
/// challenge is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountMark([u8; Self::LEN]);

impl AccountMark {
    pub(crate) const LEN: usize = 8;

    /// The mark of a challenge without an account.
    pub(crate) const NONE: Self = Self([0; Self::LEN]);

    /// Creates the mark of the account with this hash. It is never [`NONE`](Self::NONE).
    #[cfg(feature = "totp")]
    pub(crate) const fn of(hash: &[u8; 16]) -> Self {
        let [first, b, c, d, e, f, g, h, ..] = *hash;
        Self([first | 1, b, c, d, e, f, g, h])
    }

    /// Reads a mark other than [`NONE`](Self::NONE), which takes no bytes.
    pub(super) fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        Some(Self(bytes)).filter(|mark| !mark.is_none())
    }

    pub(super) const fn to_bytes(self) -> [u8; Self::LEN] {
        self.0
    }

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }
}
