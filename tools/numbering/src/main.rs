//! Writes or checks the files in `data/` that are generated from libphonenumber's metadata, and
//! switches to another version of the metadata.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use countersign_numbering::{
    error::Error,
    files,
    metadata::Metadata,
    refresh::{Target, refresh},
    release::{Date, Release, Version},
};

/// Generates data/, and the benches' corpus, from the metadata in tools/numbering/metadata/
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,

    /// Write nothing; print how the files differ, and fail if they do
    #[arg(long)]
    check: bool,
}

#[derive(Subcommand)]
enum Command {
    Refresh(Refresh),
}

/// Switches to another version of libphonenumber's metadata: rebuilds data/, runs the agreement,
/// regenerates the answers that tests replay, and prints what changed by region
#[derive(Args)]
struct Refresh {
    /// The version on PyPI: `newest`, or such as 9.0.43
    #[arg(value_name = "VERSION", required_unless_present = "xml", conflicts_with_all = ["xml", "release"])]
    target: Option<String>,

    /// Take this PhoneNumberMetadata.xml, such as libphonenumber's own
    #[arg(long, value_name = "FILE")]
    xml: Option<PathBuf>,

    #[command(flatten)]
    release: StatedRelease,
}

/// The release of a file that does not state it.
#[derive(Args)]
#[group(id = "release", multiple = true)]
struct StatedRelease {
    /// The libphonenumber version of the file; its own file does not contain it
    #[arg(long, value_name = "X.Y.Z", requires = "date")]
    version: Option<Version>,

    /// The day of that release
    #[arg(long, value_name = "YYYY-MM-DD", requires = "version")]
    date: Option<Date>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.command {
        Some(Command::Refresh(options)) => {
            target(options).and_then(|target| refresh(&target)).map(|()| ExitCode::SUCCESS)
        }
        None => generate(options.check),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn target(options: &Refresh) -> Result<Target, Error> {
    let Refresh { target, xml, release } = options;
    if let Some(file) = xml {
        let release = match (&release.version, &release.date) {
            (Some(version), Some(date)) => Some(Release { version: version.clone(), date: date.clone() }),
            _ => None,
        };
        return Ok(Target::File(file.clone(), release));
    }
    match target.as_deref() {
        None | Some("newest") => Ok(Target::Newest),
        Some(version) => version.parse().map(Target::Version).map_err(|problem| Error::Command {
            command: "refresh".into(),
            problem: format!("needs `newest`, a version or a file: {problem}"),
        }),
    }
}

fn generate(check: bool) -> Result<ExitCode, Error> {
    let mut code = ExitCode::SUCCESS;
    let metadata = Metadata::in_tree()?;
    for file in files::data_files(&metadata)?.into_iter().chain(files::corpus(&metadata)?) {
        if !check {
            file.write()?;
            println!("{}: {} lines", file.name, file.text.lines().count());
        } else if let Some(difference) = file.difference()? {
            print!("{} differs from the metadata:\n{difference}", file.name);
            code = ExitCode::FAILURE;
        } else {
            println!("{} is up to date", file.name);
        }
    }
    if code == ExitCode::FAILURE {
        println!("To regenerate the files, run this command without --check");
    }
    Ok(code)
}
