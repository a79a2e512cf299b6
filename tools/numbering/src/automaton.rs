//! A minimal automaton over all numbers of a calling code.

mod nfa;
mod subsets;

use std::collections::HashMap;

use crate::{corrections::Correction, rules::Label, territory::Territory};
use subsets::Subsets;

/// A minimal deterministic automaton that reads the digits of a national number and ends on its
/// [`Label`].
///
/// It is built from the patterns of all territories that share a calling code. For every digit
/// string, it gives exactly libphonenumber's answer, including lengths, up to the 15 digits that
/// E.164 allows. It has no cycles. Equal nodes are merged, so two automata that give the same
/// answers are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automaton {
    /// [`DEAD`] first, then every node after its successors.
    nodes: Vec<Node>,
    root: NodeId,
}

/// The state after some digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Node {
    /// The label of a number that ends here, or `None` if it is not valid.
    pub label: Option<Label>,
    /// The successor for each next digit.
    pub next: [NodeId; 10],
}

/// The id of a node of an [`Automaton`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(usize);

/// The node that no valid number passes: it has no label and leads to itself.
pub const DEAD: NodeId = NodeId(0);

impl Automaton {
    /// Combines the territories that share a calling code, in libphonenumber's order, with the
    /// corrections to that calling code.
    #[must_use]
    pub fn new(territories: &[Territory], corrections: &[Correction]) -> Self {
        Subsets::new(territories, corrections).automaton()
    }

    /// Returns the node before the first digit of the national number.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// Returns the node with this id.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// Computes a value for every node from the node and the values of its successors. [`DEAD`] has
    /// the default value.
    pub fn fold<T: Default>(&self, mut value: impl FnMut(&Node, &Folded<T>) -> T) -> Folded<T> {
        let mut folded = Folded(vec![T::default()]);
        for node in &self.nodes[1..] {
            let next = value(node, &folded);
            folded.0.push(next);
        }
        folded
    }

    /// Returns the label of a national number, or `None` if it is not valid.
    #[must_use]
    pub fn label(&self, national_number: &str) -> Option<Label> {
        let mut node = self.root;
        for byte in national_number.bytes() {
            let digit = usize::from(byte.wrapping_sub(b'0'));
            node = *self.node(node).next.get(digit)?;
        }
        self.node(node).label
    }
}

/// The value of each node, computed by [`Automaton::fold`].
#[derive(Clone, Debug)]
pub struct Folded<T>(Vec<T>);

impl<T> core::ops::Index<NodeId> for Folded<T> {
    type Output = T;

    fn index(&self, id: NodeId) -> &T {
        &self.0[id.0]
    }
}

/// Nodes under construction. Equal nodes are merged. Nodes are added after their successors, so
/// merging makes the automaton minimal.
#[derive(Debug)]
struct Nodes {
    nodes: Vec<Node>,
    ids: HashMap<Node, NodeId>,
}

impl Nodes {
    fn new() -> Self {
        let dead = Node::default();
        Self { nodes: vec![dead], ids: HashMap::from([(dead, DEAD)]) }
    }

    fn intern(&mut self, node: Node) -> NodeId {
        *self.ids.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            NodeId(self.nodes.len() - 1)
        })
    }
}
