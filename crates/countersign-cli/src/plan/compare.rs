//! Counts numbers by their labels in two plans.
//!
//! Both plans are walked together, digit by digit, once for each length. A walk ends where neither
//! plan distinguishes further digits: all numbers below have the same two labels. So the counts are
//! exact, whatever the plans' rows look like.

use std::collections::HashMap;

use super::classes::Digits;
use super::error::malformed;
use super::rows::{Label, MAX_DIGITS, Plan, Row};
use crate::failure::Failure;

/// The numbers of each pair of labels: in the old plan and in the new one.
pub(super) type Counts<'a> = HashMap<(Option<&'a Label>, Option<&'a Label>), u64>;

/// Counts the numbers that are valid in either plan.
pub(super) fn counts<'a>(old: &'a Plan, new: &'a Plan) -> Result<Counts<'a>, Failure> {
    let mut counts = Counts::new();
    for length in 1..=MAX_DIGITS {
        let alive = |plan: &'a Plan| -> Vec<&'a Row> {
            plan.rows.iter().filter(|row| row.lengths & (1 << length) != 0).collect()
        };
        let mut walk = Walk { old, new, length, counts: &mut counts };
        walk.below(0, 1, &alive(old), &alive(new))?;
    }
    Ok(counts)
}

struct Walk<'a, 'c> {
    old: &'a Plan,
    new: &'a Plan,
    /// The length of the numbers.
    length: usize,
    counts: &'c mut Counts<'a>,
}

impl<'a> Walk<'a, '_> {
    /// Counts the numbers that begin with one of `prefixes` prefixes of `digits` digits. The rows
    /// are those that these prefixes match, and they are the same for each.
    fn below(
        &mut self,
        digits: usize,
        prefixes: u64,
        old: &[&'a Row],
        new: &[&'a Row],
    ) -> Result<(), Failure> {
        if old.is_empty() && new.is_empty() {
            return Ok(());
        }
        let labels = (decided(self.old, old, digits)?, decided(self.new, new, digits)?);
        if let (Some(old), Some(new)) = labels {
            let free = (self.length - digits) as u32;
            *self.counts.entry((old, new)).or_default() += prefixes * 10_u64.pow(free);
            return Ok(());
        }
        for class in classes(old.iter().chain(new).filter_map(|row| row.prefix.get(digits))) {
            let matching = |rows: &[&'a Row]| -> Vec<&'a Row> {
                let here = |row: &&&Row| row.prefix.get(digits).is_none_or(|next| next & class != 0);
                rows.iter().filter(here).copied().collect()
            };
            let prefixes = prefixes * u64::from(class.count_ones());
            self.below(digits + 1, prefixes, &matching(old), &matching(new))?;
        }
        Ok(())
    }
}

/// Returns the label of all numbers with a prefix (`Some(None)` if none is valid), or `None` if it
/// depends on further digits.
///
/// # Errors
///
/// If two rows match the same numbers.
fn decided<'a>(plan: &Plan, rows: &[&'a Row], digits: usize) -> Result<Option<Option<&'a Label>>, Failure> {
    match rows {
        [] => Ok(Some(None)),
        [row] => Ok((row.prefix.len() <= digits).then_some(Some(&row.label))),
        _ => match rows.iter().position(|row| row.prefix.len() <= digits) {
            None => Ok(None),
            Some(whole) => {
                let other = rows[usize::from(whole == 0)];
                let (first, second) = (rows[whole].line.min(other.line), rows[whole].line.max(other.line));
                let problem = format!("the row overlaps line {first}: some numbers match both");
                Err(malformed(&plan.file, second, problem))
            }
        },
    }
}

/// Returns the ten digits in as few classes as the given ones distinguish.
fn classes<'a>(given: impl Iterator<Item = &'a Digits>) -> Vec<Digits> {
    let mut classes = vec![(1 << 10) - 1];
    for &digits in given {
        let parts = |class: Digits| [class & digits, class & !digits];
        classes = classes.into_iter().flat_map(parts).filter(|&part| part != 0).collect();
        if classes.len() == 10 {
            break;
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::classes;

    #[test]
    fn separates_digits_that_some_class_distinguishes() {
        assert_eq!(classes([].iter()), [0b11_1111_1111]);
        assert_eq!(classes([0b11, 0b110].iter()), [0b10, 0b1, 0b100, 0b11_1111_1000]);
    }
}
