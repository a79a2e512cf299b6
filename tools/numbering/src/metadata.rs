//! The metadata from which data is generated.

use std::path::Path;

use phonenumber::metadata::{Database, Descriptor, Descriptors};

use crate::{
    error::Error,
    formats::{FormatRow, formats},
    lengths::LengthSet,
    national::{Dialling, dialling},
    number_type::NumberType,
    pattern::Pattern,
    release::Release,
    source::Source,
    territory::{Description, Territory},
    workspace,
};

/// The metadata in the tree, from which `data/` is generated.
pub const IN_TREE: &str = "tools/numbering/metadata/PhoneNumberMetadata.xml";

/// All territories, in one version of the metadata.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The release of libphonenumber.
    pub release: Release,
    /// The territories in the order of [`territories`].
    pub territories: Vec<Territory>,
    /// The dialling rules of each region.
    pub dialling: Vec<Dialling>,
    /// The formats of each calling code.
    pub formats: Vec<FormatRow>,
}

impl Metadata {
    /// Loads the metadata in the tree, [`IN_TREE`].
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is malformed, or a pattern or region is unsupported.
    pub fn in_tree() -> Result<Self, Error> {
        Self::new(&Source::parse(IN_TREE.as_ref(), &workspace::read(IN_TREE)?, None)?)
    }

    /// Loads the metadata in a `PhoneNumberMetadata.xml`, which libphonenumber has in its directory
    /// `resources`.
    ///
    /// Its release is in the file, or `release` if it is given. libphonenumber's own file does not
    /// contain it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is malformed, or a pattern or region is unsupported.
    pub fn of_xml(file: &Path, release: Option<Release>) -> Result<Self, Error> {
        Self::new(&Source::read(file, release)?)
    }

    /// Returns the metadata in a source.
    ///
    /// # Errors
    ///
    /// If a pattern or region is unsupported.
    pub fn new(source: &Source) -> Result<Self, Error> {
        let Source { file, release, database, .. } = source;
        let wrong = |error: Error| Error::Metadata { file: file.clone(), problem: error.to_string() };
        let territories = territories(database).map_err(wrong)?;
        let dialling = dialling(database).map_err(wrong)?;
        let formats = formats(database).map_err(wrong)?;
        Ok(Self { release: release.clone(), territories, dialling, formats })
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
