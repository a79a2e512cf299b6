//! Writes the tables of formats as Rust source.

use super::super::emit::{array, constant, hexadecimal, joined};
use super::Formats;

/// The index in place of a run where there is no international form.
const NONE: u16 = u16::MAX;

/// Returns the part of the generated file that the feature `format` adds.
pub(crate) fn source(formats: &Formats) -> String {
    let automaton = &formats.automaton;
    let (text, places) = formats.layouts.texts();
    let choices = automaton.choices.iter().map(|choice| format!("[{}]", joined(choice)));
    let roots = automaton.roots.iter().map(|(entry, length)| format!("({entry}, {length})"));
    let codes = formats.codes.iter().map(|code| {
        let (start, end) = (code.rows.start, code.rows.end);
        format!("({}, {start}, {end}, {}, {}, {})", code.code, code.region, code.international, code.national)
    });
    [
        constant("FORMAT_STATES_FROM", automaton.states_from, "Entries are indices of `FORMATS`: of states from here on, of leaves below."),
        array(
            "FORMAT_CODES",
            "[u8; 1000]",
            "By the first three digits of an E.164 number: the index of a root.",
            automaton.by_code.chunks(20).map(joined),
        ),
        array(
            "FORMAT_ROOTS",
            &format!("[(u16, u8); {}]", automaton.roots.len()),
            "The entry of a root, and the length of its calling codes.",
            roots,
        ),
        array(
            "FORMATS",
            &format!("[u16; {}]", automaton.table.len()),
            "For a leaf, 11 choices by length, from 4 digits. For a state, ten entries by next digit, and one for the end of the number.",
            automaton.table.chunks(20).map(joined),
        ),
        array(
            "FORMAT_CHOICES",
            &format!("[[u16; 3]; {}]", automaton.choices.len()),
            "The layouts of a choice: international, national, RFC 3966.",
            choices,
        ),
        array(
            "LAYOUTS",
            &format!("[(u16, u8); {}]", places.len()),
            "The start of each layout in `LAYOUT_TEXT`, and its length.",
            places.iter().map(|(start, length)| format!("({start}, {length})")),
        ),
        array(
            "LAYOUT_TEXT",
            &format!("[u8; {}]", text.len()),
            "The layouts: 0x80 + n for digit n of the national number, and ASCII for itself.",
            text.chunks(20).map(hexadecimal),
        ),
        array(
            "TYPING_CODES",
            &format!("[(u16, u16, u16, u8, u8, u8); {}]", formats.codes.len()),
            "Each calling code, its first row and the one after its last, and its main region with the rules of that region's international and national prefix.",
            codes,
        ),
        array(
            "TYPING_ROWS",
            &format!("[crate::format::Row; {}]", formats.rows.len()),
            "The formats, in order of precedence.",
            rows(formats),
        ),
        array(
            "TYPING_CONDITIONS",
            &format!("[u16; {}]", formats.conditions.len()),
            "The starts of patterns of leading digits in `TYPING_PROGRAM`.",
            formats.conditions.chunks(20).map(joined),
        ),
        array(
            "TYPING_PROGRAM",
            &format!("[u16; {}]", formats.program.len()),
            "The instructions of these patterns, as `build/tables/program.rs` describes them.",
            formats.program.chunks(16).map(hexadecimal),
        ),
        array(
            "TYPING_LAYOUTS",
            &format!("[u16; {}]", formats.runs.len()),
            "The layouts of rows, by length.",
            formats.runs.chunks(20).map(joined),
        ),
    ]
    .join("\n")
}

fn rows(formats: &Formats) -> impl Iterator<Item = String> {
    formats.rows.iter().map(|row| {
        format!(
            "crate::format::Row {{ groups: {}, conditions: {}, count: {}, fewest: {}, most: {}, national: {}, international: {}, flags: {} }}",
            row.groups,
            row.conditions.start,
            row.conditions.len(),
            row.lengths.0,
            row.lengths.1,
            row.national,
            row.international.unwrap_or(NONE),
            row.flags,
        )
    })
}
