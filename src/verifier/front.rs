//! The two fronts: loops that carry out what a step machine wants, one with a store that blocks and one with a store that
//! is awaited.

use crate::error::Error;
use crate::store::{AsyncStore, Keep, Loaded, RecordBytes, RecordKey, Revision, Store, StoreError, Swap};

/// A call that knows what it wants of the store, and what follows from each answer.
pub(super) trait StepMachine {
    /// What the caller gets.
    type Answer;

    /// The record that it is about. A call begins by loading it.
    fn key(&self) -> &RecordKey;

    /// What follows from the store's answer to a load.
    fn loaded(&mut self, answer: Result<Loaded, StoreError>) -> Result<Turn<'_, Self::Answer>, Error>;

    /// What follows from the store's answer to a swap.
    fn swapped(&mut self, answer: Result<Swap, StoreError>) -> Result<Turn<'_, Self::Answer>, Error>;
}

/// What a step machine wants next.
pub(super) enum Turn<'m, T> {
    Load,
    Swap(&'m Write),
    Done(T),
}

/// A swap that a step machine wants.
pub(super) struct Write {
    pub(super) key: RecordKey,
    pub(super) expected: Revision,
    pub(super) record: RecordBytes,
    pub(super) keep: Keep,
}

/// A call that is ready to go.
pub(super) enum Call<M: StepMachine> {
    /// It needs no record.
    Answered(M::Answer),
    Ready(M),
}

impl<M: StepMachine> Call<M> {
    /// The blocking front.
    pub(super) fn run(self, store: &impl Store) -> Result<M::Answer, Error> {
        let mut machine = match self {
            Self::Answered(answer) => return Ok(answer),
            Self::Ready(machine) => machine,
        };
        let mut turn = Turn::Load;
        loop {
            turn = match turn {
                Turn::Load => machine.loaded(store.load(machine.key()))?,
                Turn::Swap(Write { key, expected, record, keep }) => {
                    let answer = store.compare_and_swap(key, *expected, record.as_slice(), *keep);
                    machine.swapped(answer)?
                }
                Turn::Done(answer) => return Ok(answer),
            }
        }
    }

    /// The async front: the same loop, with its waits.
    pub(super) async fn run_async(self, store: &impl AsyncStore) -> Result<M::Answer, Error> {
        let mut machine = match self {
            Self::Answered(answer) => return Ok(answer),
            Self::Ready(machine) => machine,
        };
        let mut turn = Turn::Load;
        loop {
            turn = match turn {
                Turn::Load => {
                    let answer = store.load(machine.key()).await;
                    machine.loaded(answer)?
                }
                Turn::Swap(Write { key, expected, record, keep }) => {
                    let answer = store.compare_and_swap(key, *expected, record.as_slice(), *keep).await;
                    machine.swapped(answer)?
                }
                Turn::Done(answer) => return Ok(answer),
            }
        }
    }
}
