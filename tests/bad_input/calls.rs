//! All calls of a verifier, for tests that iterate over them.

use countersign::verifier::Moment;
use countersign::{Channel, Error, Handle, Store};
use countersign_tests::desk::number;
use rand_core::TryCryptoRng;

/// A call, without its output.
pub type Call<S, R> = fn(&mut Moment<'_, S, R>, Handle, &str) -> Result<(), Error>;

/// Returns every call except `forget`, which also works on unreadable records. `status` is the
/// last.
pub fn all<S: Store, R: TryCryptoRng>() -> [(&'static str, Call<S, R>); 8] {
    [
        ("check", |at, handle, code| at.check(number(), handle, code).map(drop)),
        ("check_without_handle", |at, _, code| at.check_without_handle(number(), code).map(drop)),
        ("start", |at, _, _| at.start(number(), Channel::Sms).map(drop)),
        ("resend", |at, handle, _| at.resend(number(), handle).map(drop)),
        ("cancel", |at, handle, _| at.cancel(number(), handle)),
        ("undelivered", |at, handle, _| at.undelivered(number(), handle)),
        ("unlock", |at, _, _| at.unlock(number())),
        ("status", |at, _, _| at.status(number()).map(drop)),
    ]
}
