//! Interprets the programs that `build/tables/program.rs` compiles patterns to.
//!
//! The build guarantees that every jump leads forward, that a run takes a few thousand instructions
//! at most for any digits, and that at most 16 alternatives are open at a time.

use core::ops::Range;

/// A match, which always begins at the first digit.
pub(crate) struct Match {
    /// The index after the last matched digit.
    pub(crate) end: usize,
    /// The digits that the captured group matched, if it did.
    pub(crate) group: Option<Range<usize>>,
}

/// Matches the beginning of `digits` (ASCII) against the pattern whose program begins at `start`.
/// `program` has the instructions of all patterns.
pub(crate) fn run(program: &[u16], start: u16, digits: &[u8]) -> Option<Match> {
    follow(program, usize::from(start), State { at: 0, begun: 0, group: None }, digits)
}

#[derive(Clone, Copy)]
struct State {
    at: usize,
    begun: usize,
    group: Option<(usize, usize)>,
}

fn follow(program: &[u16], mut place: usize, mut state: State, digits: &[u8]) -> Option<Match> {
    loop {
        let instruction = *program.get(place)?;
        place += 1;
        let operand = usize::from(instruction >> 2);
        // The build emits no backward jumps. `max` guarantees termination without relying on that.
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
            (1, _) => match follow(program, place, state, digits) {
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
