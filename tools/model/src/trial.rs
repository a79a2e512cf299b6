//! A scenario and the laws that it is held against.

use crate::SetupError;
use crate::laws::ALWAYS;
use crate::race::{Law, Race};
use crate::scenario::{Faults, Scenario};
use crate::shelf::Skew;

/// A scenario, and what has to hold and to be seen in it.
#[derive(Clone)]
pub struct Trial {
    /// Who races whom.
    pub scenario: Scenario,
    /// The laws of every scenario, and its own.
    pub laws: Vec<Law>,
}

impl Scenario {
    /// Under these laws, and those of every scenario.
    #[must_use]
    pub fn laws(self, laws: &[Law]) -> Trial {
        Trial { scenario: self, laws: [&ALWAYS, laws].concat() }
    }
}

impl Trial {
    /// Sets it up.
    ///
    /// # Errors
    ///
    /// As [`Race::new`].
    pub fn race(self) -> Result<Race, SetupError> {
        Race::new(self.scenario, self.laws)
    }

    /// Under these laws, too.
    #[must_use]
    pub fn laws(self, more: &[Law]) -> Self {
        Self { laws: [&self.laws, more].concat(), ..self }
    }

    /// With this much that may go wrong.
    #[must_use]
    pub fn faults(self, faults: Faults) -> Self {
        Self { scenario: Scenario { faults, ..self.scenario }, ..self }
    }

    /// With something broken on purpose.
    #[must_use]
    pub fn skewed(self, skew: Skew) -> Self {
        Self { scenario: Scenario { skew, ..self.scenario }, ..self }
    }
}
