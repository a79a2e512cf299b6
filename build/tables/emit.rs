//! The checked tables as Rust source, laid out here line by line so that no formatter's version changes a byte.

use core::fmt::Display;

use super::Tables;
use super::prefix_automaton::{NO_COUNTRY, PrefixAutomaton, ROW};
use super::regions::Regions;

/// The whole file.
pub(crate) fn source(tables: &Tables) -> String {
    let sms = tables.sms_unsupported.regions();
    let whatsapp = tables.whatsapp_unsupported.regions();
    let older = tables.sms_unsupported_older.regions();
    let allowed_sms = tables.allowlist.sms.iter().copied();
    let allowed_whatsapp = tables.allowlist.whatsapp.iter().copied();
    [
        "// Made by build.rs from data/*.csv: change the data, not this file.\n".to_owned(),
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
        automaton(&tables.prefixes),
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

fn automaton(prefixes: &PrefixAutomaton) -> String {
    let count = prefixes.rows.len();
    let rows = prefixes.rows.iter().map(|row| format!("[{}]", joined(row)));
    [
        "// Region by prefix. An entry: 0 where no calling code is assigned, region + 1 where the region is known,\n\
         // NO_COUNTRY, or ROW + the number of the row in which the next digit decides.\n"
            .to_owned(),
        constant("NO_COUNTRY", NO_COUNTRY, "The entry of an assigned calling code that belongs to no country."),
        constant("ROW", ROW, "Entries from here on are rows: this number + the index in `ROWS`."),
        array(
            "FIRST_THREE",
            "[u16; 1000]",
            "The entry by the first three digits of the E.164 number.",
            prefixes.first_three.chunks(10).map(joined),
        ),
        array(
            "ROWS",
            &format!("[[u16; 16]; {count}]"),
            "The entry by the next digit; slot 10 where the digits end; 0 in the slots after it.",
            rows,
        ),
    ]
    .join("\n")
}

/// The library need not name each of them, so an unused one is no warning.
fn constant(name: &str, value: u16, doc: &str) -> String {
    format!("/// {doc}\n#[allow(dead_code)]\npub(crate) const {name}: u16 = {value:#x};\n")
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

/// A string literal. Only these two need an escape: the tables hold no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
