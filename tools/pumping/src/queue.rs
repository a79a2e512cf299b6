//! What happens next: events by time, and in the order of their arrival where times are equal.

use alloc::collections::BinaryHeap;
use core::cmp::Reverse;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// Somebody logs in.
    Login,
    /// A session asks for a code.
    Ask(usize),
    /// A session's code is typed in.
    Answer(usize),
    /// The ring asks for a code.
    Attack,
    /// One of the ring's SIMs answers.
    SimAnswers(usize),
}

#[derive(Default)]
pub(crate) struct Queue {
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    added: u64,
}

impl Queue {
    pub(crate) fn at(&mut self, time: u64, event: Event) {
        self.added += 1;
        self.events.push(Reverse((time, self.added, event)));
    }

    pub(crate) fn next(&mut self) -> Option<(u64, Event)> {
        self.events.pop().map(|Reverse((time, _, event))| (time, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_then_arrival() {
        let mut queue = Queue::default();
        queue.at(5, Event::Login);
        queue.at(3, Event::Attack);
        queue.at(5, Event::Ask(0));
        let times: Vec<u64> = core::iter::from_fn(|| queue.next()).map(|(time, _)| time).collect();
        assert_eq!(times, [3, 5, 5]);
        queue.at(5, Event::Login);
        queue.at(5, Event::Ask(0));
        assert!(matches!(queue.next(), Some((5, Event::Login))));
    }
}
