//! Looks the tables up for tests, by other code than the library's.

use std::collections::{BTreeMap, VecDeque};

use super::layout::Layout;
use super::{Label, SHORTEST};

impl Layout {
    /// Returns the label of some digits, found as in `src/number/plan.rs`, except for the steps
    /// without a branch.
    pub(super) fn label(&self, digits: &[u8]) -> Option<Label> {
        let (first_four, rest) = digits.split_at(4);
        let first_four = first_four.iter().fold(0, |number, &digit| number * 10 + usize::from(digit));
        let (mut entry, mut rest) = (self.first_four[first_four], rest.iter());
        while entry >= self.states_from {
            entry = self.table[usize::from(entry) + usize::from(rest.next().copied().unwrap_or(0))];
        }
        let label = self.table[usize::from(entry) + digits.len() - SHORTEST];
        (entry != 0).then_some(Label { region: label as u8, kind: (label >> 8) as u8 })
    }

    /// Returns the digits of a shortest path to each state, by the state's entry.
    pub(super) fn ways(&self) -> BTreeMap<u16, Vec<u8>> {
        let first_four = |number| [1000, 100, 10, 1].map(|unit| (number / unit % 10) as u8).to_vec();
        let mut next: VecDeque<_> =
            self.first_four.iter().enumerate().map(|(number, &entry)| (entry, first_four(number))).collect();
        let mut ways = BTreeMap::new();
        while let Some((entry, way)) = next.pop_front() {
            if entry >= self.states_from && !ways.contains_key(&entry) {
                let target = |digit: u8| self.table[usize::from(entry) + usize::from(digit)];
                next.extend((0..10).map(|digit| (target(digit), [&way[..], &[digit]].concat())));
                ways.insert(entry, way);
            }
        }
        ways
    }
}
