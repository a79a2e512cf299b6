//! The entries that a send or an answer depends on.

use alloc::vec::Vec;

use super::host_key::MOST_HOST_KEYS;
use super::level::Level;
use super::scope::Scope;
use super::secret::TallySecret;
use super::settings::Guard;
use super::subject::Subject;
use crate::channel::Channel;
use crate::keys::TenantId;
use crate::number::PhoneNumber;
use crate::region::Region;
use crate::store::{
    Change, Entries, Entry, EntryError, EntryKind, NumberChange, NumberMemory, Sums, TALLIES_PER_CALL,
    TallyKey,
};
use crate::time::Timestamp;
use core::time::Duration;

/// How long ago imported numbers count as first verified.
const IMPORTED_SINCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A send or an answer, with its price and the keys of all entries that it depends on.
#[derive(Clone, Debug)]
pub struct Question {
    pub(super) subject: Subject,
    pub(super) region: Option<Region>,
    /// The price of a send now.
    pub(super) price: f64,
    keys: [TallyKey; TALLIES_PER_CALL],
    levels: [Level; TALLIES_PER_CALL],
    len: usize,
    /// Whether the keys include those of tallies.
    is_whole: bool,
}

// The memory, four blocks, region, purse, vouched, host keys, three caps.
const _: () = assert!(1 + 4 + 3 + MOST_HOST_KEYS + 3 <= TALLIES_PER_CALL);

impl Guard {
    /// Returns the question that decides on a send, or that an answer or an undelivered send
    /// changes tallies by.
    ///
    /// The tally of vouched strangers is part of it only if the subject is
    /// [vouched for](Subject::with_vouched). For an answer, that is whether the receipt
    /// [has](crate::guard::Receipt::has) such a charge.
    #[must_use]
    pub fn question(&self, secret: &TallySecret, subject: &Subject) -> Question {
        let mut question = Question::new(self, subject);
        question.is_whole = true;
        let tenant = self.tenant(subject.tenant.as_ref());
        match subject.number() {
            Some(number) => question.push_telephone(self, secret, tenant, number),
            None => question.push(Level::Number, memory_key(secret, tenant, subject)),
        }
        for (place, tag) in (0..).zip(subject.tags.as_slice()) {
            question.push(Level::Host(place), tag.tally_key());
        }
        question
    }

    /// Returns the question without its tallies: one key, which is enough to decide on a
    /// [known](Question::decide_known) recipient. It saves most of the work where reads cost no
    /// round trip.
    #[must_use]
    pub fn memory_question(&self, secret: &TallySecret, subject: &Subject) -> Question {
        let mut question = Question::new(self, subject);
        question.push(Level::Number, memory_key(secret, self.tenant(subject.tenant.as_ref()), subject));
        question
    }

    /// Returns the change that marks a recipient as verified before: first 30 days ago, last now.
    #[must_use]
    pub fn import(&self, secret: &TallySecret, subject: &Subject, now: Timestamp) -> Change {
        let key = memory_key(secret, self.tenant(subject.tenant.as_ref()), subject);
        Change::number(key, NumberChange::verified(now - IMPORTED_SINCE))
    }

    /// Returns the changes that clear the unanswered sends of a block of 10², 10³, 10⁴ or 10⁶
    /// numbers, a region (its vouched strangers included) or the purse. None for other scopes.
    #[must_use]
    pub fn forgive(
        &self,
        secret: &TallySecret,
        tenant: Option<&TenantId>,
        channel: Channel,
        scope: Scope,
    ) -> Vec<Change> {
        let tenant = self.tenant(tenant);
        let change = |level, channel, prefix| Change::forgive(secret.key(level, channel, tenant, prefix));
        match scope {
            Scope::Block { prefix, hidden } => {
                let level = Level::of_hidden(hidden);
                level.map(|level| change(level, channel.number(), prefix)).into_iter().collect()
            }
            Scope::Region(region) => [Level::Region, Level::Vouched]
                .map(|level| change(level, channel.number(), label(region)))
                .to_vec(),
            Scope::Purse => Vec::from([change(Level::Purse, 0, 0)]),
            _ => Vec::new(),
        }
    }

    /// Returns the tenant whose tallies are charged. `None` if tenants share their tallies.
    fn tenant<'a>(&self, tenant: Option<&'a TenantId>) -> Option<&'a TenantId> {
        tenant.filter(|_| !self.has_shared_tallies())
    }
}

/// Returns the key of a recipient's memory.
fn memory_key(secret: &TallySecret, tenant: Option<&TenantId>, subject: &Subject) -> TallyKey {
    match subject.number() {
        Some(number) => secret.key(Level::Number, 0, tenant, number.digits()),
        None => subject.recipient.with_identity(|_, address| secret.address(tenant, address)),
    }
}

fn label(region: Option<Region>) -> u64 {
    region.map_or(0, |region| u64::from(u16::from_be_bytes(code(region))))
}

/// Returns the two letters, which do not depend on the version of the tables.
fn code(region: Region) -> [u8; 2] {
    region.as_str().as_bytes().first_chunk().copied().unwrap_or_default()
}

impl Question {
    /// Returns a question without keys.
    #[inline]
    fn new(guard: &Guard, subject: &Subject) -> Self {
        let region = subject.number().and_then(PhoneNumber::region);
        Self {
            subject: subject.clone(),
            region,
            price: guard.prices().of(region, subject.channel),
            keys: [TallyKey::from_bytes([0; 16]); TALLIES_PER_CALL],
            levels: [Level::Number; TALLIES_PER_CALL],
            len: 0,
            is_whole: false,
        }
    }

    /// Returns the keys of the entries to read, in the order that [`decide`](Self::decide) expects.
    /// At most [`TALLIES_PER_CALL`].
    #[must_use]
    pub fn keys(&self) -> &[TallyKey] {
        &self.keys[..self.len]
    }

    /// Returns the key of the recipient's memory, the only entry that [`answered`](Self::answered)
    /// needs.
    #[must_use]
    pub const fn memory_key(&self) -> TallyKey {
        self.keys[0]
    }

    /// Returns whether the keys are those of all entries, not of the memory alone.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Returns whether a question about this subject has the same keys.
    pub(crate) fn is_about(&self, subject: &Subject) -> bool {
        let own = &self.subject;
        own.channel == subject.channel && own.tags == subject.tags && own.is_vouched == subject.is_vouched
    }

    /// Returns the price of a send now.
    #[must_use]
    pub const fn price(&self) -> f64 {
        self.price
    }

    /// Pushes the memory and all tallies of a number.
    fn push_telephone(
        &mut self,
        guard: &Guard,
        secret: &TallySecret,
        tenant: Option<&TenantId>,
        number: PhoneNumber,
    ) {
        let (channel, region) = (self.subject.channel.number(), label(self.region));
        let levels = [
            (Level::Number, 0, number.digits()),
            (Level::Block100, channel, prefix(Level::Block100, number)),
            (Level::Block1k, channel, prefix(Level::Block1k, number)),
            (Level::Block10k, channel, prefix(Level::Block10k, number)),
            (Level::Block1M, channel, prefix(Level::Block1M, number)),
            (Level::Region, channel, region),
            (Level::Purse, 0, 0),
        ];
        for ((level, ..), key) in levels.into_iter().zip(secret.keys(tenant, levels)) {
            self.push(level, key);
        }
        if self.subject.is_vouched {
            self.push(Level::Vouched, secret.key(Level::Vouched, channel, tenant, region));
        }
        let caps = guard.caps();
        if caps.region.is_some() {
            self.push(Level::SpendRegion, secret.key(Level::SpendRegion, 0, tenant, region));
        }
        if caps.tenant.is_some() {
            let tenant = self.subject.tenant;
            self.push(Level::SpendTenant, secret.key(Level::SpendTenant, 0, tenant.as_ref(), 0));
        }
        if caps.all.is_some() {
            self.push(Level::SpendAll, secret.key(Level::SpendAll, 0, None, 0));
        }
    }

    fn push(&mut self, level: Level, key: TallyKey) {
        if let (Some(place), Some(own)) = (self.keys.get_mut(self.len), self.levels.get_mut(self.len)) {
            (*place, *own) = (key, level);
            self.len += 1;
        }
    }

    /// Returns the tallies with their keys.
    pub(super) fn tallies(&self) -> impl Iterator<Item = (Level, TallyKey)> {
        let levels = self.levels[..self.len].iter().copied();
        levels.zip(self.keys().iter().copied()).filter(|(level, _)| level.kind() == EntryKind::Sums)
    }

    /// Returns the weight of one send in a tally.
    pub(super) const fn weight(&self, level: Level) -> f64 {
        if level.is_money() { self.price } else { 1.0 }
    }

    /// Returns the scope of a tally.
    pub(super) fn scope(&self, level: Level) -> Scope {
        match (level, self.subject.number()) {
            (Level::Region | Level::Vouched | Level::SpendRegion, _) => Scope::Region(self.region),
            (Level::Purse, _) => Scope::Purse,
            (Level::SpendTenant, _) => Scope::Tenant,
            (Level::SpendAll, _) => Scope::All,
            (Level::Host(place), _) => Scope::Key(place),
            (_, number) => match (level.hidden(), number) {
                (Some(hidden), Some(number)) => Scope::Block { prefix: prefix(level, number), hidden },
                _ => Scope::Recipient(number),
            },
        }
    }

    /// Checks that the entries match the keys.
    pub(super) fn seen<'a>(&'a self, entries: &'a Entries, now: Timestamp) -> Result<Seen<'a>, EntryError> {
        let entries = entries.as_slice();
        if entries.len() != self.len || !self.is_whole {
            return Err(EntryError::Length);
        }
        let Some((Entry::Number(memory), tallies)) = entries.split_first() else {
            return Err(EntryError::Kind);
        };
        if tallies.iter().any(|entry| entry.kind() != EntryKind::Sums) {
            return Err(EntryError::Kind);
        }
        Ok(Seen { memory: memory.as_of(now), levels: &self.levels[..self.len], entries, now })
    }
}

/// Returns the digits that the numbers of a block share.
fn prefix(level: Level, number: PhoneNumber) -> u64 {
    number.digits() / 10_u64.pow(level.hidden().unwrap_or(0))
}

/// Entries that were read.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Decayed to `now`.
    pub(super) memory: NumberMemory,
    pub(super) now: Timestamp,
    levels: &'a [Level],
    entries: &'a [Entry],
}

/// A tally that was read.
pub(super) struct Tally {
    /// When the sums were last changed.
    pub(super) at: Timestamp,
    /// Decayed to the time of the decision.
    pub(super) sums: Sums,
}

impl Seen<'_> {
    /// A decayed memory, without tallies.
    pub(super) const fn of(memory: NumberMemory, now: Timestamp) -> Self {
        Self { memory, now, levels: &[], entries: &[] }
    }

    /// The same at a later time.
    pub(super) fn at(self, now: Timestamp) -> Self {
        Self { memory: self.memory.as_of(now), now, ..self }
    }

    pub(super) fn tally(&self, level: Level) -> Option<Tally> {
        let place = self.levels.iter().position(|own| *own == level)?;
        match self.entries.get(place) {
            Some(Entry::Sums(sums)) => Some(Tally { at: sums.at(), sums: sums.decayed(self.now) }),
            _ => None,
        }
    }
}
