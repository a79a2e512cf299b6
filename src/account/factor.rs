//! The factors whose failures are counted.

/// A factor of an account. Failures are counted for each, and locks go by their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// Passcodes, of all recipients and channels.
    Passcode,
    /// The authenticator app.
    Totp,
    /// Recovery codes.
    RecoveryCode,
}

impl Factor {
    /// All factors.
    pub const ALL: [Self; 3] = [Self::Passcode, Self::Totp, Self::RecoveryCode];

    /// Returns the name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passcode => "passcode",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }
}
