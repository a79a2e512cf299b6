//! The lines of the library where a branch or an index may depend on a secret.

use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::report::{Finding, Frame};

/// A line at which something about a secret becomes public. Identified by its text, because lines
/// move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the library's root.
    pub file: &'static str,
    /// Text that the line contains.
    pub says: &'static str,
    /// What becomes public there, and why that is allowed.
    pub why: &'static str,
}

/// A finding at a line that is not listed.
#[derive(Clone, Debug)]
pub struct Unplaced {
    /// The line of the library, if the stack contains one.
    pub line: Option<(PathBuf, usize, String)>,
    /// The finding.
    pub finding: Finding,
}

impl Place {
    /// Returns the place of a finding: its innermost call within the library. The standard library
    /// and `subtle` act on behalf of that call.
    ///
    /// # Errors
    ///
    /// [`Unplaced`] if it is at none of the places.
    pub fn of<'a>(finding: &Finding, root: &Path, places: &'a [Self]) -> Result<&'a Self, Box<Unplaced>> {
        let line = finding.frames.iter().find_map(|frame| line(frame, root));
        let found = line.as_ref().and_then(|(file, _, text)| {
            places.iter().find(|place| *file == Path::new(place.file) && text.contains(place.says))
        });
        found.ok_or_else(|| Box::new(Unplaced { line, finding: finding.clone() }))
    }
}

/// Returns file, line number and text of a call in the library, or `None` for other calls.
fn line(frame: &Frame, root: &Path) -> Option<(PathBuf, usize, String)> {
    let path = frame.file.as_ref()?;
    let path = if path.is_absolute() { path.clone() } else { root.join(path) };
    let file = path.strip_prefix(root).ok()?;
    if !file.starts_with("src") {
        return None;
    }
    let source = fs::read_to_string(&path).ok()?;
    let text = source.lines().nth(frame.line.checked_sub(1)?)?;
    Some((file.to_owned(), frame.line, text.trim().to_owned()))
}

impl fmt::Display for Unplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.finding.what)?;
        match &self.line {
            Some((file, number, text)) => writeln!(f, "  at {}:{number}: {text}", file.display())?,
            None => writeln!(f, "  outside the library")?,
        }
        for frame in self.finding.frames.iter().take(12) {
            let file = frame.file.as_deref().unwrap_or(Path::new("?"));
            writeln!(f, "    {} ({}:{})", frame.function, file.display(), frame.line)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place = Place { file: "src/lib.rs", says: "pub mod memcheck", why: "" };

    fn at(root: &Path, file: &str, line: usize) -> Finding {
        let frame = Frame { function: String::new(), file: Some(root.join(file)), line };
        let elsewhere = Frame { file: Some("/rustc/1/library/core/src/slice.rs".into()), ..frame.clone() };
        Finding { what: String::new(), frames: vec![elsewhere, frame] }
    }

    #[test]
    fn places_a_finding_at_the_innermost_library_line() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = fs::read_to_string(root.join("src/lib.rs")).unwrap();
        let line = 1 + source.lines().position(|line| line.contains(HERE.says)).unwrap();
        assert_eq!(Place::of(&at(root, "src/lib.rs", line), root, &[HERE]).unwrap(), &HERE);
        for other in [at(root, "src/lib.rs", line - 1), at(root, "src/freed.rs", line), at(root, "x", 1)] {
            assert!(Place::of(&other, root, &[HERE]).is_err());
        }
    }
}
