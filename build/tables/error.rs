//! What is wrong with a table, told to the person who will correct it.

use core::fmt;

/// One problem: where it is, what it is, and what would be right.
///
/// Prints as `data/regions.csv:17: problem; remedy`, the form that editors turn into a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableError {
    file: String,
    line: Option<u64>,
    problem: String,
    remedy: String,
}

impl TableError {
    /// `line` counts from 1; it is `None` where the file as a whole is meant.
    pub(crate) fn new(file: &str, line: Option<u64>, problem: &str, remedy: &str) -> Self {
        Self { file: file.to_owned(), line, problem: problem.to_owned(), remedy: remedy.to_owned() }
    }

    /// The line, for an order in which a file can be corrected from its top.
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
