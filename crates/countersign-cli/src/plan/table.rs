//! The changes as a table or as CSV.

use std::io;

use super::change::Changes;
use super::rows::Plan;
use crate::failure::Failure;

/// The columns of CSV output.
const COLUMNS: [&str; 8] =
    ["region", "before", "after", "gained", "lost", "moved_in", "moved_out", "new_kind"];

/// Writes a row for each region that changes.
pub(super) fn csv(changes: &Changes, output: &mut impl io::Write) -> Result<(), Failure> {
    let mut output = csv::Writer::from_writer(output);
    output.write_record(COLUMNS)?;
    for (region, change) in &changes.regions {
        let counts = change.counts().map(|count| count.to_string());
        output.write_record([region].into_iter().chain(&counts))?;
    }
    Ok(output.flush()?)
}

/// Returns a table of the regions that change, and a line with the totals.
pub(super) fn text(old: &Plan, new: &Plan, changes: &Changes) -> String {
    let mut rows: Vec<[String; 8]> = vec![COLUMNS.map(|column| column.replace('_', " "))];
    let named = changes.regions.iter().map(|(region, change)| (region.as_str(), change));
    for (name, change) in named.chain([("total", &changes.total)]) {
        let counts = change.counts();
        rows.push(core::array::from_fn(|column| match column {
            0 => name.to_owned(),
            _ => grouped(counts[column - 1]),
        }));
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths: [usize; 8] = core::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        text += &format!("{:width$}", row[0], width = widths[0]);
        for (field, width) in row.iter().zip(widths).skip(1) {
            text += &format!("  {field:>width$}");
        }
        text += "\n";
    }
    let total = &changes.total;
    text += &format!(
        "{} to {}: {} gained, {} lost, {} reassigned of {} numbers, in {}\n",
        old.version,
        new.version,
        grouped(total.gained),
        grouped(total.lost),
        grouped(total.moved_in + total.new_kind),
        grouped(total.before),
        match changes.regions.len() {
            1 => "1 region".to_owned(),
            count => format!("{count} regions"),
        },
    );
    text
}

/// Writes a number with its thousands separated: `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn separates_thousands() {
        let numbers = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }
}
