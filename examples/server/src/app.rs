//! What all requests share.

use std::sync::Arc;

use countersign::message::{AppName, Domain};
use countersign::rng::SystemRng;
use countersign::{Limits, Timestamp, Verifier};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::users::Users;
use crate::policies::Policies;
use crate::sending::Sender;
use crate::sessions::Sessions;

/// What all requests share.
#[derive(Debug)]
pub struct App {
    /// Decides, issues, checks.
    pub verifier: Verifier<Engine>,
    /// What time it is.
    pub clock: Clock,
    /// Users.
    pub users: Users,
    /// Allowlists.
    pub policies: Policies,
    /// Sessions.
    pub sessions: Sessions,
    /// Sends messages.
    pub sender: Arc<dyn Sender>,
    /// How messages read.
    pub wording: Wording,
    /// Of those who send and authenticate.
    pub project: Credentials,
    /// Of those who set allowlists.
    pub workspace: Credentials,
    /// What is for development only.
    pub dev: Option<Dev>,
    /// Counts, of which some come from the verifier's events.
    pub metrics: Arc<Metrics>,
    /// What goes on after its answer.
    pub tasks: TaskTracker,
    /// Whether the engine takes writes.
    pub health: Health,
    /// How clients reach the server, for links: without a slash at its end.
    pub public_url: String,
}

/// What is for development only.
pub struct Dev {
    /// The messages, to be read.
    pub outbox: Outbox,
    /// The project's secret, which the page shows.
    pub secret: String,
}

/// How messages read.
#[derive(Clone, Copy, Debug)]
pub struct Wording {
    /// The app's name.
    pub app_name: AppName<'static>,
    /// The site whose page fills the code in.
    pub origin: Option<Domain<'static>>,
}

impl std::fmt::Debug for Dev {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dev")
    }
}

impl App {
    /// The time.
    ///
    /// # Errors
    ///
    /// If the engine does not say how far the clock was put forward.
    pub async fn now(&self) -> Result<Timestamp, Failure> {
        Ok(self.clock.now().await?)
    }

    /// The generator that its calls draw from.
    #[must_use]
    pub const fn rng() -> SystemRng {
        SystemRng
    }
}

/// As the hosted API has them: as many tries for a code as failures lead to the lock.
///
/// # Errors
///
/// None that is known.
pub fn limits(generous: bool) -> Result<Limits, countersign::limits::LimitError> {
    let limits = Limits::DEFAULT.with_tries_per_code(10)?.with_failures_before_lock(10)?;
    if generous { limits.with_cooldown(std::time::Duration::ZERO)?.with_send_quotas(&[]) } else { Ok(limits) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{Documents, Keeper, MemoryDocuments};
    use crate::secrets::Secrets;

    #[test]
    fn debug_shows_no_secret() {
        let documents = Documents::new(Keeper::Memory(MemoryDocuments::default()), "project");
        let secret = "very-secret".to_owned();
        let dev = Dev { outbox: Outbox::new(documents, Secrets::new(&secret).unwrap()), secret };
        assert!(!format!("{dev:?}").contains("very-secret"), "{dev:?}");
    }
}
