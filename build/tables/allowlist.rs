//! `data/default_allowlist.csv`: the countries allowed on each channel by default.

use std::collections::BTreeSet;

use super::error::TableError;
use super::regions::Regions;
use super::sheet::{self, Row};
use super::sources::TableFile;
use super::unsupported::Unsupported;

const COLUMNS: [&str; 5] = ["channel", "region", "source", "date", "note"];

/// The numbers of the regions that are allowed by default.
pub(crate) struct Allowlist {
    pub(crate) sms: BTreeSet<u8>,
    pub(crate) whatsapp: BTreeSet<u8>,
}

impl Allowlist {
    /// Reads and validates the file. A region that is unsupported on a channel cannot be allowed
    /// there.
    pub(crate) fn read(
        file: &TableFile,
        regions: &Regions,
        sms_unsupported: &Unsupported,
        whatsapp_unsupported: &Unsupported,
    ) -> Result<Self, Vec<TableError>> {
        let rows: Vec<Row<5>> = sheet::read(file, COLUMNS)?;
        let mut errors = sheet::check_sorted(file, &rows, "channel,region", |row| row.fields[..2].join(","));
        let mut allowed = Self { sms: BTreeSet::new(), whatsapp: BTreeSet::new() };
        for row in &rows {
            let [channel, code, _source, date, _note] = &row.fields;
            errors.extend(sheet::check_day(file, row.line, "date", date));
            let (list, unsupported) = match channel.as_str() {
                "sms" => (&mut allowed.sms, sms_unsupported),
                "whatsapp" => (&mut allowed.whatsapp, whatsapp_unsupported),
                _ => {
                    let problem = format!("channel {channel:?} is unknown");
                    errors.push(file.error_at(row.line, &problem, "write sms or whatsapp"));
                    continue;
                }
            };
            match regions.find(file, row.line, code) {
                Ok(region) => {
                    if let Some(place) = unsupported.place_of(region) {
                        let problem = format!("region {code:?} is unsupported on {channel} ({place})");
                        errors.push(file.error_at(row.line, &problem, "remove one of the two rows"));
                    }
                    list.insert(region);
                }
                Err(error) => errors.push(error),
            }
        }
        // After an invalid row, the list may be empty for that reason alone.
        if errors.is_empty() {
            errors.extend(empty(file, "sms", &allowed.sms));
            errors.extend(empty(file, "whatsapp", &allowed.whatsapp));
        }
        if errors.is_empty() { Ok(allowed) } else { Err(errors) }
    }
}

fn empty(file: &TableFile, channel: &str, list: &BTreeSet<u8>) -> Option<TableError> {
    list.is_empty().then(|| {
        let problem = format!("the allowlist of {channel} is empty");
        file.error(&problem, &format!("it would deny everyone: add a row such as \"{channel},US,,,\""))
    })
}
