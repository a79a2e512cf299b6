//! Compiles patterns to 16-bit instructions, which `src/number/program.rs` interprets.
//!
//! The lowest two bits are the opcode:
//!
//! | opcode | instruction | other bits |
//! |---|---|---|
//! | 0 | match `n` digits of a set | `n` (4 bits), the set (10 bits) |
//! | 1 | continue here or, if that fails, at the target | target |
//! | 2 | continue at the target | target |
//! | 3 | mark | 0: matched, 1: group begins, 2: group ends, 3: number must end |
//!
//! All targets are forward, so that every program ends. [`Program::add`] rejects programs that
//! could take long.

mod simulation;

use super::pattern::{Node, Wrong};

pub(super) use simulation::Progress;

const DIGITS: u16 = 0;
const EITHER: u16 = 1;
const JUMP: u16 = 2;
const MATCHED: u16 = 3;
const GROUP_BEGINS: u16 = 1 << 2 | 3;
const GROUP_ENDS: u16 = 2 << 2 | 3;
const NUMBER_ENDS: u16 = 3 << 2 | 3;

/// The most instructions that matching one pattern may take, for any number. Argentina's pattern
/// takes the most.
const MOST_STEPS: u64 = 4000;
/// The most alternatives that may be open at a time.
const DEEPEST: u32 = 16;
/// The most instructions: a target has two bits less than an instruction.
const MOST_INSTRUCTIONS: usize = 1 << 14;

/// The instructions of all patterns so far.
#[derive(Default)]
pub(super) struct Program {
    instructions: Vec<u16>,
}

impl Program {
    /// Adds a pattern, with marks for one of its groups, and returns the index of its first
    /// instruction.
    pub(super) fn add(&mut self, pattern: &Node, group: Option<u8>) -> Result<u16, Wrong> {
        let start = self.instructions.len();
        self.compile(pattern, group);
        self.instructions.push(MATCHED);
        let wrong = |problem: String| (problem, "use fewer alternatives and counts".to_owned());
        if self.instructions.len() > MOST_INSTRUCTIONS {
            return Err(wrong(format!(
                "all patterns together take more than {MOST_INSTRUCTIONS} instructions"
            )));
        }
        let (steps, depth) = self.worst(start);
        if steps > MOST_STEPS || depth > DEEPEST {
            return Err(wrong(format!(
                "matching can take {steps} steps (at most {MOST_STEPS}), {depth} deep (at most {DEEPEST})"
            )));
        }
        Ok(start as u16)
    }

    pub(super) fn into_instructions(self) -> Vec<u16> {
        self.instructions
    }

    fn compile(&mut self, node: &Node, group: Option<u8>) {
        if self.instructions.len() > MOST_INSTRUCTIONS {
            // `add` rejects it.
            return;
        }
        match node {
            Node::Digit(set) => self.digits(1, *set),
            Node::Sequence(nodes) => nodes.iter().for_each(|node| self.compile(node, group)),
            Node::Choice(nodes) => self.choice(nodes, group),
            Node::Repeat { of, min, max } => self.repeat(of, *min, *max, group),
            Node::Group(number, inside) if group == Some(*number) => {
                self.instructions.push(GROUP_BEGINS);
                self.compile(inside, group);
                self.instructions.push(GROUP_ENDS);
            }
            Node::Group(_, inside) => self.compile(inside, group),
            Node::End => self.instructions.push(NUMBER_ENDS),
        }
    }

    fn digits(&mut self, count: u8, set: u16) {
        self.instructions.push(set << 6 | u16::from(count) << 2 | DIGITS);
    }

    fn choice(&mut self, nodes: &[Node], group: Option<u8>) {
        let Some((last, others)) = nodes.split_last() else { return };
        let mut jumps = Vec::new();
        for node in others {
            let either = self.hole();
            self.compile(node, group);
            jumps.push(self.hole());
            self.lead_here(either, EITHER);
        }
        self.compile(last, group);
        jumps.into_iter().for_each(|jump| self.lead_here(jump, JUMP));
    }

    fn repeat(&mut self, node: &Node, min: u8, max: u8, group: Option<u8>) {
        match node {
            Node::Digit(set) if min > 0 => self.digits(min, *set),
            _ => (0..min).for_each(|_| self.compile(node, group)),
        }
        let mut ways_out = Vec::new();
        for _ in min..max {
            ways_out.push(self.hole());
            self.compile(node, group);
        }
        ways_out.into_iter().for_each(|out| self.lead_here(out, EITHER));
    }

    /// Reserves an instruction whose target is not known yet.
    fn hole(&mut self) -> usize {
        self.instructions.push(0);
        self.instructions.len() - 1
    }

    fn lead_here(&mut self, hole: usize, instruction: u16) {
        self.instructions[hole] = (self.instructions.len() as u16) << 2 | instruction;
    }

    /// Returns the steps from `start` to the end of the program if every alternative fails only at
    /// its end, and the number of alternatives that are open then.
    fn worst(&self, start: usize) -> (u64, u32) {
        let mut worst = vec![(0_u64, 0_u32); self.instructions.len() + 1];
        for (place, instruction) in self.instructions.iter().enumerate().skip(start).rev() {
            let there = usize::from(instruction >> 2);
            let (steps, depth) = match instruction & 3 {
                EITHER => {
                    let ((here, depth), (other, deepest)) = (worst[place + 1], worst[there]);
                    (here.saturating_add(other), (depth + 1).max(deepest))
                }
                JUMP => worst[there],
                _ if *instruction == MATCHED => (0, 0),
                _ => worst[place + 1],
            };
            worst[place] = (steps.saturating_add(1), depth);
        }
        worst[start]
    }
}
