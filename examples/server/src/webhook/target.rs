//! The URL that messages are posted to.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use super::error::WebhookError;

/// The URL of the host's gateway. Codes travel to it, so it must be https, or http on loopback.
/// `Debug` and `Display` show only scheme, host and port: user, path and query often contain a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }

    /// Whether the gateway is on this machine, which no proxy leads to.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

impl FromStr for Target {
    type Err = WebhookError;

    fn from_str(text: &str) -> Result<Self, WebhookError> {
        let url = Url::parse(text).map_err(|error| {
            WebhookError(format!(
                "webhook: not a URL ({error}); expected, for example, https://gateway.example/messages"
            ))
        })?;
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(WebhookError(format!(
                "webhook: http to {} would expose codes to the network: use https, or http to 127.0.0.1, [::1] or localhost",
                url.host_str().unwrap_or_default(),
            ))),
            scheme => Err(WebhookError(format!("webhook: the scheme {scheme} is not supported: use https"))),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    // The host is normalised: `127.1` has become 127.0.0.1, and IPv6 addresses are in brackets.
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requires_tls_except_on_loopback() {
        for good in [
            "https://gateway.example/in",
            "https://u:p@gateway.example:8443/in?key=k",
            "http://127.0.0.1:9",
            "http://127.8.9.10/",
            "http://[::1]:9/in",
            "http://localhost:9/in",
            "HTTP://LOCALHOST/",
        ] {
            assert!(good.parse::<Target>().is_ok(), "{good}");
        }
        for bad in [
            "http://gateway.example/in",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "http://127.0.0.1@gateway.example/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "unix:/run/x",
            "gateway.example",
            "https://",
            "",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }

    #[test]
    fn errors_suggest_a_valid_target() {
        let error = |text: &str| text.parse::<Target>().unwrap_err().to_string();
        assert_eq!(
            error("http://u:hidden@gateway.example/hidden?hidden"),
            "webhook: http to gateway.example would expose codes to the network: use https, or http to 127.0.0.1, [::1] or localhost"
        );
        assert_eq!(error("ftp://u:hidden@h/"), "webhook: the scheme ftp is not supported: use https");
        assert_eq!(
            error("/in"),
            "webhook: not a URL (relative URL without a base); expected, for example, https://gateway.example/messages"
        );
    }

    #[test]
    fn debug_and_display_hide_keys_in_the_url() {
        let target: Target =
            "https://user:hidden@gateway.example:8443/hidden/in?key=hidden#hidden".parse().unwrap();
        assert_eq!(
            format!("{target:?} {target}"),
            "Target(https://gateway.example:8443) https://gateway.example:8443"
        );
    }
}
