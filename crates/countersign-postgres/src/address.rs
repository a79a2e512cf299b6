//! Parses libpq connection strings, including the two TLS options that tokio-postgres lacks.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// A server's address and the TLS verification of connections to it.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) verify: Verify,
}

/// How a server's certificate is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verify {
    /// No verification: `prefer` and `require`.
    Nothing,
    /// The certificate must be signed by an authority in this file: `verify-ca`.
    Authority(PathBuf),
    /// The certificate must be signed by an authority in this file, or by one of the system's, and
    /// must match the host name: `verify-full`.
    Name(Option<PathBuf>),
}

/// Why an address was rejected. The messages never repeat the address, because what looks like an
/// option may be a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AddressError {
    /// The client can't parse the address.
    Malformed,
    /// `sslmode` is not one of the five supported modes.
    Mode,
    /// `verify-ca` without a file of authorities.
    NoAuthority,
    /// The system's authorities without a host name check.
    NoName,
    /// The crate was built without TLS.
    #[cfg(not(feature = "tls"))]
    NoTls,
    /// No certificate authority could be loaded.
    #[cfg(feature = "tls")]
    Authorities(String),
}

impl Address {
    /// Parses `postgresql://user:password@host/database?sslmode=…` or `host=… user=… sslmode=…`.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let (mut mode, mut authorities) = (None, None);
        let mut rest = String::new();
        let mut from = 0;
        let parameters = parameters(text).ok_or(AddressError::Malformed)?;
        for Parameter { key, value, place } in parameters {
            match &*key {
                "sslmode" => mode = Some(value),
                "sslrootcert" => authorities = Some(value),
                _ => continue,
            }
            rest.push_str(&text[from..place.start]);
            from = place.end;
        }
        rest.push_str(&text[from..]);
        let mut config: Config = rest.parse().map_err(|_| AddressError::Malformed)?;
        let system = authorities.as_deref() == Some("system");
        let file = authorities.filter(|_| !system).map(PathBuf::from);
        let (ssl_mode, verify) = match (mode.as_deref(), file) {
            (Some("disable"), _) => (SslMode::Disable, Verify::Nothing),
            (Some("verify-full"), file) => (SslMode::Require, Verify::Name(file)),
            _ if system => return Err(AddressError::NoName),
            (None | Some("prefer"), _) => (SslMode::Prefer, Verify::Nothing),
            // As in libpq, `require` verifies the authority if `sslrootcert` is given.
            (Some("require" | "verify-ca"), Some(file)) => (SslMode::Require, Verify::Authority(file)),
            (Some("require"), None) => (SslMode::Require, Verify::Nothing),
            (Some("verify-ca"), None) => return Err(AddressError::NoAuthority),
            (Some(_), _) => return Err(AddressError::Mode),
        };
        config.ssl_mode(ssl_mode);
        Ok(Self { config, verify })
    }
}

/// An option in a connection string.
struct Parameter {
    key: String,
    value: String,
    place: Range<usize>,
}

/// Returns the options of a connection string; for a URL, those after the question mark. Returns
/// `None` if they are malformed.
fn parameters(text: &str) -> Option<Vec<Parameter>> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return in_words(text);
    }
    // A password may contain a question mark.
    let host = text.find('@').map_or(0, |at| at + 1);
    let Some(query) = text[host..].find('?').map(|at| host + at + 1) else { return Some(Vec::new()) };
    in_query(text, query)
}

/// Parses `key=value&key=value`, starting at the byte `from`.
fn in_query(text: &str, from: usize) -> Option<Vec<Parameter>> {
    let (mut found, mut start) = (Vec::new(), from);
    for pair in text[from..].split_inclusive('&') {
        let end = start + pair.len();
        let (key, value) = pair.trim_end_matches('&').split_once('=')?;
        found.push(Parameter { key: decoded(key)?, value: decoded(value)?, place: start..end });
        start = end;
    }
    Some(found)
}

/// Decodes percent-encoding, such as `%2F`.
fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let hex = |digit: &u8| char::from(*digit).to_digit(16).map(|digit| digit as u8);
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                bytes.push((hex(high)? << 4) | hex(low)?);
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// Parses `key = value key = 'a value'`, in which a backslash escapes the next character.
fn in_words(text: &str) -> Option<Vec<Parameter>> {
    let (mut found, mut at) = (Vec::new(), 0);
    let blanks = |at: usize| text[at..].len() - text[at..].trim_start().len();
    loop {
        at += blanks(at);
        let start = at;
        let key = text[at..].split(|c: char| c == '=' || c.is_whitespace()).next().unwrap_or_default();
        if key.is_empty() {
            return (at == text.len()).then_some(found);
        }
        at += key.len();
        at += blanks(at);
        at += text[at..].starts_with('=').then_some(1)?;
        at += blanks(at);
        let (value, length) = word(&text[at..])?;
        at += length;
        found.push(Parameter { key: key.to_owned(), value, place: start..at });
    }
}

/// Parses the value at the start of `text`. Returns it with its length in the text.
fn word(text: &str) -> Option<(String, usize)> {
    let quoted = text.starts_with('\'');
    let (mut value, mut characters) = (String::new(), text.char_indices().skip(usize::from(quoted)));
    while let Some((at, c)) = characters.next() {
        match c {
            '\'' if quoted => return Some((value, at + 1)),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c if c.is_whitespace() && !quoted => return Some((value, at)),
            c => value.push(c),
        }
    }
    (!quoted).then_some((value, text.len()))
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "malformed address or unknown option: expected postgresql://user:password@host/database; in a password, write ? as %3F, / as %2F and @ as %40"
            }
            Self::Mode => "unknown sslmode: expected one of disable, prefer, require, verify-ca or verify-full",
            Self::NoAuthority => {
                "sslmode=verify-ca needs sslrootcert: a PEM file of certificate authorities"
            }
            Self::NoName => {
                "sslrootcert=system needs sslmode=verify-full: without a host name check, any valid certificate would be accepted"
            }
            #[cfg(not(feature = "tls"))]
            Self::NoTls => "this sslmode needs the `tls` feature of countersign-postgres",
            #[cfg(feature = "tls")]
            Self::Authorities(why) => return write!(f, "sslrootcert: {why}"),
        })
    }
}

impl std::error::Error for AddressError {}

#[cfg(test)]
mod tests;
