//! Reading structs whose unknown and repeated fields are errors, without the derive.

use core::fmt;

use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, MapAccess, Visitor};

/// A struct that is read field by field, from defaults.
pub(super) trait Document<'de>: Sized {
    const NAME: &'static str;
    const FIELDS: &'static [&'static str];

    /// Reads the field at this place of [`FIELDS`](Self::FIELDS).
    ///
    /// # Errors
    ///
    /// If its value is of the wrong type or out of range.
    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a document over this one.
///
/// # Errors
///
/// If a field is unknown, repeated or wrong.
pub(super) fn read<'de, T: Document<'de>, D: Deserializer<'de>>(
    defaults: T,
    deserializer: D,
) -> Result<T, D::Error> {
    Reading(defaults).deserialize(deserializer)
}

/// A document as the value of a field.
pub(super) struct Reading<T>(pub(super) T);

impl<'de, T: Document<'de>> DeserializeSeed<'de> for Reading<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_struct(T::NAME, T::FIELDS, self)
    }
}

impl<'de, T: Document<'de>> Visitor<'de> for Reading<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with some of the fields {}", T::NAME, Listed(T::FIELDS))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<T, A::Error> {
        let mut seen = 0_u32;
        while let Some(place) = map.next_key_seed(Field(T::FIELDS))? {
            if seen & 1 << place != 0 {
                return Err(A::Error::duplicate_field(T::FIELDS[place]));
            }
            seen |= 1 << place;
            self.0.read(place, &mut map)?;
        }
        Ok(self.0)
    }
}

/// The name of a field, as its place in the list.
struct Field(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Field {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Field {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of the fields {}", Listed(self.0))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let place = self.0.iter().position(|field| *field == name);
        place.ok_or_else(|| E::unknown_field(name, self.0))
    }
}

struct Listed(&'static [&'static str]);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, field) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            f.write_str(field)?;
        }
        Ok(())
    }
}
