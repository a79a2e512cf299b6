//! The passcode machine: pure transitions of a record, with time and randomness as arguments.
//!
//! Most hosts use it through [`Verifier`](crate::Verifier). It is public for hosts with a driver of their own:
//!
//! 1. decode the record that the store has ([`Record::decode`]);
//! 2. run a transition ([`Record::start`], [`Record::check`] …), which gives a [`Step`];
//! 3. for a [`Step::Write`], swap the next record in ([`Record::encode`], [`Record::keep`]), and
//! 4. open the outcome with what the store answered ([`Withheld::confirm`](crate::kernel::Withheld::confirm)). After a conflict, begin again at 1.

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

pub(crate) use code::Entry;
pub use entropy::Fill;
pub(crate) use entropy::operation;
