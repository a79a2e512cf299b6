//! The rows of `data/calling_codes.csv`: which first digits tell the regions of a calling code apart.

use core::fmt;
use std::collections::HashSet;

use crate::{
    automaton::{DEAD, Folded, NodeId},
    calling_code::CallingCode,
    region::Region,
};

/// A row: numbers with this calling code and prefix are of this region, unless a row with a longer prefix
/// says otherwise.
///
/// Displayed as a line of the file: `44,1481,GG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixRow {
    /// The calling code.
    pub calling_code: u16,
    /// The first digits of the national number; empty in the calling code's own row.
    pub prefix: String,
    /// The region; `None` for a calling code that belongs to none.
    pub region: Option<Region>,
}

impl fmt::Display for PrefixRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},", self.calling_code, self.prefix)?;
        self.region.map_or(Ok(()), |region| write!(f, "{region}"))
    }
}

/// The rows of all calling codes, sorted by calling code and prefix as one text.
///
/// A calling code has its own row, with its main region, and then the shortest prefixes below which all valid
/// numbers belong to one single other region. So a valid number gets its region, and a number that is not
/// assigned (yet) gets the region of its neighbours.
///
/// No prefix can tell a valid number from longer ones that begin with it. Where those are of another region,
/// the number gets theirs: in metadata 9.0.33 that befalls the seven-digit Canadian numbers +1 310 xxxx,
/// which begin numbers of Los Angeles, and no other.
#[must_use]
pub fn prefix_rows(codes: &[CallingCode]) -> Vec<PrefixRow> {
    let mut rows = Vec::new();
    for code in codes {
        rows.push(PrefixRow { calling_code: code.code, prefix: String::new(), region: code.main_region });
        let walk = Walk { code, regions: regions(code) };
        walk.below(code.numbers.root(), "", &mut rows);
    }
    rows
}

/// The regions of the valid numbers that come through a node.
type Regions = HashSet<Option<Region>>;

fn regions(code: &CallingCode) -> Folded<Regions> {
    code.numbers.fold(|node, folded: &Folded<Regions>| {
        let own = node.label.map(|label| label.region);
        own.into_iter().chain(node.next.iter().flat_map(|&next| folded[next].iter().copied())).collect()
    })
}

struct Walk<'a> {
    code: &'a CallingCode,
    regions: Folded<Regions>,
}

impl Walk<'_> {
    /// Adds the rows whose prefixes are longer than `prefix`, which leads to `node`.
    fn below(&self, node: NodeId, prefix: &str, rows: &mut Vec<PrefixRow>) {
        let next = self.code.numbers.node(node).next;
        for (digit, next) in next.into_iter().enumerate().filter(|(_, next)| *next != DEAD) {
            let prefix = format!("{prefix}{digit}");
            let mut regions = self.regions[next].iter().copied();
            match (regions.next(), regions.next()) {
                (Some(only), None) if only == self.code.main_region => {}
                (Some(only), None) => {
                    rows.push(PrefixRow { calling_code: self.code.code, prefix, region: only });
                }
                _ => self.below(next, &prefix, rows),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{automaton::Node, calling_code::calling_codes, metadata::territories};
    use phonenumber::metadata::DATABASE;

    /// Collects the valid numbers below `node` that the rows give another region than the automaton does.
    fn misjudged(walk: &Walk<'_>, rows: &[PrefixRow], node: NodeId, prefix: &str, found: &mut Vec<String>) {
        let deciding =
            |row: &&PrefixRow| row.calling_code == walk.code.code && prefix.starts_with(&row.prefix);
        let answer = rows.iter().filter(deciding).max_by_key(|row| row.prefix.len()).unwrap().region;
        let refined = rows.iter().any(|row| {
            row.calling_code == walk.code.code && row.prefix != prefix && row.prefix.starts_with(prefix)
        });
        if !refined && walk.regions[node].iter().all(|region| *region == answer) {
            return;
        }
        let Node { label, next } = *walk.code.numbers.node(node);
        if label.is_some_and(|label| label.region != answer) {
            found.push(format!("{}{prefix}", walk.code.code));
        }
        for (digit, next) in next.into_iter().enumerate().filter(|(_, next)| *next != DEAD) {
            misjudged(walk, rows, next, &format!("{prefix}{digit}"), found);
        }
    }

    /// Not a sample: every valid number of the world is covered.
    #[test]
    fn rows_give_every_valid_number_its_region() {
        let codes = calling_codes(&territories(&DATABASE).unwrap(), &[]).unwrap();
        let rows = prefix_rows(&codes);
        let mut found = Vec::new();
        for code in &codes {
            let walk = Walk { code, regions: regions(code) };
            misjudged(&walk, &rows, code.numbers.root(), "", &mut found);
        }
        let (canadian, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|number| number.len() == 8 && number.starts_with("1310"));
        assert!(others.is_empty(), "{others:?}");
        assert_eq!(canadian.len(), 8000);
    }

    #[test]
    fn rows_are_sorted_and_each_calling_code_has_its_own() {
        let rows = prefix_rows(&calling_codes(&territories(&DATABASE).unwrap(), &[]).unwrap());
        let digits = |row: &PrefixRow| format!("{}{}", row.calling_code, row.prefix);
        assert!(rows.is_sorted_by(|a, b| digits(a) < digits(b)));
        let own = rows.iter().filter(|row| row.prefix.is_empty());
        assert_eq!(own.clone().count(), 215);
        assert_eq!(own.filter(|row| row.region.is_none()).count(), 9);
    }
}
