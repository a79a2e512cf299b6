//! Limits as data.

use core::fmt;
use core::time::Duration;

use serde_core::de::{Error, MapAccess, SeqAccess, Visitor};
use serde_core::ser::{SerializeSeq, SerializeStruct};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::document::{self, Document};
use super::duration::{Span, SpanOrForever};
use crate::{Limits, SendQuota};

const FIELDS: &[&str] = &[
    "cooldown",
    "send_quotas",
    "tries_per_code",
    "failures_before_lock",
    "lock",
    "failure_memory",
    "device_token_age",
];

/// Every limit, by the name of its getter; durations as `30s`, `10m`, `1h` or `30d`.
impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut limits = serializer.serialize_struct("Limits", FIELDS.len())?;
        limits.serialize_field(FIELDS[0], &Span(self.cooldown()))?;
        limits.serialize_field(FIELDS[1], &Quotas(*self))?;
        limits.serialize_field(FIELDS[2], &self.tries_per_code())?;
        limits.serialize_field(FIELDS[3], &self.failures_before_lock())?;
        limits.serialize_field(FIELDS[4], &Span(self.lock()))?;
        limits.serialize_field(FIELDS[5], &SpanOrForever(self.failure_memory()))?;
        limits.serialize_field(FIELDS[6], &Span(self.device_token_age()))?;
        limits.end()
    }
}

/// Fields that are left out are as in [`Limits::DEFAULT`].
impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        document::read(Self::DEFAULT, deserializer)
    }
}

impl<'de> Document<'de> for Limits {
    const NAME: &'static str = "limits";
    const FIELDS: &'static [&'static str] = FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        let read = match place {
            0 => self.with_cooldown(map.next_value::<Span>()?.0),
            1 => {
                let Quotas(quotas) = map.next_value()?;
                let mut two = [SendQuota::known(1, Duration::from_secs(1)); 2];
                let mut count = 0;
                for (place, quota) in two.iter_mut().zip(quotas.send_quotas()) {
                    *place = quota;
                    count += 1;
                }
                self.with_send_quotas(&two[..count])
            }
            2 => self.with_tries_per_code(map.next_value()?),
            3 => self.with_failures_before_lock(map.next_value()?),
            4 => self.with_lock(map.next_value::<Span>()?.0),
            5 => match map.next_value::<SpanOrForever>()?.0 {
                Some(memory) => self.with_failure_memory(memory),
                None => Ok(self.with_failure_memory_forever()),
            },
            _ => self.with_device_token_age(map.next_value::<Span>()?.0),
        };
        *self = read.map_err(A::Error::custom)?;
        Ok(())
    }
}

/// A list of at most two quotas, held by limits that have no others.
struct Quotas(Limits);

impl Serialize for Quotas {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.send_quotas().count()))?;
        self.0.send_quotas().try_for_each(|quota| list.serialize_element(&quota))?;
        list.end()
    }
}

impl<'de> Deserialize<'de> for Quotas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Quotas;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of at most two send quotas")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Quotas, A::Error> {
                let quotas = [list.next_element::<SendQuota>()?, list.next_element()?];
                if list.next_element::<SendQuota>()?.is_some() {
                    return Err(A::Error::custom("send quotas: expected at most two"));
                }
                let limits = match quotas {
                    [Some(one), Some(two)] => Limits::DEFAULT.with_send_quotas(&[one, two]),
                    [Some(one), None] => Limits::DEFAULT.with_send_quotas(&[one]),
                    _ => Limits::DEFAULT.with_send_quotas(&[]),
                };
                limits.map(Quotas).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_seq(List)
    }
}

const QUOTA_FIELDS: &[&str] = &["sends", "window"];

impl Serialize for SendQuota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut quota = serializer.serialize_struct("SendQuota", QUOTA_FIELDS.len())?;
        quota.serialize_field(QUOTA_FIELDS[0], &self.sends())?;
        quota.serialize_field(QUOTA_FIELDS[1], &Span(self.window()))?;
        quota.end()
    }
}

impl<'de> Deserialize<'de> for SendQuota {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Quota { sends, window } = document::read(Quota::default(), deserializer)?;
        let sends = sends.ok_or_else(|| D::Error::missing_field(QUOTA_FIELDS[0]))?;
        let window = window.ok_or_else(|| D::Error::missing_field(QUOTA_FIELDS[1]))?;
        Self::new(sends, window).map_err(D::Error::custom)
    }
}

#[derive(Default)]
struct Quota {
    sends: Option<u8>,
    window: Option<Duration>,
}

impl<'de> Document<'de> for Quota {
    const NAME: &'static str = "a send quota";
    const FIELDS: &'static [&'static str] = QUOTA_FIELDS;

    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error> {
        match place {
            0 => self.sends = Some(map.next_value()?),
            _ => self.window = Some(map.next_value::<Span>()?.0),
        }
        Ok(())
    }
}
