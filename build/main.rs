//! Generates the static tables of the library from `data/*.csv`: `OUT_DIR/tables.rs`, which
//! `src/tables.rs` includes.
//!
//! The work is done in `tables.rs`, which tests run on invalid data:
//! `cargo test -p countersign-tests --test build_script`. This file contains only the interface to
//! Cargo: the files to watch and the errors.

#![allow(clippy::std_instead_of_alloc, reason = "a build script always has std")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod tables;
#[cfg(test)]
mod tests;

use tables::{Sources, TableError};

/// A directory whose policy tables replace those of this crate; see `data/README.md`.
const POLICY_DIR: &str = "COUNTERSIGN_POLICY_DIR";

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed={POLICY_DIR}");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => {
            for error in errors {
                println!("cargo::error={error}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Vec<TableError>> {
    // Cargo runs a build script in the directory of its package, so `data` is this crate's wherever
    // the build was started.
    let sources = Sources::new(Path::new("data"), POLICY_DIR, env::var_os(POLICY_DIR))?;
    for file in sources.files() {
        println!("cargo::rerun-if-changed={}", file.path().display());
    }
    let code = tables::generate(&sources)?;
    write(&code).map_err(|error| vec![error])
}

fn write(code: &str) -> Result<(), TableError> {
    let Some(folder) = env::var_os("OUT_DIR") else {
        return Err(TableError::new("OUT_DIR", None, "is not set", "run this script by `cargo build`"));
    };
    let path = PathBuf::from(folder).join("tables.rs");
    fs::write(&path, code).map_err(|error| {
        let problem = format!("cannot be written: {error}");
        TableError::new(&path.display().to_string(), None, &problem, "make the target folder writable")
    })
}
