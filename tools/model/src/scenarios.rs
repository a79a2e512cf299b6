//! The scenarios: short forms for `cargo test`, long ones for the program.

mod clocks;
mod factors;
mod forget;
mod guesses;
mod lanes;
mod lost_replies;
mod races;

pub use clocks::clocks;
pub use factors::factors;
pub use forget::forget;
pub use guesses::guesses;
pub use lanes::lanes;
pub use lost_replies::{lost_replies, overwritten};
pub use races::races;

use crate::call::Call;
use crate::call::Entry::{Right, Wrong};
use crate::scenario::Faults;
use crate::trial::Trial;

const RIGHT: Call = Call::Check(Right);
const WRONG: Call = Call::Check(Wrong);

/// Returns all scenarios.
#[must_use]
pub fn all(size: Size) -> Vec<Trial> {
    let of_passcodes =
        [races(size), clocks(size), lanes(size), forget(size), lost_replies(size), overwritten(size)];
    [of_passcodes.concat(), guesses(size), factors(size)].concat()
}

/// The size of the scenarios.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The number of clients where many do the same.
    pub crowd: usize,
    /// The possible faults.
    pub faults: Faults,
    /// The possible faults where there is a single client.
    pub alone: Faults,
}

/// The short form, which takes seconds.
pub const SHORT: Size =
    Size { crowd: 3, faults: Faults { lost: 1, crashes: 1 }, alone: Faults { lost: 2, crashes: 1 } };

/// The long form, which takes minutes.
pub const LONG: Size =
    Size { crowd: 4, faults: Faults { lost: 2, crashes: 1 }, alone: Faults { lost: 5, crashes: 1 } };
