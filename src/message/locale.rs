//! Languages of the built-in messages.

use core::fmt;
use core::str::FromStr;

/// A language of the built-in messages. It is parsed from a language tag (BCP 47) by the lookup of
/// RFC 4647 §3.4: unknown subtags are dropped from the end, so `en-GB` is `en` and `fr-CA` is `fr`.
/// All variants of Portuguese are `pt-BR`. Case is ignored, and `ptbr`, which some clients send, is
/// `pt-BR`.
///
/// ```
/// use countersign::message::Locale;
///
/// assert_eq!("es-419".parse(), Ok(Locale::Es));
/// assert_eq!("PT".parse::<Locale>()?.as_str(), "pt-BR");
/// assert!("de".parse::<Locale>().is_err());
/// # Ok::<(), countersign::message::UnknownLocale>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Locale {
    /// English, the default.
    #[default]
    En,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Brazilian Portuguese.
    PtBr,
}

impl Locale {
    /// All languages.
    pub const ALL: [Self; 4] = [Self::En, Self::Es, Self::Fr, Self::PtBr];

    /// Returns the language tag: `en`, `es`, `fr` or `pt-BR`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::PtBr => "pt-BR",
        }
    }
}

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(tag: &str) -> Result<Self, UnknownLocale> {
        let mut subtags = tag.split('-');
        let language = subtags.next().unwrap_or_default();
        let is_subtag =
            |text: &str| matches!(text.len(), 1..=8) && text.bytes().all(|c| c.is_ascii_alphanumeric());
        if !subtags.all(is_subtag) {
            return Err(UnknownLocale);
        }
        [("en", Self::En), ("es", Self::Es), ("fr", Self::Fr), ("pt", Self::PtBr), ("ptbr", Self::PtBr)]
            .into_iter()
            .find(|(name, _)| language.eq_ignore_ascii_case(name))
            .map(|(_, locale)| locale)
            .ok_or(UnknownLocale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The error of a text that is not a language tag, or whose language has no built-in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLocale;

impl UnknownLocale {
    /// The error's name in passcode APIs.
    pub const WIRE_NAME: &'static str = "invalid_locale";
}

impl fmt::Display for UnknownLocale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "unsupported language: expected a language tag of en, es, fr or pt-BR, such as en or fr-CA",
        )
    }
}

impl core::error::Error for UnknownLocale {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_up_the_language_of_a_tag() {
        for locale in Locale::ALL {
            assert_eq!(locale.as_str().parse(), Ok(locale));
        }
        for (tags, locale) in [
            (&["EN", "en-GB", "en-Latn-US", "en-x-fun", "eN-us-posix"][..], Locale::En),
            (&["es-419", "es-MX", "ES-es"], Locale::Es),
            (&["fr-CA", "fr-FR-u-nu-latn", "FR"], Locale::Fr),
            (&["pt", "pt-br", "PT-BR", "pt-PT", "ptbr", "PtBr"], Locale::PtBr),
        ] {
            for tag in tags {
                assert_eq!(tag.parse(), Ok(locale), "{tag}");
            }
        }
    }

    #[test]
    fn rejects_malformed_tags_and_other_languages() {
        for tag in [
            "",
            "-",
            "de",
            "e",
            "eng",
            "english",
            "ptb",
            "zh-en",
            "x-en",
            "en-",
            "en--GB",
            "en_GB",
            "en GB",
            " en",
            "en-\n",
            "en-verylongs",
            "en-ÖS",
            "ｅn",
            "*",
        ] {
            assert_eq!(tag.parse::<Locale>(), Err(UnknownLocale), "{tag}");
        }
    }
}
