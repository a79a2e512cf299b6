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

use tables::{DATA_DIR, POLICY_DIR, Sources, TableError};

fn main() -> ExitCode {
    for variable in [DATA_DIR, POLICY_DIR] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
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
    let sources = Sources::new(Path::new("data"), |variable| env::var_os(variable))?;
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
