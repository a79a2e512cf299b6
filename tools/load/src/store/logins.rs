//! Logins of new phone numbers.

use countersign::{Channel, Keys, PhoneNumber, Verifier};
use countersign_redis::RedisStore;

use crate::outcome::Outcome;

/// A verifier with the defaults of a service and the system's random number generator.
pub(crate) struct Logins(Verifier<RedisStore>);

impl Logins {
    pub(crate) fn over(store: RedisStore) -> Outcome<Self> {
        Ok(Self(Verifier::new(Keys::from_secret([7; 32])?, store)))
    }

    /// Makes a login: a start, and a check with the correct code.
    pub(crate) async fn login(&self, number: u64) -> Outcome<()> {
        let phone = phone(number)?;
        let issued = self.0.asynchronously().start(phone, Channel::Sms).await?;
        self.check(phone, &issued).await
    }

    pub(crate) async fn start(&self, phone: PhoneNumber) -> Outcome<countersign::Issued> {
        Ok(self.0.asynchronously().start(phone, Channel::Sms).await?)
    }

    pub(crate) async fn check(&self, phone: PhoneNumber, issued: &countersign::Issued) -> Outcome<()> {
        let (handle, code) = (issued.handle(), issued.code().as_str());
        drop(self.0.asynchronously().check(phone, handle, code).await?);
        Ok(())
    }
}

/// Returns one of eight million phone numbers in New York.
pub(crate) fn phone(number: u64) -> Outcome<PhoneNumber> {
    Ok(format!("+1212{}", 2_000_000 + number % 8_000_000).parse()?)
}
