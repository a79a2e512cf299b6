#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "totp")]
pub mod account;
pub mod channel;
mod clock;
pub mod error;
pub mod events;
pub mod execute;
#[cfg(feature = "format")]
pub mod format;
#[cfg(feature = "alloc")]
pub mod guard;
mod hex;
mod host;
mod instance;
pub mod kernel;
pub mod keys;
pub mod limits;
pub mod message;
#[cfg(feature = "totp")]
pub mod mfa;
pub mod number;
pub mod otp;
pub mod policy;
pub mod recipient;
mod refusal;
pub mod region;
pub mod rng;
#[cfg(feature = "serde")]
mod serde;
mod service;
pub mod store;
mod tables;
#[cfg(any(feature = "testing", all(test, feature = "std")))]
pub mod testing;
mod time;
#[cfg(feature = "totp")]
pub mod totp;
mod unseen;
mod verified;
pub mod verifier;

#[cfg(feature = "totp")]
pub use account::Account;
pub use channel::Channel;
pub use error::{Error, Refusal};
pub use keys::{KeyId, Keys};
pub use limits::{Limits, SendQuota};
pub use number::{Kind, PhoneNumber};
pub use otp::{Code, DeviceToken, Handle, Lifetime, Purpose};
pub use policy::{Policy, Reason};
#[cfg(feature = "alloc")]
pub use recipient::EmailAddress;
pub use recipient::Recipient;
pub use region::Region;
#[cfg(feature = "std")]
pub use store::MemoryStore;
pub use store::Store;
pub use time::Timestamp;
pub use verified::Verified;
pub use verifier::{Challenge, Issued, Verifier};
