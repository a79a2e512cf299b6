//! Rejects objects with duplicate keys. RFC 8259 leaves it to the reader which value counts, so two
//! readers (a proxy and this server) could see different requests.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The longest path in an error message, in characters.
const MAX_PATH: usize = 200;

/// Why a body failed the check.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyError {
    /// An object has a duplicate key, at this path (`field.0.key`).
    Duplicate(String),
    /// The body is not JSON, is nested too deeply, or contains a number that is out of range.
    Unreadable,
}

/// Checks that no object in the body, at any depth, has a duplicate key.
pub(super) fn check(bytes: &[u8]) -> Result<(), KeyError> {
    let mut place = Place::default();
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let checked = from.deserialize_any(Value(&mut place));
    match checked {
        Ok(()) => Ok(()),
        Err(_) if place.is_duplicate => {
            let path = place.path.join(".");
            Err(KeyError::Duplicate(match path.char_indices().nth(MAX_PATH) {
                Some((end, _)) => format!("{}…", &path[..end]),
                None => path,
            }))
        }
        Err(_) => Err(KeyError::Unreadable),
    }
}

/// The position of the check.
#[derive(Default)]
struct Place {
    path: Vec<String>,
    is_duplicate: bool,
}

struct Value<'a>(&'a mut Place);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            self.0.path.push(key.clone());
            if !seen.insert(key) {
                self.0.is_duplicate = true;
                return Err(Error::custom("duplicate key"));
            }
            map.next_value_seed(Value(self.0))?;
            self.0.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for at in 0_usize.. {
            self.0.path.push(at.to_string());
            let more = list.next_element_seed(Value(self.0))?;
            self.0.path.pop();
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_duplicate_keys_at_any_depth() {
        for (body, path) in [
            (r#"{"a":1,"a":1}"#, "a"),
            (r#"{"a":1,"b":{},"\u0061":null}"#, "a"),
            (r#"{"a":{"b":[0,{"c":1,"d":{"c":2},"c":3}]}}"#, "a.b.1.c"),
            (r#"[[{}],{"":1,"":2}]"#, "1."),
        ] {
            assert_eq!(check(body.as_bytes()), Err(KeyError::Duplicate(path.into())), "{body}");
        }
        let long = format!(r#"{{"{0}":1,"{0}":2}}"#, "é".repeat(300));
        assert_eq!(check(long.as_bytes()), Err(KeyError::Duplicate(format!("{}…", "é".repeat(200)))));
    }

    #[test]
    fn accepts_the_same_key_in_different_objects() {
        for body in [
            r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}],"A":1.5}"#,
            "[]",
            "7",
            "-7",
            "null",
            "true",
            r#""x""#,
        ] {
            assert_eq!(check(body.as_bytes()), Ok(()), "{body}");
        }
    }

    #[test]
    fn reports_unreadable_bodies() {
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
        for body in ["", "{", r#"{"a":1e999}"#, r#"{"a":"\ud800"}"#, &deep] {
            assert_eq!(check(body.as_bytes()), Err(KeyError::Unreadable), "{body}");
        }
    }
}
