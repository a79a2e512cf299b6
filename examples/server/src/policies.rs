//! The policies: which countries may be sent a passcode.

use countersign::policy::PolicyError;
use countersign::store::StoreError;
use countersign::{Channel, Policy};

use crate::documents::{Documents, Key, Revision, Written};

/// The allowlists, one per channel that has countries.
#[derive(Clone, Debug)]
pub struct Policies(Documents);

/// The default allowlist, as in [`Policy::DEFAULT`].
const DEFAULT: [&str; 2] = ["US", "CA"];

impl Policies {
    /// Creates policies on these documents.
    #[must_use]
    pub const fn new(documents: Documents) -> Self {
        Self(documents)
    }

    /// Returns a channel's allowlist, in the host's order.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn allowed(&self, channel: Channel) -> Result<Vec<String>, StoreError> {
        let held = self.0.read(&key(channel)).await?;
        Ok(held.map_or_else(|| DEFAULT.map(String::from).to_vec(), |held| held.value))
    }

    /// Returns the current policy for a channel. Once a change has been answered, all servers on
    /// the engine apply it.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn of(&self, channel: Channel) -> Result<Policy, StoreError> {
        let mut policy = Policy::DEFAULT;
        if channel != Channel::Email {
            let codes = self.allowed(channel).await?;
            policy.set_allowed_codes(channel, &codes).map_err(StoreError::unavailable)?;
        }
        Ok(policy)
    }

    /// Returns the current policy for all channels.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn all(&self) -> Result<Policy, StoreError> {
        let mut policy = self.of(Channel::Sms).await?;
        let codes = self.allowed(Channel::WhatsApp).await?;
        policy.set_allowed_codes(Channel::WhatsApp, &codes).map_err(StoreError::unavailable)?;
        Ok(policy)
    }

    /// Replaces a channel's allowlist and returns the new one. A list that is refused changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn allow(
        &self,
        channel: Channel,
        codes: Vec<String>,
    ) -> Result<Result<Vec<String>, PolicyError>, StoreError> {
        let mut tried = Policy::DEFAULT;
        if let Err(refused) = tried.set_allowed_codes(channel, &codes) {
            return Ok(Err(refused));
        }
        let mut list: Vec<String> = Vec::new();
        for code in codes.iter().map(|code| code.to_ascii_uppercase()) {
            if !list.contains(&code) {
                list.push(code);
            }
        }
        loop {
            let held = self.0.read::<Vec<String>>(&key(channel)).await?;
            let revision = held.map_or(Revision::ABSENT, |held| held.revision);
            if self.0.write(&key(channel), revision, &list, None).await? == Written::Applied {
                return Ok(Ok(list));
            }
        }
    }
}

fn key(channel: Channel) -> Key {
    Key::new("allowed", channel)
}
