//! Counts numbers by their labels in two plans.
//!
//! The numbers that two rows have in common are counted from their prefixes and lengths, so the
//! counts are exact. Rows of the same plan have none in common, which is checked. The time grows
//! with the square of the number of rows of a calling code, whatever their prefixes look like.

use std::collections::{BTreeMap, HashMap};

use super::classes::Digits;
use super::rows::{Label, MAX_DIGITS, Plan, Row};
use crate::failure::Failure;

/// The numbers of each pair of labels: in the old plan and in the new one.
pub(super) type Counts<'a> = HashMap<(Option<&'a Label>, Option<&'a Label>), u64>;

/// Counts the numbers that are valid in either plan.
///
/// # Errors
///
/// If two rows of a plan match the same numbers.
pub(super) fn counts<'a>(old: &'a Plan, new: &'a Plan) -> Result<Counts<'a>, Failure> {
    let (old_rows, new_rows) = (ByCode::new(old)?, ByCode::new(new)?);
    let mut counts = Counts::new();
    let mut add = |old: Option<&'a Row>, new: Option<&'a Row>, count: u64| {
        if count > 0 {
            *counts.entry((old.map(|row| &row.label), new.map(|row| &row.label))).or_default() += count;
        }
    };
    // The numbers of each new row that the old plan does not have.
    let mut gained: Vec<u64> = new.rows.iter().map(|row| common(row, row)).collect();
    for (code, rows) in &old_rows.0 {
        for &(_, row) in rows {
            let mut lost = common(row, row);
            for (index, other) in new_rows.meeting(code) {
                let both = common(row, other);
                lost -= both;
                gained[index] -= both;
                add(Some(row), Some(other), both);
            }
            add(Some(row), None, lost);
        }
    }
    for (row, gained) in new.rows.iter().zip(gained) {
        add(None, Some(row), gained);
    }
    Ok(counts)
}

/// The rows of a plan, with their indices, by calling code.
struct ByCode<'a>(BTreeMap<&'a [Digits], Vec<(usize, &'a Row)>>);

impl<'a> ByCode<'a> {
    /// Groups the rows of a plan, which must not overlap.
    fn new(plan: &'a Plan) -> Result<Self, Failure> {
        let mut codes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, row) in plan.rows.iter().enumerate() {
            codes.entry(row.calling_code()).or_default().push((index, row));
        }
        let rows = Self(codes);
        match rows.first_overlap() {
            None => Ok(rows),
            Some((second, first)) => {
                let problem = format!("the row overlaps line {first}: some numbers match both");
                Err(Failure::at_line(&plan.file, second, problem))
            }
        }
    }

    /// Returns the rows of all calling codes that can begin the same numbers as this one. In a
    /// valid plan, that is the same calling code.
    fn meeting(&self, code: &[Digits]) -> impl Iterator<Item = (usize, &'a Row)> {
        let meets = move |other: &&[Digits]| other.starts_with(code) || code.starts_with(other);
        self.0.iter().filter(move |(other, _)| meets(other)).flat_map(|(_, rows)| rows.iter().copied())
    }

    /// Returns the lines of the first two rows that match the same numbers, the second line first.
    fn first_overlap(&self) -> Option<(u64, u64)> {
        let mut overlap: Option<(u64, u64)> = None;
        for (code, rows) in &self.0 {
            for &(index, row) in rows {
                let earlier = self.meeting(code).filter(|&(other, _)| other < index);
                let lines = earlier.filter(|(_, other)| common(row, other) > 0);
                let first = lines.map(|(_, other)| (row.line, other.line)).min();
                overlap = overlap.into_iter().chain(first).min();
            }
        }
        overlap
    }
}

/// Returns how many numbers match both rows.
fn common(row: &Row, other: &Row) -> u64 {
    let lengths = row.lengths & other.lengths;
    if lengths == 0 {
        return 0;
    }
    let mut prefixes = 1;
    for (digits, others) in row.prefix.iter().zip(&other.prefix) {
        match (digits & others).count_ones() {
            0 => return 0,
            count => prefixes *= u64::from(count),
        }
    }
    let shared = row.prefix.len().min(other.prefix.len());
    let rest = row.prefix[shared..].iter().chain(&other.prefix[shared..]);
    prefixes *= rest.map(|digits| u64::from(digits.count_ones())).product::<u64>();
    // A row's lengths are at least that of its prefix.
    let longest = row.prefix.len().max(other.prefix.len());
    let lengths = (longest..=MAX_DIGITS).filter(|length| lengths & (1 << length) != 0);
    lengths.map(|length| prefixes * 10_u64.pow((length - longest) as u32)).sum()
}
