//! The passcode state machine: pure transitions of a record, with time and randomness as arguments.
//!
//! Most hosts use it through [`Verifier`](crate::Verifier). It is public for hosts that need a
//! driver of their own:
//!
//! 1. Decode the record from the store ([`Record::decode`]).
//! 2. Run a transition ([`Record::start`], [`Record::check`] …), which returns a [`Step`].
//! 3. For a [`Step::Write`], write the next record with a compare-and-swap ([`Record::encode`],
//!    [`Record::keep`]).
//! 4. Reveal the outcome with the store's answer
//!    ([`Withheld::confirm`](crate::kernel::Withheld::confirm)). After a conflict, begin again at
//!    step 1.
//!
//! ```
//! use countersign::otp::{Attempt, Context, Drawn, Record, Step, Terms};
//! use countersign::rng::SystemRng;
//! use countersign::store::{RecordKey, Swap};
//! use countersign::{Channel, Keys, Purpose, Timestamp};
//!
//! let (keys, key) = (Keys::from_secret([7; 32])?, RecordKey::from_bytes([3; 16]));
//! let context = Context::new(&key, &keys, Timestamp::now(), 1);
//!
//! let drawn = Drawn::new(&mut SystemRng)?;
//! let step = Record::fresh().start(&context, &Terms::new(Channel::Sms), &drawn)?;
//! let Step::Write { next, withheld } = step else { return Err("refused".into()) };
//! let bytes = next.encode(&key, &keys)?;              // to be written with a compare-and-swap
//! let Some(Ok(new)) = withheld.confirm(Swap::Applied) else { return Err("lost".into()) };
//!
//! let record = Record::decode(bytes.as_slice(), &key, &keys)?;
//! let attempt = Attempt::new(&new.handle, Purpose::LOGIN, new.code.as_str());
//! let Step::Write { withheld, .. } = record.check(&context, &attempt)? else {
//!     return Err("refused".into());
//! };
//! assert!(withheld.confirm(Swap::Applied).is_some_and(|outcome| outcome.is_ok()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account_mark;
mod challenge;
mod check;
mod code;
mod context;
mod device;
mod entropy;
mod handle;
mod lifetime;
mod opening;
mod passcode;
mod purpose;
mod start;
mod step;
mod tag_input;
mod upkeep;

pub use challenge::Terms;
pub use check::{Attempt, Match};
pub use code::{Code, CodeFormat, CodeFormatError};
pub use context::Context;
pub use device::{DeviceToken, DeviceTokenError, KnownDevice};
pub use entropy::Drawn;
pub use handle::{Handle, HandleError};
pub use lifetime::{Lifetime, LifetimeError};
pub use passcode::{Passcode, Record};
pub use purpose::{Purpose, PurposeError};
pub use start::NewCode;
pub use step::{Step, Transition};
pub use upkeep::{ChallengeStatus, Status};

#[cfg(feature = "alloc")]
pub(crate) use crate::clock::valid;
pub(crate) use account_mark::AccountMark;
#[cfg(feature = "alloc")]
pub(crate) use challenge::Charges;
pub(crate) use code::Entry;
pub(crate) use entropy::operation;
