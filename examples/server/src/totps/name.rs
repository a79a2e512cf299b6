//! The names that an authenticator app shows.

use countersign::Timestamp;
use countersign::message::AppName;
use countersign::totp::UriName;

use crate::failure::{Failure, Kind};
use crate::users::User;

/// Returns the issuer: the app's name, without the colon that ends the issuer in a URI.
pub(super) fn issuer(app_name: AppName<'_>) -> Result<UriName, Failure> {
    UriName::new(&app_name.as_str().replace(':', "-")).map_err(|_| Failure::of(Kind::Internal))
}

/// Returns the account: an email address or phone number that is the user's own, or else the user's
/// id.
pub(super) fn account(user: &User, now: Timestamp) -> Result<UriName, Failure> {
    let mut own: Vec<_> = user.contacts(now).filter(|contact| contact.until.is_none()).collect();
    own.sort_by_key(|contact| (!contact.verified, contact.is_phone()));
    let mut names = own.iter().map(|contact| &contact.address).chain([&user.user_id]);
    names.find_map(|name| UriName::new(name).ok()).ok_or_else(|| Failure::of(Kind::Internal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_contains_no_colon() {
        assert_eq!(issuer(AppName::new("Acme: :7").unwrap()).unwrap().as_str(), "Acme- -7");
        assert_eq!(issuer(AppName::new(":").unwrap()).unwrap().as_str(), "-");
    }
}
