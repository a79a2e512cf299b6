//! The metadata from which data is generated: that in the crate `phonenumber`, or libphonenumber's
//! own file.

use std::{fs, io, panic, path::Path};

use phonenumber::metadata::{DATABASE, Database, Descriptor, Descriptors};

use crate::{
    error::Error,
    formats::{FormatRow, formats},
    lengths::LengthSet,
    national::{Dialling, dialling},
    number_type::NumberType,
    pattern::Pattern,
    territory::{Description, Territory},
    workspace,
};

/// All territories, in one version of the metadata.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The libphonenumber version of the metadata, such as `9.0.33`.
    pub version: String,
    /// The territories in the order of [`territories`].
    pub territories: Vec<Territory>,
    /// The dialling rules of each region.
    pub dialling: Vec<Dialling>,
    /// The formats of each calling code.
    pub formats: Vec<FormatRow>,
}

impl Metadata {
    /// Loads the metadata in the crate `phonenumber`, whose version is in `Cargo.lock`.
    ///
    /// # Errors
    ///
    /// If a pattern or region is unsupported, or `Cargo.lock` does not contain the version.
    pub fn of_crate() -> Result<Self, Error> {
        let version = version("Cargo.lock", &workspace::read("Cargo.lock")?)?;
        Ok(Self {
            version,
            territories: territories(&DATABASE)?,
            dialling: dialling(&DATABASE)?,
            formats: formats(&DATABASE)?,
        })
    }

    /// Loads the metadata in a `PhoneNumberMetadata.xml`, which libphonenumber has in its directory
    /// `resources`. The file does not contain its version.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is malformed, or `version` is not of the form `9.0.33`.
    pub fn of_xml(file: &Path, version: &str) -> Result<Self, Error> {
        let wrong = |problem: String| Error::Metadata { file: file.into(), problem };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if version.split('.').count() != 3 || !version.split('.').all(digits) {
            return Err(wrong(format!(
                "version {version:?} is not of the form 9.0.33; take it from the release"
            )));
        }
        let text = fs::read_to_string(file).map_err(|cause| match cause.kind() {
            io::ErrorKind::InvalidData => {
                wrong("not libphonenumber's PhoneNumberMetadata.xml: not UTF-8".into())
            }
            _ => Error::File { file: file.into(), cause },
        })?;
        // The loader panics on some malformed files, such as one with a number type without a
        // pattern.
        let loaded = panic::catch_unwind(|| Database::parse(text))
            .map_err(|_| wrong("malformed: a territory lacks a required part, such as a pattern".into()))?;
        let database = loaded
            .map_err(|error| wrong(format!("not libphonenumber's PhoneNumberMetadata.xml: {error}")))?;
        let territories = territories(&database).map_err(|error| wrong(error.to_string()))?;
        if territories.is_empty() {
            return Err(wrong("not libphonenumber's PhoneNumberMetadata.xml: no territories".into()));
        }
        let dialling = dialling(&database).map_err(|error| wrong(error.to_string()))?;
        let formats = formats(&database).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { version: version.into(), territories, dialling, formats })
    }
}

/// Returns all territories of a database, sorted by calling code, with the main region of a code
/// first. libphonenumber checks them in this order.
///
/// Only the text of the patterns is used. The database's own matching disagrees with
/// libphonenumber.
///
/// # Errors
///
/// If [`Pattern`] does not support a pattern, or a region is not a region code.
pub fn territories(database: &Database) -> Result<Vec<Territory>, Error> {
    // Looks territories up by code, because `iter()` goes by id and finds only one of the nine
    // territories whose id is 001.
    (1..=999).flat_map(|code| database.by_code(&code).unwrap_or_default()).map(territory).collect()
}

/// Returns the version of the metadata, such as `9.0.33`: the build metadata in the version of the
/// crate `phonenumber` in a `Cargo.lock`.
///
/// # Errors
///
/// If the lock file, whose name in error messages is `file`, contains no such version.
fn version(file: &str, lock: &str) -> Result<String, Error> {
    let mut lines = lock.lines().zip(1..);
    let package = lines.find(|(line, _)| *line == "name = \"phonenumber\"");
    let Some((version, line)) = package.and_then(|_| lines.next()) else {
        let problem = "no package `phonenumber`; build the tool in its workspace".to_owned();
        return Err(Error::Row { file: file.into(), line: 1, problem });
    };
    match version.strip_prefix("version = \"").and_then(|rest| rest.strip_suffix('"')?.split_once('+')) {
        Some((_, metadata)) => Ok(metadata.to_owned()),
        None => Err(Error::Row {
            file: file.into(),
            line,
            problem: format!("{version:?} does not end in the metadata's version, as in \"0.3.10+9.0.33\""),
        }),
    }
}

fn territory(metadata: &phonenumber::Metadata) -> Result<Territory, Error> {
    let id = metadata.id();
    let name = format!("{id} (+{})", metadata.country_code());
    let pattern = |what: String, text: &str| {
        text.parse::<Pattern>().map_err(|problem| Error::Pattern {
            territory: name.clone(),
            what,
            text: text.to_owned(),
            problem,
        })
    };
    let region = match id {
        "001" => None,
        id => Some(id.parse().map_err(|problem| Error::Region { territory: name.clone(), problem })?),
    };
    let leading_digits = match metadata.leading_digits() {
        Some(text) => Some(pattern("leading digits".into(), text.as_str())?),
        None => None,
    };
    let descriptors = metadata.descriptors();
    let mut types = Vec::new();
    for (number_type, descriptor) in described_types(descriptors) {
        let Some(descriptor) = descriptor else { continue };
        types.push((
            number_type,
            Description {
                pattern: pattern(number_type.to_string(), text(descriptor))?,
                lengths: lengths(descriptor),
                example: descriptor.example().map(str::to_owned),
            },
        ));
    }
    let general = descriptors.general();
    Ok(Territory {
        region,
        calling_code: metadata.country_code(),
        leading_digits,
        general: Description {
            pattern: pattern("general description".into(), text(general))?,
            lengths: all_lengths(&types),
            example: general.example().map(str::to_owned),
        },
        types,
        same_fixed_line_and_mobile: match (descriptors.fixed_line(), descriptors.mobile()) {
            (Some(fixed_line), Some(mobile)) => {
                without_space(text(fixed_line)) == without_space(text(mobile))
            }
            _ => false,
        },
    })
}

/// Returns the descriptors of number types. The others (emergency, short codes, numbers that cannot
/// be called from abroad) do not affect libphonenumber's answers about a number.
fn described_types(descriptors: &Descriptors) -> [(NumberType, Option<&Descriptor>); 10] {
    [
        (NumberType::FixedLine, descriptors.fixed_line()),
        (NumberType::Mobile, descriptors.mobile()),
        (NumberType::TollFree, descriptors.toll_free()),
        (NumberType::PremiumRate, descriptors.premium_rate()),
        (NumberType::SharedCost, descriptors.shared_cost()),
        (NumberType::Voip, descriptors.voip()),
        (NumberType::PersonalNumber, descriptors.personal_number()),
        (NumberType::Pager, descriptors.pager()),
        (NumberType::Uan, descriptors.uan()),
        (NumberType::Voicemail, descriptors.voicemail()),
    ]
}

fn text(descriptor: &Descriptor) -> &str {
    descriptor.national_number().as_str()
}

fn lengths(descriptor: &Descriptor) -> Option<LengthSet> {
    let lengths = descriptor.possible_length();
    (!lengths.is_empty()).then(|| lengths.iter().copied().collect())
}

/// Returns the lengths of all types together. libphonenumber adds them to the general description
/// when it builds its metadata. The source has none there.
fn all_lengths(types: &[(NumberType, Description)]) -> Option<LengthSet> {
    types.iter().filter_map(|(_, description)| description.lengths).reduce(LengthSet::union)
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn reads_the_version_from_the_lock_file() {
        let lock = "[[package]]\nname = \"phonenumber\"\nversion = \"0.3.10+9.0.33\"\n";
        assert_eq!(version("Cargo.lock", lock).unwrap(), "9.0.33");
        let message = |lock| version("Cargo.lock", lock).unwrap_err().to_string();
        assert_eq!(
            message("[[package]]\nname = \"phonenumber\"\nversion = \"0.3.10\"\n"),
            "Cargo.lock:3: \"version = \\\"0.3.10\\\"\" does not end in the metadata's version, as in \"0.3.10+9.0.33\""
        );
        assert_eq!(message(""), "Cargo.lock:1: no package `phonenumber`; build the tool in its workspace");
    }
}
