//! What the server tells the guard about a send.

use std::net::IpAddr;
use std::time::Duration;

use countersign::guard::HostKey;
use countersign::store::StoreError;
use countersign::{Challenge, Timestamp};
use serde_json::Value;

use crate::app::App;

/// How long ago a user's phone number must have been verified for the guard to know it. It is the
/// guard's own condition. Otherwise whoever answers one code would be known at once.
const KNOWN_AFTER: Duration = Duration::from_secs(72 * 60 * 60);

/// Who asks for a code, as far as the caller says. It does not implement `Debug`.
#[derive(Clone, Default)]
pub struct Requester {
    address: Option<IpAddr>,
    account: Option<String>,
    is_known: bool,
    is_vouched: bool,
}

impl Requester {
    /// Reads `attributes.ip_address` of a request. `is_vouched` tells whether the caller vouches
    /// for the person.
    ///
    /// The API is called by the host's own servers, so the address that a request comes from is one
    /// of theirs and says nothing about the person. What is no address is ignored, since the hosted
    /// API accepts any attributes.
    #[must_use]
    pub fn new(attributes: Option<&Value>, is_vouched: bool) -> Self {
        let address = attributes.and_then(|attributes| attributes.get("ip_address")?.as_str());
        Self { address: address.and_then(|address| address.parse().ok()), is_vouched, ..Self::default() }
    }

    /// Adds the user and contact whom the code is for, if they exist.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn with_user(
        self,
        app: &App,
        ids: Option<&(String, String)>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let Some((user_id, method_id)) = ids else { return Ok(self) };
        let user = app.users.user(user_id).await?;
        let is_known = user.is_some_and(|user| user.is_verified_since(method_id, KNOWN_AFTER, now));
        Ok(Self { account: Some(user_id.clone()), is_known, ..self })
    }

    /// Adds what is known about the person to a challenge.
    pub fn describe<'p>(&self, mut challenge: Challenge<'p>) -> Challenge<'p> {
        if let Some(address) = self.address {
            challenge = challenge.with_key(HostKey::ip(address));
        }
        if let Some(account) = &self.account {
            challenge = challenge.with_key(HostKey::account(account));
        }
        if self.is_vouched {
            challenge = challenge.with_vouched();
        }
        challenge.with_known(self.is_known)
    }
}
