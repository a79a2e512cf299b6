//! Authenticator apps and recovery codes.

pub mod qr;
