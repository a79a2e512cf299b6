//! The codes that may still be live.

use alloc::collections::VecDeque;
use std::collections::HashMap;

use countersign::{Channel, Issued, PhoneNumber, Timestamp};

type Key = (PhoneNumber, Channel);

/// The last allowed send to each number and channel, until it expires, so that memory does not grow
/// with the input.
#[derive(Default)]
pub(crate) struct Sent {
    last: HashMap<Key, Issued>,
    /// In order of time, as all codes are valid equally long and the clock never goes back.
    expiring: VecDeque<(Timestamp, Key)>,
}

impl Sent {
    pub(crate) fn put(&mut self, number: PhoneNumber, channel: Channel, issued: Issued) {
        let key = (number, channel);
        self.expiring.push_back((issued.expires_at(), key));
        self.last.insert(key, issued);
    }

    pub(crate) fn get(&self, number: PhoneNumber, channel: Channel) -> Option<&Issued> {
        self.last.get(&(number, channel))
    }

    /// Drops what has expired.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        while let Some((at, key)) = self.expiring.front().copied()
            && at <= now
        {
            self.expiring.pop_front();
            if self.last.get(&key).is_some_and(|issued| issued.expires_at() <= now) {
                self.last.remove(&key);
            }
        }
    }
}
