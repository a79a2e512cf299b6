//! Reads policies from TOML files.

use std::fs;
use std::path::Path;

use countersign::Policy;

use crate::failure::Failure;

/// Reads a policy. Channels and fields that the file leaves out are as in the default policy.
///
/// # Errors
///
/// If the file can't be read, or is not a policy. The error then names the line and the column.
pub(crate) fn read(path: &Path) -> Result<Policy, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::of_file(path, &error))?;
    let shown = path.display();
    let text = str::from_utf8(&bytes).map_err(|error| {
        let (line, column) = place(&bytes, error.valid_up_to());
        Failure::Invalid(format!("{shown}:{line}:{column}: not UTF-8, as TOML must be"))
    })?;
    toml::from_str(text).map_err(|error| {
        let (line, column) = place(&bytes, error.span().map_or(0, |span| span.start));
        // Some messages have several lines, or end with a line feed.
        let message = error.message().trim_end().replace('\n', "; ");
        Failure::Invalid(format!("{shown}:{line}:{column}: {message}"))
    })
}

/// Returns the line and the column of a byte, both from 1. Columns are characters.
fn place(text: &[u8], byte: usize) -> (usize, usize) {
    let before = &text[..byte.min(text.len())];
    let start = memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1);
    let column = 1 + String::from_utf8_lossy(&before[start..]).chars().count();
    (1 + memchr::memchr_iter(b'\n', before).count(), column)
}
