//! The guard's part of a call on a record: rules on sends, and follows answers.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::role::Role;
use crate::error::Error;
use crate::guard::{Charge, HostTag, HostTags, Question, Receipt, Ruling, Subject, WhenBlind};
use crate::otp::{Charges, Record};
use crate::policy::Policy;
use crate::service::{Guarding, Service};
use crate::store::{Change, Entries, Entry, EntryError, EntryKind, StoreError, TallyKey};
use crate::time::Timestamp;

/// The guard's part of a call on a record.
pub(super) struct GuardedCall {
    role: Role,
    subject: Subject,
    question: Question,
    now: Timestamp,
    /// Whether reading tallies costs no round trip, so that they are read only if they are needed.
    is_local: bool,
    /// The policy of the challenge, if it is not the verifier's.
    policy: Option<Policy>,
    ruling: Option<Arc<Ruling>>,
    changes: Vec<Change>,
}

/// What follows from a decision.
pub(super) enum Follow {
    /// The call goes on.
    Write,
    /// Other tallies are needed.
    ReadAgain,
}

impl GuardedCall {
    pub(super) fn new(
        guarding: &Guarding,
        role: Role,
        subject: Subject,
        is_local: bool,
        now: Timestamp,
    ) -> Self {
        let needs_tallies = matches!(role, Role::Start | Role::Resend) && !is_local;
        let question = ask(guarding, &subject, needs_tallies);
        Self { role, subject, question, now, is_local, policy: None, ruling: None, changes: Vec::new() }
    }

    pub(super) fn with_policy(self, policy: Option<Policy>) -> Self {
        Self { policy, ..self }
    }

    pub(super) fn keys(&self) -> &[TallyKey] {
        self.question.keys()
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn changes(&self) -> &[Change] {
        self.changes.as_slice()
    }

    pub(super) const fn ruling(&self) -> Option<&Arc<Ruling>> {
        self.ruling.as_ref()
    }

    /// Drops what followed from an earlier decision, which no write confirmed.
    pub(super) fn reset(&mut self) {
        self.changes.clear();
        self.ruling = None;
    }

    /// Returns whether to go on without the tallies. Nobody with a right code is turned away.
    pub(super) fn decides_without_tallies(&self, service: &Service) -> bool {
        match self.role {
            Role::Start | Role::Resend => {
                service.guard.as_ref().is_some_and(|own| own.guard.when_blind() == WhenBlind::Allow)
            }
            Role::Answer | Role::Undelivered => true,
        }
    }

    /// Rules on the call, given the record that it would write, and notes the charge there.
    #[inline(never)]
    pub(super) fn follow(
        &mut self,
        service: &Service,
        tallies: Option<&Entries>,
        next: &mut Record,
    ) -> Result<Follow, Error> {
        let (Some(guarding), Some(challenge)) = (&service.guard, next.challenge_mut()) else {
            return Ok(Follow::Write);
        };
        let channel = challenge.terms.channel;
        let (is_used, sent_at) = (challenge.used, challenge.issued_at);
        let charges = &mut **challenge.charges.get_or_insert_default();
        let followed = match self.role {
            Role::Start => self.send(guarding, &service.policy, tallies, charges)?,
            Role::Resend => {
                let receipt = Receipt::from_bytes(charges.receipt);
                let subject = self.subject.clone().with_channel(channel).with_tags(tags(charges));
                let subject = if receipt.is_vouched() { subject.with_vouched(true) } else { subject };
                if self.question.is_about(&subject) {
                    self.send(guarding, &service.policy, tallies, charges)?
                } else {
                    self.question = ask(guarding, &subject, !self.is_local);
                    self.subject = subject;
                    Follow::ReadAgain
                }
            }
            Role::Answer | Role::Undelivered => {
                self.subject = self.subject.clone().with_channel(channel).with_tags(tags(charges));
                if self.role == Role::Answer {
                    self.answer(guarding, tallies, charges);
                } else if !is_used {
                    self.undelivered(guarding, tallies, charges, sent_at);
                }
                Follow::Write
            }
        };
        if charges.is_empty() {
            challenge.charges = None;
        }
        Ok(followed)
    }

    fn send(
        &mut self,
        guarding: &Guarding,
        policy: &Policy,
        tallies: Option<&Entries>,
        charges: &mut Charges,
    ) -> Result<Follow, Error> {
        let guard = &guarding.guard;
        let ruling = match tallies {
            Some(entries) if self.question.is_whole() => {
                self.question.decide(guard, entries, self.now).map_err(StoreError::from)?
            }
            Some(entries) => match self.question.decide_known(guard, memory(entries)?, self.now) {
                Some(ruling) => ruling,
                None => {
                    self.question = ask(guarding, &self.subject, true);
                    return Ok(Follow::ReadAgain);
                }
            },
            None => {
                self.question = ask(guarding, &self.subject, true);
                Ruling::without_tallies()
            }
        };
        let ruling = Arc::new(if ruling.matched().is_empty() {
            ruling
        } else {
            let policy = self.policy.as_ref().unwrap_or(policy);
            ruling.with_fingerprint(guard.fingerprint(policy))
        });
        self.ruling = Some(Arc::clone(&ruling));
        let Some(charge) = ruling.charge() else { return Err(Error::Guarded(ruling)) };
        charges.receipt = Receipt::from_bytes(charges.receipt).with(charge).to_bytes();
        let own = self.subject.tags().as_slice();
        for (place, tag) in charges.tags.iter_mut().zip(own) {
            *place = tag.to_bytes();
        }
        charges.tag_count = own.len() as u8;
        self.changes = self.question.sent(&ruling);
        Ok(Follow::Write)
    }

    fn answer(&mut self, guarding: &Guarding, tallies: Option<&Entries>, charges: &Charges) {
        let receipt = Receipt::from_bytes(charges.receipt);
        self.changes = match tallies.and_then(own_memory) {
            Some(memory) if Question::answer_changes_tallies(receipt, memory, self.now) => {
                // Its send may have been vouched for, even if nobody says so now.
                let subject = self.subject.clone().with_vouched(receipt.has(Charge::Vouched));
                ask(guarding, &subject, true).answered(receipt, memory, self.now)
            }
            Some(memory) => self.question.answered(receipt, memory, self.now),
            // Nobody can tell whether this is the first answer, so it earns nothing.
            None => self.question.answered(Receipt::EMPTY, &Entry::empty(EntryKind::Number), self.now),
        };
    }

    /// Without the tallies, the charge stays. After an answer, also to a challenge of another lane,
    /// there is nothing to take back.
    fn undelivered(
        &mut self,
        guarding: &Guarding,
        tallies: Option<&Entries>,
        charges: &mut Charges,
        sent_at: Timestamp,
    ) {
        let Some(entry @ Entry::Number(memory)) = tallies.and_then(own_memory) else { return };
        let is_answered = memory.last_verified().is_some_and(|answered_at| sent_at <= answered_at);
        let mut receipt = Receipt::from_bytes(charges.receipt);
        if let Some(charge) = receipt.take_last().filter(|_| !is_answered) {
            charges.receipt = receipt.to_bytes();
            let subject = self.subject.clone().with_vouched(charge == Charge::Vouched);
            self.changes = ask(guarding, &subject, true).undelivered(charge, entry, self.now);
        }
    }
}

fn ask(guarding: &Guarding, subject: &Subject, is_whole: bool) -> Question {
    let Guarding { guard, secret } = guarding;
    if is_whole { guard.question(secret, subject) } else { guard.memory_question(secret, subject) }
}

/// The recipient's memory, whose key comes first.
fn memory(entries: &Entries) -> Result<&Entry, Error> {
    Ok(entries.as_slice().first().ok_or(EntryError::Length).map_err(StoreError::from)?)
}

/// The same for calls that go on without it: none also for an entry of another kind.
fn own_memory(entries: &Entries) -> Option<&Entry> {
    memory(entries).ok().filter(|entry| entry.kind() == EntryKind::Number)
}

fn tags(charges: &Charges) -> HostTags {
    let mut tags = HostTags::NONE;
    for tag in charges.tags() {
        // There is room: a challenge has no more.
        let _is_room = tags.push(HostTag::from_bytes(*tag));
    }
    tags
}
