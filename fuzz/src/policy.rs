//! Policies, changed in any order, held against plain lists.

use countersign::{Channel, Region};

use super::bytes::Bytes;
use super::plain_policy::{self, Change};

/// A sequence of changes.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut changes = Vec::new();
    while !bytes.is_empty() && changes.len() < 16 {
        changes.push(change(&mut bytes));
    }
    plain_policy::run(&changes);
}

fn change(bytes: &mut Bytes<'_>) -> Change {
    let (kind, channel) = (bytes.below(6), Channel::ALL[bytes.below(3)]);
    let codes = (0..bytes.below(8)).map(|_| code(bytes)).collect();
    match kind {
        0 => Change::Allow(channel, codes),
        1 => Change::AllowSet(channel, codes),
        2 => Change::Deny(channel, codes),
        3 => Change::SetAllowed(channel, codes),
        4 => Change::SetAllowedCodes(channel, codes),
        _ => Change::SetDenied(channel, codes),
    }
}

/// The code of a region, or at times something else.
fn code(bytes: &mut Bytes<'_>) -> String {
    match bytes.byte() {
        255 => (0..bytes.below(5)).map(|_| char::from(bytes.byte())).collect(),
        n => Region::all().nth(usize::from(n)).map_or("zz".to_owned(), |region| region.to_string()),
    }
}
