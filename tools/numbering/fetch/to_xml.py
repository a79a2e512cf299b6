"""Writes the metadata of the Python package `phonenumbers` in the form of libphonenumber's own file,
`PhoneNumberMetadata.xml`.

    python3 to_xml.py FOLDER VERSION DATE [ID …]

prints the territories with these ids (all without ids) of the package that is unpacked in FOLDER.

libphonenumber's build has already applied the defaults of each territory, and has written prefixes
into rules (`$NP$FG` is `0$1`). Applied again, its rules for reading the file change nothing.
"""

import re
import sys
import xml.etree.ElementTree as ET

# The elements that describe numbers, in the order of the file, by their names in the package.
DESCRIPTIONS = {
    "general_desc": "generalDesc",
    "no_international_dialling": "noInternationalDialling",
    "fixed_line": "fixedLine",
    "mobile": "mobile",
    "pager": "pager",
    "toll_free": "tollFree",
    "premium_rate": "premiumRate",
    "shared_cost": "sharedCost",
    "personal_number": "personalNumber",
    "voip": "voip",
    "uan": "uan",
    "voicemail": "voicemail",
}

ATTRIBUTES = {
    "international_prefix": "internationalPrefix",
    "preferred_international_prefix": "preferredInternationalPrefix",
    "national_prefix": "nationalPrefix",
    "national_prefix_for_parsing": "nationalPrefixForParsing",
    "national_prefix_transform_rule": "nationalPrefixTransformRule",
    "preferred_extn_prefix": "preferredExtnPrefix",
    "leading_digits": "leadingDigits",
    "main_country_for_code": "mainCountryForCode",
    "mobile_number_portable_region": "mobileNumberPortableRegion",
}

RULES = {
    "national_prefix_formatting_rule": "nationalPrefixFormattingRule",
    "national_prefix_optional_when_formatting": "nationalPrefixOptionalWhenFormatting",
    "domestic_carrier_code_formatting_rule": "carrierCodeFormattingRule",
}


def convert(folder, version, date, ids=()):
    """Returns the metadata of the package in a folder, as text."""
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    import phonenumbers
    from phonenumbers.data import _AVAILABLE_NONGEO_COUNTRY_CODES, _AVAILABLE_REGION_CODES

    if phonenumbers.__version__ != version:
        raise SystemExit(f"error: {folder} contains phonenumbers {phonenumbers.__version__}, not {version}")
    load = phonenumbers.PhoneMetadata
    metadata = [load.metadata_for_region(region) for region in _AVAILABLE_REGION_CODES]
    metadata += [load.metadata_for_nongeo_region(code) for code in _AVAILABLE_NONGEO_COUNTRY_CODES]
    root = ET.Element("phoneNumberMetadata", version=version, date=date)
    territories = ET.SubElement(root, "territories")
    for one in sorted(metadata, key=lambda one: (one.id, one.country_code)):
        if not ids or one.id in ids:
            add_territory(territories, one)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def add_territory(territories, metadata):
    territory = ET.SubElement(territories, "territory", id=metadata.id, countryCode=str(metadata.country_code))
    set_attributes(territory, metadata, ATTRIBUTES)
    if metadata.number_format:
        add_formats(ET.SubElement(territory, "availableFormats"), metadata)
    check_lengths(metadata)
    for name, tag in DESCRIPTIONS.items():
        description = getattr(metadata, name)
        if description is not None and description.national_number_pattern is not None:
            add_description(ET.SubElement(territory, tag), description, tag)


def set_attributes(element, values, names):
    for name, tag in names.items():
        value = getattr(values, name)
        if value is True:
            element.set(tag, "true")
        elif value:
            element.set(tag, with_dollars(value))


def add_formats(formats, metadata):
    """Adds the formats. A format that the package has only in its list of national formats has no
    international form, which the file says by `NA`."""
    international = list(metadata.intl_number_format)
    for one in metadata.number_format:
        element = ET.SubElement(formats, "numberFormat", pattern=one.pattern)
        set_attributes(element, one, RULES)
        for digits in one.leading_digits_pattern:
            ET.SubElement(element, "leadingDigits").text = digits
        ET.SubElement(element, "format").text = with_dollars(one.format)
        if not metadata.intl_number_format:
            continue
        same = international and conditions(international[0]) == conditions(one)
        text = international.pop(0).format if same else "NA"
        if text != one.format:
            ET.SubElement(element, "intlFormat").text = with_dollars(text)
    if international:
        raise SystemExit(f"error: {metadata.id}: an international format without a national one: {international[0]}")


def conditions(one):
    return one.pattern, one.leading_digits_pattern


def add_description(element, description, tag):
    # The file has no lengths in the general description: they are those of all types.
    if tag != "generalDesc":
        lengths = {"national": ranges(description.possible_length)}
        if description.possible_length_local_only:
            lengths["localOnly"] = ranges(description.possible_length_local_only)
        ET.SubElement(element, "possibleLengths", lengths)
    if description.example_number:
        ET.SubElement(element, "exampleNumber").text = description.example_number
    ET.SubElement(element, "nationalNumberPattern").text = description.national_number_pattern


def check_lengths(metadata):
    """Fails if the general lengths are not those of all types."""
    skipped = "general_desc", "no_international_dialling"
    types = [getattr(metadata, name) for name in DESCRIPTIONS if name not in skipped]
    types = [description for description in types if description is not None]
    national = {length for description in types for length in description.possible_length}
    local = {length for description in types for length in description.possible_length_local_only} - national
    general = metadata.general_desc
    if national != set(general.possible_length) or local != set(general.possible_length_local_only):
        raise SystemExit(f"error: {metadata.id} (+{metadata.country_code}): the general lengths are not those of its types")


def ranges(lengths):
    """Writes lengths as `[7-9],12`."""
    runs = []
    for length in sorted(lengths):
        if runs and runs[-1][1] == length - 1:
            runs[-1][1] = length
        else:
            runs.append([length, length])
    return ",".join(str(first) if first == last else f"[{first}-{last}]" for first, last in runs)


def with_dollars(text):
    """Writes groups as libphonenumber does: `$1` for Python's `\\1`."""
    return re.sub(r"\\(\d)", r"$\1", text)


if __name__ == "__main__":
    print(convert(*sys.argv[1:4], ids=sys.argv[4:]), end="")
