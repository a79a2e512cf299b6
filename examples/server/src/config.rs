//! The command-line options and environment variables.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clap::Parser;
use countersign::message::{AppName, Domain};
use reqwest::Url;

/// An example server built on countersign: the API of a hosted passcode service, compatible with
/// that service's client SDKs.
#[derive(Parser)]
#[command(version)]
pub struct Options {
    /// Address to listen on; port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Development mode, on loopback only: messages can be read at /dev/outbox instead of being
    /// sent, the clock can be advanced, the sandbox phone number and email address work, and the
    /// limits on sends are lifted.
    #[arg(long, conflicts_with = "webhook")]
    pub dev: bool,
    /// With --dev, keep the limits on sends that apply in production.
    #[arg(long, requires = "dev")]
    pub strict_limits: bool,
    /// Keep all state in this Redis server, which several servers can share: redis://host:port/
    #[arg(long, value_name = "URL", conflicts_with = "postgres")]
    pub redis: Option<String>,
    /// Keep all state in this PostgreSQL server, which several servers can share:
    /// postgresql://user@host/database?sslmode=verify-full
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// Seconds to wait for a connection to Redis or PostgreSQL, and for each of its answers.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=60), value_name = "SECONDS")]
    pub engine_wait: u64,
    /// URL that messages are posted to, for your gateway to send. Requests are signed with
    /// WEBHOOK_SECRET as specified by Standard Webhooks.
    #[arg(long, value_name = "URL", required_unless_present = "dev")]
    pub webhook: Option<String>,
    /// Show unused recovery codes again at /v1/totps/recovery_codes, as the hosted API does. They
    /// are then stored, encrypted. NIST SP 800-63B-4 (section 3.1.2.2) asks to store hashes only.
    /// Always on with --dev.
    #[arg(long)]
    pub show_recovery_codes: bool,
    /// Guard sends against SMS pumping, with the settings in this TOML file, which may be empty.
    #[arg(long, value_name = "FILE")]
    pub guard: Option<String>,
    /// What messages cost, for the guard: a CSV file with the header region,channel,price.
    #[arg(long, value_name = "FILE", requires = "guard")]
    pub guard_prices: Option<String>,
    /// Header with which the API's callers vouch for a person who passed a check of theirs, such as
    /// a CAPTCHA. Default: nobody is vouched for.
    #[arg(long, value_name = "NAME", requires = "guard")]
    pub guard_vouched_header: Option<String>,
    /// App name in messages.
    #[arg(long, default_value = "Countersign", value_name = "NAME")]
    pub app_name: String,
    /// Website on which browsers autofill the code: SMS messages end with @example.com #123456
    #[arg(long, value_name = "DOMAIN")]
    pub origin: Option<String>,
    /// The server's URL for clients, used in links in answers, such as `https://login.example.com`.
    /// Default: https:// and --origin, or http:// and --listen.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Project id: the user name of the API's credentials.
    #[arg(long, env = "PROJECT_ID", hide = true)]
    pub project_id: Option<String>,
    #[arg(long, env = "SECRET", hide = true, hide_env_values = true)]
    secret: Option<String>,
    #[arg(long, env = "MGMT_KEY_ID", hide = true)]
    mgmt_key_id: Option<String>,
    #[arg(long, env = "MGMT_KEY_SECRET", hide = true, hide_env_values = true)]
    mgmt_key_secret: Option<String>,
    #[arg(long, env = "WEBHOOK_SECRET", hide = true, hide_env_values = true)]
    webhook_secret: Option<String>,
}

/// Ids and secrets.
pub struct Secret {
    /// The project's id.
    pub project_id: String,
    /// The project's secret, from which all keys are derived.
    pub secret: String,
    /// The workspace key's id.
    pub mgmt_key_id: String,
    /// The workspace key's secret.
    pub mgmt_key_secret: String,
    /// The webhook's signing secret.
    pub webhook_secret: Option<String>,
}

/// An error in the configuration.
#[derive(Debug)]
pub struct ConfigError(pub(crate) String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// The default secrets of development mode. They are public, in the README.
const DEV_SECRETS: [&str; 2] = ["secret-test-for-development-only", "workspace-secret-for-development-only"];

/// The minimum length of a secret. A guessable secret would give access to everything.
const MIN_SECRET: usize = 16;

impl Options {
    /// Checks the constraints that clap can't.
    ///
    /// # Errors
    ///
    /// If an option is invalid; the message says how to correct it.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.dev && !self.listen.ip().is_loopback() {
            return Err(ConfigError(format!(
                "--dev shows codes to anyone who can reach the server, so it listens on loopback only, not on {}: omit --listen or --dev",
                self.listen
            )));
        }
        self.public_url(self.listen)?;
        Ok(())
    }

    /// Returns the server's URL for clients, without a trailing slash. The `Host` header of
    /// requests is never used.
    ///
    /// # Errors
    ///
    /// If `--public-url` is invalid.
    pub fn public_url(&self, listening: SocketAddr) -> Result<String, ConfigError> {
        let Some(given) = &self.public_url else {
            return Ok(match &self.origin {
                Some(origin) => format!("https://{origin}"),
                None => format!("http://{}", reachable(listening)),
            });
        };
        let wrong =
            |why: &str| ConfigError(format!("--public-url: {why}; for example, https://login.example.com"));
        let url = Url::parse(given).map_err(|error| wrong(&format!("not a URL ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("the scheme must be http or https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must not contain a user or password, because answers show it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it must not contain ? or #, because paths are appended to it"));
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    /// Returns the ids and secrets from the environment, or defaults in development mode.
    ///
    /// # Errors
    ///
    /// If one is missing or too short.
    pub fn secret(&self) -> Result<Secret, ConfigError> {
        let of = |given: &Option<String>, name: &str, default: &str| match given {
            Some(given) if !given.is_empty() => Ok(given.clone()),
            _ if self.dev => Ok(default.to_owned()),
            _ => Err(ConfigError(format!("{name} is not set in the environment"))),
        };
        let secret = Secret {
            project_id: of(
                &self.project_id,
                "PROJECT_ID",
                "project-test-11111111-1111-1111-1111-111111111111",
            )?,
            secret: of(&self.secret, "SECRET", "secret-test-for-development-only")?,
            mgmt_key_id: of(&self.mgmt_key_id, "MGMT_KEY_ID", "workspace-key-dev")?,
            mgmt_key_secret: of(&self.mgmt_key_secret, "MGMT_KEY_SECRET", DEV_SECRETS[1])?,
            webhook_secret: self.webhook_secret.clone(),
        };
        for (name, text) in [("SECRET", &secret.secret), ("MGMT_KEY_SECRET", &secret.mgmt_key_secret)] {
            if !self.dev && DEV_SECRETS.contains(&text.as_str()) {
                return Err(ConfigError(format!(
                    "{name} is the public development secret: generate your own"
                )));
            }
            if !self.dev && text.split_whitespace().map(str::len).sum::<usize>() < MIN_SECRET {
                return Err(ConfigError(format!(
                    "{name} is too short: use at least {MIN_SECRET} random characters"
                )));
            }
        }
        if secret.project_id.contains(':') || secret.mgmt_key_id.contains(':') {
            return Err(ConfigError("PROJECT_ID and MGMT_KEY_ID must not contain a colon (RFC 7617)".into()));
        }
        Ok(secret)
    }

    /// Returns the wording of messages. The texts are leaked, so that they live as long as the
    /// process.
    ///
    /// # Errors
    ///
    /// If the app name or the origin is invalid.
    pub fn wording(&self) -> Result<crate::app::Wording, ConfigError> {
        let name: &'static str = Box::leak(self.app_name.clone().into_boxed_str());
        let app_name = AppName::new(name).map_err(|error| ConfigError(format!("--app-name: {error}")))?;
        let origin = match &self.origin {
            None => None,
            Some(origin) => {
                let origin: &'static str = Box::leak(origin.clone().into_boxed_str());
                Some(Domain::new(origin).map_err(|error| ConfigError(format!("--origin: {error}")))?)
            }
        };
        Ok(crate::app::Wording { app_name, origin })
    }
}

/// Returns the address for clients on this machine. A server that listens on all addresses is
/// reachable on loopback.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("dev", &self.dev)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({})", self.project_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Options {
        Options::try_parse_from([&["countersign-server"], arguments].concat()).unwrap()
    }

    #[test]
    fn development_mode_requires_loopback() {
        assert!(options(&["--dev"]).check().is_ok());
        assert!(options(&["--dev", "--listen", "[::1]:0"]).check().is_ok());
        for address in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80"] {
            let error = options(&["--dev", "--listen", address]).check().unwrap_err();
            assert!(error.to_string().contains("loopback only"), "{error}");
            assert!(options(&["--webhook", "https://example.com/", "--listen", address]).check().is_ok());
        }
    }

    #[test]
    fn production_requires_secure_credentials() {
        let mut production = options(&["--webhook", "https://example.com/"]);
        let four = [
            &mut production.project_id,
            &mut production.secret,
            &mut production.mgmt_key_id,
            &mut production.mgmt_key_secret,
        ];
        four.into_iter().for_each(|given| *given = None);
        assert!(production.secret().unwrap_err().to_string().contains("PROJECT_ID is not set"));
        production.project_id = Some("project".into());
        production.mgmt_key_id = Some("key".into());
        production.mgmt_key_secret = Some("a secret of the workspace".into());
        production.secret = Some("short".into());
        assert!(production.secret().unwrap_err().to_string().contains("SECRET is too short"));
        production.secret = Some(DEV_SECRETS[0].into());
        assert!(
            production.secret().unwrap_err().to_string().contains("SECRET is the public development secret")
        );
        production.secret = Some(" ".repeat(40));
        assert!(production.secret().unwrap_err().to_string().contains("SECRET is too short"));
        production.secret = Some("a secret of the project".into());
        assert!(production.secret().is_ok());
        assert!(
            Options::try_parse_from(["countersign-server"]).is_err(),
            "a webhook is required in production"
        );
    }

    #[test]
    fn public_url_defaults_to_origin_or_listen_address() {
        let url = |arguments: &[&str], listening: &str| {
            options(&[&["--dev"], arguments].concat()).public_url(listening.parse().unwrap()).unwrap()
        };
        assert_eq!(url(&[], "127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(url(&[], "0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(url(&[], "[::]:80"), "http://[::1]:80");
        assert_eq!(url(&["--origin", "example.com"], "127.0.0.1:8080"), "https://example.com");
        let public = ["--origin", "example.com", "--public-url", "https://a.example:8443/otp/"];
        assert_eq!(url(&public, "127.0.0.1:8080"), "https://a.example:8443/otp");
    }

    #[test]
    fn debug_hides_the_secret() {
        let mut dev = options(&["--dev"]);
        dev.secret = Some("very-secret".into());
        let shown = format!("{dev:?} {:?}", dev.secret().unwrap());
        assert!(!shown.contains("very-secret"), "{shown}");
    }
}
