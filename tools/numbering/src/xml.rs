//! Writes metadata as the tree keeps it: in libphonenumber's schema, sorted, and in short lines.

mod pattern;
mod writer;

use phonenumber::metadata::loader::{Descriptor, Format, Metadata};

use crate::source::Source;
use writer::{Attributes, Writer};

const HEAD: &str = "\
<!-- Derived from libphonenumber's metadata: Apache-2.0, Copyright (C) The Libphonenumber Authors.
     Generated, see data/README.md. -->
";

/// Returns the text of a metadata file.
///
/// Files with the same meaning give the same text. The defaults of a territory are applied to each
/// of its formats, and prefixes are written into rules (`0$1` for `$NP$FG`), as libphonenumber's own
/// build does. Comments, references and white space are left out.
#[must_use]
pub fn text(source: &Source) -> String {
    let mut territories: Vec<&Metadata> = source.territories.iter().collect();
    territories.sort_by_key(|territory| (&territory.id, territory.country_code));
    let release = [
        ("version", Some(source.release.version.to_string())),
        ("date", Some(source.release.date.to_string())),
    ];
    let mut xml = Writer::new(HEAD);
    xml.element("phoneNumberMetadata", &release, |xml| {
        xml.element("territories", &[], |xml| {
            territories.into_iter().for_each(|metadata| territory(xml, metadata));
        });
    });
    xml.text()
}

fn territory(xml: &mut Writer, metadata: &Metadata) {
    // Without a pattern for parsing, the prefix is used.
    let for_parsing = metadata.national_prefix_for_parsing.as_deref().map(without_space);
    let for_parsing = for_parsing.filter(|pattern| Some(pattern) != metadata.national_prefix.as_ref());
    let attributes = [
        ("id", metadata.id.clone()),
        ("countryCode", metadata.country_code.map(|code| code.to_string())),
        ("internationalPrefix", metadata.international_prefix.as_deref().map(without_space)),
        ("preferredInternationalPrefix", metadata.preferred_international_prefix.clone()),
        ("nationalPrefix", metadata.national_prefix.clone()),
        ("nationalPrefixForParsing", for_parsing),
        ("nationalPrefixTransformRule", metadata.national_prefix_transform_rule.clone()),
        ("preferredExtnPrefix", metadata.preferred_extension_prefix.clone()),
        ("leadingDigits", metadata.leading_digits.as_deref().map(without_space)),
        ("mainCountryForCode", flag(metadata.main_country_for_code)),
        ("mobileNumberPortableRegion", flag(metadata.mobile_number_portable)),
    ];
    xml.element("territory", &attributes, |xml| {
        formats(xml, metadata);
        for (name, descriptor) in descriptors(metadata) {
            if let Some(descriptor) = descriptor {
                description(xml, name, descriptor);
            }
        }
    });
}

fn formats(xml: &mut Writer, metadata: &Metadata) {
    if metadata.formats.is_empty() {
        return;
    }
    // Each international format belongs to a national one with the same conditions; both lists are
    // in the order of the file.
    let mut international = metadata.international_formats.iter().peekable();
    xml.element("availableFormats", &[], |xml| {
        for format in &metadata.formats {
            let same = |other: &&Format| {
                other.pattern == format.pattern && other.leading_digits == format.leading_digits
            };
            let international = international.next_if(same).map(|format| format.format.as_deref());
            number_format(xml, format, international.unwrap_or(Some("NA")), metadata);
        }
    });
}

fn number_format(xml: &mut Writer, format: &Format, international: Option<&str>, metadata: &Metadata) {
    let prefix = metadata.national_prefix.as_deref().unwrap_or_default();
    let rule = |rule: Option<&String>| rule.map(|rule| rule.replace("$NP", prefix).replace("$FG", "$1"));
    // A rule that changes nothing only overrides the territory's default.
    let national_rule = rule(format.national_prefix_formatting_rule.as_ref()).filter(|rule| rule != "$1");
    let attributes: Attributes<'_> = &[
        ("pattern", format.pattern.as_deref().map(without_space)),
        ("nationalPrefixFormattingRule", national_rule),
        ("nationalPrefixOptionalWhenFormatting", flag(format.national_prefix_optional_when_formatting)),
        ("carrierCodeFormattingRule", rule(format.domestic_carrier.as_ref())),
    ];
    xml.element("numberFormat", attributes, |xml| {
        format.leading_digits.iter().for_each(|digits| xml.pattern("leadingDigits", digits));
        let national = format.format.as_deref();
        xml.leaf("format", national.unwrap_or_default());
        if let Some(text) = international.filter(|text| Some(*text) != national) {
            xml.leaf("intlFormat", text);
        }
    });
}

/// Returns the descriptors in the order of the schema.
pub(crate) fn descriptors(metadata: &Metadata) -> [(&'static str, Option<&Descriptor>); 12] {
    [
        ("generalDesc", metadata.general.as_ref()),
        ("noInternationalDialling", metadata.no_international.as_ref()),
        ("fixedLine", metadata.fixed_line.as_ref()),
        ("mobile", metadata.mobile.as_ref()),
        ("pager", metadata.pager.as_ref()),
        ("tollFree", metadata.toll_free.as_ref()),
        ("premiumRate", metadata.premium_rate.as_ref()),
        ("sharedCost", metadata.shared_cost.as_ref()),
        ("personalNumber", metadata.personal_number.as_ref()),
        ("voip", metadata.voip.as_ref()),
        ("uan", metadata.uan.as_ref()),
        ("voicemail", metadata.voicemail.as_ref()),
    ]
}

fn description(xml: &mut Writer, name: &str, descriptor: &Descriptor) {
    xml.element(name, &[], |xml| {
        if !descriptor.possible_length.is_empty() {
            let lengths = [
                ("national", Some(ranges(&descriptor.possible_length))),
                (
                    "localOnly",
                    Some(ranges(&descriptor.possible_local_length)).filter(|text| !text.is_empty()),
                ),
            ];
            xml.empty("possibleLengths", &lengths);
        }
        if let Some(example) = &descriptor.example {
            xml.leaf("exampleNumber", example);
        }
        if let Some(pattern) = &descriptor.national_number {
            xml.pattern("nationalNumberPattern", pattern);
        }
    });
}

/// Writes lengths as `[7-9],12`.
fn ranges(lengths: &[u16]) -> String {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let runs = sorted.chunk_by(|a, b| a + 1 == *b).filter_map(|run| Some((run.first()?, run.last()?)));
    let texts = runs.map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("[{first}-{last}]"),
    });
    texts.collect::<Vec<_>>().join(",")
}

fn flag(is: bool) -> Option<String> {
    is.then(|| "true".to_owned())
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}
