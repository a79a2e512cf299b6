//! The link between an operation and a store in another thread: messages that own their contents.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use countersign::kernel::{Reply, Request};
use countersign::store::{Keep, Loaded, RecordKey, Revision, Store, StoreError, StoreErrorKind, Swap};

/// A copied request.
pub enum Ask {
    Read(Vec<RecordKey>),
    Swap { key: RecordKey, expected: u64, record: Vec<u8>, keep: Keep },
}

/// A reply in the form of another language: bytes and numbers.
pub enum Answer {
    Read(Result<Vec<(Vec<u8>, u64)>, StoreErrorKind>),
    Swapped(Result<Swap, StoreErrorKind>),
}

/// The sending side of the requests.
pub struct Remote(Sender<(Ask, Sender<Answer>)>);

impl Remote {
    /// Starts a thread that owns the store and serves requests.
    pub fn serve(store: impl Store + Send + 'static) -> Self {
        let (send, requests): (_, Receiver<(Ask, Sender<Answer>)>) = channel();
        thread::spawn(move || {
            for (ask, answer) in requests {
                answer.send(carry_out(&store, ask)).unwrap();
            }
        });
        Self(send)
    }

    pub fn ask(&self, ask: Ask) -> Answer {
        let (send, answer) = channel();
        self.0.send((ask, send)).unwrap();
        answer.recv().unwrap()
    }
}

fn carry_out(store: &impl Store, ask: Ask) -> Answer {
    let raw = |loaded: Loaded| (loaded.record().to_vec(), loaded.revision().number());
    match ask {
        Ask::Read(keys) => {
            let read: Result<Vec<_>, StoreError> = keys.iter().map(|key| store.load(key).map(raw)).collect();
            Answer::Read(read.map_err(|error| error.kind()))
        }
        Ask::Swap { key, expected, record, keep } => {
            let swap = store.compare_and_swap(&key, Revision::from_number(expected), &record, keep);
            Answer::Swapped(swap.map_err(|error| error.kind()))
        }
    }
}

impl From<Request<'_>> for Ask {
    fn from(request: Request<'_>) -> Self {
        match request {
            Request::Read(keys) => Self::Read(keys.to_vec()),
            Request::Swap { key, expected, record, keep } => {
                Self::Swap { key: *key, expected: expected.number(), record: record.to_vec(), keep }
            }
            other => panic!("unknown request: {other:?}"),
        }
    }
}

impl Answer {
    /// Passes the reply on in the form that an operation takes.
    pub fn give<T>(self, answer: impl FnOnce(Reply<'_>) -> T) -> T {
        match self {
            Self::Read(Err(kind)) => answer(Reply::Read(Err(kind.into()))),
            Self::Read(Ok(raw)) => {
                let loaded: Result<Vec<_>, _> = raw
                    .iter()
                    .map(|(record, revision)| Loaded::new(record, Revision::from_number(*revision)))
                    .collect();
                match loaded {
                    Ok(loaded) => answer(Reply::Read(Ok(&loaded))),
                    Err(error) => answer(Reply::Read(Err(error))),
                }
            }
            Self::Swapped(swap) => answer(Reply::Swapped(swap.map_err(StoreError::from))),
        }
    }
}
