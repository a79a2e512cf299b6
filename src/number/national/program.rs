//! Carries out the patterns of prefixes, as `build/tables/national/program.rs` describes them.
//!
//! The build has made sure that every way through a program leads forward, that carrying out takes few thousand
//! instructions at most, whatever the digits, and that at most 16 second ways stand open at a time.

use core::ops::Range;

use crate::tables::PREFIX_PROGRAM;

/// Where a pattern matched: from the first digit on.
pub(super) struct Match {
    /// The place behind its last digit.
    pub(super) end: usize,
    /// The digits of the group that is remembered, if it matched.
    pub(super) group: Option<Range<usize>>,
}

/// Matches the beginning of `digits` (ASCII) with the pattern that begins at an instruction.
pub(super) fn run(start: u16, digits: &[u8]) -> Option<Match> {
    follow(usize::from(start), State { at: 0, begun: 0, group: None }, digits)
}

#[derive(Clone, Copy)]
struct State {
    at: usize,
    begun: usize,
    group: Option<(usize, usize)>,
}

fn follow(mut place: usize, mut state: State, digits: &[u8]) -> Option<Match> {
    loop {
        let instruction = *PREFIX_PROGRAM.get(place)?;
        place += 1;
        let operand = usize::from(instruction >> 2);
        // The build lets no way lead back; `max` says so to whoever reads this without it.
        let there = operand.max(place);
        match (instruction & 3, operand) {
            (0, _) => {
                let (count, set) = (operand & 0x0F, instruction >> 6);
                let mut run = digits.get(state.at..state.at + count)?.iter();
                if !run.all(|byte| set >> (byte & 0x0F) & 1 == 1) {
                    return None;
                }
                state.at += count;
            }
            (1, _) => match follow(place, state, digits) {
                None => place = there,
                found => return found,
            },
            (2, _) => place = there,
            (_, 0) => {
                return Some(Match { end: state.at, group: state.group.map(|(start, end)| start..end) });
            }
            (_, 1) => state.begun = state.at,
            (_, 2) => state.group = Some((state.begun, state.at)),
            _ if state.at == digits.len() => {}
            _ => return None,
        }
    }
}
