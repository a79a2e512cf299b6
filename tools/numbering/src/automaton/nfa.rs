//! Patterns compiled to states that each read a digit.

use crate::{digits::DigitSet, pattern::Pattern};

/// The index of a state in its [`Nfa`].
type StateId = usize;

/// A set of active states, ascending and without duplicates, so that equal sets are equal lists.
pub(super) type States = Vec<StateId>;

/// Several patterns compiled to one nondeterministic automaton. Each pattern's end carries a tag of
/// type `T`.
#[derive(Debug)]
pub(super) struct Nfa<T> {
    states: Vec<State<T>>,
    starts: Vec<StateId>,
}

#[derive(Debug)]
enum State<T> {
    /// Reads one of these digits, then continues.
    Digit(DigitSet, StateId),
    /// Continues in all of these states, without reading a digit.
    Fork(Vec<StateId>),
    /// The pattern matches all digits so far.
    Matched(T),
    /// The pattern matched a prefix of the digits so far.
    Begun(T),
}

impl<T: Copy> Nfa<T> {
    /// Creates an empty automaton.
    pub(super) fn new() -> Self {
        Self { states: Vec::new(), starts: Vec::new() }
    }

    /// Adds a pattern that must match all digits.
    pub(super) fn add(&mut self, pattern: &Pattern, tag: T) {
        self.add_before(pattern, State::Matched(tag));
    }

    /// Adds a pattern that must match a prefix of the digits.
    pub(super) fn add_leading(&mut self, pattern: &Pattern, tag: T) {
        self.add_before(pattern, State::Begun(tag));
    }

    fn add_before(&mut self, pattern: &Pattern, end: State<T>) {
        let end = self.push(end);
        let start = self.compile(pattern, end);
        self.starts.push(start);
    }

    /// Returns the initial states.
    pub(super) fn start(&self) -> States {
        self.closure(self.starts.clone())
    }

    /// Returns the states after `digit`.
    pub(super) fn step(&self, from: &[StateId], digit: u8) -> States {
        let next = from.iter().filter_map(|&id| match self.states[id] {
            State::Digit(set, next) => set.contains(digit).then_some(next),
            State::Begun(_) => Some(id),
            State::Matched(_) | State::Fork(_) => None,
        });
        self.closure(next.collect())
    }

    /// Returns the tags of the patterns that match if the digits end in these states.
    pub(super) fn tags(&self, states: &[StateId]) -> impl Iterator<Item = T> {
        states.iter().filter_map(|&id| match self.states[id] {
            State::Matched(tag) | State::Begun(tag) => Some(tag),
            State::Digit(..) | State::Fork(_) => None,
        })
    }

    /// Returns the states that are reachable without a digit, with forks resolved.
    fn closure(&self, mut open: Vec<StateId>) -> States {
        let mut states = Vec::new();
        while let Some(id) = open.pop() {
            match &self.states[id] {
                State::Fork(next) => open.extend(next),
                _ => states.push(id),
            }
        }
        states.sort_unstable();
        states.dedup();
        states
    }

    /// Adds states that match `pattern` and continue at `next`, and returns the first of them.
    fn compile(&mut self, pattern: &Pattern, next: StateId) -> StateId {
        match pattern {
            Pattern::Digit(set) => self.push(State::Digit(*set, next)),
            Pattern::Sequence(items) => items.iter().rev().fold(next, |next, item| self.compile(item, next)),
            Pattern::Choice(items) => {
                let starts = items.iter().map(|item| self.compile(item, next)).collect();
                self.push(State::Fork(starts))
            }
            Pattern::Repeat { of, min, max } => {
                let mut start = next;
                for _ in *min..*max {
                    let more = self.compile(of, start);
                    start = self.push(State::Fork(vec![more, next]));
                }
                (0..*min).fold(start, |next, _| self.compile(of, next))
            }
        }
    }

    fn push(&mut self, state: State<T>) -> StateId {
        self.states.push(state);
        self.states.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(pattern: &str, digits: &str) -> bool {
        let mut nfa = Nfa::new();
        nfa.add(&pattern.parse().unwrap(), ());
        end(&nfa, digits)
    }

    fn begun(pattern: &str, digits: &str) -> bool {
        let mut nfa = Nfa::new();
        nfa.add_leading(&pattern.parse().unwrap(), ());
        end(&nfa, digits)
    }

    fn end(nfa: &Nfa<()>, digits: &str) -> bool {
        let states = digits.bytes().fold(nfa.start(), |states, digit| nfa.step(&states, digit - b'0'));
        nfa.tags(&states).next().is_some()
    }

    #[test]
    fn matches_whole_numbers() {
        assert!(matched("12|3", "12") && matched("12|3", "3"));
        assert!(!matched("12|3", "1") && !matched("12|3", "13") && !matched("12|3", "123"));
        assert!(matched(r"[2-4]\d", "39") && !matched(r"[2-4]\d", "59"));
    }

    #[test]
    fn matches_counts() {
        for (digits, expected) in
            [("1", false), ("11", true), ("111", true), ("1111", true), ("11111", false)]
        {
            assert_eq!(matched("1{2,4}", digits), expected, "{digits}");
        }
        assert!(
            matched("1(?:2|3)?4", "14") && matched("1(?:2|3)?4", "134") && !matched("1(?:2|3)?4", "1234")
        );
        assert!(matched("(?:12){3}", "121212") && !matched("(?:12){3}", "1212"));
        assert!(matched("(?:1?2?){2}", "2121") || matched("(?:1?2?){2}", "1212"));
    }

    #[test]
    fn matches_leading_digits_at_the_start() {
        assert!(begun("8001|8[024]9", "8001") && begun("8001|8[024]9", "8091234567"));
        assert!(!begun("8001|8[024]9", "80") && !begun("8001|8[024]9", "8191234567"));
    }
}
