//! `data/metadata_version.txt`: the version of the libphonenumber metadata that the numbering plan
//! is derived from.

use super::error::TableError;
use super::sheet;
use super::sources::TableFile;

/// Reads the version, such as `9.0.33`.
pub(crate) fn read(file: &TableFile) -> Result<String, Vec<TableError>> {
    let bytes = sheet::bytes(file).map_err(|error| vec![error])?;
    let text = String::from_utf8_lossy(&bytes);
    let version = text.trim_end_matches(['\r', '\n']);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if version.split('.').count() != 3 || !version.split('.').all(is_number) {
        let problem = format!("{version:?} is not a version");
        return Err(vec![file.error_at(1, &problem, "write it as 9.0.33")]);
    }
    Ok(version.to_owned())
}
