//! The version and the date of a plan, for people.

use std::fs;
use std::path::Path;

/// Returns the version of a plan, with its date, as far as the folder has them; otherwise the
/// folder's name.
pub(super) fn of_folder(folder: &Path) -> String {
    let read = |name, has_form: fn(&str) -> bool| {
        let text = fs::read_to_string(folder.join(name)).ok()?;
        let text = text.trim();
        has_form(text).then(|| text.to_owned())
    };
    match (read("metadata_version.txt", is_version), read("metadata_date.txt", is_date)) {
        (Some(version), Some(date)) => format!("{version} ({date})"),
        (Some(version), None) => version,
        (None, _) => folder.display().to_string(),
    }
}

/// Returns whether a text looks like `9.0.43`.
fn is_version(text: &str) -> bool {
    let is_number = |part: &str| (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.split('.').count() <= 4 && text.split('.').all(is_number)
}

/// Returns whether a text looks like `2026-11-06`.
fn is_date(text: &str) -> bool {
    let form = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    form.eq(*b"0000-00-00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_versions_and_dates() {
        assert!(["9.0.43", "10.0", "9"].into_iter().all(is_version));
        assert!(!["", "9.", "9.0.x", "9.0\n.1", "v9", "1.2.3.4.5", "9\u{1b}[2J"].into_iter().any(is_version));
        assert!(is_date("2026-11-06"));
        assert!(!["", "2026-11-6", "2026-11-06\n", "2026/11/06", "２026-11-06"].into_iter().any(is_date));
    }
}
