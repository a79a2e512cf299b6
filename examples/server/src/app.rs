//! State shared by all requests.

use std::sync::Arc;

use axum::http::HeaderName;
use countersign::message::{AppName, Domain};
use countersign::rng::SystemRng;
use countersign::{Limits, Timestamp};
use tokio_util::task::TaskTracker;

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::failure::Failure;
use crate::fraud::Passcodes;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::policies::Policies;
use crate::sealing::Sealing;
use crate::sending::Sender;
use crate::sessions::Sessions;
use crate::users::Users;

/// State shared by all requests.
#[derive(Debug)]
pub struct App {
    /// Checks authenticator apps and recovery codes.
    pub accounts: Accounts,
    /// Encrypts recovery codes, if they are to be shown again.
    pub recovery_codes: Option<Sealing>,
    /// Issues and checks passcodes.
    pub passcodes: Passcodes,
    /// The header with which callers vouch for a person, if the guard is to accept that.
    pub vouched_header: Option<HeaderName>,
    /// The clock.
    pub clock: Clock,
    /// The users.
    pub users: Users,
    /// The allowlists.
    pub policies: Policies,
    /// The sessions.
    pub sessions: Sessions,
    /// Sends messages.
    pub sender: Arc<dyn Sender>,
    /// The wording of messages.
    pub wording: Wording,
    /// The credentials of the project's API.
    pub project: Credentials,
    /// The credentials of the management endpoints.
    pub workspace: Credentials,
    /// Development features.
    pub dev: Option<Dev>,
    /// Metrics, including those of the verifier's events.
    pub metrics: Arc<Metrics>,
    /// Tasks that continue after their request was answered.
    pub tasks: TaskTracker,
    /// The health check of the engine.
    pub health: Health,
    /// The server's URL for clients, used in links, without a trailing slash.
    pub public_url: String,
}

/// Development features.
pub struct Dev {
    /// The messages, which can be read instead of sent.
    pub outbox: Outbox,
    /// The project's secret, which the page displays.
    pub secret: String,
}

/// The wording of messages.
#[derive(Clone, Copy, Debug)]
pub struct Wording {
    /// The app's name.
    pub app_name: AppName<'static>,
    /// The web origin that browsers autofill the code on.
    pub origin: Option<Domain<'static>>,
}

impl std::fmt::Debug for Dev {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dev")
    }
}

impl App {
    /// Returns the current time.
    ///
    /// # Errors
    ///
    /// If the engine does not return the clock's offset.
    pub async fn now(&self) -> Result<Timestamp, Failure> {
        Ok(self.clock.now().await?)
    }

    /// Returns the random number generator for the verifier's calls.
    #[must_use]
    pub const fn rng() -> SystemRng {
        SystemRng
    }
}

/// Returns the hosted API's limits: as many attempts per code as failures before a lock. `generous`
/// removes the limits on sends.
///
/// # Errors
///
/// None: these limits are valid.
pub fn limits(generous: bool) -> Result<Limits, countersign::limits::LimitError> {
    let limits = Limits::DEFAULT.with_tries_per_code(10)?.with_failures_before_lock(10)?;
    if generous { limits.with_cooldown(std::time::Duration::ZERO)?.with_send_quotas(&[]) } else { Ok(limits) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{DocumentEngine, Documents, MemoryDocuments};
    use crate::secrets::Secrets;

    #[test]
    fn debug_hides_the_secret() {
        let documents = Documents::new(DocumentEngine::Memory(MemoryDocuments::default()), "project");
        let secret = "very-secret".to_owned();
        let dev = Dev { outbox: Outbox::new(documents, Secrets::new(&secret).unwrap()), secret };
        assert!(!format!("{dev:?}").contains("very-secret"), "{dev:?}");
    }
}
