//! Subset construction over all patterns of a calling code.

use std::collections::HashMap;

use super::{
    Automaton, DEAD, Node, NodeId, Nodes,
    nfa::{Nfa, States},
};
use crate::{
    corrections::Correction,
    lengths::MAX_DIGITS,
    number_type::NumberType,
    rules::{self, Label, Matches},
    territory::{Description, Territory},
};

/// Builds an [`Automaton`]. A node is a set of states of the patterns together with the number of
/// digits read.
///
/// The number of digits is included because a description limits lengths in addition to its
/// pattern.
#[derive(Debug)]
pub(super) struct Subsets<'a> {
    territories: &'a [Territory],
    corrections: &'a [Correction],
    nfa: Nfa<Tag>,
    max_length: u8,
    nodes: Nodes,
    known: HashMap<(u8, States), NodeId>,
}

/// The pattern that matched. Territories and corrections are identified by index.
#[derive(Clone, Copy, Debug)]
enum Tag {
    LeadingDigits(usize),
    General(usize),
    Type(usize, NumberType),
    Correction(usize),
}

impl<'a> Subsets<'a> {
    pub(super) fn new(territories: &'a [Territory], corrections: &'a [Correction]) -> Self {
        let mut nfa = Nfa::new();
        for (index, territory) in territories.iter().enumerate() {
            if let Some(pattern) = &territory.leading_digits {
                nfa.add_leading(pattern, Tag::LeadingDigits(index));
            }
            nfa.add(&territory.general.pattern, Tag::General(index));
            for (number_type, description) in &territory.types {
                nfa.add(&description.pattern, Tag::Type(index, *number_type));
            }
        }
        for (index, correction) in corrections.iter().enumerate() {
            nfa.add_leading(&correction.pattern(), Tag::Correction(index));
        }
        let calling_code = territories.first().map_or(0, |territory| territory.calling_code);
        Self {
            territories,
            corrections,
            nfa,
            max_length: MAX_DIGITS - calling_code.to_string().len() as u8,
            nodes: Nodes::new(),
            known: HashMap::new(),
        }
    }

    pub(super) fn automaton(mut self) -> Automaton {
        let start = self.nfa.start();
        let root = self.node(start, 0);
        Automaton { nodes: self.nodes.nodes, root }
    }

    fn node(&mut self, states: States, length: u8) -> NodeId {
        let key = (length, states);
        if let Some(&id) = self.known.get(&key) {
            return id;
        }
        let (_, states) = &key;
        let mut node = Node { label: self.label(states, length), next: [DEAD; 10] };
        if length < self.max_length {
            for digit in 0..10 {
                let next = self.nfa.step(states, digit);
                if !next.is_empty() {
                    node.next[usize::from(digit)] = self.node(next, length + 1);
                }
            }
        }
        let id = self.nodes.intern(node);
        self.known.insert(key, id);
        id
    }

    /// Returns the label of a number of this length that ends in these states.
    fn label(&self, states: &States, length: u8) -> Option<Label> {
        let mut matches = vec![Matches::default(); self.territories.len()];
        let mut corrected = None;
        for tag in self.nfa.tags(states) {
            match tag {
                Tag::LeadingDigits(index) => matches[index].leading_digits = true,
                Tag::General(index) => {
                    matches[index].general = has_length(&self.territories[index].general, length);
                }
                Tag::Type(index, number_type) => {
                    let description = self.territories[index].description(number_type);
                    if description.is_some_and(|description| has_length(description, length)) {
                        matches[index].types.push(number_type);
                    }
                }
                Tag::Correction(index) => corrected = Some(self.corrections[index].region),
            }
        }
        let label = rules::label(self.territories, &matches)?;
        Some(Label { region: corrected.or(label.region), ..label })
    }
}

fn has_length(description: &Description, length: u8) -> bool {
    description.lengths.is_none_or(|lengths| lengths.contains(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::territory::toy;
    use NumberType::{FixedLine, FixedLineOrMobile, Mobile, TollFree};

    fn answer(automaton: &Automaton, digits: &str) -> Option<(String, NumberType)> {
        automaton.label(digits).map(|label| (label.region.unwrap().to_string(), label.number_type))
    }

    #[test]
    fn requires_the_pattern_and_the_length() {
        let only = toy::territory(
            "AA",
            "",
            r"\d{3,17}",
            &[(Mobile, r"7\d{2,16}", &[4, 6]), (FixedLine, "123", &[])],
        );
        let automaton = Automaton::new(&[only], &[]);
        let mobile = Some(("AA".to_owned(), Mobile));
        assert_eq!(answer(&automaton, "7123"), mobile);
        assert_eq!(answer(&automaton, "712345"), mobile);
        for digits in ["", "712", "71234", "7123456", "8123", "12", "1234", "12x", "１２３"] {
            assert_eq!(answer(&automaton, digits), None, "{digits}");
        }
        assert_eq!(answer(&automaton, "123"), Some(("AA".to_owned(), FixedLine)));
    }

    #[test]
    fn limits_numbers_to_15_digits() {
        let only = toy::territory("AA", "", r"\d{5,15}", &[(Mobile, r"\d{5,15}", &[])]);
        let automaton = Automaton::new(&[only], &[]);
        assert!(automaton.label(&"1".repeat(13)).is_some());
        assert!(automaton.label(&"1".repeat(14)).is_none(), "with the calling code 99 that is 16 digits");
    }

    #[test]
    fn combines_territories_and_types_by_the_rules() {
        let territories = [
            toy::territory("AA", "", r"\d{3}", &[(FixedLine, r"[1-3]\d\d", &[])]),
            toy::territory("BB", "5", r"\d{3}", &[(Mobile, r"[15]\d\d", &[])]),
            toy::territory(
                "CC",
                "",
                r"\d{3}",
                &[(FixedLine, r"[56]\d\d", &[]), (Mobile, r"6[0-4]\d", &[]), (TollFree, "600", &[])],
            ),
        ];
        let automaton = Automaton::new(&territories, &[]);
        let expected = [
            ("111", "AA", FixedLine),
            ("555", "BB", Mobile),
            ("640", "CC", FixedLineOrMobile),
            ("650", "CC", FixedLine),
            ("600", "CC", TollFree),
        ];
        for (digits, region, number_type) in expected {
            assert_eq!(answer(&automaton, digits), Some((region.to_owned(), number_type)), "{digits}");
        }
        assert_eq!(answer(&automaton, "711"), None);
    }

    #[test]
    fn corrections_change_only_the_region() {
        let territories = [toy::territory("AA", "", r"\d{3}", &[(Mobile, r"[12]\d\d", &[])])];
        let rows = "calling_code,prefix,region,source,date,note\n99,12,BB,s,2026-11-20,n\n";
        let automaton = Automaton::new(&territories, &Correction::read("c.csv", rows).unwrap());
        assert_eq!(answer(&automaton, "123"), Some(("BB".to_owned(), Mobile)));
        assert_eq!(answer(&automaton, "113"), Some(("AA".to_owned(), Mobile)));
        assert_eq!(answer(&automaton, "12"), None);
    }

    #[test]
    fn merges_equal_nodes() {
        let territories =
            [toy::territory("AA", "", r"\d{4}", &[(Mobile, r"(?:1\d|2[0-9]|3(?:[0-4]|[5-9]))\d\d", &[])])];
        let automaton = Automaton::new(&territories, &[]);
        assert_eq!(automaton.nodes.len(), 6, "dead, and one for each number of digits read");
    }
}
