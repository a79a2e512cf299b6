//! The source files of the tables.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::TableError;

/// Names a directory whose numbering plan replaces that of this crate; see `data/README.md`.
pub(crate) const DATA_DIR: &str = "COUNTERSIGN_DATA_DIR";

/// Names a directory whose policy tables replace those of this crate; see `data/README.md`.
pub(crate) const POLICY_DIR: &str = "COUNTERSIGN_POLICY_DIR";

/// Cargo sets this variable if the feature `format` is on.
pub(crate) const FORMAT: &str = "CARGO_FEATURE_FORMAT";

/// The files from which the tables are generated.
///
/// Two groups of them can come from directories of the service that embeds this crate: the
/// numbering plan, and the policy tables (the unsupported countries, and those allowed by default).
pub(crate) struct Sources {
    pub(crate) regions: TableFile,
    pub(crate) calling_codes: TableFile,
    pub(crate) numbering_plan: TableFile,
    pub(crate) national_prefixes: TableFile,
    pub(crate) metadata_version: TableFile,
    pub(crate) metadata_date: TableFile,
    pub(crate) sms_unsupported: TableFile,
    pub(crate) whatsapp_unsupported: TableFile,
    pub(crate) sms_unsupported_older: TableFile,
    pub(crate) default_allowlist: TableFile,
    /// What only the feature `format` needs.
    pub(crate) format: Option<FormatSources>,
}

/// The files of the feature `format`, which belong to the numbering plan.
pub(crate) struct FormatSources {
    pub(crate) formats: TableFile,
    pub(crate) examples: TableFile,
}

impl Sources {
    /// Returns all files in `data`, except that each group comes from the directory that its
    /// environment variable names. `value` reads an environment variable.
    pub(crate) fn new(
        data: &Path,
        value: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Vec<TableError>> {
        let ours = Folder { path: data.to_owned(), shown: "data".to_owned(), missing: OURS_MISSING };
        let folder = |variable, missing| match value(variable) {
            None => Ok(ours.clone()),
            Some(given) => Folder::given(variable, PathBuf::from(given), missing),
        };
        let (plan, policy) = match (folder(DATA_DIR, PLAN_MISSING), folder(POLICY_DIR, POLICY_MISSING)) {
            (Ok(plan), Ok(policy)) => (plan, policy),
            (plan, policy) => return Err([plan.err(), policy.err()].into_iter().flatten().collect()),
        };
        Ok(Self {
            regions: plan.file("regions.csv"),
            calling_codes: plan.file("calling_codes.csv"),
            numbering_plan: plan.file("numbering_plan.csv"),
            national_prefixes: plan.file("national_prefixes.csv"),
            metadata_version: plan.file("metadata_version.txt"),
            metadata_date: plan.file("metadata_date.txt"),
            sms_unsupported: policy.file("sms_unsupported.csv"),
            whatsapp_unsupported: policy.file("whatsapp_unsupported.csv"),
            sms_unsupported_older: ours.file("sms_unsupported_older.csv"),
            default_allowlist: policy.file("default_allowlist.csv"),
            format: value(FORMAT).map(|_| FormatSources {
                formats: plan.file("formats.csv"),
                examples: plan.file("examples.csv"),
            }),
        })
    }

    /// Returns all files, so that Cargo runs the build script again when one of them changes.
    pub(crate) fn files(&self) -> impl Iterator<Item = &TableFile> {
        let format = self.format.iter().flat_map(|format| [&format.formats, &format.examples]);
        let files = [
            &self.regions,
            &self.calling_codes,
            &self.numbering_plan,
            &self.national_prefixes,
            &self.metadata_version,
            &self.metadata_date,
            &self.sms_unsupported,
            &self.whatsapp_unsupported,
            &self.sms_unsupported_older,
            &self.default_allowlist,
        ];
        files.into_iter().chain(format)
    }
}

/// A file: its path, and its name in errors.
pub(crate) struct TableFile {
    path: PathBuf,
    shown: String,
    missing: &'static str,
}

impl TableFile {
    /// Returns the path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file's name in errors: `data/regions.csv`, or the full path in a policy
    /// directory.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns the remedy if the file is missing.
    pub(crate) fn remedy_if_missing(&self) -> &'static str {
        self.missing
    }

    /// Returns an error in the row that starts at `line`.
    pub(crate) fn error_at(&self, line: u64, problem: &str, remedy: &str) -> TableError {
        TableError::new(&self.shown, Some(line), problem, remedy)
    }

    /// Returns an error of the file as a whole.
    pub(crate) fn error(&self, problem: &str, remedy: &str) -> TableError {
        TableError::new(&self.shown, None, problem, remedy)
    }
}

const OURS_MISSING: &str = "restore it: the build needs all files that data/README.md names";
const PLAN_MISSING: &str = "a data directory contains regions.csv, calling_codes.csv, numbering_plan.csv, \
                            national_prefixes.csv, metadata_version.txt, metadata_date.txt and, for the feature \
                            format, formats.csv and examples.csv: take all of them from one run of the \
                            numbering tool";
const POLICY_MISSING: &str = "a policy directory contains sms_unsupported.csv, whatsapp_unsupported.csv and \
                              default_allowlist.csv: copy those that you do not change from this crate's data/";

#[derive(Clone)]
struct Folder {
    path: PathBuf,
    shown: String,
    missing: &'static str,
}

impl Folder {
    fn given(variable: &str, path: PathBuf, missing: &'static str) -> Result<Self, TableError> {
        let shown = path.display().to_string();
        if path.is_absolute() {
            return Ok(Self { path, shown, missing });
        }
        let problem = format!("{shown:?} is not an absolute path");
        let remedy = "set one, or unset the variable: a build script runs in the directory of this crate, so a \
                      relative path would not start in yours";
        Err(TableError::new(variable, None, &problem, remedy))
    }

    fn file(&self, name: &str) -> TableFile {
        TableFile {
            path: self.path.join(name),
            shown: format!("{}/{name}", self.shown),
            missing: self.missing,
        }
    }
}
