//! What is compared with what, and the judgement.

use countersign_evidence::dudect::{Difference, Measured};

/// A class and its baseline.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) class: usize,
    pub(crate) baseline: usize,
    pub(crate) rule: Rule,
}

pub(crate) enum Rule {
    /// The classes must not be distinguishable.
    Alike,
    /// The answer itself distinguishes the classes, and requires different work.
    Public,
}

pub(crate) const fn row(what: &'static str, class: usize, baseline: usize, rule: Rule) -> Row {
    Row { what, class, baseline, rule }
}

/// Prints the rows, and returns whether no difference was seen where there must be none.
pub(crate) fn judge(baseline: &str, rows: &[Row], measured: &Measured) -> bool {
    println!("{baseline:<40} {:>9} {:>8.1}", measured.samples(0), measured.mean(0));
    let mut good = true;
    for row in rows {
        let difference = measured.compare(row.class, row.baseline);
        let verdict = match (&row.rule, difference.is_seen()) {
            (Rule::Alike, false) => "no difference",
            (Rule::Alike, true) => "DIFFERENCE",
            (Rule::Public, _) => "the answer differs, and the next record with it",
        };
        good &= verdict != "DIFFERENCE";
        print(row.what, measured, row.class, difference, verdict);
    }
    good
}

pub(crate) fn print(what: &str, measured: &Measured, class: usize, difference: Difference, verdict: &str) {
    let Difference { t, visible } = difference;
    let (samples, mean) = (measured.samples(class), measured.mean(class));
    println!("{what:<40} {samples:>9} {mean:>8.1} {visible:>8.2} {t:>9.2}  {verdict}");
}
