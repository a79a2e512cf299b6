//! Writes or checks the files in `data/` that are generated from libphonenumber's metadata.

use std::{panic, path::PathBuf, process::ExitCode};

use clap::Parser;
use countersign_numbering::{error::Error, files, metadata::Metadata};

/// Generates countersign's numbering data from libphonenumber's metadata
#[derive(Parser)]
struct Options {
    /// Write nothing; print how the files differ, and fail if they do
    #[arg(long)]
    check: bool,

    /// Use libphonenumber's own PhoneNumberMetadata.xml instead of the crate `phonenumber`
    #[arg(long, value_name = "FILE", requires = "version")]
    xml: Option<PathBuf>,

    /// The libphonenumber version of the file, which the file does not contain
    #[arg(long, value_name = "X.Y.Z", requires = "xml")]
    version: Option<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<ExitCode, Error> {
    let mut code = ExitCode::SUCCESS;
    for file in files::data_files(&metadata(options)?)? {
        if !options.check {
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

fn metadata(options: &Options) -> Result<Metadata, Error> {
    let (Some(xml), Some(version)) = (&options.xml, &options.version) else {
        return Metadata::of_crate();
    };
    // If the loader panics, the error explains it, so the panic message is suppressed.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let metadata = Metadata::of_xml(xml, version);
    panic::set_hook(hook);
    metadata
}
