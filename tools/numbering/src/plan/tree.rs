//! The numbers of one length, as a decision tree over digits.

use std::rc::Rc;

use crate::{
    automaton::{Automaton, Folded, Node},
    digits::DigitSet,
    rules::Label,
};

/// The label of a number of a given length, decided by as few of its first digits as possible.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// All numbers have this label, or none is valid.
    Same(Option<Label>),
    /// The label depends on the next digit.
    ByDigit([Rc<Tree>; 10]),
}

impl Default for Tree {
    /// Returns the tree without valid numbers.
    fn default() -> Self {
        Self::Same(None)
    }
}

/// Returns the trees of the national numbers of each length, from 0 digits.
pub(super) fn by_length(numbers: &Automaton) -> Vec<Rc<Tree>> {
    let trees = |node: &Node, below: &Folded<Vec<Rc<Tree>>>| {
        let longest = node.next.iter().map(|&next| below[next].len()).max().unwrap_or_default();
        let here = Rc::new(Tree::Same(node.label));
        let longer = (0..longest).map(|length| {
            Tree::by_digit(node.next.map(|next| below[next].get(length).cloned().unwrap_or_default()))
        });
        core::iter::once(here).chain(longer).collect()
    };
    numbers.fold(trees)[numbers.root()].clone()
}

impl Tree {
    fn by_digit(digits: [Rc<Self>; 10]) -> Rc<Self> {
        let [first, others @ ..] = &digits;
        match **first {
            Self::Same(_) if others.iter().all(|other| other == first) => first.clone(),
            _ => Rc::new(Self::ByDigit(digits)),
        }
    }

    /// Returns the deciding prefixes with their labels. Equal siblings share a prefix.
    pub(super) fn rows(&self) -> Vec<(Vec<DigitSet>, Label)> {
        let mut rows = Vec::new();
        self.add_rows(&mut Vec::new(), &mut rows);
        rows
    }

    fn add_rows(&self, prefix: &mut Vec<DigitSet>, rows: &mut Vec<(Vec<DigitSet>, Label)>) {
        match self {
            Self::Same(None) => {}
            Self::Same(Some(label)) => rows.push((prefix.clone(), *label)),
            Self::ByDigit(digits) => {
                for (first, tree) in digits.iter().enumerate() {
                    if digits[..first].contains(tree) {
                        continue;
                    }
                    let equal = (0..10).filter(|&digit| digits[usize::from(digit)] == *tree);
                    prefix.push(equal.collect());
                    tree.add_rows(prefix, rows);
                    prefix.pop();
                }
            }
        }
    }
}
