//! Numbers items by their first appearance.

use std::collections::BTreeMap;

/// Items that are numbered in the order of their first appearance.
pub(super) struct Numbered<T> {
    pub(super) items: Vec<T>,
    numbers: BTreeMap<T, usize>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { items: Vec::new(), numbers: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Numbered<T> {
    /// Returns the number of the item, which is added if it is new.
    pub(super) fn number(&mut self, item: T) -> usize {
        *self.numbers.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            self.items.len() - 1
        })
    }
}
