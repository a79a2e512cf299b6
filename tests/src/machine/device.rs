//! The token that one of the participants presents.

use std::sync::LazyLock;

use countersign::keys::DeviceId;
use countersign::{Channel, DeviceToken, Error, MemoryStore, Recipient, Timestamp, Verified, Verifier};

use super::cast::{OWNER, recipient};
use super::spec::Spec;
use super::terms::Now;
use super::{KEYS, Moment, NOW, Seeded};

/// The tolerated difference between servers' clocks, in milliseconds.
const TOLERANCE: u64 = 5000;

/// The device's token, and what a reader of the documentation knows about it.
#[derive(Clone)]
pub struct Remembered {
    pub token: DeviceToken,
    pub id: DeviceId,
    issued_at: u64,
    /// The key that it was created under.
    key: u8,
}

/// The first token of the number's owner, issued before the sequence begins.
static FIRST: LazyLock<Remembered> = LazyLock::new(|| {
    let (verifier, now) =
        (Verifier::new(KEYS[0].clone(), MemoryStore::new()), Timestamp::from_unix_millis(NOW));
    let mut rng = Seeded(0xDE71CE);
    let at = verifier.at(now, &mut rng);
    let owner: Recipient = recipient(OWNER);
    let issued = at.start(owner.clone(), Channel::Sms).unwrap();
    let verified = at.check(owner.clone(), issued.handle(), issued.code().as_str()).unwrap();
    let token = at.device_token(&verified).unwrap();
    let id = at.known_device(owner, &token).unwrap().id;
    Remembered { token, id, issued_at: NOW, key: 0 }
});

impl Default for Remembered {
    fn default() -> Self {
        FIRST.clone()
    }
}

impl Remembered {
    /// Returns whether it opens the device's lane.
    pub fn is_good(&self, now: &Now<'_>) -> bool {
        let key_is_known = self.key != 0 || now.first_key_is_known;
        key_is_known && now.at < self.expires_at(now.spec) && self.issued_at <= now.at + TOLERANCE
    }

    pub fn expires_at(&self, spec: &Spec) -> u64 {
        self.issued_at + spec.device
    }

    /// Renews the token after a success in its lane: it gets a new age and keeps its id.
    pub fn renew(&mut self, at: &Moment<'_>, verified: &Verified, key: u8) -> Result<(), Error> {
        self.token = at.device_token(verified)?.to_string().parse().unwrap();
        (self.issued_at, self.key) = (verified.at().unix_millis(), key);
        Ok(())
    }
}
