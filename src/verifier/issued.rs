//! A code that is to be sent.

use crate::keys::Lane;
use crate::otp::NewCode;
use crate::{Channel, Code, Handle, Timestamp};

/// A passcode that was issued. The host sends the code to the recipient, gives the handle to the client, and forgets
/// both. One that is dropped unsent costs the recipient a send, and is a warning of the compiler:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use countersign::{Channel, Error, PhoneNumber, Store, Verifier};
/// # fn forgets<S: Store>(verifier: &Verifier<S>, number: PhoneNumber) -> Result<(), Error> {
/// verifier.start(number, Channel::Sms)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "the code is issued, and counts as a send, whether it is sent or not"]
pub struct Issued {
    // Side by side, so that there is no padding, which would carry a word of whatever the stack had there before.
    handle: Handle,
    code: Code,
    channel: Channel,
    expires_at: Timestamp,
    for_tests: bool,
}

impl Issued {
    /// The record does not know its lane, so that the machine's handle has none.
    pub(super) fn new(issue: NewCode, lane: Lane) -> Self {
        let NewCode { handle, code, channel, expires_at } = issue;
        Self { handle: handle.in_lane(lane), code, channel, expires_at, for_tests: false }
    }

    pub(super) fn for_tests(issue: NewCode) -> Self {
        Self { for_tests: true, ..Self::new(issue, Lane::COMMON) }
    }

    /// What the client shows together with the code.
    #[must_use]
    pub const fn handle(&self) -> Handle {
        self.handle
    }

    /// The code, for the message.
    #[must_use]
    pub const fn code(&self) -> &Code {
        &self.code
    }

    /// How the code is to be sent.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// When the code dies.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether it is the test number's, to which nothing is to be sent. Only a
    /// verifier [with the sandbox](crate::Verifier::with_sandbox_for_tests) issues such.
    #[must_use]
    pub const fn is_for_tests(&self) -> bool {
        self.for_tests
    }
}
