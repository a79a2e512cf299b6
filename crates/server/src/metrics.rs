//! Counts, until the real ones come.
#![allow(missing_docs, clippy::unused_self)]
use crate::sending::Delivery;
use countersign::Channel;
use std::time::Duration;
#[derive(Debug, Default)]
pub struct Metrics;
impl Metrics {
    pub fn sent(&self, _: Channel) {}
    pub fn denied(&self, _: &'static str) {}
    pub fn checked(&self, _: &'static str) {}
    pub fn delivered(&self, _: Delivery) {}
    pub fn request(&self, _: &str, _: u16, _: Duration) {}
    pub fn render(&self) -> String {
        String::new()
    }
}
