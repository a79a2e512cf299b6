//! The settings that all calls of a verifier share.

use crate::events::Event;
use crate::instance::Instance;
use crate::keys::{Keys, Lane, TenantId};
use crate::store::RecordKey;
use crate::{Channel, Limits, Policy, Reason, Recipient};

/// The keys, policy, limits, tenant and epoch of a [`Verifier`](crate::Verifier): everything but
/// the store.
#[derive(Clone)]
pub struct Service {
    pub(crate) keys: Keys,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    pub(crate) tenant: TenantId,
    pub(crate) epoch: u32,
    pub(crate) instance: Instance,
    #[cfg(feature = "totp")]
    pub(crate) window: crate::totp::Window,
    #[cfg(feature = "sandbox")]
    pub(crate) sandbox: bool,
    pub(crate) events: Option<Hook>,
    #[cfg(feature = "alloc")]
    pub(crate) guard: Option<alloc::sync::Arc<Guarding>>,
}

/// The guard of a verifier, with the secret under which its tallies are kept.
#[cfg(feature = "alloc")]
pub(crate) struct Guarding {
    pub(crate) guard: crate::guard::Guard,
    pub(crate) secret: crate::guard::TallySecret,
}

/// The host's event hook.
#[cfg(feature = "alloc")]
pub(crate) type Hook = alloc::sync::Arc<dyn Fn(&Event) + Send + Sync>;
#[cfg(not(feature = "alloc"))]
pub(crate) type Hook = fn(&Event);

impl Service {
    pub(crate) fn new(keys: Keys) -> Self {
        let tenant = keys.tenant_id("");
        Self {
            keys,
            policy: Policy::DEFAULT,
            limits: Limits::DEFAULT,
            tenant,
            epoch: 0,
            instance: Instance::new(),
            #[cfg(feature = "totp")]
            window: crate::totp::Window::DEFAULT,
            #[cfg(feature = "sandbox")]
            sandbox: false,
            events: None,
            #[cfg(feature = "alloc")]
            guard: None,
        }
    }

    /// Returns the key of a recipient's record.
    pub(crate) fn locate(&self, recipient: &Recipient, lane: Lane) -> RecordKey {
        self.keys.locate(&self.tenant, recipient, lane)
    }

    /// Returns whether anybody listens to events.
    pub(crate) const fn has_hook(&self) -> bool {
        self.events.is_some()
    }

    /// Reports the outcome of a call to the host's hook, if there is one.
    pub(crate) fn report(&self, event: &Event) {
        if let Some(events) = &self.events {
            events(event);
        }
    }
}

/// Decides whether the recipient may be sent a code on this channel. The policy applies to phone
/// numbers only: an email address has no country.
pub(crate) fn permit(policy: &Policy, recipient: &Recipient, channel: Channel) -> Result<(), Reason> {
    if !recipient.is_reached_by(channel) {
        return Err(Reason::NotATelephoneChannel);
    }
    recipient.phone().map_or(Ok(()), |number| policy.decide(number, channel).into_result())
}

impl core::fmt::Debug for Service {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Service")
            .field("keys", &self.keys)
            .field("policy", &self.policy)
            .field("limits", &self.limits)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
