//! All numbers, by calling code.

use core::fmt;

use crate::{
    automaton::Automaton, corrections::Correction, error::Error, region::Region, territory::Territory,
};

/// A calling code with all its numbers.
///
/// Displays as a row of `data/calling_codes.csv`: `44,GB`.
#[derive(Clone, Debug)]
pub struct CallingCode {
    /// The code, such as 44.
    pub code: u16,
    /// The region of numbers whose digits do not determine another one; `None` for a code without a
    /// region.
    pub main_region: Option<Region>,
    /// The labels of the national numbers.
    pub numbers: Automaton,
}

impl fmt::Display for CallingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},", self.code)?;
        self.main_region.map_or(Ok(()), |region| write!(f, "{region}"))
    }
}

/// Returns all calling codes, sorted by their digits as text (`1`, `20`, `211`), which is the order
/// of E.164 numbers.
///
/// The territories must be in libphonenumber's order, as returned by
/// [`metadata::territories`](crate::metadata::territories).
///
/// # Errors
///
/// If a correction changes no number, because it is wrong or no longer needed.
pub fn calling_codes(
    territories: &[Territory],
    corrections: &[Correction],
) -> Result<Vec<CallingCode>, Error> {
    let mut codes = Vec::new();
    for sharing in territories.chunk_by(|a, b| a.calling_code == b.calling_code) {
        let Some(main) = sharing.first() else { continue };
        let code = main.calling_code;
        let corrections: Vec<Correction> =
            corrections.iter().filter(|correction| correction.calling_code == code).cloned().collect();
        let numbers = Automaton::new(sharing, &corrections);
        for index in 0..corrections.len() {
            let mut others = corrections.clone();
            let correction = others.remove(index);
            if Automaton::new(sharing, &others) == numbers {
                return Err(useless(&correction));
            }
        }
        codes.push(CallingCode { code, main_region: main.region, numbers });
    }
    let known = |correction: &&Correction| codes.iter().any(|code| code.code == correction.calling_code);
    if let Some(correction) = corrections.iter().find(|correction| !known(correction)) {
        return Err(useless(correction));
    }
    codes.sort_by_cached_key(|code| code.code.to_string());
    Ok(codes)
}

fn useless(correction: &Correction) -> Error {
    let Correction { calling_code, prefix, region, file, line } = correction;
    let problem = format!(
        "this row changes nothing: all valid numbers below +{calling_code} {prefix}, if any, already have the \
         region {region}; remove it"
    );
    Error::Row { file: file.clone(), line: *line, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{number_type::NumberType, territory::toy};

    fn corrected(rows: &str) -> Result<Vec<CallingCode>, String> {
        let territories = [toy::territory("AA", "", r"1\d\d", &[(NumberType::Mobile, r"1\d\d", &[])])];
        let text = format!("calling_code,prefix,region,source,date,note\n{rows}");
        calling_codes(&territories, &Correction::read("c.csv", &text).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn rejects_corrections_that_change_nothing() {
        assert_eq!(corrected("99,12,BB,s,2026-11-20,n\n").unwrap().len(), 1);
        let row = |code, prefix, region| format!("{code},{prefix},{region},s,2026-11-20,n\n");
        assert_eq!(
            corrected(&(row(99, 12, "BB") + &row(99, 13, "AA"))).unwrap_err(),
            "c.csv:3: this row changes nothing: all valid numbers below +99 13, if any, already have the region AA; \
             remove it"
        );
        assert!(corrected(&row(99, 2, "BB")).unwrap_err().starts_with("c.csv:2: this row changes nothing"));
        assert!(corrected(&row(98, 1, "BB")).unwrap_err().starts_with("c.csv:2: this row changes nothing"));
    }
}
