//! Ways to damage a tally as Redis holds it.

use countersign::store::{Entry, EntryKind};

/// How the bytes of an entry are damaged.
pub(crate) const WAYS: &[fn(EntryKind) -> Vec<u8>] = &[
    |kind| changed(kind, 8, &f64::NAN.to_le_bytes()),
    |kind| changed(kind, 8, &f64::INFINITY.to_le_bytes()),
    |kind| changed(kind, 14, &[0xFF; 10]),
    |kind| changed(kind, 0, &[9]),
    |kind| changed(kind, 1, &[9]),
    |kind| bytes(other(kind)),
    |kind| [bytes(kind), vec![0]].concat(),
    |kind| bytes(kind).split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default(),
    |_| Vec::new(),
];

fn bytes(kind: EntryKind) -> Vec<u8> {
    Entry::empty(kind).to_bytes().as_slice().to_vec()
}

/// An entry with these bytes in place of its own. At the eighth are the first sum of a tally, and
/// the first verification of a number, which is then later than the last.
fn changed(kind: EntryKind, place: usize, by: &[u8]) -> Vec<u8> {
    let mut bytes = bytes(kind);
    bytes[place..place + by.len()].copy_from_slice(by);
    bytes
}

const fn other(kind: EntryKind) -> EntryKind {
    match kind {
        EntryKind::Sums => EntryKind::Number,
        EntryKind::Number => EntryKind::Sums,
    }
}
