//! An authenticator app.

use countersign::totp::KeyUri;

use crate::Server;
use crate::qr;

/// An authenticator app that has scanned a QR code. Its clock is that of the server.
pub struct Authenticator {
    uri: KeyUri,
}

impl Authenticator {
    /// Scans the QR code in a data URL with a PNG image.
    pub fn scan(data_url: &str) -> Self {
        Self::read(&qr::read(data_url))
    }

    /// Reads the URI of a QR code.
    pub fn read(uri: &str) -> Self {
        Self { uri: uri.parse().unwrap() }
    }

    /// Returns the secret, in Base32.
    pub fn secret(&self) -> String {
        self.uri.secret().to_base32().as_str().to_owned()
    }

    /// Returns the names that the app shows: the issuer and the account.
    pub fn names(&self) -> (&str, &str) {
        (self.uri.issuer().unwrap().as_str(), self.uri.account().as_str())
    }

    /// Returns the code that the app shows now.
    pub fn code(&self, server: &Server) -> String {
        let settings = self.uri.settings();
        settings.code(self.uri.secret(), settings.step(server.now())).as_str().to_owned()
    }

    /// Returns a code that is wrong now, and in the steps before and after.
    pub fn wrong_code(&self, server: &Server) -> String {
        let settings = self.uri.settings();
        let period = u64::from(settings.period());
        let seconds = server.now().unix_millis() / 1000;
        let near: Vec<_> = (seconds - 5 * period..=seconds + 5 * period)
            .step_by(30)
            .map(|at| settings.code(self.uri.secret(), settings.step_of_unix_seconds(at)))
            .collect();
        let wrong = ["111111", "222222"].into_iter().find(|code| near.iter().all(|c| c.as_str() != *code));
        wrong.unwrap().to_owned()
    }
}
