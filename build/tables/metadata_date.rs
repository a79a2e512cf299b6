//! `data/metadata_date.txt`: the release date of the libphonenumber metadata that the numbering
//! plan is derived from.

use super::error::TableError;
use super::sheet;
use super::sources::TableFile;

/// Reads the date, such as `2026-11-06`.
pub(crate) fn read(file: &TableFile) -> Result<String, Vec<TableError>> {
    let bytes = sheet::bytes(file).map_err(|error| vec![error])?;
    let text = String::from_utf8_lossy(&bytes);
    let date = text.trim_end_matches(['\r', '\n']);
    if !is_date(date) {
        let problem = format!("{date:?} is not a date");
        return Err(vec![file.error_at(1, &problem, "write it as 2026-11-06")]);
    }
    Ok(date.to_owned())
}

/// Returns whether a text is a day of the Gregorian calendar, of the form `2026-11-06`.
fn is_date(text: &str) -> bool {
    let digits_and_hyphens = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let part = |at| text.get(at).and_then(|part: &str| part.parse::<u32>().ok()).unwrap_or_default();
    if !digits_and_hyphens {
        return false;
    }
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}
