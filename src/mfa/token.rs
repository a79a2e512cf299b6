//! The token between the factors of a login.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use subtle::ConstantTimeEq;

use super::login::OpenedBy;
use super::method::Methods;
use crate::account::AccountTag;
use crate::clock::CLOCK_TOLERANCE;
use crate::hex;
use crate::keys::{KeyId, Keys, Tag};
use crate::{Purpose, Timestamp};

/// How long a login may take from its first factor on.
const LIFETIME: Duration = Duration::from_secs(600);

/// A token by which the client continues a login after its first factor. It opens nothing by
/// itself.
///
/// The token is bound to the tenant, the account and the purpose of the login. It contains when and
/// by which factor the login was opened, what was proven since, and a MAC. It is valid for ten
/// minutes after the first factor, and as long as its key is accepted; later steps do not prolong
/// it. Whoever holds it has passed the first factor, so `Debug` hides it. `Display` and `FromStr`
/// use 54 hexadecimal digits, for the client only.
#[derive(Clone)]
pub struct LoginToken {
    key: KeyId,
    opened_at: Timestamp,
    facts: Facts,
    mac: Tag,
}

/// What a token says about its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// The factor that opened the login.
    pub(super) opened_by: OpenedBy,
    /// The methods that were proven since.
    pub(super) proven: Methods,
    /// Whether a proof was the sandbox's.
    pub(super) is_from_tests: bool,
}

/// What a token is bound to without containing it.
#[derive(Clone, Copy)]
pub(super) struct Binding<'a> {
    pub(super) keys: &'a Keys,
    pub(super) account: AccountTag,
    pub(super) purpose: Purpose,
}

/// What a token does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenFault {
    /// It is not of this binding, or its key is no longer accepted.
    Invalid,
    /// It is older than ten minutes, or of the future.
    Expired,
}

/// Version, key id, time of the first factor, facts, MAC.
const LEN: usize = 1 + 1 + 6 + 3 + Tag::LEN;

/// Differs from the version of device tokens, whose MACs are of the same key.
const VERSION: u8 = 0x41;

impl LoginToken {
    /// Length of the text form, in bytes.
    pub const TEXT_LEN: usize = 2 * LEN;

    /// Creates a token for a login that was opened at this time.
    pub(super) fn new(binding: &Binding<'_>, opened_at: Timestamp, facts: Facts) -> Self {
        let token = Self { key: binding.keys.current(), opened_at, facts, mac: Tag::default() };
        // The current key always exists.
        Self { mac: token.right_mac(binding).unwrap_or_default(), ..token }
    }

    /// Returns what the token says, and when its login was opened, if it is valid.
    pub(super) fn open(
        &self,
        binding: &Binding<'_>,
        now: Timestamp,
    ) -> Result<(Timestamp, Facts), TokenFault> {
        let mac = self.right_mac(binding).ok_or(TokenFault::Invalid)?;
        if !bool::from(mac.ct_eq(&self.mac)) {
            return Err(TokenFault::Invalid);
        }
        let is_fresh = now.since(self.opened_at) < LIFETIME && self.opened_at.since(now) <= CLOCK_TOLERANCE;
        if is_fresh { Ok((self.opened_at, self.facts)) } else { Err(TokenFault::Expired) }
    }

    fn right_mac(&self, binding: &Binding<'_>) -> Option<Tag> {
        // What the token contains, then the purpose, at fixed widths. The tag of the account names
        // the tenant as well.
        let mut claim = [0; 24];
        claim[..LEN - Tag::LEN].copy_from_slice(&self.claim());
        claim[LEN - Tag::LEN..][..Purpose::LEN].copy_from_slice(binding.purpose.as_bytes());
        binding.keys.device_mac(self.key, &binding.account.0, &claim)
    }

    fn claim(&self) -> [u8; LEN - Tag::LEN] {
        let Facts { opened_by, proven, is_from_tests } = self.facts;
        let [a, b, c, d, e, f, _, _] = self.opened_at.unix_millis().to_le_bytes();
        let facts = [opened_by.number(), proven.bits(), u8::from(is_from_tests)];
        let [opened_by, proven, is_from_tests] = facts;
        [VERSION, self.key.number(), a, b, c, d, e, f, opened_by, proven, is_from_tests]
    }

    fn from_bytes(bytes: &[u8; LEN]) -> Option<Self> {
        let [VERSION, key, a, b, c, d, e, f, opened_by, proven, from_tests, mac @ ..] = *bytes else {
            return None;
        };
        Some(Self {
            key: KeyId::new(key),
            opened_at: Timestamp::from_unix_millis(u64::from_le_bytes([a, b, c, d, e, f, 0, 0])),
            facts: Facts {
                opened_by: OpenedBy::from_number(opened_by)?,
                proven: Methods::from_bits(proven)?,
                is_from_tests: (from_tests < 2).then_some(from_tests == 1)?,
            },
            mac: Tag::from_bytes(mac),
        })
    }
}

impl fmt::Display for LoginToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.claim())?;
        hex::write(f, &self.mac.to_bytes())
    }
}

impl fmt::Debug for LoginToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginToken(..)")
    }
}

impl FromStr for LoginToken {
    type Err = LoginTokenError;

    fn from_str(text: &str) -> Result<Self, LoginTokenError> {
        let bytes = hex::read::<LEN>(text).ok_or(LoginTokenError)?;
        Self::from_bytes(&bytes).ok_or(LoginTokenError)
    }
}

/// The text is not a login token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginTokenError;

impl fmt::Display for LoginTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = LoginToken::TEXT_LEN;
        write!(f, "not a login token: expected {digits} hexadecimal digits that begin with 41")
    }
}

impl core::error::Error for LoginTokenError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mfa::Method;
    use crate::store::RecordKey;
    use alloc::format;
    use alloc::string::ToString;

    const ACCOUNT: AccountTag = AccountTag(RecordKey::from_bytes([3; 16]));
    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const MS: Duration = Duration::from_millis(1);
    const FACTS: Facts = Facts { opened_by: OpenedBy::Email, proven: Methods::NONE, is_from_tests: false };

    fn keys() -> Keys {
        Keys::from_secret([7; 32]).unwrap()
    }

    fn binding(keys: &Keys) -> Binding<'_> {
        Binding { keys, account: ACCOUNT, purpose: Purpose::LOGIN }
    }

    #[test]
    fn token_text_round_trips_with_all_facts() {
        let keys = keys();
        for opened_by in OpenedBy::ALL {
            for proven in [Methods::NONE, Method::Totp.into(), Method::SmsOtp.into(), Methods::ALL] {
                for is_from_tests in [false, true] {
                    let facts = Facts { opened_by, proven, is_from_tests };
                    let text = LoginToken::new(&binding(&keys), NOW, facts).to_string();
                    assert_eq!(text.len(), LoginToken::TEXT_LEN);
                    for text in [text.clone(), text.to_uppercase()] {
                        let back: LoginToken = text.parse().unwrap();
                        assert_eq!(back.open(&binding(&keys), NOW), Ok((NOW, facts)));
                    }
                }
            }
        }
    }

    #[test]
    fn rejects_other_texts() {
        let text = LoginToken::new(&binding(&keys()), NOW, FACTS).to_string();
        assert_eq!(&text[..4], "4100");
        // Of another version; opened by, proven and from tests out of range.
        let [version, opened_by, proven, from_tests] = [(0, "01"), (16, "03"), (18, "04"), (20, "02")]
            .map(|(place, byte)| format!("{}{byte}{}", &text[..place], &text[place + 2..]));
        for wrong in [
            "",
            &text[2..],
            &format!("{text}00"),
            &text.replacen('4', "g", 1),
            &"\u{e9}".repeat(27),
            &version,
            &opened_by,
            &proven,
            &from_tests,
        ] {
            assert_eq!(wrong.parse::<LoginToken>().map(drop), Err(LoginTokenError), "{wrong}");
        }
        assert_eq!(
            LoginTokenError.to_string(),
            "not a login token: expected 54 hexadecimal digits that begin with 41"
        );
    }

    #[test]
    fn rejects_tokens_with_a_flipped_bit() {
        let keys = keys();
        let token = LoginToken::new(&binding(&keys), NOW, FACTS);
        let bytes: [u8; LEN] = hex::read(&token.to_string()).unwrap();
        for bit in 0..LEN * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            let opened = LoginToken::from_bytes(&flipped).map(|token| token.open(&binding(&keys), NOW));
            assert!(matches!(opened, None | Some(Err(TokenFault::Invalid))), "bit {bit}");
        }
    }

    #[test]
    fn rejects_tokens_of_other_accounts_purposes_and_services() {
        let keys = keys();
        let token = LoginToken::new(&binding(&keys), NOW, FACTS);
        let others = Keys::from_secret([8; 32]).unwrap();
        let account = AccountTag(RecordKey::from_bytes([4; 16]));
        let purpose = Purpose::new("payment").unwrap();
        for elsewhere in
            [Binding { account, ..binding(&keys) }, Binding { purpose, ..binding(&keys) }, binding(&others)]
        {
            assert_eq!(token.open(&elsewhere, NOW), Err(TokenFault::Invalid));
        }
    }

    #[test]
    fn rejects_expired_and_future_tokens() {
        let keys = keys();
        let token = LoginToken::new(&binding(&keys), NOW, FACTS);
        let open = |now| token.open(&binding(&keys), now).map(|(opened_at, _)| opened_at);
        assert_eq!(open(NOW + LIFETIME - MS), Ok(NOW));
        assert_eq!(open(NOW - CLOCK_TOLERANCE), Ok(NOW), "clock tolerance between servers");
        for now in [NOW + LIFETIME, NOW - CLOCK_TOLERANCE - MS, Timestamp::MAX, Timestamp::EPOCH] {
            assert_eq!(open(now), Err(TokenFault::Expired));
        }
    }

    #[test]
    fn accepts_tokens_of_accepted_keys_only() {
        let old = LoginToken::new(&binding(&keys()), NOW, FACTS);
        let both = keys().accept(KeyId::new(1), [8; 32]).unwrap().tag_with(KeyId::new(1)).unwrap();
        assert!(old.open(&binding(&both), NOW).is_ok());
        let new = LoginToken::new(&binding(&both), NOW, FACTS);
        assert_eq!(new.open(&binding(&keys()), NOW), Err(TokenFault::Invalid));
        let later = both.retire(KeyId::new(0)).unwrap();
        assert!(new.open(&binding(&later), NOW).is_ok());
        assert_eq!(old.open(&binding(&later), NOW), Err(TokenFault::Invalid));
    }

    #[test]
    fn debug_hides_the_token() {
        assert_eq!(format!("{:?}", LoginToken::new(&binding(&keys()), NOW, FACTS)), "LoginToken(..)");
    }
}
