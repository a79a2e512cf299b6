//! The files in `data/` that are made here, and how they compare with what lies there.

use std::{collections::HashSet, fs, io};

use crate::{
    calling_code::calling_codes,
    corrections::Correction,
    error::Error,
    metadata::Metadata,
    national::corrected,
    plan::plan_rows,
    workspace::{in_workspace, read},
};

/// A file and what it is to contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Its path from the root of the workspace, such as `data/calling_codes.csv`.
    pub name: &'static str,
    /// Its whole text: lines that end in a line feed, no byte order mark.
    pub text: String,
}

/// The files of `data/` that are made from the metadata, as they should be, with the corrections in
/// `data/corrections.csv`.
///
/// # Errors
///
/// Metadata that is not understood, a wrong row in `data/corrections.csv`, or that it cannot be read.
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
        DataFile { name: "data/metadata_version.txt", text: format!("{}\n", metadata.version) },
    ])
}

impl DataFile {
    /// A row that needs quotes displays them.
    fn csv<T: ToString>(name: &'static str, header: &str, rows: &[T]) -> Self {
        let rows: String = rows.iter().map(|row| row.to_string() + "\n").collect();
        Self { name, text: format!("{header}\n{rows}") }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write(&self) -> Result<(), Error> {
        fs::write(in_workspace(self.name), &self.text)
            .map_err(|cause| Error::File { file: self.name.into(), cause })
    }

    /// The lines in which the file that lies there differs; `None` if it does not. A file that is missing
    /// lacks all lines.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn difference(&self) -> Result<Option<String>, Error> {
        let found = match read(self.name) {
            Err(Error::File { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => String::new(),
            found => found?,
        };
        Ok((found != self.text).then(|| difference(&found, &self.text)))
    }
}

/// The lines to remove (`-`) and to add (`+`) so that `found` becomes `wanted`, where both are sorted.
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
        lines += "line ends or repeated lines only; write the file anew\n";
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn differences_are_lines_to_remove_and_to_add() {
        assert_eq!(difference("h\na\nc\nd\n", "h\na\nb\nd\ne\n"), "- c\n+ b\n+ e\n");
        assert_eq!(difference("", "h\na\n"), "+ h\n+ a\n");
        assert_eq!(difference("h\na\n", "h\n"), "- a\n");
        assert!(difference("h\r\na\r\n", "h\na\n").contains("line ends"));
    }
}
