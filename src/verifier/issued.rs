//! An issued code.

#[cfg(feature = "alloc")]
use alloc::sync::Arc;

#[cfg(feature = "alloc")]
use crate::guard::Ruling;
use crate::keys::Lane;
use crate::otp::NewCode;
use crate::{Channel, Code, Handle, Timestamp};

/// An issued passcode. The host sends the code to the recipient, gives the handle to the client,
/// and keeps neither.
///
/// An issued code counts as a send even if it is dropped, so ignoring one is a compiler warning:
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
    // Ordered so that there is no padding, which would copy leftover stack contents.
    handle: Handle,
    code: Code,
    channel: Channel,
    expires_at: Timestamp,
    #[cfg(feature = "alloc")]
    ruling: Option<Arc<Ruling>>,
    for_tests: bool,
}

impl Issued {
    /// Adds the lane to the handle, since the record does not know its own lane.
    pub(super) fn new(issue: NewCode, lane: Lane) -> Self {
        let NewCode { handle, code, channel, expires_at } = issue;
        Self {
            handle: handle.in_lane(lane),
            code,
            channel,
            expires_at,
            #[cfg(feature = "alloc")]
            ruling: None,
            for_tests: false,
        }
    }

    #[cfg(feature = "alloc")]
    pub(super) fn with_ruling(self, ruling: Option<Arc<Ruling>>) -> Self {
        Self { ruling, ..self }
    }

    pub(super) fn for_tests(issue: NewCode) -> Self {
        Self { for_tests: true, ..Self::new(issue, Lane::COMMON) }
    }

    /// Returns the handle, which the client presents together with the code.
    #[must_use]
    pub const fn handle(&self) -> Handle {
        self.handle
    }

    /// Returns the code, for the message.
    #[must_use]
    pub const fn code(&self) -> &Code {
        &self.code
    }

    /// Returns the channel to send the code by.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// Returns when the code expires.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns the ruling of the [guard](crate::guard), if the verifier has one. In monitor mode it
    /// names the rules that would have refused the send.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn ruling(&self) -> Option<&Ruling> {
        self.ruling.as_deref()
    }

    /// Returns whether this code is for the test number, to which nothing must be sent. Only a
    /// verifier [with the sandbox](crate::Verifier::with_sandbox_for_tests) issues such codes.
    #[must_use]
    pub const fn is_for_tests(&self) -> bool {
        self.for_tests
    }
}
