//! `Serialize` and `Deserialize` for values that applications store and send. Codes and keys have
//! neither.
//!
//! No error of these implementations repeats its input, whatever the type. A format that quotes
//! part of its input around an error (TOML shows the line) does so for every type.

mod document;
mod duration;
#[cfg(feature = "alloc")]
mod guard;
mod limits;
mod policy;
mod quiet;

use core::fmt;

use serde_core::de::{Error, Visitor};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use self::quiet::quiet;
use crate::{Channel, DeviceToken, Handle, PhoneNumber, Purpose, Region, Timestamp};

/// Implements both traits by the text of `Display` and `FromStr`.
macro_rules! as_text {
    ($($type:ty: $expected:literal, $parse:expr;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;

                impl Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$type, E> {
                        let parse: fn(&str) -> Result<$type, _> = $parse;
                        parse(text).map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(Text).map_err(quiet)
            }
        }
    )*};
}

as_text! {
    crate::message::Locale: "a language tag: en, es, fr or pt-BR", str::parse;
    PhoneNumber: "a phone number such as +12025550162", str::parse;
    Region: "an ISO 3166-1 alpha-2 code", str::parse;
    Channel: "sms, whatsapp or email", str::parse;
    Handle: "32 or 64 hexadecimal digits", str::parse;
    DeviceToken: "80 hexadecimal digits", str::parse;
    Purpose: "the name of a purpose", Purpose::new;
}

#[cfg(feature = "alloc")]
as_text! {
    crate::EmailAddress: "an email address", str::parse;
    crate::guard::Covered: "a prefix such as +4477, or an ISO 3166-1 alpha-2 code", str::parse;
}

/// Serializes as milliseconds since the Unix epoch.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.unix_millis())
    }
}

/// Deserializes from milliseconds since the Unix epoch.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::from_unix_millis).map_err(quiet)
    }
}
