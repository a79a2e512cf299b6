//! Price lists as data: a table of regions for each channel.

use core::fmt;

use serde_core::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde_core::ser::{Error as _, SerializeMap, SerializeStruct};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::document::{self, Document};
use crate::guard::Prices;
use crate::{Channel, Region};

const NAME: &str = "prices";
const FIELDS: &[&str] = &["sms", "whatsapp"];
const CHANNELS: [Channel; 2] = [Channel::Sms, Channel::WhatsApp];

/// `sms.GB = 0.04`. Prices from a function cannot be written.
impl Serialize for Prices {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.is_list() {
            return Err(S::Error::custom("prices from a function cannot be written"));
        }
        let mut prices = serializer.serialize_struct(NAME, FIELDS.len())?;
        for (name, channel) in FIELDS.iter().zip(CHANNELS) {
            prices.serialize_field(name, &Listed { prices: self, channel })?;
        }
        prices.end()
    }
}

/// What is not listed costs [`Prices::UNLISTED`].
impl<'de> Deserialize<'de> for Prices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        document::read(Self::default(), deserializer)
    }
}

impl<'de> Document<'de> for Prices {
    const NAME: &'static str = NAME;
    const FIELDS: &'static [&'static str] = FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        map.next_value_seed(Listing { prices: self, channel: CHANNELS[place] })
    }
}

/// The prices of a channel.
struct Listed<'a> {
    prices: &'a Prices,
    channel: Channel,
}

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let listed = || self.prices.listed().filter(|(_, channel, _)| *channel == self.channel);
        let mut map = serializer.serialize_map(Some(listed().count()))?;
        listed().try_for_each(|(region, _, price)| map.serialize_entry(&region, &price))?;
        map.end()
    }
}

/// Reads the prices of a channel.
struct Listing<'a> {
    prices: &'a mut Prices,
    channel: Channel,
}

impl<'de> DeserializeSeed<'de> for Listing<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Listing<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("prices by ISO 3166-1 alpha-2 code")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { prices, channel } = self;
        while let Some((region, price)) = map.next_entry::<Region, f64>()? {
            prices
                .insert(region, channel, price)
                .map_err(|kind| A::Error::custom(format_args!("prices.{channel}.{region}: {kind}")))?;
        }
        Ok(())
    }
}
