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

/// Writes a file of the workspace.
pub(crate) fn write(name: &str, text: &str) -> Result<(), Error> {
    fs::write(in_workspace(name), text).map_err(|cause| Error::File { file: name.into(), cause })
}
