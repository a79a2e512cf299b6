//! A placeholder, until the real one comes.
#![allow(missing_docs, clippy::unused_self, clippy::unused_async)]
use crate::sending::{Busy, Place, Sender};
#[derive(Debug)]
pub struct Webhook;
impl Webhook {
    pub fn new(_: &str, _: &str) -> Result<Self, std::io::Error> {
        Ok(Self)
    }
    pub async fn close(&self, _: std::time::Duration) {}
}
impl Sender for Webhook {
    fn place(&self) -> Result<Box<dyn Place>, Busy> {
        Err(Busy)
    }
}
