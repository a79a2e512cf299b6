//! The driver: one state machine that takes any plan through reads, swaps, conflicts and lost
//! replies.

use core::ops::ControlFlow;

use super::operation::{Reply, Request, Steps};
use super::plan::{Next, Plan, Seen, Then, Write};
use super::withheld::Withheld;
use crate::error::Error;
use crate::error::Fault;
use crate::events::Event;
use crate::service::Service;
use crate::store::{Entries, RecordBytes, StoreError, Swap};

/// The maximum number of swaps of one operation.
const ATTEMPTS: u32 = 32;

/// The maximum number of unanswered calls while the fate of a write is unknown.
const UNANSWERED: u32 = 3;

/// The state of one operation.
pub struct Driver<P: Plan> {
    plan: P,
    /// The id of the next write.
    operation: u64,
    stage: u8,
    pending: Option<Pending<P::Output>>,
    /// The encoded record of the pending write.
    record: RecordBytes,
    /// What the current request asks for.
    doing: Doing,
    /// The result that follows the changes of tallies.
    adding: Option<Adding<P::Output>>,
    /// The outcome that a confirmed write has earned, to be revealed after the last stage.
    earned: Option<Withheld<P::Output>>,
    /// Whether the last stage failed after the outcome had been earned.
    is_unsettled: bool,
    /// The error of the last read of tallies.
    blind: Option<StoreError>,
    /// Whether changes of tallies were lost.
    has_lost_changes: bool,
    is_over: bool,
    attempts: u32,
    unanswered: u32,
}

/// A call that is ready to run: its plan, and a unique operation id.
pub struct Ready<P> {
    plan: P,
    operation: u64,
}

impl<P: Plan> Ready<P> {
    /// Creates a call from a plan and an id that no other operation has.
    #[must_use]
    pub const fn new(plan: P, operation: u64) -> Self {
        Self { plan, operation }
    }

    /// Creates the driver. It contains a record buffer, so create it where it will stay.
    #[inline(always)]
    pub fn driver(self) -> Driver<P> {
        Driver::new(self.plan, self.operation)
    }
}

/// A write that is in flight or whose reply was lost, and the step after its confirmation.
struct Pending<T> {
    operation: u64,
    write: Write,
    then: Then<T>,
    /// Whether a copy of the write may have been applied without our knowledge.
    is_unsure: bool,
}

impl<T> Pending<T> {
    /// Returns whether the write is a charge (another stage follows) that may have been applied
    /// without a reply. It must then not be made again.
    const fn is_charge_without_reply(&self) -> bool {
        self.is_unsure && matches!(self.then, Then::NextStage)
    }
}

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Read the records, and the tallies if the plan names some.
    Read,
    /// Swap the pending write.
    Swap,
    /// Change the tallies.
    Add,
}

/// The result of a call that still changes tallies.
enum Adding<T> {
    /// Reveal the outcome, whether or not the tallies could be changed.
    Reveal(Withheld<T>),
    /// Return this if the tallies were changed.
    Done(T),
}

/// The result of one turn: `None` if there is another request, otherwise the output of the call.
type Turn<T> = Result<Option<T>, Error>;

impl<P: Plan> Driver<P> {
    /// Creates a driver for a plan. `operation` is unique to this call; its writes are numbered
    /// from there.
    #[must_use]
    pub const fn new(plan: P, operation: u64) -> Self {
        Self {
            plan,
            operation,
            stage: 0,
            pending: None,
            record: RecordBytes::EMPTY,
            doing: Doing::Read,
            adding: None,
            earned: None,
            is_unsettled: false,
            blind: None,
            has_lost_changes: false,
            is_over: false,
            attempts: 0,
            unanswered: 0,
        }
    }

    /// Handles the records as read: recognises the pending write in them, or decides anew.
    #[inline(always)]
    fn decide(&mut self, service: &Service, seen: &Seen<'_>) -> Turn<P::Output> {
        if let Some(own) = self.pending.take() {
            let current = seen.get(own.write.slot);
            if self.plan.is_written(service, self.stage, own.write.slot, current, own.operation)? {
                // The write was applied: the reply was lost, or the engine sent the write twice and
                // the second conflicted. If the next stage needs the same records, those that were
                // just read serve it.
                let stage = self.stage;
                let turn = self.applied(own.then)?;
                if turn.is_some() || self.stage == stage || !self.reads_the_same(stage) {
                    return Ok(turn);
                }
            } else if own.write.expected == current.revision() {
                // The write has not been applied yet, but may still be. Send the same write again:
                // whichever copy arrives first counts, and the others conflict with it.
                return self.swap(own);
            } else if own.is_charge_without_reply()
                && self.plan.is_out_of_sight(service, self.stage, own.write.slot, current)?
            {
                // The charge may have been applied, but after so many other writes the record no
                // longer tells. It must not be made twice.
                return Err(Error::Contended);
            }
            // Otherwise another write came first. The revision has changed, so this write can no
            // longer be applied.
        }
        if let Some(error) = self.blind.take() {
            if !self.plan.decides_without_tallies(service) {
                return Err(error.into());
            }
            self.has_lost_changes = true;
        }
        let operation = self.next_operation();
        let next = self.plan.next(service, self.stage, operation, seen, &mut self.record)?;
        self.follow(operation, next)
    }

    #[inline(always)]
    fn follow(&mut self, operation: u64, next: Next<P::Output>) -> Turn<P::Output> {
        match next {
            Next::Done(answer) => Ok(Some(answer)),
            Next::ReadAgain => Ok(None),
            Next::Add(answer) => self.add(Adding::Done(answer)),
            Next::NextStage => {
                self.stage += 1;
                Ok(None)
            }
            Next::Settle(withheld) => self.earn(withheld),
            Next::Settled => self.settled(),
            Next::Write(write, then) => self.swap(Pending { operation, write, then, is_unsure: false }),
        }
    }

    fn next_operation(&mut self) -> u64 {
        self.operation = self.operation.wrapping_add(1);
        self.operation
    }

    #[inline(always)]
    fn swap(&mut self, own: Pending<P::Output>) -> Turn<P::Output> {
        if self.attempts == ATTEMPTS {
            return Err(Error::Contended);
        }
        self.attempts += 1;
        self.doing = Doing::Swap;
        self.pending = Some(own);
        Ok(None)
    }

    /// Handles a confirmed write.
    #[inline(always)]
    fn applied(&mut self, then: Then<P::Output>) -> Turn<P::Output> {
        match then {
            Then::Reveal(withheld) => return self.confirmed(withheld),
            Then::Settled => return self.settled(),
            Then::NextStage => self.stage += 1,
            Then::Settle(withheld) => return self.earn(withheld),
        }
        Ok(None)
    }

    /// Keeps an outcome that is earned while the next stage settles its charge.
    #[inline(never)]
    fn earn(&mut self, withheld: Withheld<P::Output>) -> Turn<P::Output> {
        self.earned = Some(withheld);
        self.stage += 1;
        Ok(None)
    }

    /// Ends the stage that follows an earned outcome.
    #[inline(never)]
    fn settled(&mut self) -> Turn<P::Output> {
        match self.earned.take() {
            Some(withheld) => self.confirmed(withheld),
            None => Err(Fault::OutOfTurn.into()),
        }
    }

    /// Handles an error. If the outcome was earned before, it stands, and the event tells that its
    /// last stage failed.
    #[cold]
    fn unsettled(&mut self, error: Error) -> Turn<P::Output> {
        if self.earned.is_none() {
            return Err(error);
        }
        self.is_unsettled = true;
        self.pending = None;
        self.settled()
    }

    /// Returns whether the current stage reads the same records as an earlier one.
    fn reads_the_same(&self, earlier: u8) -> bool {
        self.plan.reads(earlier) == self.plan.reads(self.stage)
    }

    /// Handles the confirmation of the last write: changes the tallies if there is a change, then
    /// reveals the outcome.
    #[inline(always)]
    fn confirmed(&mut self, withheld: Withheld<P::Output>) -> Turn<P::Output> {
        if self.plan.changes().is_empty() { reveal(withheld) } else { self.add(Adding::Reveal(withheld)) }
    }

    fn add(&mut self, adding: Adding<P::Output>) -> Turn<P::Output> {
        self.doing = Doing::Add;
        self.adding = Some(adding);
        Ok(None)
    }

    /// Handles the tallies as read. An error is kept until it is known whether they are needed.
    fn read_tallies<'a>(&mut self, tallies: Result<&'a Entries, StoreError>) -> Option<&'a Entries> {
        match tallies {
            Ok(entries) => {
                self.blind = None;
                Some(entries)
            }
            Err(error) => {
                self.blind = Some(error);
                None
            }
        }
    }

    /// Handles the reply to the changes of tallies, which are not tried again.
    fn added(&mut self, result: Result<(), StoreError>) -> Turn<P::Output> {
        self.has_lost_changes |= result.is_err();
        match (self.adding.take(), result) {
            (Some(Adding::Reveal(withheld)), _) => reveal(withheld),
            (Some(Adding::Done(answer)), Ok(())) => Ok(Some(answer)),
            (Some(Adding::Done(_)), Err(error)) => Err(error.into()),
            (None, _) => Err(Fault::OutOfTurn.into()),
        }
    }

    /// Handles a store error. While it is unknown whether a write was applied, the records are read
    /// again: an error would tell a person with the right code that the attempt failed, and the
    /// next attempt that the code was used.
    fn unanswered(&mut self, error: StoreError) -> Turn<P::Output> {
        let is_unsure = self.pending.as_ref().is_some_and(|own| own.is_unsure);
        self.unanswered += 1;
        if is_unsure && self.unanswered <= UNANSWERED { Ok(None) } else { Err(error.into()) }
    }

    /// Handles a stored value that is not a record.
    fn unread(&mut self, service: &Service, error: StoreError) -> Turn<P::Output> {
        let operation = self.next_operation();
        let next = self.plan.unread(service, self.stage, operation, &mut self.record, error)?;
        self.follow(operation, next)
    }

    #[inline(always)]
    fn swapped(&mut self, swap: Swap) -> Turn<P::Output> {
        match self.pending.take() {
            Some(own) if swap == Swap::Applied => self.applied(own.then),
            Some(own) => {
                let is_unsure = own.is_unsure || swap == Swap::Unknown;
                self.pending = Some(Pending { is_unsure, ..own });
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

impl<P: Plan> Driver<P> {
    /// Returns the current request to the store.
    #[must_use]
    #[inline(always)]
    pub fn request(&self) -> Request<'_> {
        match (self.doing, &self.pending) {
            (Doing::Swap, Some(Pending { write: Write { slot, expected, keep }, .. })) => {
                match self.plan.reads(self.stage).get(*slot) {
                    Some(key) => Request::Swap {
                        key,
                        expected: *expected,
                        record: self.record.as_slice(),
                        keep: *keep,
                    },
                    None => Request::Read(self.plan.reads(self.stage)),
                }
            }
            (Doing::Add, _) => Request::Add { changes: self.plan.changes(), now: self.plan.now() },
            _ => match (self.plan.reads(self.stage), self.plan.tallies(self.stage)) {
                (records, []) => Request::Read(records),
                (records, tallies) => Request::ReadWithTallies { records, tallies, now: self.plan.now() },
            },
        }
    }

    /// Accepts the store's reply. Breaks with the result of the call, or continues with another
    /// request.
    #[inline]
    pub fn answer(&mut self, service: &Service, reply: Reply<'_>) -> ControlFlow<Result<P::Output, Error>> {
        if self.is_over {
            return ControlFlow::Break(Err(Fault::OutOfTurn.into()));
        }
        let doing = core::mem::replace(&mut self.doing, Doing::Read);
        let wants_tallies = !self.plan.tallies(self.stage).is_empty();
        let (reply, tallies) = match reply {
            Reply::ReadWithTallies { records, tallies } if wants_tallies => {
                (Reply::Read(records), self.read_tallies(tallies))
            }
            reply => (reply, None),
        };
        // A reply without the tallies that were requested must not get past the guard.
        let has_tallies = !wants_tallies || tallies.is_some() || self.blind.is_some();
        let turn = match (doing, reply) {
            (Doing::Read, Reply::Read(Ok(records))) if has_tallies => {
                self.decide(service, &Seen { records, tallies })
            }
            (Doing::Read, Reply::Read(Err(error))) if error.revision().is_some() => {
                self.unread(service, error)
            }
            (Doing::Read, Reply::Read(Err(error))) => self.unanswered(error),
            (Doing::Swap, Reply::Swapped(Ok(swap))) => self.swapped(swap),
            (Doing::Swap, Reply::Swapped(Err(error))) => self.unanswered(error),
            (Doing::Add, Reply::Added(result)) => self.added(result),
            _ => Err(Fault::OutOfTurn.into()),
        };
        let result = match turn {
            Ok(None) => return ControlFlow::Continue(()),
            Ok(Some(answer)) => Ok(answer),
            Err(error) => match self.unsettled(error) {
                Ok(None) => return ControlFlow::Continue(()),
                Ok(Some(answer)) => Ok(answer),
                Err(error) => Err(error),
            },
        };
        self.is_over = true;
        if service.has_hook() {
            let mut event = Event::new(&self.plan.about(), result.as_ref().err(), self.attempts);
            event.has_lost_changes = self.has_lost_changes;
            event.is_unsettled = self.is_unsettled;
            #[cfg(feature = "alloc")]
            event.set_ruling(self.plan.ruling());
            service.report(&event);
        }
        ControlFlow::Break(result)
    }
}

/// Reveals the verdict after its write was confirmed.
fn reveal<T>(withheld: Withheld<T>) -> Turn<T> {
    Ok(Some(withheld.confirm(Swap::Applied).ok_or(Error::Contended)??))
}

impl<P: Plan + Send> Steps for Driver<P>
where
    P::Output: Send,
{
    type Output = P::Output;

    fn request(&self) -> Request<'_> {
        Driver::request(self)
    }

    #[inline]
    fn answer(&mut self, service: &Service, reply: Reply<'_>) -> ControlFlow<Result<P::Output, Error>> {
        Driver::answer(self, service, reply)
    }
}

impl<P> core::fmt::Debug for Ready<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ready(..)")
    }
}

impl<P: Plan> core::fmt::Debug for Driver<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Driver")
            .field("stage", &self.stage)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
