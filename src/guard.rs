//! The toll-fraud guard: answered codes pay for unanswered ones.
//!
//! SMS pumping rings request passcodes for numbers whose carrier shares the fee with them. They
//! rotate through addresses, blocks and countries and stay below the limits of each number. The
//! guard counts where the money goes instead.
//!
//! A *tally* holds two sums, unanswered (u) and answered (a), which halve every 24 hours. Each send
//! to a *stranger* adds its weight w to u of every tally that covers it, as it is sent. When a
//! number answers for the first time in 180 days, each of those tallies gets back what the number
//! still owes, and w is added to a. From the smallest block to the largest, a send is refused by
//! the first tally where `u + w > base + 2·a`:
//!
//! | tally | w | base | also |
//! |---|---|---|---|
//! | blocks of 10² and 10³ numbers | 1 | 5, 6 | u + a + 1 ≤ 100 |
//! | block of 10⁴ | 1 | 7 | u + a + 1 ≤ 120 |
//! | block of 10⁶ | 1 | 16 | |
//! | region | price | the stake, 8.00 | where u + w > 2·a, the send also draws on the purse |
//! | purse: all regions that have not earned their traffic | price | 1.5 stakes and 3% of all regions' a | |
//! | host keys: IP network, account, others | 1 | 20, 6, given | |
//!
//! Where a block of 10⁴ or 10⁶ has earned the send (u + w ≤ 2·a), larger blocks, region and
//! purse are not asked. Recipients who were verified at least 72 hours ago, and in the last 180
//! days, are *known*: neither blocks nor keys refuse them, and their sends charge nothing. A
//! stranger who is refused by a block of 10⁴ or a larger tally may pass a check of the host's own
//! and ask again as *vouched*.
//!
//! A verifier applies it: see [`Verifier::with_guard`](crate::Verifier::with_guard).
//!
//! The rule itself is pure, for simulations and services of another kind. [`Guard::question`] names
//! the entries to read, [`Question::decide`] rules on them, and [`Question::sent`],
//! [`Question::answered`] and [`Question::undelivered`] return the changes to add to the tallies.
//!
//! ```
//! use countersign::guard::{Guard, Subject, TallySecret};
//! use countersign::store::MemoryTallies;
//! use countersign::{Channel, PhoneNumber, Timestamp};
//!
//! let (guard, tallies) = (Guard::default(), MemoryTallies::new());
//! let secret = TallySecret::new([7; 16]);
//! let number: PhoneNumber = "+12025550162".parse()?;
//! let now = Timestamp::from_unix_seconds(1_800_000_000);
//!
//! let question = guard.question(&secret, &Subject::new(number, Channel::Sms));
//! let ruling = question.decide(&guard, &tallies.read(question.keys(), now)?, now)?;
//! assert!(ruling.is_allowed());
//! tallies.add(question.sent(&ruling).as_slice(), now)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it cannot do
//!
//! Operators that answer every code look like new people, and random subscribers look like honest
//! strangers: only the ceilings and caps bound them. A cleared CAPTCHA proves little. Before
//! numbers that were verified earlier are [imported](Guard::import), everybody is a stranger.

mod changes;
mod charge;
mod error;
mod fingerprint;
mod host_key;
mod level;
mod overrides;
mod prefix;
mod prices;
mod question;
mod rule;
mod ruling;
mod scope;
mod secret;
mod settings;
mod subject;
#[cfg(test)]
#[cfg(feature = "std")]
mod tests;
mod walk;

pub use charge::{Charge, Receipt};
pub use error::GuardError;
pub use fingerprint::Fingerprint;
pub use host_key::{HostKey, HostTag, HostTags, MOST_HOST_KEYS, TooManyHostKeys};
#[cfg(feature = "serde")]
pub(crate) use overrides::Covered;
pub use overrides::{Override, Treatment};
pub use prefix::{Prefix, PrefixError};
pub use prices::{PriceError, PriceErrorKind, Prices};
pub use question::Question;
pub use rule::Rule;
pub use ruling::{Alarm, Finding, Ruling};
pub use scope::{Scope, ScopeError};
pub use secret::TallySecret;
pub use settings::{Bases, Caps, Guard, WhenBlind};
pub use subject::Subject;
