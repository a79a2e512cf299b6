//! A metadata file: libphonenumber's own, or one of the same schema.

use std::{
    fs, io, panic,
    path::{Path, PathBuf},
};

use phonenumber::metadata::{Database, loader};

use crate::{error::Error, release::Release, xml::descriptors};

/// A metadata file as the crate `phonenumber` reads it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file.
    pub file: PathBuf,
    /// The release of libphonenumber that the file is from.
    pub release: Release,
    /// The territories, in the order of the file.
    pub territories: Vec<loader::Metadata>,
    /// The territories by calling code. Only the text of patterns is used: the crate's own matching
    /// disagrees with libphonenumber.
    pub database: Database,
}

impl Source {
    /// Reads a file. Its release is in the file (`<phoneNumberMetadata version="9.0.43"
    /// date="2026-11-06">`), or `release` if it is given.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is malformed, or its release is unknown.
    pub fn read(file: &Path, release: Option<Release>) -> Result<Self, Error> {
        let text = fs::read_to_string(file).map_err(|cause| match cause.kind() {
            io::ErrorKind::InvalidData => malformed(file, "not UTF-8"),
            _ => Error::File { file: file.into(), cause },
        })?;
        Self::parse(file, &text, release)
    }

    /// Parses the text of a file, whose name in error messages is `file`.
    ///
    /// # Errors
    ///
    /// If the text is malformed, or its release is unknown.
    pub fn parse(file: &Path, text: &str, release: Option<Release>) -> Result<Self, Error> {
        // The crate panics on some malformed files, such as one with an empty list of lengths.
        let (territories, database) = panic::catch_unwind(|| load(text))
            .unwrap_or_else(|_| Err("malformed".into()))
            .map_err(|problem| malformed(file, problem))?;
        let release = match release {
            Some(release) => release,
            None => stated_release(text).map_err(|problem| Error::Metadata { file: file.into(), problem })?,
        };
        Ok(Self { file: file.into(), release, territories, database })
    }
}

fn load(text: &str) -> Result<(Vec<loader::Metadata>, Database), String> {
    let territories = loader::load(text.as_bytes()).map_err(|error| error.to_string())?;
    if territories.is_empty() {
        return Err("no territories".into());
    }
    for territory in &territories {
        let lacks = |(name, descriptor): (&'static str, Option<&loader::Descriptor>)| {
            descriptor.is_some_and(|descriptor| descriptor.national_number.is_none()).then_some(name)
        };
        if let Some(name) = descriptors(territory).into_iter().find_map(lacks) {
            let id = territory.id.as_deref().unwrap_or_default();
            return Err(format!("the {name} of territory {id:?} has no pattern"));
        }
    }
    let database = Database::from(territories.clone()).map_err(|error| error.to_string())?;
    Ok((territories, database))
}

/// Returns the release that the root element states.
fn stated_release(text: &str) -> Result<Release, String> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document =
        roxmltree::Document::parse_with_options(text, options).map_err(|error| error.to_string())?;
    let root = document.root_element();
    match (root.attribute("version"), root.attribute("date")) {
        (Some(version), Some(date)) => Ok(Release { version: version.parse()?, date: date.parse()? }),
        _ => Err("the file does not state its release; give it with --version and --date".into()),
    }
}

fn malformed(file: &Path, problem: impl ToString) -> Error {
    let problem = format!("not libphonenumber's PhoneNumberMetadata.xml: {}", problem.to_string());
    Error::Metadata { file: file.into(), problem }
}
