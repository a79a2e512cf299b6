//! The proof.

use crate::otp::{Lane, Passed};
use crate::{Channel, Purpose, Recipient, Timestamp};

/// Proof that whoever showed a code had received it. Nothing but a successful check makes one.
///
/// ```compile_fail
/// # use countersign::{Recipient, Verified};
/// # fn forge(recipient: Recipient) -> Verified {
/// Verified { recipient, ..todo!() }       // its fields are private
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "this is the proof that the login may go on"]
pub struct Verified {
    recipient: Recipient,
    passed: Passed,
    lane: Lane,
    tenant: [u8; 16],
    from_tests: bool,
}

impl Verified {
    pub(super) const fn new(recipient: Recipient, passed: Passed, lane: Lane, tenant: [u8; 16]) -> Self {
        Self { recipient, passed, lane, tenant, from_tests: false }
    }

    pub(super) const fn from_tests(recipient: Recipient, passed: Passed) -> Self {
        Self { recipient, passed, lane: Lane::COMMON, tenant: [0; 16], from_tests: true }
    }

    /// For whom and where it was proved, so that a device token is of that tenant whichever verifier makes it.
    pub(super) const fn place(&self) -> ([u8; 16], Lane) {
        (self.tenant, self.lane)
    }

    /// Whose it is: a telephone number or an email address.
    #[must_use]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// What the code was for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.passed.purpose
    }

    /// How it travelled.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.passed.channel
    }

    /// When it came back.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.passed.at
    }

    /// Whether it came from the test number of a [`SandboxForTests`](crate::SandboxForTests), and so proves nothing.
    #[must_use]
    pub const fn is_from_tests(&self) -> bool {
        self.from_tests
    }
}
