//! Addresses as libpq has them, with the two options about TLS that the client does not know.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// Where the server is, and how a connection to it is secured.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) verify: Verify,
}

/// What is verified of a server that speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verify {
    /// Nothing: `prefer` and `require`.
    Nothing,
    /// That an authority in this file has signed its certificate: `verify-ca`.
    Authority(PathBuf),
    /// That, or that an authority of the system has, and its name: `verify-full`.
    Name(Option<PathBuf>),
}

/// Why an address can't be used. It does not repeat the address: what looks like an option may be a
/// password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AddressError {
    /// The client does not understand it.
    Malformed,
    /// Not one of the five.
    Mode,
    /// Without a file of authorities.
    NoAuthority,
    /// Authorities of the system, without a name to compare.
    NoName,
    /// The crate was built without TLS.
    #[cfg(not(feature = "tls"))]
    NoTls,
    /// The file of authorities has none, or the system has none.
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
            // As libpq has it: authorities are named to be asked.
            (Some("require" | "verify-ca"), Some(file)) => (SslMode::Require, Verify::Authority(file)),
            (Some("require"), None) => (SslMode::Require, Verify::Nothing),
            (Some("verify-ca"), None) => return Err(AddressError::NoAuthority),
            (Some(_), _) => return Err(AddressError::Mode),
        };
        config.ssl_mode(ssl_mode);
        Ok(Self { config, verify })
    }
}

/// An option in the text of an address.
struct Parameter {
    key: String,
    value: String,
    place: Range<usize>,
}

/// The options of an address; of a URL those behind its question mark. `None` where they can't be
/// told apart.
fn parameters(text: &str) -> Option<Vec<Parameter>> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return in_words(text);
    }
    // A password may have a question mark.
    let host = text.find('@').map_or(0, |at| at + 1);
    let Some(query) = text[host..].find('?').map(|at| host + at + 1) else { return Some(Vec::new()) };
    in_query(text, query)
}

/// `key=value&key=value`, from this byte on.
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

/// `%2F` and the like.
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

/// `key = value key = 'a value'`, where a backslash stands before a character that is meant as it
/// is.
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

/// The value that a text begins with, and how long it is there.
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
                "not an address such as postgresql://user:password@host/database, or an option that is not known; in a password, %3F stands for ?, %2F for /, %40 for @"
            }
            Self::Mode => "sslmode is one of disable, prefer, require, verify-ca and verify-full",
            Self::NoAuthority => {
                "sslmode=verify-ca needs sslrootcert, a file with the certificates of the authorities"
            }
            Self::NoName => {
                "sslrootcert=system needs sslmode=verify-full: anybody can have a certificate of some name"
            }
            #[cfg(not(feature = "tls"))]
            Self::NoTls => "this sslmode needs the feature tls of countersign-postgres",
            #[cfg(feature = "tls")]
            Self::Authorities(why) => return write!(f, "sslrootcert: {why}"),
        })
    }
}

impl std::error::Error for AddressError {}

#[cfg(test)]
mod tests;
