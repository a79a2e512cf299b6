//! A tree of digits, in which overlapping rows are detected.

use super::super::calling_codes::CallingCodes;
use super::super::error::TableError;
use super::super::sources::TableFile;
use super::rows::PlanRow;
use super::{LONGEST, Label, Lengths};

/// The rows as a tree of digits. Each node has the labels of the rows that end there, which apply
/// to all numbers below it.
pub(super) struct Trie {
    pub(super) nodes: Vec<Node>,
    /// The node and main region of each calling code, in the order of the codes.
    pub(super) codes: Vec<(usize, u8)>,
}

#[derive(Default)]
pub(super) struct Node {
    /// The children by digit. 0 is the root, so it means "no child".
    pub(super) children: [usize; 10],
    /// The rows that end here.
    pub(super) row_labels: Vec<RowLabel>,
    /// The region of all rows at and below this node, if they have one in common.
    pub(super) region: OneRegion,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct RowLabel {
    pub(super) lengths: Lengths,
    pub(super) label: Label,
    line: u64,
}

/// Whether there are no regions, one or several.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum OneRegion {
    #[default]
    None,
    One(u8),
    Several,
}

impl Trie {
    /// Builds the tree. Overlapping rows are errors.
    pub(super) fn new(
        file: &TableFile,
        codes: &CallingCodes,
        rows: &[PlanRow],
    ) -> Result<Self, Vec<TableError>> {
        let mut trie = Self { nodes: vec![Node::default()], codes: Vec::new() };
        for code in codes.iter() {
            let node = code.digits.bytes().fold(0, |node, digit| trie.child(node, usize::from(digit - b'0')));
            trie.codes.push((node, code.region));
        }
        for row in rows {
            trie.insert(0, row, 0);
        }
        let mut overlaps = Vec::new();
        trie.find_overlaps(0, &mut [None; LONGEST + 1], &mut overlaps);
        overlaps.sort_unstable();
        overlaps.dedup();
        if !overlaps.is_empty() {
            return Err(overlaps.into_iter().map(|(line, other)| overlap(file, line, other)).collect());
        }
        trie.find_regions(0);
        Ok(trie)
    }

    fn child(&mut self, node: usize, digit: usize) -> usize {
        if self.nodes[node].children[digit] == 0 {
            self.nodes[node].children[digit] = self.nodes.len();
            self.nodes.push(Node::default());
        }
        self.nodes[node].children[digit]
    }

    fn insert(&mut self, node: usize, row: &PlanRow, depth: usize) {
        let Some(digits) = row.prefix.get(depth) else {
            self.nodes[node].row_labels.push(RowLabel {
                lengths: row.lengths,
                label: row.label,
                line: row.line,
            });
            return;
        };
        for digit in (0..10).filter(|digit| digits >> digit & 1 == 1) {
            let child = self.child(node, digit);
            self.insert(child, row, depth + 1);
        }
    }

    /// Finds overlapping rows: those on one path that share a length. `lines` has the line of the
    /// row for each length.
    fn find_overlaps(
        &self,
        node: usize,
        lines: &mut [Option<u64>; LONGEST + 1],
        found: &mut Vec<(u64, u64)>,
    ) {
        let before = *lines;
        for row_label in &self.nodes[node].row_labels {
            for length in (0..=LONGEST).filter(|length| row_label.lengths >> length & 1 == 1) {
                if let Some(line) = lines[length].replace(row_label.line) {
                    found.push((line.max(row_label.line), line.min(row_label.line)));
                }
            }
        }
        for &child in self.nodes[node].children.iter().filter(|&&child| child != 0) {
            self.find_overlaps(child, lines, found);
        }
        *lines = before;
    }

    /// Returns the lengths of all rows at and below a node.
    pub(super) fn lengths(&self, node: usize) -> Lengths {
        let Node { children, row_labels, .. } = &self.nodes[node];
        let below =
            children.iter().filter(|&&child| child != 0).fold(0, |all, &child| all | self.lengths(child));
        row_labels.iter().fold(below, |all, row_label| all | row_label.lengths)
    }

    fn find_regions(&mut self, node: usize) -> OneRegion {
        let said = self.nodes[node].row_labels.iter().map(|row_label| OneRegion::One(row_label.label.region));
        let mut region = said.fold(OneRegion::None, OneRegion::and);
        for child in self.nodes[node].children.into_iter().filter(|&child| child != 0) {
            region = region.and(self.find_regions(child));
        }
        self.nodes[node].region = region;
        region
    }
}

impl OneRegion {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, region) | (region, Self::None) => region,
            (one, other) if one == other => one,
            _ => Self::Several,
        }
    }
}

fn overlap(file: &TableFile, line: u64, other: u64) -> TableError {
    let problem = format!("the row overlaps line {other}: some numbers match both");
    file.error_at(line, &problem, "narrow the prefix or the lengths of one of them")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{AA, BB, Plan};
    use super::*;

    /// Returns the pairs of overlapping lines, the later line first.
    fn overlaps(rows: &str) -> Vec<String> {
        let errors = Plan::small("9,AA", rows).trie().err().unwrap_or_default();
        let said = |error: &TableError| {
            let text = error.to_string();
            let said = text.strip_prefix("data/numbering_plan.csv:").unwrap();
            said.strip_suffix("; narrow the prefix or the lengths of one of them")
                .unwrap()
                .replace(": the row overlaps line ", " and ")
                .replace(": some numbers match both", "")
        };
        errors.iter().map(said).collect()
    }

    #[test]
    fn detects_overlapping_rows() {
        assert_eq!(overlaps("9,12,8,MOBILE,AA\n9,12,8,MOBILE,AA"), ["3 and 2"]);
        assert_eq!(overlaps("9,12,7-8,MOBILE,AA\n9,12,8-9,PAGER,BB"), ["3 and 2"]);
        assert_eq!(overlaps("9,1,8,MOBILE,AA\n9,123,8,PAGER,AA"), ["3 and 2"], "a prefix of the other");
        assert_eq!(overlaps("9,[12],8,PAGER,AA\n9,123,8,MOBILE,AA\n9,2,9,UAN,AA"), ["3 and 2"]);
        assert_eq!(overlaps("9,[1-5]x6,8,PAGER,AA\n9,[1-3]4,8,MOBILE,AA"), ["3 and 2"]);
        assert_eq!(overlaps("9,,8,MOBILE,AA\n9,12,8,PAGER,AA"), ["3 and 2"], "no prefix at all");
        assert_eq!(overlaps("9,12,4,MOBILE,AA\n9,12,4,PAGER,AA"), ["3 and 2"], "below seven digits too");
    }

    #[test]
    fn reports_each_overlapping_pair_once() {
        let three = "9,1,8,MOBILE,AA\n9,1,7;9,PAGER,AA\n9,[12],8-9,UAN,AA\n9,3,8,MOBILE,AA";
        assert_eq!(overlaps(three), ["4 and 2", "4 and 3"]);
        assert_eq!(overlaps("9,,7-9,MOBILE,AA\n9,[1-9]x,7-9,UAN,AA\n9,12,6,PAGER,AA"), ["3 and 2"]);
    }

    #[test]
    fn accepts_rows_with_distinct_lengths_or_digits() {
        for rows in [
            "9,12,8,MOBILE,AA\n9,12,7;9,PAGER,AA",
            "9,1,10-11,MOBILE,AA\n9,123,9;12,PAGER,AA",
            "9,[13]x,8,MOBILE,AA\n9,[24]x,8,PAGER,AA",
            "9,12[0-4],8,MOBILE,AA\n9,12[5-9],8,PAGER,AA",
            "9,,14,MOBILE,AA\n9,1,8,PAGER,AA",
        ] {
            assert_eq!(overlaps(rows), Vec::<String>::new(), "{rows}");
        }
    }

    #[test]
    fn nodes_know_whether_all_rows_below_share_a_region() {
        let trie = Plan::small("8,BB\n9,AA", "9,1,8,MOBILE,AA\n9,12,9,MOBILE,BB\n9,34,8,MOBILE,BB");
        let trie = trie.trie().unwrap();
        let region = |digits: &str| {
            let digits = digits.bytes().map(|byte| usize::from(byte - b'0'));
            trie.nodes[digits.fold(0, |node, digit| trie.nodes[node].children[digit])].region
        };
        let found = ["8", "9", "91", "912", "93", "934"].map(region);
        let [none, one, several] = [OneRegion::None, OneRegion::One(BB), OneRegion::Several];
        assert!(found == [none, several, several, one, one, one]);
        assert_eq!(trie.codes.iter().map(|&(_, region)| region).collect::<Vec<_>>(), [BB, AA]);
    }
}
