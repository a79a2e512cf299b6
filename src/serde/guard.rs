//! Guards as data.

mod overrides;
mod prices;

use core::fmt;
use core::mem;

use serde_core::de::{Error, MapAccess, Visitor};
use serde_core::ser::SerializeStruct;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use self::overrides::Overrides;
use super::document::{self, Document, Reading};
use super::quiet::quiet;
use crate::guard::{Bases, Caps, Guard, WhenBlind};

const FIELDS: &[&str] = &[
    "stake",
    "vouched_base",
    "monitor",
    "shared_tallies",
    "when_blind",
    "bases",
    "caps",
    "overrides",
    "prices",
];

/// Every setting. Prices from a function cannot be written.
impl Serialize for Guard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut guard = serializer.serialize_struct(Self::NAME, FIELDS.len())?;
        guard.serialize_field(FIELDS[0], &self.stake())?;
        guard.serialize_field(FIELDS[1], &self.vouched_base())?;
        guard.serialize_field(FIELDS[2], &self.is_monitor())?;
        guard.serialize_field(FIELDS[3], &self.has_shared_tallies())?;
        guard.serialize_field(FIELDS[4], &self.when_blind())?;
        guard.serialize_field(FIELDS[5], &self.bases())?;
        guard.serialize_field(FIELDS[6], &self.caps())?;
        guard.serialize_field(FIELDS[7], self.overrides())?;
        guard.serialize_field(FIELDS[8], self.prices())?;
        guard.end()
    }
}

/// Fields that are left out are as in [`Guard::default`].
impl<'de> Deserialize<'de> for Guard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        document::read(Self::default(), deserializer)
    }
}

impl Guard {
    const NAME: &'static str = "a guard";
}

impl<'de> Document<'de> for Guard {
    const NAME: &'static str = Self::NAME;
    const FIELDS: &'static [&'static str] = FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        let guard = mem::take(self);
        let read = match place {
            0 => guard.with_stake(map.next_value()?),
            1 => guard.with_vouched_base(map.next_value()?),
            2 => Ok(guard.with_monitor(map.next_value()?)),
            3 => Ok(guard.with_shared_tallies(map.next_value()?)),
            4 => Ok(guard.with_when_blind(map.next_value()?)),
            5 => {
                let bases = map.next_value_seed(Reading(guard.bases()))?;
                guard.with_bases(bases)
            }
            6 => {
                let caps = map.next_value_seed(Reading(guard.caps()))?;
                guard.with_caps(caps)
            }
            7 => Ok(map.next_value_seed(Overrides(guard))?),
            _ => Ok(guard.with_prices(map.next_value()?)),
        };
        *self = read.map_err(A::Error::custom)?;
        Ok(())
    }
}

impl Serialize for Bases {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bases = serializer.serialize_struct(Self::NAME, Self::FIELDS.len())?;
        for (name, base) in Self::FIELDS.iter().zip(self.fields()) {
            bases.serialize_field(name, base)?;
        }
        bases.end()
    }
}

impl Bases {
    const NAME: &'static str = "bases";
    const FIELDS: &'static [&'static str] =
        &["block_100", "block_1000", "block_10000", "block_1000000", "ip", "account"];

    const fn fields(&self) -> [&f64; 6] {
        let Self { block_100, block_1000, block_10000, block_1000000, ip, account } = self;
        [block_100, block_1000, block_10000, block_1000000, ip, account]
    }
}

impl<'de> Document<'de> for Bases {
    const NAME: &'static str = Self::NAME;
    const FIELDS: &'static [&'static str] = Self::FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        let field = match place {
            0 => &mut self.block_100,
            1 => &mut self.block_1000,
            2 => &mut self.block_10000,
            3 => &mut self.block_1000000,
            4 => &mut self.ip,
            _ => &mut self.account,
        };
        *field = map.next_value()?;
        Ok(())
    }
}

/// Only the caps that are set.
impl Serialize for Caps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let caps = [self.region, self.tenant, self.all];
        let mut written = serializer.serialize_struct(Self::NAME, caps.iter().flatten().count())?;
        for (name, cap) in Self::FIELDS.iter().zip(caps) {
            match cap {
                Some(cap) => written.serialize_field(name, &cap)?,
                None => written.skip_field(name)?,
            }
        }
        written.end()
    }
}

impl Caps {
    const NAME: &'static str = "caps";
    const FIELDS: &'static [&'static str] = &["region", "tenant", "all"];
}

impl<'de> Document<'de> for Caps {
    const NAME: &'static str = Self::NAME;
    const FIELDS: &'static [&'static str] = Self::FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        let field = match place {
            0 => &mut self.region,
            1 => &mut self.tenant,
            _ => &mut self.all,
        };
        *field = Some(map.next_value()?);
        Ok(())
    }
}

/// `refuse` or `allow`.
impl Serialize for WhenBlind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Refuse => "refuse",
            Self::Allow => "allow",
        })
    }
}

/// `refuse` or `allow`.
impl<'de> Deserialize<'de> for WhenBlind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = WhenBlind;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("refuse or allow")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<WhenBlind, E> {
                match name {
                    "refuse" => Ok(WhenBlind::Refuse),
                    "allow" => Ok(WhenBlind::Allow),
                    _ => Err(E::custom("when_blind: expected refuse or allow")),
                }
            }
        }

        deserializer.deserialize_str(Name).map_err(quiet)
    }
}
