//! Folds the tree into a minimal automaton: equal subtrees become one state, and subtrees that
//! depend only on the length become a leaf.

use std::collections::BTreeMap;

use super::super::numbered::Numbered;
use super::trie::{OneRegion, Trie};
use super::{IMPOSSIBLE, LONGEST, Label, Lengths, SHORTEST, UNALLOCATED};

/// The target of a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// No calling code is assigned.
    Nowhere,
    Leaf(usize),
    State(usize),
}

/// The labels by length, from 7 digits.
pub(super) type Leaf = [Label; LONGEST - SHORTEST + 1];

pub(super) struct Automaton {
    /// The targets of the first four digits of an E.164 number.
    pub(super) first_four: Vec<Target>,
    /// The states. No two are equal, and none could be a leaf.
    pub(super) states: Vec<[Target; 10]>,
    pub(super) leaves: Vec<Leaf>,
}

/// Folds the tree. The numbering of states and leaves depends only on the rows.
pub(super) fn minimise(trie: &Trie) -> Automaton {
    let mut folding = Folding { trie, possible: 0, states: Numbered::default(), leaves: Numbered::default() };
    let mut roots = BTreeMap::new();
    for &(node, main_region) in &trie.codes {
        folding.possible = trie.lengths(node);
        roots.insert(node, folding.fold(node, &[], main_region));
    }
    let first_four = (0..10_000).map(|number| folding.walk(&roots, number)).collect();
    Automaton { first_four, states: folding.states.items, leaves: folding.leaves.items }
}

struct Folding<'a> {
    trie: &'a Trie,
    /// The lengths of all ranges of the calling code.
    possible: Lengths,
    states: Numbered<[Target; 10]>,
    leaves: Numbered<Leaf>,
}

impl Folding<'_> {
    /// Folds a node. `above` has the labels of rows with shorter prefixes, and `region` is the
    /// region for numbers without a row.
    fn fold(&mut self, node: usize, above: &[(Lengths, Label)], region: u8) -> Target {
        let node = &self.trie.nodes[node];
        let mut row_labels = above.to_vec();
        row_labels.extend(node.row_labels.iter().map(|row_label| (row_label.lengths, row_label.label)));
        let region = if let OneRegion::One(one) = node.region { one } else { region };
        if node.children == [0; 10] {
            return self.leaf(&row_labels, region);
        }
        let targets = node.children.map(|child| match child {
            0 => self.leaf(&row_labels, region),
            child => self.fold(child, &row_labels, region),
        });
        if matches!(targets[0], Target::Leaf(_)) && targets.iter().all(|target| *target == targets[0]) {
            return targets[0];
        }
        Target::State(self.states.number(targets))
    }

    fn leaf(&mut self, row_labels: &[(Lengths, Label)], region: u8) -> Target {
        let has = |lengths: Lengths, place: usize| lengths >> (SHORTEST + place) & 1 == 1;
        let leaf = core::array::from_fn(|place| {
            let said = row_labels.iter().find(|(lengths, _)| has(*lengths, place));
            let kind = if has(self.possible, place) { UNALLOCATED } else { IMPOSSIBLE };
            said.map_or(Label { region, kind }, |&(_, label)| label)
        });
        Target::Leaf(self.leaves.number(leaf))
    }

    /// Returns the target of four digits.
    fn walk(&self, roots: &BTreeMap<usize, Target>, number: usize) -> Target {
        let digits = [number / 1000, number / 100 % 10, number / 10 % 10, number % 10];
        let (mut node, mut target) = (0, Target::Nowhere);
        for digit in digits {
            target = match target {
                Target::State(state) => self.states.items[state][digit],
                Target::Leaf(_) => target,
                Target::Nowhere => {
                    node = self.trie.nodes[node].children[digit];
                    if node == 0 {
                        return Target::Nowhere;
                    }
                    roots.get(&node).copied().unwrap_or(Target::Nowhere)
                }
            };
        }
        target
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::fixture::{AA, BB, CC, Plan};
    use super::*;

    #[test]
    fn minimises_a_small_plan() {
        let rows = [
            "7,,4;9,VOIP,",             // lengths below and above seven digits
            "98,1,8,MOBILE,AA",         // a leaf of its own
            "98,234[56],8-9,MOBILE,AA", // two equal branches
            "98,234[56]7,10,PAGER,BB",  // another length below them
            "98,334[56],8-9,MOBILE,AA", // the same tail again
            "98,334[56]7,10,PAGER,BB",
        ];
        let Automaton { first_four, states, leaves } = Plan::small("7,\n98,AA", &rows.join("\n")).automaton();

        let leaf = |known: Leaf| Target::Leaf(leaves.iter().position(|leaf| *leaf == known).unwrap());
        let (mobile, pager) = ((AA, 2), (BB, 9));
        let voip = leaf(by_length(0xFF, &[10], &[(10, (0xFF, 7))]));
        let of_98 = |region, row_labels: &[_]| leaf(by_length(region, &[10, 11, 12], row_labels));
        let unallocated = of_98(AA, &[]);
        let one = of_98(AA, &[(10, mobile)]);
        let of_aa = of_98(AA, &[(10, mobile), (11, mobile)]);
        // All rows below belong to BB, so unallocated numbers do too.
        let of_bb = of_98(BB, &[(10, mobile), (11, mobile), (12, pager)]);
        assert_eq!(leaves.len(), 5);

        let entry = |number: usize| first_four[number];
        assert_eq!([6999, 7000, 7999, 8000].map(entry), [Target::Nowhere, voip, voip, Target::Nowhere]);
        assert_eq!([9799, 9800, 9810, 9819].map(entry), [Target::Nowhere, unallocated, one, one]);
        assert_eq!([9822, 9824, 9900].map(entry), [unallocated, unallocated, Target::Nowhere]);
        let state = |target| match target {
            Target::State(state) => states[state],
            other => panic!("{other:?}"),
        };
        assert_eq!(entry(9823), entry(9833), "equal tails are one state");
        let after_four = state(entry(9823));
        assert_eq!(after_four[3], unallocated);
        let after_five = state(after_four[4]);
        assert_eq!(after_five[4], unallocated);
        assert_eq!(after_five[5], after_five[6]);
        let after_six = state(after_five[5]);
        assert_eq!([6, 7, 8].map(|digit| after_six[digit]), [of_aa, of_bb, of_aa]);
    }

    /// Returns the leaf in which `row_labels` gives the labels of some lengths, the other possible
    /// lengths are unallocated, and the rest are impossible.
    fn by_length(region: u8, possible: &[usize], row_labels: &[(usize, (u8, u8))]) -> Leaf {
        core::array::from_fn(|place| {
            let length = place + SHORTEST;
            let said = row_labels.iter().find(|(of, _)| *of == length);
            let kind = if possible.contains(&length) { UNALLOCATED } else { IMPOSSIBLE };
            said.map_or(Label { region, kind }, |&(_, (region, kind))| Label { region, kind })
        })
    }

    #[test]
    fn unallocated_numbers_have_the_surrounding_or_the_main_region() {
        let rows = "9,1,8-9,MOBILE,AA\n9,1,10,PAGER,BB\n9,2,8,UAN,AA\n9,2,9-11,PAGER,AA";
        let automaton = Plan::small("9,CC", rows).automaton();
        let leaf = |number: usize| match automaton.first_four[number] {
            Target::Leaf(leaf) => automaton.leaves[leaf],
            other => panic!("{other:?}"),
        };
        let by_length = |region, row_labels: &[_]| by_length(region, &[9, 10, 11, 12], row_labels);
        // Below 91, rows belong to both AA and BB, so the main region CC applies.
        assert_eq!(leaf(9100), by_length(CC, &[(9, (AA, 2)), (10, (AA, 2)), (11, (BB, 9))]));
        assert_eq!(leaf(9200), by_length(AA, &[(9, (AA, 10)), (10, (AA, 9)), (11, (AA, 9)), (12, (AA, 9))]));
        assert_eq!(leaf(9300), by_length(CC, &[]));
    }

    #[test]
    fn the_whole_plan_is_minimal() {
        let Automaton { states, leaves, .. } = Plan::ours().automaton();
        assert_eq!(states.iter().collect::<BTreeSet<_>>().len(), states.len());
        assert_eq!(leaves.iter().collect::<BTreeSet<_>>().len(), leaves.len());
        for state in &states {
            let one_leaf =
                matches!(state[0], Target::Leaf(_)) && state.iter().all(|target| *target == state[0]);
            assert!(!one_leaf && !state.contains(&Target::Nowhere), "{state:?}");
        }
    }
}
