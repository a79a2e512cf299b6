//! Region by prefix, compiled to a minimal automaton: one table load for the first three digits, then one a digit.
//!
//! An entry is a `u16`: 0 where no calling code is assigned, region + 1 where the region is known, [`NO_COUNTRY`]
//! where there is none, [`ROW`] + a row's number where the next digit decides.

use std::collections::BTreeMap;

use super::calling_codes::{Answer, CallingCodes};
use super::error::TableError;

/// The entry of an assigned calling code that belongs to no country.
pub(crate) const NO_COUNTRY: u16 = 0xFF;
/// Entries from here on are rows.
pub(crate) const ROW: u16 = 0x100;
/// The slot of a row that answers when the digits end there. The slots after it fill the row up to a power of two.
pub(crate) const END: usize = 10;

/// One step: an entry by the next digit, and one for the end.
pub(crate) type Row = [u16; 16];

/// The compiled prefixes.
pub(crate) struct PrefixAutomaton {
    /// The entry by the first three digits of the E.164 number.
    pub(crate) first_three: Vec<u16>,
    /// No two rows are equal.
    pub(crate) rows: Vec<Row>,
}

impl PrefixAutomaton {
    /// Compiles the prefixes. Fails only where there are more rows than an entry can count.
    pub(crate) fn compile(codes: &CallingCodes) -> Result<Self, Vec<TableError>> {
        let mut trie = Trie::new();
        for (digits, answer) in codes.iter() {
            trie.insert(digits, answer);
        }
        let mut rows = Rows::default();
        let first_three = (0..1000_usize)
            .map(|index| {
                let (node, answer) = trie.walk([index / 100, index / 10 % 10, index % 10]);
                node.map_or(Some(answer), |node| rows.entry(&trie, node, answer))
            })
            .collect::<Option<_>>();
        let too_many =
            || vec![codes.error("the prefixes need more than 65280 rows", "make entries wider than 16 bits")];
        Ok(Self { first_three: first_three.ok_or_else(too_many)?, rows: rows.rows })
    }
}

/// The prefixes as a tree of digits.
struct Trie {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    /// The entry of the prefix that ends here; 0 where none does.
    answer: u16,
    /// 0 is the root, so it stands for "no child".
    children: [usize; 10],
}

impl Trie {
    fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    fn insert(&mut self, digits: &str, answer: Answer) {
        let mut node = 0;
        for digit in digits.bytes().map(|byte| usize::from(byte - b'0')) {
            if self.nodes[node].children[digit] == 0 {
                self.nodes[node].children[digit] = self.nodes.len();
                self.nodes.push(Node::default());
            }
            node = self.nodes[node].children[digit];
        }
        self.nodes[node].answer = match answer {
            Answer::Region(region) => u16::from(region) + 1,
            Answer::NoCountry => NO_COUNTRY,
        };
    }

    /// The node below these digits, if there is one, and the answer of the longest prefix on the way to it.
    fn walk(&self, digits: [usize; 3]) -> (Option<usize>, u16) {
        let (mut node, mut answer) = (0, 0);
        for digit in digits {
            node = self.nodes[node].children[digit];
            if node == 0 {
                return (None, answer);
            }
            answer = self.nodes[node].answer_or(answer);
        }
        (Some(node), answer)
    }
}

impl Node {
    fn answer_or(&self, enclosing: u16) -> u16 {
        if self.answer == 0 { enclosing } else { self.answer }
    }
}

/// The rows so far. They are numbered children first, digits growing, so the numbers depend on the prefixes alone.
#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    numbers: BTreeMap<Row, u16>,
}

impl Rows {
    /// The entry for a node: a leaf where all below it agree, else a row, shared with every equal one.
    fn entry(&mut self, trie: &Trie, node: usize, enclosing: u16) -> Option<u16> {
        let node = &trie.nodes[node];
        let answer = node.answer_or(enclosing);
        let mut row: Row = [0; 16];
        row[END] = answer;
        for (slot, &child) in row.iter_mut().zip(&node.children) {
            *slot = if child == 0 { answer } else { self.entry(trie, child, answer)? };
        }
        if row[..END].iter().all(|&entry| entry == answer) {
            return Some(answer);
        }
        if let Some(&number) = self.numbers.get(&row) {
            return Some(number);
        }
        let number = u16::try_from(self.rows.len()).ok()?.checked_add(ROW)?;
        self.rows.push(row);
        self.numbers.insert(row, number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::tables::regions::Regions;
    use crate::tables::sources::Sources;

    fn codes() -> CallingCodes {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        let sources = Sources::new(&data, "", None).unwrap();
        let regions = Regions::read(&sources.regions).unwrap();
        CallingCodes::read(&sources.calling_codes, &regions).unwrap()
    }

    /// What the tables say, read as the library reads them.
    fn look_up(automaton: &PrefixAutomaton, digits: &str) -> u16 {
        let mut digits = digits.bytes().map(|byte| usize::from(byte - b'0'));
        let index = digits.by_ref().take(3).fold(0, |index, digit| index * 10 + digit);
        let mut entry = automaton.first_three[index];
        while entry >= ROW {
            entry = automaton.rows[usize::from(entry - ROW)][digits.next().unwrap_or(END)];
        }
        entry
    }

    fn longest_prefix(codes: &CallingCodes, digits: &str) -> u16 {
        let longest = codes
            .iter()
            .filter(|(prefix, _)| digits.starts_with(prefix))
            .max_by_key(|(prefix, _)| prefix.len());
        match longest {
            None => 0,
            Some((_, Answer::Region(region))) => u16::from(region) + 1,
            Some((_, Answer::NoCountry)) => NO_COUNTRY,
        }
    }

    #[test]
    fn the_automaton_answers_as_the_longest_prefix_does() {
        let codes = codes();
        let automaton = PrefixAutomaton::compile(&codes).unwrap();
        let mut probes: BTreeSet<String> = (0..10_000).map(|number| format!("{number:04}")).collect();
        for (prefix, _) in codes.iter() {
            // Every way to leave or to follow a prefix: all its beginnings, with each next digit, and a digit more.
            for end in 3..=prefix.len() {
                probes.insert(prefix[..end].to_owned());
                probes.extend((0..100).map(|next| format!("{}{next:02}", &prefix[..end])));
            }
        }
        for digits in probes {
            assert_eq!(look_up(&automaton, &digits), longest_prefix(&codes, &digits), "+{digits}");
        }
    }

    #[test]
    fn no_two_rows_are_equal_and_none_could_be_a_leaf() {
        let rows = PrefixAutomaton::compile(&codes()).unwrap().rows;
        assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len());
        assert!(rows.iter().all(|row| row[..END].iter().any(|&entry| entry != row[END])));
    }
}
