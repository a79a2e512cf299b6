//! A user's authenticator app, as far as the verifier does not hold it.

use std::fmt;

use countersign::account::{AccountStatus, TotpStatus};
use countersign::store::StoreError;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::directory::Users;
use super::names::new_id;
use super::user::User;
use crate::documents::{Key, Revision};
use crate::sealing::{SealError, Sealing};

/// A user's authenticator app. The verifier knows whether it was confirmed, has expired, and which
/// codes are valid.
#[derive(Clone, Serialize, Deserialize)]
pub struct Totp {
    /// The id.
    pub totp_id: String,
    /// The id of the set of recovery codes.
    pub recovery_code_id: String,
    /// The unused recovery codes, encrypted, if they are to be shown again.
    codes: Option<String>,
}

impl Totp {
    /// Creates an authenticator app with new ids.
    ///
    /// # Errors
    ///
    /// If the random number generator fails.
    pub fn new(sealing: Option<&Sealing>, codes: &[&str]) -> Result<Self, SealError> {
        let mut totp =
            Self { totp_id: new_id("totp"), recovery_code_id: new_id("totp-recovery-code"), codes: None };
        if let Some(sealing) = sealing {
            totp.seal(sealing, codes)?;
        }
        Ok(totp)
    }

    /// Returns the unused recovery codes; none if they were not to be shown again.
    ///
    /// # Errors
    ///
    /// If they were encrypted with another secret, or modified.
    pub fn recovery_codes(&self, sealing: &Sealing) -> Result<Vec<String>, SealError> {
        let Some(sealed) = &self.codes else { return Ok(Vec::new()) };
        let clear = sealing.open(&self.totp_id, sealed)?;
        let text = str::from_utf8(&clear).map_err(|_| SealError::Malformed)?;
        Ok(text.split(' ').filter(|code| !code.is_empty()).map(str::to_owned).collect())
    }

    /// Removes a used recovery code, in the spelling of the person who entered it.
    fn hide(&mut self, sealing: &Sealing, entry: &str) -> Result<(), SealError> {
        let used = plain(entry);
        let codes = self.recovery_codes(sealing)?;
        let left: Vec<&str> = codes.iter().map(String::as_str).filter(|code| plain(code) != used).collect();
        self.seal(sealing, &left)
    }

    fn seal(&mut self, sealing: &Sealing, codes: &[&str]) -> Result<(), SealError> {
        let clear = Zeroizing::new(codes.join(" "));
        self.codes = Some(sealing.seal(&self.totp_id, clear.as_bytes())?);
        Ok(())
    }
}

fn totp_key(totp_id: &str) -> Key {
    Key::new("totp", totp_id)
}

/// Returns a recovery code without dashes and spaces, in lower case.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl User {
    /// Returns the authenticator app, unless its enrolment expired, and whether it was confirmed.
    #[must_use]
    pub fn totp(&self, status: &AccountStatus) -> Option<(&Totp, bool)> {
        let verified = match status.totp {
            TotpStatus::Active { .. } => true,
            TotpStatus::Pending { .. } => false,
            _ => return None,
        };
        self.totp.as_ref().map(|totp| (totp, verified))
    }
}

impl Users {
    /// Returns the user of an authenticator app.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn user_of_totp(&self, totp_id: &str) -> Result<Option<String>, StoreError> {
        Ok(self.documents.read(&totp_key(totp_id)).await?.map(|held| held.value))
    }

    /// Stores the user of a new authenticator app.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn name_totp(&self, totp_id: &str, user_id: &str) -> Result<(), StoreError> {
        // The id is new, so there is no conflict.
        let _ = self.documents.write(&totp_key(totp_id), Revision::ABSENT, &user_id, None).await?;
        Ok(())
    }

    /// Forgets the user of an authenticator app.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn forget_totp(&self, totp_id: &str) -> Result<(), StoreError> {
        self.drop_document::<String>(&totp_key(totp_id)).await
    }

    /// Removes an authenticator app from a user. Returns the user.
    ///
    /// # Errors
    ///
    /// If the engine does not respond.
    pub async fn drop_totp(&self, user_id: &str, totp_id: &str) -> Result<Option<User>, StoreError> {
        let drop = |user: &mut User| user.totp.take_if(|totp| totp.totp_id == totp_id).map(|_| ()).ok_or(());
        let changed = self.change(user_id, drop).await?;
        self.forget_totp(totp_id).await?;
        Ok(match changed {
            Some(Ok((user, ()))) => Some(user),
            // Another call was faster.
            Some(Err(())) => self.user(user_id).await?,
            None => None,
        })
    }

    /// Removes a used recovery code from those that are shown again.
    ///
    /// # Errors
    ///
    /// If the engine does not respond, or the codes can't be decrypted.
    pub async fn hide_recovery_code(
        &self,
        user_id: &str,
        totp_id: &str,
        sealing: &Sealing,
        entry: &str,
    ) -> Result<(), HideError> {
        let hide = |user: &mut User| match &mut user.totp {
            Some(totp) if totp.totp_id == totp_id && totp.codes.is_some() => {
                totp.hide(sealing, entry).map_err(Some)
            }
            // It was replaced meanwhile, or was not to be shown again.
            _ => Err(None),
        };
        match self.change(user_id, hide).await.map_err(HideError::Store)? {
            Some(Err(Some(error))) => Err(HideError::Seal(error)),
            _ => Ok(()),
        }
    }
}

/// The error of a recovery code that can't be hidden.
#[derive(Debug)]
pub enum HideError {
    /// The engine did not respond.
    Store(StoreError),
    /// The codes can't be decrypted.
    Seal(SealError),
}

impl fmt::Display for HideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Seal(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HideError {}

/// Shows neither the ids nor the codes.
impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: [&str; 3] = ["k3v9-x0pm-77ad", "aaaa-bbbb-cccc", "0000-1111-2222"];

    #[test]
    fn shows_unused_codes_again() {
        let sealing = Sealing::new(b"a secret of sixteen bytes or more", "recovery-codes", "p").unwrap();
        let mut totp = Totp::new(Some(&sealing), &CODES).unwrap();
        assert_eq!(totp.recovery_codes(&sealing).unwrap(), CODES);
        let stored = serde_json::to_string(&totp).unwrap();
        assert!(!stored.contains("k3v9") && !stored.contains("bbbb"), "{stored}");
        totp.hide(&sealing, " AAAA BBBB-cccc").unwrap();
        assert_eq!(totp.recovery_codes(&sealing).unwrap(), [CODES[0], CODES[2]]);
        totp.hide(&sealing, CODES[0]).unwrap();
        totp.hide(&sealing, CODES[2]).unwrap();
        assert_eq!(totp.recovery_codes(&sealing).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn stores_no_codes_unless_they_are_to_be_shown() {
        let totp = Totp::new(None, &CODES).unwrap();
        let sealing = Sealing::new(b"a secret of sixteen bytes or more", "recovery-codes", "p").unwrap();
        assert_eq!(totp.recovery_codes(&sealing).unwrap(), Vec::<String>::new());
        assert_eq!(serde_json::to_value(&totp).unwrap()["codes"], serde_json::Value::Null);
    }

    #[test]
    fn codes_of_another_enrolment_are_not_opened() {
        let sealing = Sealing::new(b"a secret of sixteen bytes or more", "recovery-codes", "p").unwrap();
        let totp = Totp::new(Some(&sealing), &CODES).unwrap();
        let moved = Totp { totp_id: new_id("totp"), ..totp };
        assert_eq!(moved.recovery_codes(&sealing).unwrap_err(), SealError::OtherSecret);
    }
}
