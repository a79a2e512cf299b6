//! Lays the automaton out as arrays. This determines its speed and size.
//!
//! The costs are mispredicted branches, then loads that depend on other loads. After four digits,
//! 16% of the numbers are at a leaf, after one more step 48%, then 17, 14 and 5%. So the library
//! takes a fixed number of steps without a branch, in which a leaf stays in place. Only the few
//! numbers that are still at a state then enter a loop. Rows overlap wherever the end of one is the
//! beginning of another. All tables of metadata 9.0.43 take 113,658 bytes, the one of labels and
//! targets 93,228.
//!
//! Measured on 10,000 valid numbers of all countries in random order (Intel Xeon). The columns are
//! ns per number from text to number, the same as a dependent chain, and the bytes of all tables.
//! First, where validating and loading one table takes 4.0 and 10.5:
//!
//! | layout | ns | chain | bytes |
//! |---|---|---|---|
//! | A: three targets in a `u64`, first four digits, branches | 23.5 | 28.8 | 78,360 |
//! | B: overlapped rows, first four digits, branches | 20.8 | 26.4 | 108,128 |
//! | C: as B, three steps without a branch | 12.9 | 25.7 | 108,128 |
//! | D: first three digits, four steps without a branch | 13.7 | 27.5 | 99,856 |
//!
//! A stores states with more than three targets densely. A and B have a branch at each step. In C
//! and D, a leaf leads to itself.
//!
//! Then, where the same baseline takes 3.8 and 10.2, including C again:
//!
//! | layout | ns | chain | bytes |
//! |---|---|---|---|
//! | C: leaf, region and index of labels, changes to them | 9.8 | 25.7 | 108,128 |
//! | E: one table of labels and targets, digit added to the entry | 8.7 | 22.8 | 114,416 |
//! | **F: as E, digit added to the table's address** | 9.2 | 21.2 | 114,416 |
//! | as F, two steps without a branch | 9.7 | 21.3 | 114,416 |
//! | as F, four steps without a branch | 10.2 | 23.0 | 114,416 |
//! | as F, first four digits as two pairs of seven bits | 8.9 | 20.2 | 120,016 |
//! | as F, windows of a fixed length with one bounds check | 8.7 | 21.0 | 114,428 |
//!
//! In E and F, a leaf is the index of its labels. Except where stated, there are three steps
//! without a branch.

use std::collections::BTreeMap;

use super::super::calling_codes::CallingCodes;
use super::super::overlap::overlapped;
use super::automaton::{Automaton, Target};
use super::{LONGEST, Label, SHORTEST};

/// The tables of the plan. An entry is an index of `table`: 0 where no calling code is assigned,
/// that of a leaf's labels, or that of a state's targets.
pub(crate) struct Layout {
    pub(crate) first_four: Vec<u16>,
    /// The first entry that is a state.
    pub(crate) states_from: u16,
    /// Nine zeros, because no label is 0. Then the labels of the leaves by length, nine for each:
    /// region in bits 0 to 7, kind in bits 8 to 11. Then the entries of the states by next digit,
    /// ten for each.
    pub(crate) table: Vec<u16>,
    /// The calling codes, sorted.
    pub(crate) codes: Vec<u16>,
}

/// Lays the automaton out. Fails if a value does not fit its bits.
pub(super) fn lay_out(automaton: &Automaton, codes: &CallingCodes) -> Result<Layout, String> {
    let nowhere = [0; LONGEST - SHORTEST + 1];
    let leaves: Vec<_> = automaton.leaves.iter().map(|leaf| leaf.map(pack)).collect();
    let (labels, leaf_places) = overlapped(&leaves);

    let states_from = nowhere.len() + labels.len();
    let states = breadth_first(automaton);
    let rows: Vec<_> = states.iter().map(|&state| automaton.states[state]).collect();
    let (targets, places) = overlapped(&rows);
    let state_places: BTreeMap<usize, usize> = states.into_iter().zip(places).collect();
    let entries = states_from + targets.len();
    if entries > 1 << 16 {
        return Err(format!("{entries} entries do not fit in 16 bits"));
    }
    let entry = |target: &Target| match *target {
        Target::Nowhere => 0,
        Target::Leaf(leaf) => (nowhere.len() + leaf_places[leaf]) as u16,
        Target::State(state) => (states_from + state_places[&state]) as u16,
    };
    let mut codes: Vec<u16> = codes.iter().filter_map(|code| code.digits.parse().ok()).collect();
    codes.sort_unstable();
    Ok(Layout {
        first_four: automaton.first_four.iter().map(entry).collect(),
        states_from: states_from as u16,
        table: nowhere.into_iter().chain(labels).chain(targets.iter().map(entry)).collect(),
        codes,
    })
}

/// Returns the states in breadth-first order, from those that the first four digits lead to. States
/// before these are not needed.
fn breadth_first(automaton: &Automaton) -> Vec<usize> {
    let mut seen = vec![false; automaton.states.len()];
    let mut order = Vec::new();
    let mut visit = |targets: &[Target], order: &mut Vec<usize>| {
        for target in targets {
            if let Target::State(state) = *target
                && !core::mem::replace(&mut seen[state], true)
            {
                order.push(state);
            }
        }
    };
    visit(&automaton.first_four, &mut order);
    let mut next = 0;
    while let Some(&state) = order.get(next) {
        visit(&automaton.states[state], &mut order);
        next += 1;
    }
    order
}

fn pack(label: Label) -> u16 {
    u16::from(label.region) | u16::from(label.kind) << 8
}

#[cfg(test)]
mod tests {
    use super::super::IMPOSSIBLE;
    use super::super::fixture::{AA, BB, Plan};
    use super::*;

    /// Returns the region and kind from the tables of a small plan.
    fn label(layout: &Layout, digits: &str) -> Option<(u8, u8)> {
        let digits: Vec<u8> = digits.bytes().map(|byte| byte - b'0').collect();
        layout.label(&digits).map(|label| (label.region, label.kind))
    }

    #[test]
    fn follows_states_to_a_leaf() {
        let rows = "98,201,7,MOBILE,AA\n98,211,7,MOBILE,AA\n98,212,7,PAGER,AA\n\
                    98,221,7,MOBILE,AA\n98,222,7,PAGER,AA\n98,223,7,UAN,AA";
        let layout = Plan::small("98,AA", rows).layout();
        assert_eq!(layout.ways().len(), 3);
        for (digits, kind) in [
            ("982000000", 0),
            ("982010000", 2),
            ("982110000", 2),
            ("982120000", 9),
            ("982190000", 0),
            ("982200000", 0),
            ("982210000", 2),
            ("982220000", 9),
            ("982230000", 10),
            ("98223000", IMPOSSIBLE),
        ] {
            assert_eq!(label(&layout, digits), Some((AA, kind)), "{digits}");
        }
        assert_eq!(label(&layout, "972230000"), None);
    }

    #[test]
    fn labels_each_length() {
        let rows = "9,1,7-8,MOBILE,BB\n9,1,9,PAGER,AA\n9,1,11,UAN,BB\n9,2,13,VOIP,AA";
        let layout = Plan::small("9,AA", rows).layout();
        let found =
            [7, 8, 9, 10, 11, 12, 13, 14, 15].map(|length| label(&layout, &"911111111111111"[..length]));
        // Unallocated and impossible numbers have the main region, because the rows below 91 have
        // two.
        let expected = [
            (AA, IMPOSSIBLE),
            (BB, 2),
            (BB, 2),
            (AA, 9),
            (AA, IMPOSSIBLE),
            (BB, 10),
            (AA, IMPOSSIBLE),
            (AA, 0),
            (AA, IMPOSSIBLE),
        ];
        assert_eq!(found, expected.map(Some));
    }

    #[test]
    fn labels_numbers_that_end_inside_a_prefix() {
        let rows = "9,1234,6-7,MOBILE,AA\n9,1234567,8-9,PAGER,BB";
        let layout = Plan::small("9,AA", rows).layout();
        assert_eq!(label(&layout, "9123456"), Some((AA, 2)));
        assert_eq!(label(&layout, "91234567"), Some((AA, 2)));
        assert_eq!(label(&layout, "912345678"), Some((BB, 9)));
        assert_eq!(label(&layout, "912345600"), Some((BB, 0)), "BB alone has rows below 912345");
    }

    #[test]
    fn sorts_calling_codes_by_number() {
        let rows = "7,,14,VOIP,\n98,1,4;7,MOBILE,AA\n98,2,8,PAGER,AA";
        let layout = Plan::small("380,BB\n5,BB\n7,\n98,AA", rows).layout();
        assert_eq!(layout.codes, [5, 7, 98, 380]);
        assert_eq!(label(&layout, "5000000"), Some((BB, IMPOSSIBLE)), "a code without rows");
        assert_eq!(label(&layout, "700000000000000"), Some((0xFF, 7)), "no country");
    }

    #[test]
    fn rejects_entries_beyond_16_bits() {
        let leaf = |number: u32| {
            core::array::from_fn(|place| Label { region: (number >> place & 1) as u8, kind: 2 })
        };
        let states = |count: usize| {
            let row = |state: usize| {
                core::array::from_fn(|digit| {
                    Target::Leaf((state * 31 + (state + 7) * digit * 1009 + digit * digit * 53) % 9973)
                })
            };
            let automaton = Automaton {
                first_four: (0..10_000).map(|state| Target::State(state % count)).collect(),
                states: (0..count).map(row).collect(),
                leaves: (0..9973).map(leaf).collect(),
            };
            lay_out(&automaton, &Plan::small("9,AA", "").codes).err()
        };
        assert_eq!(states(100), None);
        assert!(states(9_000).unwrap().ends_with("entries do not fit in 16 bits"));
    }
}
