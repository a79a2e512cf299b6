//! A service with the guard in front of its sends, driven without a network.

use core::net::{IpAddr, Ipv4Addr};

use countersign::guard::{Charge, Guard, HostKey, Receipt, Ruling, Subject, TallySecret};
use countersign::store::{MemoryTallies, StoreError};
use countersign::{Channel, PhoneNumber, Timestamp};

/// A service whose guard may be switched off, for comparison.
pub(crate) struct Service {
    guard: Guard,
    secret: TallySecret,
    tallies: MemoryTallies,
    is_guarded: bool,
}

impl Service {
    pub(crate) fn new(guard: Guard, is_guarded: bool) -> Self {
        Self { guard, secret: TallySecret::new([7; 16]), tallies: MemoryTallies::new(), is_guarded }
    }

    fn subject(&self, number: PhoneNumber, ip: u32) -> Result<Subject, String> {
        let key = HostKey::ip(IpAddr::V4(Ipv4Addr::from_bits(ip)));
        let tags = self.secret.tags(&[key], None, Channel::Sms).map_err(|error| error.to_string())?;
        Ok(Subject::new(number, Channel::Sms).with_tags(tags))
    }

    pub(crate) fn import(&self, number: PhoneNumber, now: Timestamp) -> Result<(), String> {
        let subject = Subject::new(number, Channel::Sms);
        self.add(self.tallies.add(&[self.guard.import(&self.secret, &subject, now)], now))
    }

    /// Decides on a send and charges it. Returns the ruling, or none where there is no guard.
    pub(crate) fn send(
        &self,
        number: PhoneNumber,
        ip: u32,
        is_vouched: bool,
        now: Timestamp,
    ) -> Result<Option<Ruling>, String> {
        if !self.is_guarded {
            return Ok(None);
        }
        let question = self.guard.question(&self.secret, &self.subject(number, ip)?.with_vouched(is_vouched));
        let read = self.tallies.read(question.keys(), now).map_err(|error| error.to_string())?;
        let ruling = question.decide(&self.guard, &read, now).map_err(|error| error.to_string())?;
        self.add(self.tallies.add(question.sent(&ruling).as_slice(), now))?;
        Ok(Some(ruling))
    }

    /// Counts an answer; nothing where there is no guard.
    pub(crate) fn answer(
        &self,
        number: PhoneNumber,
        ip: u32,
        receipt: Receipt,
        now: Timestamp,
    ) -> Result<(), String> {
        if !self.is_guarded {
            return Ok(());
        }
        let subject = self.subject(number, ip)?.with_vouched(receipt.has(Charge::Vouched));
        let question = self.guard.question(&self.secret, &subject);
        let read = self.tallies.read(&[question.memory_key()], now).map_err(|error| error.to_string())?;
        let Some(memory) = read.as_slice().first() else { return Err("no memory".into()) };
        self.add(self.tallies.add(question.answered(receipt, memory, now).as_slice(), now))
    }

    fn add(&self, added: Result<(), StoreError>) -> Result<(), String> {
        added.map_err(|error| error.to_string())
    }
}
