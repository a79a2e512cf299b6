//! The situation in which a token is issued or presented: the recipient, the service and the time.

use std::sync::LazyLock;
use std::time::Duration;

use countersign::keys::DeviceId;
use countersign::otp::KnownDevice;
use countersign::{
    Challenge, Channel, DeviceToken, EmailAddress, KeyId, Keys, Limits, MemoryStore, PhoneNumber, Recipient,
    Timestamp, Verifier,
};

use crate::fuzz::bytes::Bytes;
use crate::rng::Seeded;

pub const NOW: u64 = 1_800_000_000_000;

/// 2020-01-01, the earliest valid clock.
pub const EARLIEST: u64 = 1_577_836_800_000;
pub const TENANTS: [&str; 3] = ["", "a", "b"];
/// Two numbers, and an address in two spellings.
pub const RECIPIENTS: usize = 4;
/// Token ages in milliseconds: the shortest, the default, the longest.
pub const AGES: [u64; 3] = [HOUR, 90 * 24 * HOUR, 400 * 24 * HOUR];
const HOUR: u64 = 60 * 60 * 1000;

/// A service, a recipient and a time.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Which of two root secrets.
    pub root: usize,
    /// The phase of the key rotation: the first key; both, the first in use; both, the second in
    /// use; the second.
    pub phase: usize,
    pub tenant: usize,
    pub recipient: usize,
    /// An index into [`AGES`].
    pub age: usize,
    pub now: u64,
}

/// The properties of an issued token.
pub struct Issued {
    pub key: u8,
    pub device: DeviceId,
}

static KEYS: LazyLock<[[Keys; 4]; 2]> = LazyLock::new(|| {
    [7, 9].map(|root: u8| {
        let first = Keys::from_secret([root; 32]).unwrap();
        let both = first.clone().accept(KeyId::new(1), [8; 32]).unwrap();
        let second = both.clone().tag_with(KeyId::new(1)).unwrap();
        let alone = second.clone().retire(KeyId::new(0)).unwrap();
        [first, both, second, alone]
    })
});

static CAST: LazyLock<[Recipient; RECIPIENTS]> = LazyLock::new(|| {
    let phone = |text: &str| text.parse::<PhoneNumber>().unwrap().into();
    let email = |text: &str| text.parse::<EmailAddress>().unwrap().into();
    [phone("+12025550162"), phone("+14165550123"), email("ada@example.com"), email("ADA@Example.COM")]
});

impl Default for Desk {
    fn default() -> Self {
        Self { root: 0, phase: 0, tenant: 0, recipient: 0, age: 1, now: NOW }
    }
}

impl From<&mut Bytes<'_>> for Desk {
    fn from(bytes: &mut Bytes<'_>) -> Self {
        let [phase, tenant, recipient, age] =
            [4, TENANTS.len(), RECIPIENTS, AGES.len()].map(|end| bytes.below(end));
        Self { phase, tenant, recipient, age, ..Self::default() }
    }
}

impl Desk {
    /// Verifies the recipient and requests a token.
    pub fn issue(&self, seed: u64) -> (DeviceToken, Issued) {
        let (verifier, mut rng) = (self.verifier(), Seeded(seed));
        let at = verifier.at(Timestamp::from_unix_millis(self.now), &mut rng);
        let issued = at.start(self.recipient(), self.channel()).unwrap();
        let verified = at.check(self.recipient(), issued.handle(), issued.code().as_str()).unwrap();
        let token = at.device_token(&verified).unwrap();
        let device = at.known_device(self.recipient(), &token).unwrap().id;
        (token, Issued { key: u8::from(self.phase >= 2), device })
    }

    pub fn known(&self, token: &DeviceToken) -> Option<KnownDevice> {
        let (verifier, mut rng) = (self.verifier(), Seeded(0));
        verifier.at(Timestamp::from_unix_millis(self.now), &mut rng).known_device(self.recipient(), token)
    }

    /// A start with the token runs in that device's own lane if the token is known, otherwise in
    /// the common lane. The same holds for a renewed token.
    pub fn starts_in_lane_of(&self, token: DeviceToken, known: Option<KnownDevice>) {
        let (verifier, mut rng) = (self.verifier(), Seeded(1));
        let at = verifier.at(Timestamp::from_unix_millis(self.now), &mut rng);
        let challenge = Challenge::new(self.recipient()).with_device(token);
        let started = at.start(challenge, self.channel());
        if self.now < EARLIEST || self.now == Timestamp::MAX.unix_millis() {
            return assert!(started.is_err(), "the clock is out of range");
        }
        let issued = started.unwrap();
        assert_eq!(issued.handle().device(), known.map(|known| known.id));
        let Some(KnownDevice { id, .. }) = known else { return };
        let verified = at.check(self.recipient(), issued.handle(), issued.code().as_str()).unwrap();
        let renewed = at.device_token(&verified).unwrap();
        let known = at.known_device(self.recipient(), &renewed).unwrap();
        assert_eq!((known.id, known.issued_at.unix_millis()), (id, self.now));
    }

    /// Returns the owner of a token. It is invalid for another service, tenant or recipient. The
    /// spellings of an address are the same recipient.
    pub fn whose(&self) -> (usize, usize, usize) {
        (self.root, self.tenant, self.recipient.min(2))
    }

    pub fn accepts(&self, key: u8) -> bool {
        match key {
            0 => self.phase < 3,
            1 => self.phase > 0,
            _ => false,
        }
    }

    pub fn root(&self) -> [u8; 32] {
        [[7; 32], [9; 32]][self.root]
    }

    /// Returns the secret of a key, or of an unknown one.
    pub fn secret_of(&self, key: u8) -> [u8; 32] {
        match key {
            0 => self.root(),
            key => [7 + key; 32],
        }
    }

    pub fn tenant(&self) -> &'static str {
        TENANTS[self.tenant]
    }

    /// Returns the identity by which a recipient is located.
    pub fn identity(&self) -> (u8, Vec<u8>) {
        match self.recipient {
            0 => (b'p', 12_025_550_162_u64.to_le_bytes().into()),
            1 => (b'p', 14_165_550_123_u64.to_le_bytes().into()),
            _ => (b'e', b"ada@example.com".into()),
        }
    }

    fn recipient(&self) -> Recipient {
        CAST[self.recipient].clone()
    }

    fn channel(&self) -> Channel {
        if self.recipient < 2 { Channel::Sms } else { Channel::Email }
    }

    fn verifier(&self) -> Verifier<MemoryStore> {
        let limits = Limits::default().with_device_token_age(Duration::from_millis(AGES[self.age])).unwrap();
        let verifier = Verifier::new(KEYS[self.root][self.phase].clone(), MemoryStore::new());
        verifier.with_limits(limits).with_tenant(self.tenant())
    }
}
