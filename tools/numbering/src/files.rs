//! The generated files in `data/`, and how they differ from the existing ones.

use std::{collections::HashSet, io};

use crate::{
    calling_code::calling_codes,
    corpus,
    corrections::Correction,
    error::Error,
    examples::examples,
    metadata::Metadata,
    national::corrected,
    plan::plan_rows,
    workspace::{read, write},
};

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// The path from the root of the workspace, such as `data/calling_codes.csv`.
    pub name: &'static str,
    /// The whole text. Lines end in a line feed, and there is no byte order mark.
    pub text: String,
}

/// Generates the files in `data/` from the metadata and the corrections in `data/corrections.csv`.
///
/// # Errors
///
/// If the metadata is malformed, or `data/corrections.csv` cannot be read or has an invalid row.
pub fn data_files(metadata: &Metadata) -> Result<Vec<DataFile>, Error> {
    let corrections = "data/corrections.csv";
    let corrections = Correction::read(corrections, &read(corrections)?)?;
    let codes = calling_codes(&metadata.territories, &corrections)?;
    Ok(vec![
        DataFile::csv("data/calling_codes.csv", "calling_code,region", &codes),
        DataFile::csv(
            "data/numbering_plan.csv",
            "calling_code,prefix,lengths,type,region",
            &plan_rows(&codes),
        ),
        DataFile::csv(
            "data/national_prefixes.csv",
            "region,calling_code,international_prefix,national_prefix,transform",
            &corrected(&metadata.dialling, &corrections),
        ),
        DataFile::csv(
            "data/formats.csv",
            "calling_code,groups,leading_digits,national,international,prefix,carrier,optional",
            &metadata.formats,
        ),
        DataFile::csv("data/examples.csv", "region,type,number", &examples(&metadata.territories)),
        DataFile { name: "data/metadata_date.txt", text: format!("{}\n", metadata.release.date) },
        DataFile { name: "data/metadata_version.txt", text: format!("{}\n", metadata.release.version) },
    ])
}

/// Generates the corpus of the benches, in `benches/corpus/`.
///
/// # Errors
///
/// If the metadata lacks one of the countries in it.
pub fn corpus(metadata: &Metadata) -> Result<[DataFile; 2], Error> {
    let numbers = corpus::numbers(&metadata.territories)?.join("\n") + "\n";
    let expected = corpus::expected(&metadata.territories)?;
    Ok([
        DataFile { name: "benches/corpus/expected.rs", text: expected },
        DataFile { name: "benches/corpus/numbers.txt", text: numbers },
    ])
}

impl DataFile {
    /// Creates a CSV file. Rows quote their own fields.
    fn csv<T: ToString>(name: &'static str, header: &str, rows: &[T]) -> Self {
        let rows: String = rows.iter().map(|row| row.to_string() + "\n").collect();
        Self { name, text: format!("{header}\n{rows}") }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self) -> Result<(), Error> {
        write(self.name, &self.text)
    }

    /// Returns the lines in which the existing file differs, or `None` if it is up to date. A
    /// missing file lacks all lines.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn difference(&self) -> Result<Option<String>, Error> {
        let found = match read(self.name) {
            Err(Error::File { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => String::new(),
            found => found?,
        };
        Ok((found != self.text).then(|| difference(&found, &self.text)))
    }
}

/// Returns the lines to remove (`-`) and to add (`+`) to turn `found` into `wanted`. Both must be
/// sorted.
fn difference(found: &str, wanted: &str) -> String {
    let kept: HashSet<&str> = wanted.lines().collect();
    let mut wanted = wanted.lines();
    let mut lines = String::new();
    for line in found.lines() {
        if kept.contains(line) {
            let added = wanted.by_ref().take_while(|&next| next != line);
            added.for_each(|next| lines += &format!("+ {next}\n"));
        } else {
            lines += &format!("- {line}\n");
        }
    }
    wanted.for_each(|next| lines += &format!("+ {next}\n"));
    if lines.is_empty() {
        lines += "only line ends or repeated lines differ; regenerate the file\n";
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn difference_lists_lines_to_remove_and_to_add() {
        assert_eq!(difference("h\na\nc\nd\n", "h\na\nb\nd\ne\n"), "- c\n+ b\n+ e\n");
        assert_eq!(difference("", "h\na\n"), "+ h\n+ a\n");
        assert_eq!(difference("h\na\n", "h\n"), "- a\n");
        assert!(difference("h\r\na\r\n", "h\na\n").contains("line ends"));
    }
}
