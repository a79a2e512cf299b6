//! Overrides as data: a scope, a treatment and an end.

use core::fmt;

use serde_core::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_core::ser::SerializeStruct;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::document::{self, Document};
use super::super::quiet::quiet;
use crate::Timestamp;
use crate::guard::{Covered, Guard, Override, Treatment};

const NAME: &str = "an override";
const FIELDS: &[&str] = &["scope", "treatment", "until"];

/// A prefix or a region, `allow`, `refuse` or `{ scale = 0.5 }`, and milliseconds of Unix time.
impl Serialize for Override {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = serializer.serialize_struct(NAME, FIELDS.len())?;
        written.serialize_field(FIELDS[0], self.covered())?;
        written.serialize_field(FIELDS[1], &self.treatment())?;
        written.serialize_field(FIELDS[2], &self.until())?;
        written.end()
    }
}

/// All fields are required. The factor is checked as it is added to a guard.
impl<'de> Deserialize<'de> for Override {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Fields { scope, treatment, until } = document::read(Fields::default(), deserializer)?;
        let scope = scope.ok_or_else(|| D::Error::missing_field(FIELDS[0]))?;
        let treatment = treatment.ok_or_else(|| D::Error::missing_field(FIELDS[1]))?;
        let until = until.ok_or_else(|| D::Error::missing_field(FIELDS[2]))?;
        Ok(match scope {
            Covered::Prefix(prefix) => Self::prefix(prefix, treatment, until),
            Covered::Region(region) => Self::region(region, treatment, until),
        })
    }
}

#[derive(Default)]
struct Fields {
    scope: Option<Covered>,
    treatment: Option<Treatment>,
    until: Option<Timestamp>,
}

impl<'de> Document<'de> for Fields {
    const NAME: &'static str = NAME;
    const FIELDS: &'static [&'static str] = FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        match place {
            0 => self.scope = Some(map.next_value()?),
            1 => self.treatment = Some(map.next_value()?),
            _ => self.until = Some(map.next_value()?),
        }
        Ok(())
    }
}

const TREATMENTS: &[&str] = &["allow", "refuse", "scale"];

impl Serialize for Treatment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Allow => serializer.serialize_unit_variant("Treatment", 0, TREATMENTS[0]),
            Self::Refuse => serializer.serialize_unit_variant("Treatment", 1, TREATMENTS[1]),
            Self::Scale(factor) => {
                serializer.serialize_newtype_variant("Treatment", 2, TREATMENTS[2], factor)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Treatment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Variants;

        impl<'de> Visitor<'de> for Variants {
            type Value = Treatment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("allow, refuse or { scale = 0.5 }")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Treatment, A::Error> {
                let (place, variant) = data.variant_seed(Variant)?;
                match place {
                    0 => variant.unit_variant().map(|()| Treatment::Allow),
                    1 => variant.unit_variant().map(|()| Treatment::Refuse),
                    _ => variant.newtype_variant().map(Treatment::Scale),
                }
            }
        }

        deserializer.deserialize_enum("Treatment", TREATMENTS, Variants).map_err(quiet)
    }
}

/// The name of a treatment, as its place in the list.
struct Variant;

impl<'de> DeserializeSeed<'de> for Variant {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Variant {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("allow, refuse or scale")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let place = TREATMENTS.iter().position(|treatment| *treatment == name);
        place.ok_or_else(|| E::custom("treatment: expected allow, refuse or { scale = 0.5 }"))
    }
}

/// Reads a list of overrides into a guard.
pub(super) struct Overrides(pub(super) Guard);

impl<'de> DeserializeSeed<'de> for Overrides {
    type Value = Guard;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Guard, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Overrides {
    type Value = Guard;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of overrides")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Guard, A::Error> {
        let mut guard = self.0;
        while let Some(next) = list.next_element()? {
            guard = guard.with_override(next).map_err(A::Error::custom)?;
        }
        Ok(guard)
    }
}
