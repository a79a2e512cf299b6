//! Plans for the tests of this module: small ones, and the real one.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::super::calling_codes::CallingCodes;
use super::super::error::TableError;
use super::super::regions::Regions;
use super::super::sources::Sources;
use super::automaton::{Automaton, minimise};
use super::layout::{Layout, lay_out};
use super::rows::{self, PlanRow};
use super::trie::Trie;

/// The region labels of small plans.
pub(super) const AA: u8 = 1;
pub(super) const BB: u8 = 2;
pub(super) const CC: u8 = 3;

pub(super) struct Plan {
    pub(super) codes: CallingCodes,
    pub(super) regions: Regions,
    sources: Sources,
    _folder: Option<TempDir>,
}

impl Plan {
    /// Reads the plan in this repository's `data`.
    pub(super) fn ours() -> Self {
        Self::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../data"), None)
    }

    /// Creates a plan from calling codes and rows, without headers; the first row is line 2. Its
    /// regions are AA, BB and CC.
    pub(super) fn small(codes: &str, rows: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let write = |file: &str, header: &str, rows: &str| {
            fs::write(path.join(file), format!("{header}\n{rows}\n")).unwrap();
        };
        write("regions.csv", "region,name,note", "AA,A,\nBB,B,\nCC,C,");
        write("calling_codes.csv", "calling_code,region", codes);
        write("numbering_plan.csv", "calling_code,prefix,lengths,type,region", rows);
        Self::read(&path, Some(folder))
    }

    fn read(path: &Path, folder: Option<TempDir>) -> Self {
        let sources = Sources::new(path, |_| None).unwrap();
        let regions = Regions::read(&sources.regions).unwrap();
        let codes = CallingCodes::read(&sources.calling_codes, &regions).unwrap();
        Self { codes, regions, sources, _folder: folder }
    }

    pub(super) fn rows(&self) -> Vec<PlanRow> {
        rows::read(&self.sources.numbering_plan, &self.codes, &self.regions).unwrap()
    }

    /// Returns the tree, or the errors for overlapping rows.
    pub(super) fn trie(&self) -> Result<Trie, Vec<TableError>> {
        Trie::new(&self.sources.numbering_plan, &self.codes, &self.rows())
    }

    pub(super) fn automaton(&self) -> Automaton {
        minimise(&self.trie().unwrap())
    }

    pub(super) fn layout(&self) -> Layout {
        lay_out(&self.automaton(), &self.codes).unwrap()
    }
}
