//! Patterns as instructions of 16 bits, which `src/number/national/program.rs` carries out.
//!
//! The lowest two bits say which:
//!
//! | bits | instruction | the other bits |
//! |---|---|---|
//! | 0 | so many digits of a set | how many (4), the set (10) |
//! | 1 | go on here or, if that fails, there | where there is |
//! | 2 | go on there | where |
//! | 3 | a mark | 0: matched, 1: the group begins, 2: the group ends, 3: the number must end here |
//!
//! All ways lead forward, so that a program always ends, and [`Program::add`] refuses one that could take long.

use super::Wrong;
use super::pattern::Node;

const DIGITS: u16 = 0;
const EITHER: u16 = 1;
const JUMP: u16 = 2;
const MATCHED: u16 = 3;
const GROUP_BEGINS: u16 = 1 << 2 | 3;
const GROUP_ENDS: u16 = 2 << 2 | 3;
const NUMBER_ENDS: u16 = 3 << 2 | 3;

/// How many instructions one pattern may take to carry out at worst, whatever the number. Argentina's takes the most.
const MOST_STEPS: u64 = 4000;
/// How many second ways may stand open at a time.
const DEEPEST: u32 = 16;
/// Two bits less than an instruction.
const MOST_INSTRUCTIONS: usize = 1 << 14;

/// The instructions of all patterns so far.
#[derive(Default)]
pub(super) struct Program {
    instructions: Vec<u16>,
}

impl Program {
    /// Adds a pattern, with marks for one of its groups, and gives the place at which it begins.
    pub(super) fn add(&mut self, pattern: &Node, group: Option<u8>) -> Result<u16, Wrong> {
        let start = self.instructions.len();
        self.compile(pattern, group);
        self.instructions.push(MATCHED);
        let wrong = |problem: String| (problem, "write it with fewer alternatives and counts".to_owned());
        if self.instructions.len() > MOST_INSTRUCTIONS {
            return Err(wrong(format!("all patterns take more than {MOST_INSTRUCTIONS} instructions")));
        }
        let (steps, depth) = self.worst(start);
        if steps > MOST_STEPS || depth > DEEPEST {
            return Err(wrong(format!(
                "it can take {steps} steps (at most {MOST_STEPS}), {depth} deep (at most {DEEPEST})"
            )));
        }
        Ok(start as u16)
    }

    pub(super) fn into_instructions(self) -> Vec<u16> {
        self.instructions
    }

    fn compile(&mut self, node: &Node, group: Option<u8>) {
        if self.instructions.len() > MOST_INSTRUCTIONS {
            // `add` refuses it.
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

    /// Room for an instruction that leads to a place which is not known yet.
    fn hole(&mut self) -> usize {
        self.instructions.push(0);
        self.instructions.len() - 1
    }

    fn lead_here(&mut self, hole: usize, instruction: u16) {
        self.instructions[hole] = (self.instructions.len() as u16) << 2 | instruction;
    }

    /// The steps from `start` to the end of the program if every way fails only at its end, and how many second ways
    /// stand open then.
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
