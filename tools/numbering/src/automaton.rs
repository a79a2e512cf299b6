//! All numbers of one calling code as one minimal automaton.

mod nfa;
mod subsets;

use std::collections::HashMap;

use crate::{corrections::Correction, rules::Label, territory::Territory};
use subsets::Subsets;

/// A minimal deterministic automaton that reads the digits of a national number and ends on its [`Label`].
///
/// It is made once from the patterns of all territories that share a calling code, and then says for every
/// digit string exactly what libphonenumber says, lengths included, up to the 15 digits that E.164 allows. It
/// has no cycles. Equal nodes are one node, so two automata that answer alike are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automaton {
    /// [`DEAD`] first, then every node after the nodes that it leads to.
    nodes: Vec<Node>,
    root: NodeId,
}

/// What the digits so far have led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Node {
    /// What a number that ends here is; `None` if it is not valid.
    pub label: Option<Label>,
    /// Where each further digit leads.
    pub next: [NodeId; 10],
}

/// Names a node of an [`Automaton`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(usize);

/// The node that no valid number comes through: it has no label and leads to itself.
pub const DEAD: NodeId = NodeId(0);

impl Automaton {
    /// Combines the territories that share a calling code, in libphonenumber's order, and our corrections to
    /// that calling code.
    #[must_use]
    pub fn new(territories: &[Territory], corrections: &[Correction]) -> Self {
        Subsets::new(territories, corrections).automaton()
    }

    /// The node before any digit of the national number.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// The node of that name.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// A value for every node, made from the node and the values of those it leads to; the default for [`DEAD`].
    pub fn fold<T: Default>(&self, mut value: impl FnMut(&Node, &Folded<T>) -> T) -> Folded<T> {
        let mut folded = Folded(vec![T::default()]);
        for node in &self.nodes[1..] {
            let next = value(node, &folded);
            folded.0.push(next);
        }
        folded
    }

    /// What a national number is, or `None` if it is not valid.
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

/// What [`Automaton::fold`] found for each node.
#[derive(Clone, Debug)]
pub struct Folded<T>(Vec<T>);

impl<T> core::ops::Index<NodeId> for Folded<T> {
    type Output = T;

    fn index(&self, id: NodeId) -> &T {
        &self.0[id.0]
    }
}

/// Nodes under construction: equal ones are the same, which makes the automaton minimal, since nodes come
/// after what they lead to.
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
