//! Generates the Rust source of the library's static tables from the CSV files in `data/`.
//!
//! The result depends on the content of the files and on nothing else (no time, no path, no hash
//! order), so two builds of the same data produce the same bytes. Errors carry the line and the
//! expected content, and each build reports as many errors as it can without guessing.

mod allowlist;
mod calling_codes;
mod emit;
mod error;
mod examples;
mod formats;
mod metadata_date;
mod metadata_version;
mod national;
mod numbered;
mod overlap;
mod pattern;
mod plan;
mod program;
mod regions;
mod sheet;
mod sources;
mod unsupported;

pub(crate) use error::TableError;
#[cfg(test)]
pub(crate) use sources::FORMAT;
pub(crate) use sources::{DATA_DIR, POLICY_DIR, Sources};

use allowlist::Allowlist;
use calling_codes::CallingCodes;
use examples::Example;
use formats::Formats;
use national::National;
use regions::Regions;
use unsupported::Unsupported;

/// The validated content of the generated file.
struct Tables {
    regions: Regions,
    sms_unsupported: Unsupported,
    whatsapp_unsupported: Unsupported,
    sms_unsupported_older: Unsupported,
    allowlist: Allowlist,
    plan: plan::Layout,
    national: National,
    metadata_version: String,
    metadata_date: String,
    /// For the feature `format`.
    format: Option<(Formats, Vec<Example>)>,
}

/// Returns the content of `tables.rs`, or all errors in the data.
pub(crate) fn generate(sources: &Sources) -> Result<String, Vec<TableError>> {
    // Every other file refers to regions. Without them, each row would be reported as an error.
    let regions = Regions::read(&sources.regions).map_err(by_line)?;

    let mut errors = Vec::new();
    let mut unsupported = |file| keep(Unsupported::read(file, &regions), &mut errors);
    let sms = unsupported(&sources.sms_unsupported);
    let whatsapp = unsupported(&sources.whatsapp_unsupported);
    let older = unsupported(&sources.sms_unsupported_older);
    let codes = keep(CallingCodes::read(&sources.calling_codes, &regions), &mut errors);
    let codes = codes.as_ref();
    let plan =
        codes.and_then(|codes| keep(plan::compile(&sources.numbering_plan, codes, &regions), &mut errors));
    let national = codes
        .and_then(|codes| keep(national::compile(&sources.national_prefixes, codes, &regions), &mut errors));
    let version = keep(metadata_version::read(&sources.metadata_version), &mut errors);
    let date = keep(metadata_date::read(&sources.metadata_date), &mut errors);
    let format =
        sources.format.as_ref().zip(codes.zip(national.as_ref())).map(|(files, (codes, national))| {
            let formats = keep(formats::compile(&files.formats, codes, national), &mut errors);
            formats.zip(keep(examples::read(&files.examples, codes, &regions), &mut errors))
        });
    // The allowlist is checked against both lists, so it is read only if they are valid.
    let (Some(sms_unsupported), Some(whatsapp_unsupported)) = (sms, whatsapp) else {
        return Err(errors);
    };
    let allowlist = keep(
        Allowlist::read(&sources.default_allowlist, &regions, &sms_unsupported, &whatsapp_unsupported),
        &mut errors,
    );

    let (
        Some(sms_unsupported_older),
        Some(plan),
        Some(national),
        Some(metadata_version),
        Some(metadata_date),
        Some(allowlist),
    ) = (older, plan, national, version, date, allowlist)
    else {
        return Err(errors);
    };
    let format = match format {
        Some(None) => return Err(errors),
        Some(format) => format,
        None => None,
    };
    Ok(emit::source(&Tables {
        regions,
        sms_unsupported,
        whatsapp_unsupported,
        sms_unsupported_older,
        allowlist,
        plan,
        national,
        metadata_version,
        metadata_date,
        format,
    }))
}

/// Returns the value, or adds the errors to `errors`.
fn keep<T>(result: Result<T, Vec<TableError>>, errors: &mut Vec<TableError>) -> Option<T> {
    result.map_err(|found| errors.extend(by_line(found))).ok()
}

/// Sorts the errors of one file by line.
fn by_line(mut errors: Vec<TableError>) -> Vec<TableError> {
    errors.sort_by_key(TableError::line);
    errors
}
