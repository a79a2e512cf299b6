//! One state of a race.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use countersign::store::{RecordKey, Revision, Swap};

use crate::account::{Budget, Factor, Name, Verdict};
use crate::call::{Lane, Outcome, Passcode};
use crate::replay::{Held, Reply, Request};
use crate::shelf::{Shelf, Write};

/// Everything that can make a difference to what comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What the store holds.
    pub store: Shelf,
    /// How far everybody is.
    pub clients: Vec<Arc<Client>>,
    /// Writes whose clients no longer wait for them: they land at any time, or never. One whose revision is gone can never land, and is
    /// left out. That there is no record can come again.
    pub in_flight: Vec<InFlight>,
    /// How many replies were lost.
    pub lost: u8,
    /// How many clients crashed.
    pub crashes: u8,
    /// What an operator sees of the common lane's record: follows from the store, kept so that it is asked for once a write.
    pub seen: Seen,
    /// The same of the device's.
    pub of_device: Seen,
    /// How often somebody was told that a code is wrong.
    pub told_wrong: u16,
    /// How many failures came to the store, cleared since or not.
    pub counted: u16,
    /// What the account's budget is: follows from the store, as `seen` does.
    pub budget: Budget,
    /// What its factor is.
    pub factor: Factor,
}

/// What an operator sees of the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seen {
    /// Failures in a row.
    pub failures: u16,
    /// Whether it is locked.
    pub locked: bool,
    /// Whether it holds a challenge.
    pub challenge: bool,
    /// Whether the challenge was met.
    pub used: bool,
}

/// How far a client is. What it was told and what it waits for follow from the replies that it has had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// What the store answered so far.
    pub replies: Vec<Reply>,
    /// It is no more.
    pub crashed: bool,
    /// What it was told, call after call.
    pub outcomes: Vec<Outcome>,
    /// Where each of its swaps was to be that was answered.
    pub swapped: Vec<RecordKey>,
    /// What it waits for; nothing when it is at its end.
    pub pending: Option<Request>,
}

/// A write whose client no longer waits for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InFlight {
    /// Whose it is.
    pub client: usize,
    /// What it writes.
    pub write: Write,
}

impl Hash for Client {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.replies, self.crashed).hash(state);
    }
}

impl Client {
    /// Whether the reply to a swap at this place was lost.
    #[must_use]
    pub fn has_lost(&self, key: &RecordKey) -> bool {
        let mut swaps = self.replies.iter().filter_map(|reply| match reply {
            Reply::Swapped(swap) => Some(*swap),
            _ => None,
        });
        self.swapped.iter().any(|place| swaps.next() == Some(Swap::Unknown) && place == key)
    }

    /// What it loaded under a key, oldest first.
    pub(crate) fn loaded<'a>(&'a self, key: &'a RecordKey) -> impl DoubleEndedIterator<Item = &'a Held> {
        self.replies.iter().flat_map(move |reply| {
            let all = match reply {
                Reply::Loaded(place, held) => vec![(place, held)],
                Reply::LoadedAll(all) => all.iter().map(|(place, held)| (place, held)).collect(),
                Reply::Swapped(_) => Vec::new(),
            };
            all.into_iter().filter(move |(place, _)| *place == key).map(|(_, held)| held)
        })
    }
}

impl State {
    /// What everybody was told.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.clients.iter().flat_map(|client| &client.outcomes)
    }

    /// How often somebody was told something of this kind.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.outcomes().filter(|outcome| is(outcome)).count()
    }

    /// The codes that clients were given.
    pub fn issued(&self) -> impl Iterator<Item = &Passcode> {
        self.outcomes().filter_map(|outcome| match outcome {
            Outcome::Issued(passcode) => Some(passcode),
            _ => None,
        })
    }

    /// The codes that passed, one for each success.
    pub fn passed(&self) -> impl Iterator<Item = &Passcode> {
        self.outcomes().filter_map(|outcome| match outcome {
            Outcome::Verified(passcode) => Some(passcode),
            _ => None,
        })
    }

    /// What guesses led to, each with the name of its call.
    pub fn guessed(&self) -> impl Iterator<Item = (Name, Verdict)> {
        self.told().filter_map(|(name, outcome)| match outcome {
            Outcome::Guessed(verdict) => Some((name, *verdict)),
            _ => None,
        })
    }

    /// What everybody was told, each with the name of its call.
    pub fn told(&self) -> impl Iterator<Item = (Name, &Outcome)> {
        (1..).zip(&self.clients).flat_map(|(number, client)| {
            (0..).zip(&client.outcomes).map(move |(call, outcome)| (Name::new(number, call), outcome))
        })
    }

    /// Whether all clients are at their end. Writes may still be in flight: they may never land, so this may be the last state.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.clients.iter().all(|client| client.pending.is_none())
    }

    /// As [`is_final`](Self::is_final), and nobody crashed.
    #[must_use]
    pub fn is_final_and_whole(&self) -> bool {
        self.crashes == 0 && self.is_final()
    }

    /// As [`is_final_and_whole`](Self::is_final_and_whole), and every reply came.
    #[must_use]
    pub fn is_final_and_undisturbed(&self) -> bool {
        self.lost == 0 && self.is_final_and_whole()
    }

    /// Whether a client has run into somebody else's write.
    #[must_use]
    pub fn has_conflict(&self) -> bool {
        self.clients.iter().any(|client| client.replies.contains(&Reply::Swapped(Swap::Conflict)))
    }

    /// What an operator sees of this lane's record.
    #[must_use]
    pub const fn seen_in(&self, lane: Lane) -> Seen {
        match lane {
            Lane::Common => self.seen,
            Lane::Device => self.of_device,
        }
    }

    /// Leaves out writes whose revision is gone, and puts the rest in order.
    pub(crate) fn tidy(&mut self) {
        let store = &self.store;
        self.in_flight.retain(|InFlight { write, .. }| {
            write.expected == Revision::ABSENT || store.revision(&write.key) == write.expected
        });
        self.in_flight.sort_unstable();
        self.in_flight.dedup();
    }
}
