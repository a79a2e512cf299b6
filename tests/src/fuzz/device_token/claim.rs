//! The contents of a token and its MAC, computed as documented and independently of the library.

use std::fmt;

use super::desk::Desk;
use crate::mac::{derived, hmac};

/// The 40 bytes of a token.
pub struct Claim([u8; 40]);

impl Claim {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Creates a claim with the MAC that is valid at this desk, under one of its keys or under an
    /// unknown one.
    pub fn with_mac(desk: &Desk, key: u8, issued_at: u64, device: [u8; 16]) -> Self {
        let mut claim = [0; 40];
        claim[..2].copy_from_slice(&[1, key]);
        claim[2..8].copy_from_slice(&issued_at.to_le_bytes()[..6]);
        claim[8..24].copy_from_slice(&device);
        let code = Self(claim).mac(desk);
        claim[24..].copy_from_slice(&code);
        Self(claim)
    }

    pub fn has_mac_of(&self, desk: &Desk) -> bool {
        self.0[24..] == self.mac(desk)
    }

    fn mac(&self, desk: &Desk) -> [u8; 16] {
        let locator = derived(&desk.root(), b"locator");
        let cut = |mac: [u8; 32]| *mac.first_chunk::<16>().unwrap();
        let tenant = cut(hmac(&locator, &[b"t", desk.tenant().as_bytes()]));
        let (kind, identity) = desk.identity();
        let place = cut(hmac(&locator, &[b"r", &tenant, &[0; 17], &[kind], &identity]));
        cut(hmac(&derived(&desk.secret_of(self.0[1]), b"device"), &[&self.0[..24], &place]))
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
