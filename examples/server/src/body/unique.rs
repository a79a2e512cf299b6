//! Keys that an object has twice. RFC 8259 lets each reader choose which of them counts; two readers that
//! choose differently (a proxy and this server) see two requests, so none counts here.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Length of a path in an answer, in characters.
const LONGEST: usize = 200;

/// Why a body was not checked to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An object has a key twice; where, as `field.0.key`.
    Twice(String),
    /// The body is not JSON, nests too deeply, or has a number beyond all types.
    Unreadable,
}

/// Checks that no object in the body, at any depth, has a key twice.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut place = Place::default();
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let checked = from.deserialize_any(Value(&mut place));
    match checked {
        Ok(()) => Ok(()),
        Err(_) if place.is_twice => {
            let path = place.path.join(".");
            Err(Fault::Twice(match path.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}…", &path[..end]),
                None => path,
            }))
        }
        Err(_) => Err(Fault::Unreadable),
    }
}

/// Where the check is.
#[derive(Default)]
struct Place {
    path: Vec<String>,
    is_twice: bool,
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
                self.0.is_twice = true;
                return Err(Error::custom("a key is there twice"));
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
    fn names_the_key_at_any_depth() {
        for (body, path) in [
            (r#"{"a":1,"a":1}"#, "a"),
            (r#"{"a":1,"b":{},"\u0061":null}"#, "a"),
            (r#"{"a":{"b":[0,{"c":1,"d":{"c":2},"c":3}]}}"#, "a.b.1.c"),
            (r#"[[{}],{"":1,"":2}]"#, "1."),
        ] {
            assert_eq!(check(body.as_bytes()), Err(Fault::Twice(path.into())), "{body}");
        }
        let long = format!(r#"{{"{0}":1,"{0}":2}}"#, "é".repeat(300));
        assert_eq!(check(long.as_bytes()), Err(Fault::Twice(format!("{}…", "é".repeat(200)))));
    }

    #[test]
    fn one_key_in_many_objects_is_one_key() {
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
    fn what_is_not_read_is_not_checked() {
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
        for body in ["", "{", r#"{"a":1e999}"#, r#"{"a":"\ud800"}"#, &deep] {
            assert_eq!(check(body.as_bytes()), Err(Fault::Unreadable), "{body}");
        }
    }
}
