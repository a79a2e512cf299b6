//! Replaces the metadata in the tree by another version, and brings everything that is generated
//! from it up to date.

mod commands;

use std::{fs, path::PathBuf};

use crate::{
    error::Error,
    files,
    metadata::{IN_TREE, Metadata},
    release::{Release, Version},
    source::Source,
    workspace::{in_workspace, write},
    xml,
};
use commands::Python;

/// Where downloads and the former plan are kept, from the root of the workspace.
const WORK: &str = "target/refresh";

/// The metadata to take.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// The newest version on PyPI.
    Newest,
    /// A version on PyPI.
    Version(Version),
    /// A file in the schema of libphonenumber's `PhoneNumberMetadata.xml`, and its release if the
    /// file does not state it.
    File(PathBuf, Option<Release>),
}

/// Takes the metadata into the tree, generates `data/`, runs the agreement with libphonenumber, and
/// regenerates the answers that tests replay. Prints what changed by region, and the agreement's
/// result.
///
/// # Errors
///
/// If the metadata cannot be read or is malformed, a command fails, or libphonenumber disagrees.
/// Nothing is written before the metadata has proved to be usable.
pub fn refresh(wanted: &Wanted) -> Result<(), Error> {
    let (source, python) = obtain(wanted)?;
    let text = canonical(&source)?;
    let metadata = Metadata::new(&source)?;
    let mut data = files::data_files(&metadata)?;
    data.extend(files::corpus(&metadata)?);

    let former = format!("{WORK}/former");
    keep_former_plan(&former)?;
    write(IN_TREE, &text)?;
    data.iter().try_for_each(files::DataFile::write)?;
    say(&format!("data/ is generated from {}", metadata.release));
    let Some(python) = python else {
        say("PyPI has no phonenumbers of this version: no agreement, and no answers for tests to replay");
        return commands::plan_diff(&former);
    };

    say("asking libphonenumber about millions of numbers, which takes minutes");
    let agreement = python.agreement()?;
    say("regenerating the answers that tests replay");
    python.replay_files()?;
    commands::plan_diff(&former)?;
    agreement.iter().for_each(|result| println!("agreement: {result}"));
    Ok(())
}

/// Returns the metadata, and the Python package of the same version if PyPI has it.
fn obtain(wanted: &Wanted) -> Result<(Source, Option<Python>), Error> {
    let version = match wanted {
        Wanted::Newest => "newest".to_owned(),
        Wanted::Version(version) => version.to_string(),
        Wanted::File(file, release) => {
            let source = Source::read(file, release.clone())?;
            let python = Python::fetch(&source.release.version.to_string(), WORK).ok();
            return Ok((source, python));
        }
    };
    say(&format!("getting phonenumbers ({version}) from PyPI"));
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

/// Copies the plan in `data/` to a folder, to compare it with the next one.
fn keep_former_plan(folder: &str) -> Result<(), Error> {
    let error = |cause| Error::File { file: folder.into(), cause };
    fs::create_dir_all(in_workspace(folder)).map_err(error)?;
    for name in ["numbering_plan.csv", "metadata_version.txt", "metadata_date.txt"] {
        let data = in_workspace("data").join(name);
        // A plan from before the date was kept has none.
        if data.exists() {
            fs::copy(data, in_workspace(folder).join(name)).map_err(error)?;
        }
    }
    Ok(())
}

fn say(text: &str) {
    eprintln!("refresh: {text}");
}
