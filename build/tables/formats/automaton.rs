//! One automaton over the digits of national numbers, for all calling codes: it finds the layouts
//! of a number in all forms at once.
//!
//! libphonenumber tries the formats of a calling code in order, and takes the first whose leading
//! digits and groups fit. The automaton follows the patterns of all formats at a time. Once every
//! pattern has matched or failed, only the length decides: that is a leaf.

use core::ops::Range;
use std::collections::BTreeMap;

use super::super::numbered::Numbered;
use super::super::overlap::overlapped;
use super::super::program::{Program, Progress};
use super::layout::{Layouts, plain, rfc3966};
use super::row::Format;
use super::{LONGEST, SHORTEST};

/// The choices by length.
type Leaf = [u16; LONGEST - SHORTEST + 1];

/// The target of a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Leaf(usize),
    State(usize),
}

/// The target of each digit, and at last that of a number that ends here.
type State = [Target; 11];

/// The tables. An entry is an index of `table`: below `states_from` that of a leaf's choices by
/// length, otherwise that of a state's entries.
pub(super) struct Automaton {
    /// By the first three digits of the E.164 number: the number of a root, and 0 if there is no
    /// calling code.
    pub(super) by_code: Vec<u8>,
    /// The entry of each root, and the length of its calling codes.
    pub(super) roots: Vec<(u16, u8)>,
    pub(super) states_from: u16,
    pub(super) table: Vec<u16>,
    /// The layouts of each choice: international, national, RFC 3966.
    pub(super) choices: Vec<[u16; 3]>,
}

/// Builds the automaton. `codes` are the digits of all calling codes with the range of their
/// formats, and `conditions` the patterns of leading digits of all formats.
pub(super) fn build<'a>(
    codes: impl Iterator<Item = (&'a str, Range<usize>)>,
    formats: &[Format],
    conditions: &[Option<u16>],
    program: &Program,
    layouts: &mut Layouts,
) -> Result<Automaton, String> {
    let mut folding = Folding {
        formats,
        program,
        layouts,
        choices: Numbered::default(),
        states: Numbered::default(),
        leaves: Numbered::default(),
    };
    let mut roots = Numbered::default();
    let nowhere = (folding.leaf(0..0, &[]), 0);
    roots.number(nowhere);
    let mut by_code = vec![0; 1000];
    for (code, range) in codes {
        let begin =
            |condition: &Option<u16>| condition.map_or(Progress::Matched, |start| program.begin(start));
        let progress: Vec<_> = conditions[range.clone()].iter().map(begin).collect();
        let target = folding.fold(0, range, &progress, &mut BTreeMap::new());
        let root = u8::try_from(roots.number((target, code.len() as u8)))
            .map_err(|_| "there are more than 255 different calling codes".to_owned())?;
        for (number, place) in by_code.iter_mut().enumerate() {
            if format!("{number:03}").starts_with(code) {
                *place = root;
            }
        }
    }
    let Folding { choices, states, leaves, .. } = folding;
    lay_out(by_code, &roots.items, &states.items, &leaves.items, choices.items)
}

struct Folding<'a> {
    formats: &'a [Format],
    program: &'a Program,
    layouts: &'a mut Layouts,
    choices: Numbered<[u16; 3]>,
    states: Numbered<State>,
    leaves: Numbered<Leaf>,
}

impl Folding<'_> {
    /// Folds what follows `depth` digits that led to this progress of the formats in `range`.
    fn fold(
        &mut self,
        depth: usize,
        range: Range<usize>,
        progress: &[Progress],
        known: &mut BTreeMap<(usize, Vec<Progress>), Target>,
    ) -> Target {
        if depth == LONGEST || !progress.iter().any(|progress| matches!(progress, Progress::Open(_))) {
            return self.leaf(range, progress);
        }
        let key = (depth, progress.to_vec());
        if let Some(&target) = known.get(&key) {
            return target;
        }
        let digits: Vec<Target> = (0..10)
            .map(|digit| {
                let next: Vec<_> =
                    progress.iter().map(|progress| self.program.advance(progress, digit)).collect();
                self.fold(depth + 1, range.clone(), &next, known)
            })
            .collect();
        let end = self.end(depth, range, progress, &digits);
        let one = matches!(end, Target::Leaf(_)) && digits.iter().all(|&target| target == end);
        let mut targets = [end; 11];
        targets[..10].copy_from_slice(&digits);
        let target = if one { end } else { Target::State(self.states.number(targets)) };
        known.insert(key, target);
        target
    }

    /// Returns the leaf of numbers that end after `depth` digits: one that a digit leads to if its
    /// choice for this length is the same.
    fn end(&mut self, depth: usize, range: Range<usize>, progress: &[Progress], digits: &[Target]) -> Target {
        let own = self.leaf(range, progress);
        let choice = |target: &Target| match *target {
            Target::Leaf(leaf) => depth.checked_sub(SHORTEST).map(|place| self.leaves.items[leaf][place]),
            Target::State(_) => Some(u16::MAX),
        };
        digits.iter().find(|target| choice(target) == choice(&own)).copied().unwrap_or(own)
    }

    /// Returns the leaf of numbers for which only the formats whose pattern has matched are left.
    fn leaf(&mut self, range: Range<usize>, progress: &[Progress]) -> Target {
        let formats = self.formats[range].iter().zip(progress);
        let matched: Vec<_> = formats
            .filter_map(|(format, progress)| (*progress == Progress::Matched).then_some(format))
            .collect();
        let leaf = core::array::from_fn(|place| {
            let length = SHORTEST + place;
            let first = |international: bool| {
                matched
                    .iter()
                    .find(|format| format.fits(length) && (!international || format.international.is_some()))
            };
            let national =
                first(false).map(|format| format.with_prefix().layout(&format.groups, length as u8));
            let international = first(true)
                .and_then(|format| Some(format.international.as_ref()?.layout(&format.groups, length as u8)));
            let international = international.unwrap_or_else(|| plain(length));
            let rfc3966 = rfc3966(&international);
            let layouts = [international, national.unwrap_or_else(|| plain(length)), rfc3966];
            let choice = layouts.map(|layout| self.layouts.number(layout));
            self.choices.number(choice) as u16
        });
        Target::Leaf(self.leaves.number(leaf))
    }
}

/// Lays the automaton out. Fails if a value does not fit its bits.
fn lay_out(
    by_code: Vec<u8>,
    roots: &[(Target, u8)],
    states: &[State],
    leaves: &[Leaf],
    choices: Vec<[u16; 3]>,
) -> Result<Automaton, String> {
    let (mut table, leaf_places) = overlapped(leaves);
    let states_from = table.len();
    let (targets, state_places) = overlapped(states);
    if states_from + targets.len() > 1 << 16 {
        return Err(format!("{} entries do not fit in 16 bits", states_from + targets.len()));
    }
    let entry = |target: &Target| match *target {
        Target::Leaf(leaf) => leaf_places[leaf] as u16,
        Target::State(state) => (states_from + state_places[state]) as u16,
    };
    table.extend(targets.iter().map(entry));
    let roots = roots.iter().map(|(target, length)| (entry(target), *length)).collect();
    Ok(Automaton { by_code, roots, states_from: states_from as u16, table, choices })
}
