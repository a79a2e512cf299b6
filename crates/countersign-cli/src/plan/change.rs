//! How the numbers of each region change from one plan to another.

use std::collections::BTreeMap;

use super::compare::counts;
use super::rows::Plan;
use crate::failure::Failure;

/// How many numbers of a region change, and how.
///
/// `after` is `before + gained - lost + moved_in - moved_out`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// The valid numbers of the region in the old plan.
    pub(super) before: u64,
    /// Those in the new plan.
    pub(super) after: u64,
    /// Numbers that only the new plan has.
    pub(super) gained: u64,
    /// Numbers that only the old plan has.
    pub(super) lost: u64,
    /// Numbers that the old plan has in another region.
    pub(super) moved_in: u64,
    /// Numbers that the new plan has in another region.
    pub(super) moved_out: u64,
    /// Numbers of this region in both plans, but of another kind.
    pub(super) new_kind: u64,
}

/// The changes of each region, and of all together.
pub(super) struct Changes {
    /// The regions in which something changes, by name. Numbers without a region are listed by
    /// their calling code, such as `+800`.
    pub(super) regions: BTreeMap<String, Change>,
    pub(super) total: Change,
}

impl Changes {
    /// Compares two plans.
    pub(super) fn between(old: &Plan, new: &Plan) -> Result<Self, Failure> {
        let mut regions: BTreeMap<String, Change> = BTreeMap::new();
        let mut total = Change::default();
        for ((before, after), count) in counts(old, new)? {
            let mut add = |place: &str, field: fn(&mut Change) -> &mut u64| {
                *field(regions.entry(place.to_owned()).or_default()) += count;
                *field(&mut total) += count;
            };
            if let Some(before) = before {
                add(&before.place, |change| &mut change.before);
            }
            if let Some(after) = after {
                add(&after.place, |change| &mut change.after);
            }
            match (before, after) {
                (None, None) => {}
                (None, Some(after)) => add(&after.place, |change| &mut change.gained),
                (Some(before), None) => add(&before.place, |change| &mut change.lost),
                (Some(before), Some(after)) if before.place != after.place => {
                    add(&before.place, |change| &mut change.moved_out);
                    add(&after.place, |change| &mut change.moved_in);
                }
                (Some(before), Some(after)) if before.kind != after.kind => {
                    add(&after.place, |change| &mut change.new_kind);
                }
                (Some(_), Some(_)) => {}
            }
        }
        regions.retain(|_, change| change.is_any());
        Ok(Self { regions, total })
    }
}

impl Change {
    /// Returns whether anything changes.
    pub(super) fn is_any(&self) -> bool {
        let Self { gained, lost, moved_in, moved_out, new_kind, .. } = self;
        [gained, lost, moved_in, moved_out, new_kind].into_iter().any(|&count| count != 0)
    }

    /// Returns the counts in the order of the columns.
    pub(super) fn counts(&self) -> [u64; 7] {
        let Self { before, after, gained, lost, moved_in, moved_out, new_kind } = *self;
        [before, after, gained, lost, moved_in, moved_out, new_kind]
    }
}
