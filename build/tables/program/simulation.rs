//! Simulates programs digit by digit, so that the build can turn patterns into automata.

use super::{DIGITS, EITHER, JUMP, MATCHED, NUMBER_ENDS, Program};

/// The state of an anchored pattern after some digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// Other digits cannot make it match.
    Failed,
    /// The instructions at which it can go on, each with the count of digits that it has matched.
    Open(Vec<(u16, u8)>),
    /// It has matched, whatever follows.
    Matched,
}

impl Program {
    /// Returns the progress before the first digit. Must not be called for patterns with `$`.
    pub(crate) fn begin(&self, start: u16) -> Progress {
        self.progress([(start, 0)])
    }

    /// Returns the progress after one more digit.
    pub(crate) fn advance(&self, progress: &Progress, digit: u8) -> Progress {
        let Progress::Open(open) = progress else { return progress.clone() };
        self.progress(open.iter().filter_map(|&(place, matched)| {
            let instruction = self.instructions[usize::from(place)];
            let (count, set) = ((instruction >> 2 & 0x0F) as u8, instruction >> 6);
            let next = if matched + 1 == count { (place + 1, 0) } else { (place, matched + 1) };
            (set >> digit & 1 == 1).then_some(next)
        }))
    }

    /// Follows jumps and alternatives up to instructions that take digits.
    fn progress(&self, from: impl IntoIterator<Item = (u16, u8)>) -> Progress {
        let mut left: Vec<(u16, u8)> = from.into_iter().collect();
        let mut open = Vec::new();
        while let Some((place, matched)) = left.pop() {
            let instruction = self.instructions[usize::from(place)];
            match instruction & 3 {
                DIGITS => open.push((place, matched)),
                EITHER => left.extend([(instruction >> 2, 0), (place + 1, 0)]),
                JUMP => left.push((instruction >> 2, 0)),
                _ if instruction == MATCHED => return Progress::Matched,
                _ if instruction == NUMBER_ENDS => {}
                _ => left.push((place + 1, 0)),
            }
        }
        open.sort_unstable();
        open.dedup();
        if open.is_empty() { Progress::Failed } else { Progress::Open(open) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::pattern;
    use super::*;

    #[test]
    fn follows_all_alternatives() {
        let mut program = Program::default();
        let start = program.add(&pattern::parse(r"1|2[3-5]{2}|2\d?0|7(?:8|9)").unwrap().root, None).unwrap();
        let after = |digits: &str| {
            digits
                .bytes()
                .fold(program.begin(start), |progress, digit| program.advance(&progress, digit & 0x0F))
        };
        for matched in ["1", "15", "20", "234", "2345", "290", "230", "78", "799"] {
            assert_eq!(after(matched), Progress::Matched, "{matched}");
        }
        for failed in ["0", "3", "76", "26", "236", "291"] {
            let open = matches!(after(failed), Progress::Open(_));
            assert_eq!(open, failed == "26", "{failed}");
        }
        assert!(matches!(after("2"), Progress::Open(_)));
        assert_eq!(after("261"), Progress::Failed);
    }
}
