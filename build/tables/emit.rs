//! The checked tables as Rust source, laid out here line by line so that no formatter's version changes a byte.

use core::fmt::Display;

use super::Tables;
use super::national::National;
use super::plan::Layout;
use super::regions::Regions;

/// The whole file.
pub(crate) fn source(tables: &Tables) -> String {
    let sms = tables.sms_unsupported.regions();
    let whatsapp = tables.whatsapp_unsupported.regions();
    let older = tables.sms_unsupported_older.regions();
    let allowed_sms = tables.allowlist.sms.iter().copied();
    let allowed_whatsapp = tables.allowlist.whatsapp.iter().copied();
    [
        "// Made by build/main.rs from data/*.csv: change the data, not this file.\n".to_owned(),
        region_constants(&tables.regions),
        region_texts(&tables.regions),
        "// Sets of regions: the region with the number r is bit r % 64 of word r / 64.\n".to_owned(),
        set("SMS_UNSUPPORTED", "SMS cannot be sent there.", sms),
        set("WHATSAPP_UNSUPPORTED", "WhatsApp messages cannot be sent there.", whatsapp),
        set("SMS_UNSUPPORTED_OLDER", "Refused for SMS by an older list, but not by the current one.", older),
        set("SMS_DEFAULT_ALLOWED", "SMS is allowed there until the host says otherwise.", allowed_sms),
        set(
            "WHATSAPP_DEFAULT_ALLOWED",
            "WhatsApp is allowed there until the host says otherwise.",
            allowed_whatsapp,
        ),
        format!(
            "/// The version of libphonenumber's metadata that the numbering plan is made of.\npub const METADATA_VERSION: &str = {};\n",
            quoted(&tables.metadata_version),
        ),
        plan(&tables.plan),
        national(&tables.national),
    ]
    .join("\n")
}

fn region_constants(regions: &Regions) -> String {
    let constants = regions.iter().enumerate().map(|(number, region)| {
        let (code, name) = (&region.code, &region.name);
        format!("    /// {name}\n    pub const {code}: Self = Self::at({number});\n")
    });
    let constants: String = constants.collect();
    format!("impl crate::region::Region {{\n{constants}}}\n")
}

fn region_texts(regions: &Regions) -> String {
    let codes = regions.iter().map(|region| format!("*b{}", quoted(&region.code)));
    let names = regions.iter().map(|region| quoted(&region.name));
    let count = regions.iter().len();
    let codes =
        array("REGION_CODES", &format!("[[u8; 2]; {count}]"), "The regions' alpha-2 codes, sorted.", codes);
    let names = array("REGION_NAMES", &format!("[&str; {count}]"), "The regions' English names.", names);
    format!("{codes}\n{names}")
}

fn set(name: &str, doc: &str, regions: impl Iterator<Item = u8>) -> String {
    let mut words = [0_u64; 4];
    for region in regions {
        words[usize::from(region / 64)] |= 1 << (region % 64);
    }
    let [a, b, c, d] = words.map(|word| format!("{word:#018x}"));
    format!("/// {doc}\npub(crate) const {name}: [u64; 4] = [{a}, {b}, {c}, {d}];\n")
}

fn plan(plan: &Layout) -> String {
    [
        constant("STATES_FROM", plan.states_from, "Entries are places in `PLAN`: from here on of states, below of leaves; 0 is for no calling code."),
        array(
            "FIRST_FOUR",
            "[u16; 10000]",
            "The entry by the first four digits of the E.164 number.",
            plan.first_four.chunks(20).map(joined),
        ),
        array(
            "PLAN",
            &format!("[u16; {}]", plan.table.len()),
            "At a leaf's place and eight more, by the length: region (8 bits) and kind (4). At a state's and nine more, by the next digit: the entry.",
            plan.table.chunks(20).map(joined),
        ),
        array(
            "CALLING_CODES",
            &format!("[u16; {}]", plan.codes.len()),
            "The assigned calling codes.",
            plan.codes.chunks(20).map(joined),
        ),
    ]
    .join("\n")
}

fn national(national: &National) -> String {
    let dialling = national
        .dialling
        .iter()
        .map(|region| format!("({}, {}, {})", region.calling_code, region.international, region.national));
    let by_code = national.by_code.iter().map(|(code, rule)| format!("({code}, {rule})"));
    let rules = national.rules.iter().map(|(start, insert)| format!("({start}, {})", quoted(insert)));
    [
        array(
            "DIALLING",
            &format!("[(u16, u8, u8); {}]", national.dialling.len()),
            "By region: its calling code, and its rules for international and national prefixes; 0 is none.",
            dialling,
        ),
        array(
            "NATIONAL_RULES",
            &format!("[(u16, u8); {}]", national.by_code.len()),
            "The calling codes whose main region has a national prefix, and the rule for it.",
            by_code,
        ),
        array(
            "PREFIX_RULES",
            &format!("[(u16, &str); {}]", national.rules.len()),
            "Where a rule's program begins, and the digits before the group that it keeps. The first is rule 1.",
            rules,
        ),
        array(
            "PREFIX_PROGRAM",
            &format!("[u16; {}]", national.program.len()),
            "The instructions of all rules, as `build/tables/national/program.rs` describes them.",
            national.program.chunks(16).map(hexadecimal),
        ),
    ]
    .join("\n")
}

fn constant(name: &str, value: u16, doc: &str) -> String {
    format!("/// {doc}\npub(crate) const {name}: u16 = {value};\n")
}

/// A static array, a line for each of `lines`.
fn array(name: &str, of: &str, doc: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("    {line},\n")).collect();
    format!("/// {doc}\npub(crate) static {name}: {of} = [\n{lines}];\n")
}

fn joined(entries: &[impl Display]) -> String {
    let entries: Vec<_> = entries.iter().map(ToString::to_string).collect();
    entries.join(", ")
}

fn hexadecimal(entries: &[impl core::fmt::LowerHex]) -> String {
    let entries: Vec<_> = entries.iter().map(|entry| format!("{entry:#x}")).collect();
    entries.join(", ")
}

/// A string literal. Only these two need an escape: the tables hold no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
