//! Policies, changed in any order, compared with plain lists of countries and kinds.

use std::sync::LazyLock;

use countersign::region::RegionSet;
use countersign::{Channel, Kind, Region};

use super::bytes::Bytes;
use crate::policy::{self, Change};

static ALL: LazyLock<Vec<Region>> = LazyLock::new(|| Region::all().collect());

/// A list of arbitrary countries would nearly always contain an unsupported one.
static GOOD: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let unsupported = RegionSet::SMS_UNSUPPORTED.union(RegionSet::WHATSAPP_UNSUPPORTED);
    RegionSet::ALL.difference(unsupported).iter().collect()
});

/// Takes a sequence of changes.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut changes = Vec::new();
    while !bytes.is_empty() && changes.len() < 16 {
        changes.push(change(&mut bytes));
    }
    policy::run(&changes);
}

fn change(bytes: &mut Bytes<'_>) -> Change {
    let (kind, channel) = (bytes.below(8), Channel::ALL[bytes.below(3)]);
    match kind {
        6 => return Change::Unallocated(channel, bytes.below(2) == 1),
        7 => {
            let kinds = (0..bytes.below(4)).map(|_| Kind::ALL[bytes.below(11)]).collect();
            return Change::Kinds(channel, kinds, bytes.below(2) == 1);
        }
        _ => {}
    }
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

/// Mostly the code of a country that can be allowed, at times that of any country, or no code at
/// all.
fn code(bytes: &mut Bytes<'_>) -> String {
    match bytes.byte() {
        255 => (0..bytes.below(5)).map(|_| char::from(bytes.byte())).collect(),
        200.. => ALL[bytes.below(ALL.len())].to_string(),
        n => GOOD[usize::from(n) % GOOD.len()].to_string(),
    }
}
