//! Writes or checks the files in `data/` that are made from libphonenumber's metadata.

use std::process::ExitCode;

use clap::Parser;
use countersign_numbering::files;

/// Makes countersign's numbering data from libphonenumber's metadata
#[derive(Parser)]
struct Options {
    /// Write nothing; print how the files differ from what they should be, and fail if they do
    #[arg(long)]
    check: bool,

    /// Also make the whole numbering plan, as a file of this path (from the root of the workspace)
    #[arg(long, value_name = "FILE")]
    plan: Option<String>,
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

fn run(options: &Options) -> Result<ExitCode, countersign_numbering::error::Error> {
    let mut code = ExitCode::SUCCESS;
    let codes = files::corrected_calling_codes()?;
    let plan = options.plan.as_ref().map(|name| files::numbering_plan(name, &codes));
    for file in files::data_files(&codes)?.into_iter().chain(plan) {
        if !options.check {
            file.write()?;
            println!("{}: {} lines", file.name, file.text.lines().count());
        } else if let Some(difference) = file.difference()? {
            print!("{} is not what the metadata says:\n{difference}", file.name);
            code = ExitCode::FAILURE;
        } else {
            println!("{} is up to date", file.name);
        }
    }
    if code == ExitCode::FAILURE {
        println!("To write it anew: cargo run -p countersign-numbering");
    }
    Ok(code)
}
