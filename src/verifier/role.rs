//! What a call means to the guard.

/// What a call means to the guard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A send, whose subject is known.
    Start,
    /// A send, whose channel and host keys are in the record.
    Resend,
    /// A right code, if the call succeeds.
    Answer,
    /// A send that was not delivered.
    Undelivered,
}
