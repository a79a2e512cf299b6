//! Replaces the metadata in the tree by another version, and brings everything that is generated
//! from it up to date.

mod commands;
mod former;
mod prose;

use std::path::PathBuf;

use crate::{
    error::Error,
    files,
    metadata::{IN_TREE, Metadata},
    release::{Release, Version},
    source::Source,
    workspace::write,
    xml,
};
use commands::Python;

/// Where downloads and the former plan are kept, from the root of the workspace.
const WORK: &str = "target/refresh";

/// The metadata to take.
#[derive(Clone, Debug)]
pub enum Target {
    /// The newest version on PyPI.
    Newest,
    /// A version on PyPI.
    Version(Version),
    /// A file in the schema of libphonenumber's `PhoneNumberMetadata.xml`, and its release if the
    /// file does not state it.
    File(PathBuf, Option<Release>),
}

/// Writes the metadata to the tree, generates `data/`, runs the agreement with libphonenumber,
/// regenerates the answers that tests replay, and replaces the version in documents. Prints what
/// changed by region, compared with the last commit, and the agreement's result.
///
/// # Errors
///
/// If the metadata cannot be read or is malformed, a command fails, or libphonenumber disagrees.
/// Nothing is written before the metadata has proved to be usable.
pub fn refresh(target: &Target) -> Result<(), Error> {
    let (source, python) = obtain(target)?;
    let text = canonical(&source)?;
    let metadata = Metadata::new(&source)?;
    let mut data = files::data_files(&metadata)?;
    data.extend(files::corpus(&metadata)?);

    let former = format!("{WORK}/former");
    former::keep(&former)?;
    write(IN_TREE, &text)?;
    data.iter().try_for_each(files::DataFile::write)?;
    report(&format!("data/ is generated from {}", metadata.release));
    let mut agreement = Vec::new();
    if let Some(python) = python {
        report("asking libphonenumber about millions of numbers, which takes minutes");
        agreement = python.agreement()?;
        report("regenerating the answers that tests replay");
        python.replay_files()?;
    } else {
        report(
            "phonenumbers of this version was not available (see above): no agreement, and no answers for tests \
             to replay, which fail until these are regenerated",
        );
    }
    for name in prose::update(&metadata.release.version)? {
        report(&format!("{name} states the version {}", metadata.release.version));
    }
    report(
        "yours to write: the version in CHANGELOG.md, counts in docs/agreement.md and agreement/README.md",
    );
    commands::plan_diff(&former)?;
    agreement.iter().for_each(|result| println!("agreement: {result}"));
    Ok(())
}

/// Returns the metadata, and the Python package of the same version if PyPI has it.
fn obtain(target: &Target) -> Result<(Source, Option<Python>), Error> {
    let version = match target {
        Target::Newest => "newest".to_owned(),
        Target::Version(version) => version.to_string(),
        Target::File(file, release) => {
            let source = Source::read(file, release.clone())?;
            let python = Python::fetch(&source.release.version.to_string(), WORK);
            return Ok((source, python.map_err(|error| report(&error.to_string())).ok()));
        }
    };
    report(&format!("getting phonenumbers ({version}) from PyPI"));
    let python = Python::fetch(&version, WORK)?;
    Ok((Source::read(&python.metadata(), None)?, Some(python)))
}

/// Returns the text of the metadata as the tree keeps it.
///
/// # Errors
///
/// If that text does not mean the same as the source.
fn canonical(source: &Source) -> Result<String, Error> {
    let text = xml::text(source);
    let read_back = Source::parse(IN_TREE.as_ref(), &text, None)?;
    let same_data = || -> Result<bool, Error> {
        let data = |source| files::data_files(&Metadata::new(source)?);
        Ok(data(source)? == data(&read_back)?)
    };
    if xml::text(&read_back) == text && same_data()? {
        return Ok(text);
    }
    let problem = "the file has text that the tree's form of it would change".to_owned();
    Err(Error::Metadata { file: source.file.clone(), problem })
}

fn report(text: &str) {
    eprintln!("refresh: {text}");
}
