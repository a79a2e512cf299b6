//! Counting executed instructions with valgrind's callgrind.

use std::collections::BTreeMap;

/// Starts or stops counting (`CALLGRIND_TOGGLE_COLLECT`).
pub fn toggle() {
    crate::valgrind::request(*b"CT", 2, core::ptr::null_mut(), 0);
}

/// Parses callgrind's output. Returns the instructions of each function itself, by its name with
/// its callers, innermost first (`--separate-callers`), joined by `'`. Names and positions must not
/// be compressed.
#[must_use]
pub fn instructions(report: &str) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    let (mut function, mut is_of_callee) = (String::new(), false);
    for line in report.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            name.clone_into(&mut function);
        } else if line.starts_with("calls=") {
            // The next line is the cost of the callee.
            is_of_callee = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit()) {
            let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse::<u64>().ok());
            if !core::mem::take(&mut is_of_callee) {
                *all.entry(function.clone()).or_default() += cost.unwrap_or(0);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excludes_the_instructions_of_callees() {
        let report = "events: Ir\n\nfn=compress'mac'main\n10 5\n11 7\n\nfn=mac'main\n20 3\ncfn=compress'mac'main\n\
                      calls=1 10\n20 12\n21 1\n";
        let expected = [("compress'mac'main".to_owned(), 12), ("mac'main".to_owned(), 4)];
        assert_eq!(instructions(report), BTreeMap::from(expected));
    }
}
