//! Reads, decides, swaps, confirms or begins again: one state machine for every plan.

use core::ops::ControlFlow;

use super::operation::{Reply, Request, Steps};
use super::plan::{Next, Plan, Seen, Then, Write};
use super::withheld::Withheld;
use crate::error::Error;
use crate::error::Fault;
use crate::service::Service;
use crate::store::{RecordBytes, StoreError, Swap};

/// After so many swaps an operation gives up.
const ATTEMPTS: u32 = 32;

/// After so many calls that the store did not answer, while it is not known what became of a write, an
/// operation gives up.
const UNANSWERED: u32 = 3;

/// One operation on its way to its result.
pub struct Driver<P: Plan> {
    plan: P,
    /// The id that the next write gets.
    operation: u64,
    stage: u8,
    pending: Option<Pending<P::Output>>,
    /// The record of the pending write.
    record: RecordBytes,
    /// Whether the pending write is to be swapped; else the records are to be read.
    is_swapping: bool,
    is_over: bool,
    attempts: u32,
    unanswered: u32,
}

/// A call that is ready to be carried out: its plan, and an id that is unique to it.
pub struct Ready<P> {
    plan: P,
    operation: u64,
}

impl<P: Plan> Ready<P> {
    /// This plan, under an id that no other operation has.
    #[must_use]
    pub const fn new(plan: P, operation: u64) -> Self {
        Self { plan, operation }
    }

    /// Its driver. It holds a record, so it is made where it is to stay.
    #[inline(always)]
    pub fn driver(self) -> Driver<P> {
        Driver::new(self.plan, self.operation)
    }
}

/// A write that is on its way or whose reply was lost, and what follows from it.
struct Pending<T> {
    operation: u64,
    write: Write,
    then: Then<T>,
    /// Whether a copy of it may have arrived without our knowing.
    is_unsure: bool,
}

impl<T> Pending<T> {
    /// Whether it may have arrived unnoticed and, as a later stage was to follow, must not be made again.
    const fn is_charge_without_reply(&self) -> bool {
        self.is_unsure && matches!(self.then, Then::NextStage)
    }
}

/// What comes next: a request, or the end.
type Turn<T> = Result<Option<T>, Error>;

impl<P: Plan> Driver<P> {
    /// A driver for this plan. `operation` is unique to this call; its writes are numbered from there.
    #[must_use]
    pub const fn new(plan: P, operation: u64) -> Self {
        Self {
            plan,
            operation,
            stage: 0,
            pending: None,
            record: RecordBytes::EMPTY,
            is_swapping: false,
            is_over: false,
            attempts: 0,
            unanswered: 0,
        }
    }

    /// The records as they are now: perhaps with the pending write in them, else to be decided on.
    #[inline(always)]
    fn decide(&mut self, service: &Service, seen: &Seen<'_>) -> Turn<P::Output> {
        if let Some(own) = self.pending.take() {
            let stands = seen.get(own.write.slot);
            if self.plan.is_written(service, own.write.slot, stands, own.operation)? {
                // It did arrive: perhaps the reply was lost, or the engine sent it twice and the second
                // conflicted. What was read with it is good for the next stage.
                match own.then {
                    Then::Reveal(withheld) => return reveal(withheld),
                    Then::NextStage => self.stage += 1,
                }
            } else if own.write.expected == stands.revision() {
                // It has not arrived yet, and may still do so. So the very same write goes out again:
                // whichever copy is first counts, and the others conflict with it.
                return self.swap(own);
            } else if own.is_charge_without_reply()
                && self.plan.is_out_of_sight(service, own.write.slot, stands)?
            {
                // It may have arrived, and so many wrote since that the record no longer tells: a charge
                // is not made twice.
                return Err(Error::Contended);
            }
            // Else others were faster, and their revision has ended that of the write: it can't arrive any more.
        }
        let operation = self.next_operation();
        let next = self.plan.next(service, self.stage, operation, seen, &mut self.record)?;
        self.follow(operation, next)
    }

    #[inline(always)]
    fn follow(&mut self, operation: u64, next: Next<P::Output>) -> Turn<P::Output> {
        match next {
            Next::Done(answer) => Ok(Some(answer)),
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
        self.is_swapping = true;
        self.pending = Some(own);
        Ok(None)
    }

    /// The store did not answer. While it is not known whether a write arrived, the records are read again:
    /// an error would tell a person with the right code that they failed, and the next attempt that it is used.
    fn unanswered(&mut self, error: StoreError) -> Turn<P::Output> {
        let is_unsure = self.pending.as_ref().is_some_and(|own| own.is_unsure);
        self.unanswered += 1;
        if is_unsure && self.unanswered <= UNANSWERED { Ok(None) } else { Err(error.into()) }
    }

    /// The store holds something that is no record.
    fn unread(&mut self, service: &Service, error: StoreError) -> Turn<P::Output> {
        let operation = self.next_operation();
        let next = self.plan.unread(service, operation, &mut self.record, error)?;
        self.follow(operation, next)
    }

    #[inline(always)]
    fn swapped(&mut self, swap: Swap) -> Turn<P::Output> {
        match self.pending.take() {
            Some(own) if swap == Swap::Applied => match own.then {
                Then::Reveal(withheld) => reveal(withheld),
                Then::NextStage => {
                    self.stage += 1;
                    Ok(None)
                }
            },
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
    /// What the operation wants of the store.
    #[must_use]
    pub fn request(&self) -> Request<'_> {
        match &self.pending {
            Some(Pending { write: Write { slot, expected, keep }, .. }) if self.is_swapping => {
                match self.plan.reads().get(*slot) {
                    Some(key) => Request::Swap {
                        key,
                        expected: *expected,
                        record: self.record.as_slice(),
                        keep: *keep,
                    },
                    None => Request::Read(self.plan.reads()),
                }
            }
            _ => Request::Read(self.plan.reads()),
        }
    }

    /// What follows from the store's reply: more to ask, or the result of the call.
    #[inline]
    pub fn answer(&mut self, service: &Service, reply: Reply<'_>) -> ControlFlow<Result<P::Output, Error>> {
        if self.is_over {
            return ControlFlow::Break(Err(Fault::OutOfTurn.into()));
        }
        let is_swapping = core::mem::take(&mut self.is_swapping);
        let turn = match reply {
            Reply::Read(Ok(loaded)) if !is_swapping => self.decide(service, &Seen(loaded)),
            Reply::Read(Err(error)) if !is_swapping && error.revision().is_some() => {
                self.unread(service, error)
            }
            Reply::Swapped(Ok(swap)) if is_swapping => self.swapped(swap),
            Reply::Read(Err(error)) if !is_swapping => self.unanswered(error),
            Reply::Swapped(Err(error)) if is_swapping => self.unanswered(error),
            Reply::Read(_) | Reply::Swapped(_) => Err(Fault::OutOfTurn.into()),
        };
        let result = match turn {
            Ok(None) => return ControlFlow::Continue(()),
            Ok(Some(answer)) => Ok(answer),
            Err(error) => Err(error),
        };
        self.is_over = true;
        service.report(&self.plan.about(), result.as_ref().err(), self.attempts);
        ControlFlow::Break(result)
    }
}

/// The verdict, now that the write that it depends on is confirmed.
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
