//! The lines of the library where a secret may decide what comes next.

use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::report::{Finding, Frame};

/// A line at which something about a secret becomes public, told by what it says: lines move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its file, from the library's root.
    pub file: &'static str,
    /// What the line has in it.
    pub says: &'static str,
    /// What becomes public there, and why it may.
    pub why: &'static str,
}

/// A finding at no place where there may be one.
#[derive(Clone, Debug)]
pub struct Unplaced {
    /// The line of the library, if the way led through it at all.
    pub line: Option<(PathBuf, usize, String)>,
    /// The finding.
    pub finding: Finding,
}

impl Place {
    /// Which of these places a finding is at: at the innermost call that is the library's own, for what the standard library or
    /// `subtle` does there is done at its word.
    ///
    /// # Errors
    ///
    /// If it is at none of them.
    pub fn of<'a>(finding: &Finding, root: &Path, places: &'a [Self]) -> Result<&'a Self, Box<Unplaced>> {
        let line = finding.frames.iter().find_map(|frame| line(frame, root));
        let found = line.as_ref().and_then(|(file, _, text)| {
            places.iter().find(|place| *file == Path::new(place.file) && text.contains(place.says))
        });
        found.ok_or_else(|| Box::new(Unplaced { line, finding: finding.clone() }))
    }
}

/// The library's file, line number and text of a call, if it is the library's.
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
    fn a_finding_is_at_the_innermost_line_of_the_library() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = fs::read_to_string(root.join("src/lib.rs")).unwrap();
        let line = 1 + source.lines().position(|line| line.contains(HERE.says)).unwrap();
        assert_eq!(Place::of(&at(root, "src/lib.rs", line), root, &[HERE]).unwrap(), &HERE);
        for other in [at(root, "src/lib.rs", line - 1), at(root, "src/freed.rs", line), at(root, "x", 1)] {
            assert!(Place::of(&other, root, &[HERE]).is_err());
        }
    }
}
