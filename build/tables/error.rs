//! Errors in a table, for the person who corrects it.

use core::fmt;

/// An error: its location, the problem, and the remedy.
///
/// Displays as `data/regions.csv:17: problem; remedy`, which editors turn into a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableError {
    file: String,
    line: Option<u64>,
    problem: String,
    remedy: String,
}

impl TableError {
    /// Creates an error. `line` counts from 1, and is `None` for errors of the file as a whole.
    pub(crate) fn new(file: &str, line: Option<u64>, problem: &str, remedy: &str) -> Self {
        Self { file: file.to_owned(), line, problem: problem.to_owned(), remedy: remedy.to_owned() }
    }

    /// Returns the line, for sorting.
    pub(crate) fn line(&self) -> Option<u64> {
        self.line
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, problem, remedy } = self;
        match line {
            Some(line) => write!(f, "{file}:{line}: {problem}; {remedy}"),
            None => write!(f, "{file}: {problem}; {remedy}"),
        }
    }
}
