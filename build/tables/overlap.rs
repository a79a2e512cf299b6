//! Puts rows of equal length into one array, in as little space as a greedy choice finds.

use std::collections::BTreeMap;

/// Returns one array of all rows, where the end of one row overlaps the beginning of another
/// wherever possible, and the index of each row. Rows with the longest overlap are joined first.
pub(super) fn overlapped<T: Ord + Copy, const N: usize>(all: &[[T; N]]) -> (Vec<T>, Vec<usize>) {
    let mut rows = all.to_vec();
    rows.sort_unstable();
    rows.dedup();
    let mut follower = vec![None; rows.len()];
    let mut is_follower = vec![false; rows.len()];
    // The first row of the chain whose last row is this one. A chain must not follow itself.
    let mut head: Vec<usize> = (0..rows.len()).collect();
    let mut tail = head.clone();
    for common in (1..N).rev() {
        let mut by_beginning: BTreeMap<&[T], Vec<usize>> = BTreeMap::new();
        for row in (0..rows.len()).rev().filter(|&row| !is_follower[row]) {
            by_beginning.entry(&rows[row][..common]).or_default().push(row);
        }
        for row in 0..rows.len() {
            if follower[row].is_some() {
                continue;
            }
            let Some(found) = by_beginning.get_mut(&rows[row][N - common..]) else { continue };
            let Some(place) = found.iter().rposition(|&other| other != head[row]) else { continue };
            let other = found.remove(place);
            follower[row] = Some((other, common));
            is_follower[other] = true;
            let (first, last) = (head[row], tail[other]);
            head[last] = first;
            tail[first] = last;
        }
    }

    let (mut array, mut places) = (Vec::new(), vec![0; rows.len()]);
    for first in (0..rows.len()).filter(|&row| !is_follower[row]) {
        let mut next = Some((first, 0));
        while let Some((row, known)) = next {
            places[row] = array.len() - known;
            array.extend_from_slice(&rows[row][known..]);
            next = follower[row];
        }
    }
    let place = |row| rows.binary_search(row).map_or(0, |number| places[number]);
    (array, all.iter().map(place).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapped_array_contains_every_row() {
        let rows = [[1, 1, 2], [1, 2, 3], [9, 9, 9], [2, 3, 4], [3, 4, 1], [1, 1, 2]];
        let (array, places) = overlapped(&rows);
        for (row, place) in rows.iter().zip(places) {
            assert_eq!(array[place..place + 3], *row);
        }
        assert_eq!(array.len(), 9, "{array:?}");
    }
}
