#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod buffered;
mod channel;
mod error;
pub mod events;
pub mod execute;
mod hex;
mod host;
mod instance;
pub mod kernel;
mod keys;
mod kind;
mod limits;
pub mod message;
mod number;
pub mod otp;
mod plan;
mod policy;
mod recipient;
mod region;
#[cfg(feature = "serde")]
mod serde;
mod service;
pub mod store;
#[cfg(feature = "std")]
mod system;
mod tables;
#[cfg(any(feature = "testing", all(test, feature = "std")))]
pub mod testing;
mod time;
mod verifier;

pub use buffered::BufferedRng;
pub use channel::{Channel, UnknownChannel};
pub use error::{Error, Fault, Refusal};
pub use keys::{DeviceId, KeyError, KeyId, Keys, TenantId};
pub use kind::{Allocation, Kind};
pub use limits::{LimitError, Limits, Lock, SendQuota};
pub use message::Locale;
pub use number::{E164, Lenient, ParseError, ParseErrorKind, PhoneNumber};
pub use otp::{
    Code, CodeFormat, CodeFormatError, DeviceToken, DeviceTokenError, Handle, HandleError, KnownDevice,
    Lifetime, LifetimeError, Purpose, PurposeError, Status,
};
pub use policy::{Decision, Policy, PolicyError, Reason};
pub use recipient::Recipient;
#[cfg(feature = "alloc")]
pub use recipient::{EmailAddress, EmailError, EmailErrorKind};
pub use region::{Region, RegionSet, Regions, UnknownRegion};
pub use service::Service;
#[cfg(feature = "std")]
pub use store::MemoryStore;
pub use store::{AsyncStore, Store};
#[cfg(feature = "std")]
pub use system::SystemRng;
pub use tables::METADATA_VERSION;
pub use time::Timestamp;
pub use verifier::{Challenge, Issued, Moment, SandboxForTests, Verified, Verifier};
