//! Who races whom, under which limits, and what may go wrong.

use core::time::Duration;

use countersign::{LimitError, Limits};
use stateright::Property;

use crate::call::Call;
use crate::laws::ALWAYS;
use crate::race::Race;
use crate::shelf::Skew;

/// Something that holds in every state, or that has to be seen in one.
pub type Law = Property<Race>;

/// Who races whom, under which limits, and what may go wrong.
#[derive(Clone)]
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    /// How many tries a code has.
    pub tries: u8,
    /// How many failures lead to a lock.
    pub failures: u8,
    /// How long it is between two sends.
    pub cooldown: Duration,
    /// What happened before: the calls of one client whom nobody disturbed. The code that it was sent last is known to all.
    pub before: Vec<Call>,
    /// What each client does, one call after the other.
    pub clients: Vec<Vec<Call>>,
    /// What may go wrong.
    pub faults: Faults,
    /// What has to hold, and what has to be seen.
    pub laws: Vec<Law>,
    /// What is broken on purpose.
    pub skew: Skew,
}

/// How much may go wrong in one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// So many replies to swaps may be lost. The write of each is applied at once, later, or never.
    pub lost: u8,
    /// So many clients may end at any point; a write that they wait for is applied at once, later, or never.
    pub crashes: u8,
}

impl Scenario {
    /// These clients. Until said otherwise nothing was before, a code has two tries and two failures lock, so that limits are met
    /// soon; sends have no limit, nothing goes wrong, and the laws are those of every scenario.
    #[must_use]
    pub fn new(name: &'static str, clients: Vec<Vec<Call>>) -> Self {
        Self {
            name,
            tries: 2,
            failures: 2,
            cooldown: Duration::ZERO,
            before: Vec::new(),
            clients,
            faults: Faults::default(),
            laws: ALWAYS.to_vec(),
            skew: Skew::None,
        }
    }

    /// After these calls.
    #[must_use]
    pub fn after(self, before: &[Call]) -> Self {
        Self { before: before.to_vec(), ..self }
    }

    /// With so many tries a code.
    #[must_use]
    pub fn tries(self, tries: u8) -> Self {
        Self { tries, ..self }
    }

    /// With a lock after so many failures.
    #[must_use]
    pub fn lock_after(self, failures: u8) -> Self {
        Self { failures, ..self }
    }

    /// With half a minute between two sends.
    #[must_use]
    pub fn cooling(self) -> Self {
        Self { cooldown: Duration::from_secs(30), ..self }
    }

    /// With this much that may go wrong.
    #[must_use]
    pub fn faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Under these laws, too.
    #[must_use]
    pub fn laws(self, more: &[Law]) -> Self {
        Self { laws: [&self.laws, more].concat(), ..self }
    }

    /// With something broken on purpose.
    #[must_use]
    pub fn skewed(self, skew: Skew) -> Self {
        Self { skew, ..self }
    }

    /// Who takes part, in words.
    #[must_use]
    pub fn cast(&self) -> String {
        let calls =
            |client: &Vec<Call>| client.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.clients.iter().map(calls).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn limits(&self) -> Result<Limits, LimitError> {
        Limits::default()
            .tries_per_code(self.tries)?
            .failures_before_lock(self.failures)?
            .cooldown(self.cooldown)?
            .send_quotas(&[])
    }
}
