//! Policies and sets of regions as data.

use core::fmt;

use serde_core::de::{Error, MapAccess, SeqAccess, Visitor};
use serde_core::ser::{SerializeSeq, SerializeStruct};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::document::{self, Document, Reading};
use super::quiet::quiet;
use crate::region::RegionSet;
use crate::{Channel, Kind, Policy, Region};

/// A list of ISO 3166-1 alpha-2 codes, in their order.
impl Serialize for RegionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        self.iter().try_for_each(|region| list.serialize_element(region.as_str()))?;
        list.end()
    }
}

/// A list of ISO 3166-1 alpha-2 codes, in any order and each once.
impl<'de> Deserialize<'de> for RegionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Codes;

        impl<'de> Visitor<'de> for Codes {
            type Value = RegionSet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of ISO 3166-1 alpha-2 codes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RegionSet, A::Error> {
                let mut regions = RegionSet::EMPTY;
                while let Some(region) = list.next_element::<Region>()? {
                    if regions.contains(region) {
                        return Err(A::Error::custom(format_args!("{region} is listed twice")));
                    }
                    regions = regions.with(region);
                }
                Ok(regions)
            }
        }

        deserializer.deserialize_seq(Codes).map_err(quiet)
    }
}

/// A kind by its name in snake case.
impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A kind by its name in snake case.
impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Kind;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a kind of numbers, such as mobile")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Kind, E> {
                let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name);
                kind.ok_or_else(|| E::custom(Unknown(name)))
            }
        }

        deserializer.deserialize_str(Name).map_err(quiet)
    }
}

struct Unknown<'a>(&'a str);

impl fmt::Display for Unknown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name is short. Anything longer is something else, and is not repeated.
        let is_name =
            self.0.len() <= 30 && self.0.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_name {
            write!(f, "{} is not a kind of numbers: expected one of", self.0)?;
        } else {
            f.write_str("not a kind of numbers: expected one of")?;
        }
        Kind::ALL
            .into_iter()
            .enumerate()
            .try_for_each(|(place, kind)| write!(f, "{} {kind}", if place == 0 { "" } else { "," }))
    }
}

/// A section for each channel, with all that its decisions depend on.
impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut policy = serializer.serialize_struct(Self::NAME, Self::FIELDS.len())?;
        for (name, channel) in Self::FIELDS.iter().zip(CHANNELS) {
            policy.serialize_field(name, &Section { policy: *self, channel })?;
        }
        policy.end()
    }
}

/// Sections and fields that are left out are as in [`Policy::DEFAULT`].
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        document::read(Self::DEFAULT, deserializer)
    }
}

const CHANNELS: [Channel; 2] = [Channel::Sms, Channel::WhatsApp];

impl Policy {
    const NAME: &'static str = "a policy";
    const FIELDS: &'static [&'static str] = &["sms", "whatsapp"];
}

impl<'de> Document<'de> for Policy {
    const NAME: &'static str = Self::NAME;
    const FIELDS: &'static [&'static str] = Self::FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        let section = Section { policy: *self, channel: CHANNELS[place] };
        *self = map.next_value_seed(Reading(section))?.policy;
        Ok(())
    }
}

/// What a policy says of one channel.
struct Section {
    policy: Policy,
    channel: Channel,
}

impl Section {
    const FIELDS: &'static [&'static str] = &["allow", "deny", "kinds", "unallocated"];
}

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { policy, channel } = *self;
        let [allow, deny, kinds, unallocated] = [0, 1, 2, 3].map(|place| Self::FIELDS[place]);
        let mut section = serializer.serialize_struct("Section", Self::FIELDS.len())?;
        section.serialize_field(allow, &policy.allowed(channel))?;
        section.serialize_field(deny, &policy.denied(channel))?;
        section.serialize_field(kinds, &Kinds(self))?;
        section.serialize_field(unallocated, &policy.allows_unallocated(channel))?;
        section.end()
    }
}

impl<'de> Document<'de> for Section {
    const NAME: &'static str = "the rules of a channel";
    const FIELDS: &'static [&'static str] = Self::FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        let Self { policy, channel } = self;
        match place {
            0 => {
                *policy = map.next_value_seed(Allowlist { policy: *policy, channel: *channel })?;
                Ok(())
            }
            1 => policy.set_denied(*channel, map.next_value::<RegionSet>()?).map_err(A::Error::custom),
            2 => {
                let none = policy.deny_kinds(*channel, Kind::ALL).map_err(A::Error::custom)?;
                *policy = map.next_value_seed(KindList { policy: none, channel: *channel })?;
                Ok(())
            }
            _ => {
                let allow = map.next_value()?;
                *policy = policy.allow_unallocated(*channel, allow).map_err(A::Error::custom)?;
                Ok(())
            }
        }
    }
}

/// Reads the allowlist of a channel. A list that the policy refuses is an error of the list's own
/// place in the text.
struct Allowlist {
    policy: Policy,
    channel: Channel,
}

impl<'de> serde_core::de::DeserializeSeed<'de> for Allowlist {
    type Value = Policy;

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<Policy, D::Error> {
        let regions = RegionSet::deserialize(deserializer)?;
        self.policy.set_allowed(self.channel, regions).map_err(D::Error::custom)?;
        Ok(self.policy)
    }
}

/// The kinds of numbers that a section allows.
struct Kinds<'a>(&'a Section);

impl Serialize for Kinds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Section { policy, channel } = self.0;
        let mut list = serializer.serialize_seq(Some(policy.kinds(*channel).count()))?;
        policy.kinds(*channel).try_for_each(|kind| list.serialize_element(&kind))?;
        list.end()
    }
}

/// Reads a list of kinds into a policy that allows none.
struct KindList {
    policy: Policy,
    channel: Channel,
}

impl<'de> serde_core::de::DeserializeSeed<'de> for KindList {
    type Value = Policy;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Policy, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for KindList {
    type Value = Policy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of kinds of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Policy, A::Error> {
        let Self { mut policy, channel } = self;
        while let Some(kind) = list.next_element::<Kind>()? {
            if policy.kinds(channel).any(|known| known == kind) {
                return Err(A::Error::custom(format_args!("{kind} is listed twice")));
            }
            policy = policy.allow_kinds(channel, [kind]).map_err(A::Error::custom)?;
        }
        Ok(policy)
    }
}
