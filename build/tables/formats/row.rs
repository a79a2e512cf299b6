//! The rows of `data/formats.csv`.

use super::super::calling_codes::CallingCodes;
use super::super::error::TableError;
use super::super::sheet::Row;
use super::super::sources::TableFile;
use super::layout::{Form, MOST};

/// A valid row, except for its patterns, which are still text.
pub(super) struct Format {
    pub(super) calling_code: String,
    /// The fewest and most digits of each group.
    pub(super) groups: Vec<(u8, u8)>,
    pub(super) leading_digits: Vec<String>,
    /// The national form without its prefix.
    pub(super) national: Form,
    /// `None` if numbers are never written this way internationally.
    pub(super) international: Option<Form>,
    prefix: Option<Form>,
    has_carrier: bool,
    prefix_is_optional: bool,
}

/// The most digits of a national number in libphonenumber's metadata. A format of more digits than
/// E.164 allows is never used.
const MOST_IN_METADATA: u8 = 17;
/// The most digits for which a layout is compiled.
const MOST_DIGITS: u8 = 15;

// The flags of a row. `src/format/input/rules.rs` reads them.
const TYPED_NATIONAL: u8 = 1;
const TYPED_INTERNATIONAL: u8 = 1 << 1;
const NEEDS_PREFIX: u8 = 1 << 2;
const HAS_CARRIER: u8 = 1 << 3;
const PREFIX_IS_OPTIONAL: u8 = 1 << 4;
const SPACE_AFTER_PREFIX: u8 = 1 << 5;

impl Format {
    /// Returns the fewest and most digits of a number that the format fits.
    pub(super) fn lengths(&self) -> (u8, u8) {
        let (fewest, most) =
            (self.groups.iter().map(|group| group.0), self.groups.iter().map(|group| group.1));
        (fewest.sum(), most.sum::<u8>().min(MOST_DIGITS))
    }

    /// Returns the most characters of a form. A format that fits no number has none.
    fn longest(&self, form: &Form) -> usize {
        let (fewest, most) = self.lengths();
        if fewest > most { 0 } else { form.layout(&self.groups, most).len() }
    }

    /// Returns whether the format fits a number of this length.
    pub(super) fn fits(&self, length: usize) -> bool {
        let (fewest, most) = self.lengths();
        (usize::from(fewest)..=usize::from(most)).contains(&length)
    }

    /// Returns the national form with its prefix.
    pub(super) fn with_prefix(&self) -> Form {
        self.prefix.as_ref().map_or_else(|| self.national.clone(), |rule| self.national.with_prefix(rule))
    }

    pub(super) fn flags(&self) -> u8 {
        let needs_prefix = self.prefix.as_ref().is_some_and(|rule| !rule.is_first_group_only());
        let space = self.prefix.as_ref().is_some_and(Form::has_separator);
        [
            (self.national.is_for_typing(), TYPED_NATIONAL),
            (self.international.as_ref().is_some_and(Form::is_for_typing), TYPED_INTERNATIONAL),
            (needs_prefix, NEEDS_PREFIX),
            (self.has_carrier, HAS_CARRIER),
            (self.prefix_is_optional, PREFIX_IS_OPTIONAL),
            (space, SPACE_AFTER_PREFIX),
        ]
        .into_iter()
        .filter_map(|(set, flag)| set.then_some(flag))
        .sum()
    }
}

/// Validates a row.
pub(super) fn read(file: &TableFile, row: &Row<8>, codes: &CallingCodes) -> Result<Format, TableError> {
    let [code, lengths, leading_digits, national, international, prefix, carrier, optional] = &row.fields;
    let error = |problem: &str, remedy: &str| file.error_at(row.line, problem, remedy);
    if !codes.contains(code) {
        let problem = format!("calling code {code:?} is not in data/calling_codes.csv");
        return Err(error(&problem, "add it there or correct the row"));
    }
    let groups = groups(lengths).ok_or_else(|| {
        let problem = format!("groups {lengths:?} are not lengths of at most nine groups and 17 digits");
        error(&problem, "write a length or a range for each group, such as \"2 3-4 4\"")
    })?;
    let form = |column: &str, text: &str, groups: usize| {
        Form::parse(text, groups).map_err(|problem| {
            error(&format!("{column} {text:?}: {problem}"), "write a form such as \"$1 $2-$3\"")
        })
    };
    let national = form("national", national, groups.len())?;
    let international = match international.as_str() {
        "" => Some(national.clone()),
        "-" => None,
        text => Some(form("international", text, groups.len())?),
    };
    let prefix = if prefix.is_empty() { None } else { Some(form("prefix", prefix, 1)?) };
    let has_carrier = match carrier.split_once("$CC") {
        None if carrier.is_empty() => false,
        Some(_) => {
            form("carrier", &carrier.replacen("$CC", "", 1), 1)?;
            true
        }
        None => {
            let problem = format!("carrier {carrier:?}: it has no carrier code");
            return Err(error(&problem, "write a form such as \"0 $CC ($1)\""));
        }
    };
    let prefix_is_optional = match optional.as_str() {
        "" => false,
        "optional" => true,
        _ => {
            return Err(error(&format!("optional {optional:?} is unknown"), "write \"optional\" or nothing"));
        }
    };
    let leading_digits =
        leading_digits.split(' ').filter(|text| !text.is_empty()).map(str::to_owned).collect();
    let calling_code = code.clone();
    let format = Format {
        calling_code,
        groups,
        leading_digits,
        national,
        international,
        prefix,
        has_carrier,
        prefix_is_optional,
    };
    for (name, form) in
        [("national", Some(format.with_prefix())), ("international", format.international.clone())]
    {
        let longest = form.map_or(0, |form| format.longest(&form));
        if longest > MOST {
            let problem = format!("the {name} form has up to {longest} characters, of at most {MOST}");
            return Err(error(&problem, "shorten it"));
        }
    }
    Ok(format)
}

/// Parses lengths such as `2 3-4 4`.
fn groups(text: &str) -> Option<Vec<(u8, u8)>> {
    let length =
        |text: &str| text.parse::<u8>().ok().filter(|length| (1..=MOST_IN_METADATA).contains(length));
    let group = |text: &str| {
        let (fewest, most) = text.split_once('-').unwrap_or((text, text));
        let group = (length(fewest)?, length(most)?);
        (group.0 <= group.1).then_some(group)
    };
    let groups: Vec<_> = text.split(' ').map(group).collect::<Option<_>>()?;
    let fewest: u16 = groups.iter().map(|group| u16::from(group.0)).sum();
    (groups.len() <= 9 && fewest <= u16::from(MOST_IN_METADATA)).then_some(groups)
}
