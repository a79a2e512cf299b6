//! One state of a race.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use countersign::store::{RecordKey, Revision, Swap};

use crate::account::{Budget, Factor, Name, Verdict};
use crate::call::{Lane, Outcome, Passcode};
use crate::replay::{Held, Reply, Request};
use crate::shelf::{Shelf, Write};

/// Everything that can influence later steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The contents of the store.
    pub store: Shelf,
    /// The progress of each client.
    pub clients: Vec<Arc<Client>>,
    /// Writes that their clients no longer wait for. They land at any time, or never. Writes whose
    /// revision was replaced can never land, and are left out. An absent record, however, can
    /// become absent again.
    pub in_flight: Vec<InFlight>,
    /// The number of lost replies.
    pub lost: u8,
    /// The number of crashed clients.
    pub crashes: u8,
    /// The status of the common lane's record. It follows from the store, and is kept so that it is
    /// computed once per write.
    pub seen: Seen,
    /// The status of the device's record.
    pub of_device: Seen,
    /// How often a client was told that a code is wrong.
    pub told_wrong: u16,
    /// How many failures were written to the store, cleared since or not.
    pub counted: u16,
    /// The account's budget, which follows from the store as `seen` does.
    pub budget: Budget,
    /// The account's factor.
    pub factor: Factor,
    /// The failures of the account with real factors, which follow from the store as `seen` does.
    pub account: Budgeted,
    /// Whether a lock of that account was undone.
    pub has_unlocked: bool,
}

/// The failure budget of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budgeted {
    /// Failures of all factors.
    pub failures: u16,
    /// Whether it is locked.
    pub locked: bool,
}

/// The status of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seen {
    /// Failures in a row.
    pub failures: u16,
    /// Whether it is locked.
    pub locked: bool,
    /// Whether it has a challenge.
    pub challenge: bool,
    /// Whether the challenge was passed.
    pub used: bool,
}

/// The progress of a client. Its outcomes and its request follow from the replies it has received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The store's replies so far.
    pub replies: Vec<Reply>,
    /// Whether it crashed.
    pub crashed: bool,
    /// The outcomes of its calls, in order.
    pub outcomes: Vec<Outcome>,
    /// The key of each of its answered swaps.
    pub swapped: Vec<RecordKey>,
    /// Its current request; `None` when it has ended.
    pub pending: Option<Request>,
}

/// A write that its client no longer waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InFlight {
    /// The client.
    pub client: usize,
    /// The write.
    pub write: Write,
}

impl Hash for Client {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.replies, self.crashed).hash(state);
    }
}

impl Client {
    /// Returns whether the reply to a swap of this key was lost.
    #[must_use]
    pub fn has_lost(&self, key: &RecordKey) -> bool {
        let mut swaps = self.replies.iter().filter_map(|reply| match reply {
            Reply::Swapped(swap) => Some(*swap),
            _ => None,
        });
        self.swapped.iter().any(|place| swaps.next() == Some(Swap::Unknown) && place == key)
    }

    /// Returns whether the reply to a swap was lost, and the client was then refused.
    #[must_use]
    pub fn is_refused_after_loss(&self) -> bool {
        self.replies.contains(&Reply::Swapped(Swap::Unknown))
            && matches!(self.outcomes.last(), Some(Outcome::Refused(_)))
    }

    /// Returns whether the client has written this key, and then another.
    #[must_use]
    pub fn has_charged(&self, key: &RecordKey) -> bool {
        self.swapped.contains(key) && self.swapped.last() != Some(key)
    }

    /// Returns what the client loaded under a key, oldest first.
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
    /// Returns the outcomes of all clients.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.clients.iter().flat_map(|client| &client.outcomes)
    }

    /// Returns how many outcomes match.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.outcomes().filter(|outcome| is(outcome)).count()
    }

    /// Returns the codes that were issued to clients.
    pub fn issued(&self) -> impl Iterator<Item = &Passcode> {
        self.outcomes().filter_map(|outcome| match outcome {
            Outcome::Issued(passcode) => Some(passcode),
            _ => None,
        })
    }

    /// Returns the codes that passed, one for each success.
    pub fn passed(&self) -> impl Iterator<Item = &Passcode> {
        self.outcomes().filter_map(|outcome| match outcome {
            Outcome::Verified(passcode) => Some(passcode),
            _ => None,
        })
    }

    /// Returns the verdicts of guesses, each with the name of its call.
    pub fn guessed(&self) -> impl Iterator<Item = (Name, Verdict)> {
        self.told().filter_map(|(name, outcome)| match outcome {
            Outcome::Guessed(verdict) => Some((name, *verdict)),
            _ => None,
        })
    }

    /// Returns all outcomes, each with the name of its call.
    pub fn told(&self) -> impl Iterator<Item = (Name, &Outcome)> {
        (1..).zip(&self.clients).flat_map(|(number, client)| {
            (0..).zip(&client.outcomes).map(move |(call, outcome)| (Name::new(number, call), outcome))
        })
    }

    /// Returns whether all clients have ended. Writes may still be in flight but may never land, so
    /// this may be the last state.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.clients.iter().all(|client| client.pending.is_none())
    }

    /// Returns whether all clients have ended and none crashed.
    #[must_use]
    pub fn is_final_and_whole(&self) -> bool {
        self.crashes == 0 && self.is_final()
    }

    /// Returns whether all clients have ended, none crashed, and every reply arrived.
    #[must_use]
    pub fn is_final_and_undisturbed(&self) -> bool {
        self.lost == 0 && self.is_final_and_whole()
    }

    /// Returns whether a client's swap conflicted with another client's write.
    #[must_use]
    pub fn has_conflict(&self) -> bool {
        self.clients.iter().any(|client| client.replies.contains(&Reply::Swapped(Swap::Conflict)))
    }

    /// Returns the status of this lane's record.
    #[must_use]
    pub const fn seen_in(&self, lane: Lane) -> Seen {
        match lane {
            Lane::Common => self.seen,
            Lane::Device => self.of_device,
        }
    }

    /// Removes writes whose revision was replaced, and sorts the rest.
    pub(crate) fn tidy(&mut self) {
        let store = &self.store;
        self.in_flight.retain(|InFlight { write, .. }| {
            write.expected == Revision::ABSENT || store.revision(&write.key) == write.expected
        });
        self.in_flight.sort_unstable();
        self.in_flight.dedup();
    }
}
