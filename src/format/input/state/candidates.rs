//! The formats that a number may still turn out to have.

use super::super::rules::Row;

#[derive(Clone)]
pub(super) struct Candidates {
    /// The formats of a calling code, in order of precedence.
    rows: &'static [Row],
    /// Bit `n` for row `n`.
    bits: u64,
    /// Whether they are international forms.
    international: bool,
}

impl Candidates {
    pub(super) const NONE: Self = Self { rows: &[], bits: 0, international: false };

    /// Returns the formats that the kind of number allows. A number is complete if an international
    /// or a national prefix was found.
    pub(super) fn of(rows: &'static [Row], is_complete: bool, has_national_prefix: bool) -> Self {
        let international = is_complete && !has_national_prefix && rows.iter().any(Row::is_international);
        let is_allowed = |row: &Row| {
            let excluded = if international {
                !row.is_international()
            } else if has_national_prefix {
                row.excludes_prefix()
            } else {
                !is_complete && row.requires_prefix()
            };
            !excluded && row.can_be_typed(international)
        };
        let allowed = rows.iter().enumerate().filter(|(_, row)| is_allowed(row));
        Self { rows, bits: allowed.fold(0, |bits, (place, _)| bits | 1 << place), international }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits == 0
    }

    pub(super) fn is_single(&self) -> bool {
        self.bits.is_power_of_two()
    }

    /// Drops the formats whose leading digits do not match.
    pub(super) fn narrow(&mut self, national: &[u8]) {
        for (place, row) in self.rows.iter().enumerate() {
            if self.bits & 1 << place != 0 && !row.begins(national) {
                self.bits &= !(1 << place);
            }
        }
    }

    /// Returns the formats in order of precedence.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'static Row> + use<> {
        let bits = self.bits;
        let rows = self.rows.iter().enumerate();
        rows.filter(move |(place, _)| bits & 1 << place != 0).map(|(_, row)| row)
    }

    /// Drops the first format.
    pub(super) fn drop_first(&mut self) {
        self.bits &= self.bits.saturating_sub(1);
    }

    /// Returns a format's layout of a number of `length` digits, or `None` if it does not fit.
    pub(super) fn layout(&self, row: &Row, length: usize) -> Option<&'static [u8]> {
        row.layout(length, self.international)
    }
}
