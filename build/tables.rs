//! From the CSV files of `data/` to the Rust source of the library's static tables.
//!
//! The result depends on the files' content and on nothing else (no time, no path, no hash order), so two builds of the
//! same data give the same bytes. What is wrong in a file is told with its line and what would be right, and
//! as many problems at once as can be told without guessing.

#[path = "tables/allowlist.rs"]
mod allowlist;
#[path = "tables/calling_codes.rs"]
mod calling_codes;
#[path = "tables/emit.rs"]
mod emit;
#[path = "tables/error.rs"]
mod error;
#[path = "tables/prefix_automaton.rs"]
mod prefix_automaton;
#[path = "tables/regions.rs"]
mod regions;
#[path = "tables/sheet.rs"]
mod sheet;
#[path = "tables/sources.rs"]
mod sources;
#[path = "tables/unsupported.rs"]
mod unsupported;

pub(crate) use error::TableError;
pub(crate) use sources::Sources;

use allowlist::Allowlist;
use calling_codes::CallingCodes;
use prefix_automaton::PrefixAutomaton;
use regions::Regions;
use unsupported::Unsupported;

/// Everything that the generated file holds, checked.
struct Tables {
    regions: Regions,
    sms_unsupported: Unsupported,
    whatsapp_unsupported: Unsupported,
    sms_unsupported_older: Unsupported,
    allowlist: Allowlist,
    prefixes: PrefixAutomaton,
}

/// The content of `tables.rs`, or everything that is wrong with the data.
pub(crate) fn generate(sources: &Sources) -> Result<String, Vec<TableError>> {
    // Every other file names regions: without them, each of its rows would be reported for nothing.
    let regions = Regions::read(&sources.regions).map_err(by_line)?;

    let mut errors = Vec::new();
    let mut unsupported = |file| keep(Unsupported::read(file, &regions), &mut errors);
    let sms = unsupported(&sources.sms_unsupported);
    let whatsapp = unsupported(&sources.whatsapp_unsupported);
    let older = unsupported(&sources.sms_unsupported_older);
    let prefixes = keep(
        CallingCodes::read(&sources.calling_codes, &regions)
            .and_then(|codes| PrefixAutomaton::compile(&codes)),
        &mut errors,
    );
    // The allowlist is checked against both lists, so it waits until they are sound.
    let (Some(sms_unsupported), Some(whatsapp_unsupported)) = (sms, whatsapp) else {
        return Err(errors);
    };
    let allowlist = keep(
        Allowlist::read(&sources.default_allowlist, &regions, &sms_unsupported, &whatsapp_unsupported),
        &mut errors,
    );

    let (Some(sms_unsupported_older), Some(prefixes), Some(allowlist)) = (older, prefixes, allowlist) else {
        return Err(errors);
    };
    Ok(emit::source(&Tables {
        regions,
        sms_unsupported,
        whatsapp_unsupported,
        sms_unsupported_older,
        allowlist,
        prefixes,
    }))
}

/// The value, or nothing and one more list of errors to report.
fn keep<T>(result: Result<T, Vec<TableError>>, errors: &mut Vec<TableError>) -> Option<T> {
    result.map_err(|found| errors.extend(by_line(found))).ok()
}

/// The errors of one file, from its top to its end.
fn by_line(mut errors: Vec<TableError>) -> Vec<TableError> {
    errors.sort_by_key(TableError::line);
    errors
}
