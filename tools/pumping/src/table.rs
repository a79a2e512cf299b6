//! The table of results.

use core::fmt::{self, Display, Formatter};

use crate::outcome::{LOCKED_OUT, Outcome, Verdict};
use crate::scenario::Scenario;

/// A scenario's figures with and without the guard.
pub(crate) struct Row {
    pub(crate) scenario: Scenario,
    pub(crate) guarded: Outcome,
    pub(crate) unguarded: Outcome,
}

impl Row {
    pub(crate) fn verdict(&self) -> Verdict {
        self.guarded.verdict(&self.scenario)
    }
}

pub(crate) struct Table<'a> {
    pub(crate) rows: &'a [Row],
    /// Whether to list the rules that refused honest people.
    pub(crate) shows_rules: bool,
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<16} {:>35}    {:^17}  {:^17}", "", "dollars lost", "refused first", "locked out")?;
        writeln!(
            f,
            "{:<16} {:>8} {:>8} {:>8} {:>8}    {:>8} {:>8}  {:>8} {:>8}",
            "scenario", "planned", "without", "with", "limit", "with", "limit", "with", "limit"
        )?;
        for row in self.rows {
            let Row { scenario, guarded, unguarded } = row;
            let note = match row.verdict() {
                Verdict::Kept => "",
                Verdict::KnownMiss => "  MISSED (known)",
                Verdict::Missed => "  MISSED",
            };
            writeln!(
                f,
                "{:<16} {:>8.0} {:>8.0} {:>8.1} {:>8.0}    {:>7.3}% {:>7.1}%  {:>7.3}% {:>7.1}%{note}",
                scenario.name,
                guarded.planned,
                unguarded.lost,
                guarded.lost,
                guarded.lost_limit(),
                100.0 * guarded.refused_share(),
                100.0 * scenario.refused,
                100.0 * guarded.locked_out_share(),
                100.0 * LOCKED_OUT,
            )?;
            if self.shows_rules {
                let Outcome { asked, refused_by_rule, locked_out_by_rule, .. } = guarded;
                writeln!(
                    f,
                    "  of {asked:.0}, refused first: {refused_by_rule}; locked out: {locked_out_by_rule}"
                )?;
            }
        }
        Ok(())
    }
}
