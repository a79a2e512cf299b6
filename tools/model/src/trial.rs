//! A scenario and its laws.

use crate::SetupError;
use crate::laws::ALWAYS;
use crate::race::{Law, Race};
use crate::scenario::{Faults, Scenario};
use crate::shelf::Defect;

/// A scenario, with the laws that must hold and the events that must occur.
#[derive(Clone)]
pub struct Trial {
    /// The clients, limits and faults.
    pub scenario: Scenario,
    /// The laws of every scenario, and its own.
    pub laws: Vec<Law>,
}

impl Scenario {
    /// Creates a trial with these laws, in addition to those of every scenario.
    #[must_use]
    pub fn laws(self, laws: &[Law]) -> Trial {
        Trial { scenario: self, laws: [&ALWAYS, laws].concat() }
    }
}

impl Trial {
    /// Sets the trial up.
    ///
    /// # Errors
    ///
    /// As for [`Race::new`].
    pub fn race(self) -> Result<Race, SetupError> {
        Race::new(self.scenario, self.laws)
    }

    /// Adds laws.
    #[must_use]
    pub fn laws(self, more: &[Law]) -> Self {
        Self { laws: [&self.laws, more].concat(), ..self }
    }

    /// Sets the possible faults.
    #[must_use]
    pub fn faults(self, faults: Faults) -> Self {
        Self { scenario: Scenario { faults, ..self.scenario }, ..self }
    }

    /// Sets a deliberate defect.
    #[must_use]
    pub fn with_defect(self, defect: Defect) -> Self {
        Self { scenario: Scenario { defect, ..self.scenario }, ..self }
    }
}
