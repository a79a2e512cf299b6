//! Paths of files in the workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::Error;

/// Reads a file of the workspace.
pub(crate) fn read(name: &str) -> Result<String, Error> {
    fs::read_to_string(in_workspace(name)).map_err(|cause| Error::File { file: name.into(), cause })
}

pub(crate) fn in_workspace(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}
