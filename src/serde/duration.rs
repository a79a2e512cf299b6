//! Durations as operators write them: `500ms`, `30s`, `10m`, `1h`, `30d`.

use core::fmt;
use core::time::Duration;

use serde_core::de::{Error, Visitor};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

/// Units and their milliseconds, the largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// A duration of whole milliseconds, written with the largest unit that divides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if millis == 0 {
            return f.write_str("0s");
        }
        let fits = UNITS.iter().find(|(_, unit)| millis.is_multiple_of(*unit));
        fits.map_or(Ok(()), |(name, unit)| write!(f, "{}{name}", millis / unit))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text { or: "" }).map(|span| Self(span.unwrap_or_default()))
    }
}

/// A span, or `forever`.
pub(super) struct SpanOrForever(pub(super) Option<Duration>);

const FOREVER: &str = "forever";

impl Serialize for SpanOrForever {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(span) => serializer.collect_str(&Span(span)),
            None => serializer.serialize_str(FOREVER),
        }
    }
}

impl<'de> Deserialize<'de> for SpanOrForever {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text { or: FOREVER }).map(Self)
    }
}

/// Reads a span; `None` is the word that may stand in its place.
struct Text {
    or: &'static str,
}

impl Visitor<'_> for Text {
    type Value = Option<Duration>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as 30s, 10m, 1h or 30d")?;
        if self.or.is_empty() { Ok(()) } else { write!(f, ", or {}", self.or) }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Duration>, E> {
        if !self.or.is_empty() && text == self.or {
            return Ok(None);
        }
        let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let unit = UNITS.iter().find(|(name, _)| *name == &text[digits.len()..]);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse::<u64>().ok().filter(|_| is_number);
        let millis = unit.zip(number).and_then(|((_, unit), number)| number.checked_mul(*unit));
        millis.map(|millis| Some(Duration::from_millis(millis))).ok_or_else(|| {
            E::custom(format_args!("{text:.40} is not a duration: expected one such as 30s, 10m, 1h or 30d"))
        })
    }
}

#[cfg(test)]
#[cfg(feature = "alloc")]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use serde_core::de::IntoDeserializer;
    use serde_core::de::value::{Error, StrDeserializer};

    fn read(text: &str) -> Result<Span, Error> {
        let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
        Span::deserialize(deserializer)
    }

    #[test]
    fn writes_the_largest_unit_that_divides_and_reads_it_back() {
        for (millis, text) in [
            (0, "0s"),
            (1, "1ms"),
            (1_500, "1500ms"),
            (30_000, "30s"),
            (90_000, "90s"),
            (600_000, "10m"),
            (3_600_000, "1h"),
            (90 * 86_400_000, "90d"),
        ] {
            let span = Span(Duration::from_millis(millis));
            assert_eq!(span.to_string(), text);
            assert_eq!(read(text), Ok(span));
        }
    }

    #[test]
    fn rejects_what_is_no_duration() {
        for text in
            ["", "30", "s", "-1s", "+1s", "1.5s", "1 s", "1w", "30S", "99999999999999999999s", "1h30m", "é"]
        {
            let error = read(text).unwrap_err().to_string();
            assert!(
                error.ends_with("is not a duration: expected one such as 30s, 10m, 1h or 30d"),
                "{error}"
            );
        }
        assert!(read("18446744073709551615d").is_err());
    }
}
