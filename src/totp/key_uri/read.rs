//! Reads URIs as other programs write them.

use alloc::collections::BTreeSet;
use alloc::string::String;
use core::mem;

use zeroize::Zeroizing;

use super::percent::decode;
use super::{KeyUri, KeyUriError, UriName};
use crate::totp::secret::TotpSecret;
use crate::totp::settings::{TotpSettingError, TotpSettings};

/// The longest URI, in bytes, so that hostile input costs little. The longest one that is written
/// has 2,477.
const LONGEST: usize = 4096;

const SCHEME: &str = "otpauth://";

pub(super) fn uri(text: &str) -> Result<KeyUri, KeyUriError> {
    if text.len() > LONGEST {
        return Err(KeyUriError::TooLong);
    }
    let rest = without_prefix(text, SCHEME).ok_or(KeyUriError::NotOtpauth)?;
    // A fragment is not part of the query (RFC 3986 §3.5).
    let rest = rest.split('#').next().unwrap_or_default();
    let (kind, rest) = rest.split_once('/').unwrap_or((rest, ""));
    if !kind.eq_ignore_ascii_case("totp") {
        return Err(KeyUriError::NotTotp);
    }
    let (label, query) = rest.split_once('?').unwrap_or((rest, ""));
    let label_start = SCHEME.len() + kind.len() + 1;
    let label = decode(label, label_start)?;
    let query = Query::read(query, label_start + label_length(rest) + 1)?;

    let (before, account) = match label.split_once(':') {
        Some((issuer, account)) => (issuer, account),
        None => ("", label.as_str()),
    };
    let issuer =
        query.issuer.as_ref().map(|issuer| without_spaces(issuer)).filter(|issuer| !issuer.is_empty());
    let issuer = issuer.or(Some(without_spaces(before)).filter(|issuer| !issuer.is_empty()));
    Ok(KeyUri {
        issuer: issuer.map(UriName::new).transpose().map_err(KeyUriError::Issuer)?,
        account: UriName::new(without_spaces(account)).map_err(KeyUriError::Account)?,
        secret: query.secret.ok_or(KeyUriError::MissingSecret)?,
        settings: query.settings,
    })
}

/// Returns the length of the label in the URI, with its escapes.
fn label_length(rest: &str) -> usize {
    rest.find('?').unwrap_or(rest.len())
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Removes the spaces that some programs write after the colon.
fn without_spaces(name: &str) -> &str {
    name.trim_start_matches(' ')
}

/// The known parameters.
#[derive(Default)]
struct Query {
    secret: Option<TotpSecret>,
    issuer: Option<Zeroizing<String>>,
    settings: TotpSettings,
}

impl Query {
    /// Reads a query that begins at byte `start` of the URI.
    fn read(query: &str, mut start: usize) -> Result<Self, KeyUriError> {
        let (mut read, mut names) = (Self::default(), BTreeSet::new());
        for parameter in query.split('&') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if !parameter.is_empty() {
                let mut name_read = decode(name, start)?;
                name_read.make_ascii_lowercase();
                read.set(&name_read, &decode(value, start + name.len() + 1)?)?;
                if !names.insert(mem::take(&mut *name_read)) {
                    return Err(KeyUriError::Repeated { at: start });
                }
            }
            start += parameter.len() + 1;
        }
        Ok(read)
    }

    /// Sets the parameter with this name in lower case.
    fn set(&mut self, name: &str, value: &Zeroizing<String>) -> Result<(), KeyUriError> {
        match name {
            "secret" => self.secret = Some(value.parse().map_err(KeyUriError::Secret)?),
            "issuer" => self.issuer = Some(value.clone()),
            "algorithm" => {
                let algorithm = value.parse().map_err(KeyUriError::Algorithm)?;
                self.settings = self.settings.with_algorithm(algorithm);
            }
            "digits" => {
                let digits = number(value).ok_or(TotpSettingError::Digits);
                let set = digits.and_then(|digits| self.settings.with_digits(digits));
                self.settings = set.map_err(KeyUriError::Setting)?;
            }
            "period" => {
                let seconds = number(value).ok_or(TotpSettingError::Period);
                let set = seconds.and_then(|seconds| self.settings.with_period(seconds));
                self.settings = set.map_err(KeyUriError::Setting)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Parses a number without a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::totp::{Algorithm, SecretErrorKind, UriNameError};
    use alloc::format;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn read(label: &str, query: &str) -> Result<KeyUri, KeyUriError> {
        uri(&format!("otpauth://totp/{label}?secret={SECRET}&{query}"))
    }

    fn names(label: &str, query: &str) -> (Option<String>, String) {
        let read = read(label, query).unwrap();
        (read.issuer().map(|issuer| issuer.as_str().into()), read.account().as_str().into())
    }

    #[test]
    fn the_issuer_parameter_wins() {
        for (label, query, issuer, account) in [
            ("Acme:ada", "", Some("Acme"), "ada"),
            ("Acme%3Aada", "", Some("Acme"), "ada"),
            ("Acme%3a%20%20ada", "", Some("Acme"), "ada"),
            ("Acme: ada", "", Some("Acme"), "ada"),
            ("Old:ada", "issuer=New", Some("New"), "ada"),
            ("ada", "ISSUER=New", Some("New"), "ada"),
            ("Old:ada", "issuer=", Some("Old"), "ada"),
            ("ada", "", None, "ada"),
            (":ada", "", None, "ada"),
            ("%20ada", "issuer=%20", None, "ada"),
            ("A+B:a+b", "issuer=C+D", Some("C+D"), "a+b"),
            ("A+B:a+b", "", Some("A+B"), "a+b"),
            ("a%2Fb/c", "", None, "a/b/c"),
            ("東京:%E6%9D%B1", "", Some("東京"), "東"),
        ] {
            let expected = (issuer.map(String::from), String::from(account));
            assert_eq!(names(label, query), expected, "{label} {query}");
        }
    }

    #[test]
    fn settings_have_defaults_and_any_case() {
        let settings = |query| read("ada", query).map(|read| read.settings());
        assert_eq!(settings(""), Ok(TotpSettings::DEFAULT));
        let all = settings("Algorithm=Sha512&DIGITS=8&Period=60&image=a%20b&x&&=y&");
        let expected = TotpSettings::DEFAULT.with_algorithm(Algorithm::Sha512);
        assert_eq!(
            all,
            expected.with_digits(8).and_then(|set| set.with_period(60)).map_err(KeyUriError::Setting)
        );
        for (query, error) in [
            ("digits=5", KeyUriError::Setting(TotpSettingError::Digits)),
            ("digits=+6", KeyUriError::Setting(TotpSettingError::Digits)),
            ("digits=", KeyUriError::Setting(TotpSettingError::Digits)),
            ("digits=99999999999999999999", KeyUriError::Setting(TotpSettingError::Digits)),
            ("period=14", KeyUriError::Setting(TotpSettingError::Period)),
            ("period=30s", KeyUriError::Setting(TotpSettingError::Period)),
            ("algorithm=MD5", KeyUriError::Algorithm(crate::totp::UnknownAlgorithm)),
        ] {
            assert_eq!(settings(query), Err(error), "{query}");
        }
    }

    #[test]
    fn reports_errors_by_name_and_place() {
        let long = "a".repeat(LONGEST);
        assert_eq!(uri(&long).unwrap_err(), KeyUriError::NotOtpauth);
        let secret = |text: &str| uri(&format!("otpauth://totp/ada?secret={text}")).map(drop);
        for (text, error) in [
            ("", KeyUriError::NotOtpauth),
            ("https://totp/ada", KeyUriError::NotOtpauth),
            ("otpauth:/", KeyUriError::NotOtpauth),
            ("otpauth\u{e9}//", KeyUriError::NotOtpauth),
            ("otpauth://", KeyUriError::NotTotp),
            ("otpauth://hotp/ada", KeyUriError::NotTotp),
            ("otpauth://totp/ada", KeyUriError::MissingSecret),
            ("OTPAUTH://Totp/ada?", KeyUriError::MissingSecret),
            ("otpauth://totp/ada#?secret=A", KeyUriError::MissingSecret),
            ("otpauth://totp/%zz", KeyUriError::Escape { at: 15 }),
            ("otpauth://totp/ada?x=%", KeyUriError::Escape { at: 21 }),
            ("otpauth://totp/ada?a=1&b%ff=2", KeyUriError::NotUtf8 { at: 23 }),
            ("otpauth://totp/%41?a=1&%42=2&b=3", KeyUriError::Repeated { at: 29 }),
            ("otpauth://totp/ada?digits=6&DIGITS=6", KeyUriError::Repeated { at: 28 }),
        ] {
            assert_eq!(uri(text).unwrap_err(), error, "{text}");
        }
        assert_eq!(uri(&format!("{long}a")).unwrap_err(), KeyUriError::TooLong);
        let Err(KeyUriError::Secret(error)) = secret("GEZ!") else { panic!("a secret with a `!`") };
        assert_eq!((error.kind(), error.position()), (SecretErrorKind::Character, 3));
        assert_eq!(read("a:b:c", "").unwrap_err(), KeyUriError::Account(UriNameError::Character { at: 1 }));
        assert_eq!(
            read("a%3Ab%3Ac", "").unwrap_err(),
            KeyUriError::Account(UriNameError::Character { at: 1 })
        );
        assert_eq!(read("a:", "").unwrap_err(), KeyUriError::Account(UriNameError::Empty));
        assert_eq!(
            read("a", "issuer=b:c").unwrap_err(),
            KeyUriError::Issuer(UriNameError::Character { at: 1 })
        );
        assert_eq!(read("a%0A", "").unwrap_err(), KeyUriError::Account(UriNameError::Character { at: 1 }));
    }
}
