//! Decisions for many texts.

use core::fmt;
use core::iter::FusedIterator;

use super::answers::Answers;
use super::rules::Rules;
use super::{Decision, Policy, Reason};
use crate::channel::Channel;
use crate::number::{BLOCK, Block, ParseError, PhoneNumber};

impl Policy {
    /// Parses and decides for many texts, each of which is one phone number. Returns an iterator
    /// over their answers, in the same order.
    ///
    /// The answers are those of [`PhoneNumber`]'s strict parser and of [`decide`](Self::decide).
    /// Each costs less than a single call, because the processor works on several numbers at once.
    /// Methods that consume the iterator, such as [`for_each`](Iterator::for_each), are fastest.
    /// Nothing is allocated.
    ///
    /// A text is read more than once. If its [`AsRef`] returns different texts, its answer is
    /// unspecified.
    ///
    /// ```
    /// use countersign::{Channel, Policy};
    ///
    /// let (policy, texts) = (Policy::default(), ["+12025550162", "+447400123456", "nonsense"]);
    /// let answers = policy.decide_many(&texts, Channel::Sms).map(|answer| match answer {
    ///     Ok((_number, decision)) => decision.as_str(),
    ///     Err(error) => error.kind().as_str(),
    /// });
    /// assert!(answers.eq(["allow", "country_not_allowed", "missing_plus"]));
    /// ```
    ///
    /// # Errors
    ///
    /// An answer is an error if its text is not a phone number.
    #[inline]
    pub fn decide_many<'a, T: AsRef<[u8]>>(&'a self, texts: &'a [T], channel: Channel) -> DecideMany<'a, T> {
        DecideMany { answers: self.rules(channel).map(Rules::answers), texts, next: 0, block: Block::EMPTY }
    }
}

/// An iterator over the answers for some texts. See [`Policy::decide_many`].
#[derive(Clone)]
pub struct DecideMany<'a, T> {
    /// `None` for a channel that reaches no phone numbers.
    answers: Option<&'a Answers>,
    texts: &'a [T],
    next: usize,
    /// What is known of the [`BLOCK`] texts of which the next one is part, except before the first.
    block: Block,
}

impl<T: AsRef<[u8]>> DecideMany<'_, T> {
    #[inline(always)]
    fn answer(&self, place: usize, text: &T) -> Result<(PhoneNumber, Decision), ParseError> {
        let number = self.block.number(place, text.as_ref())?;
        let denied = Decision::Deny(Reason::NotATelephoneChannel);
        Ok((number, self.answers.map_or(denied, |answers| answers.of(number.label()))))
    }
}

impl<T: AsRef<[u8]>> Iterator for DecideMany<'_, T> {
    type Item = Result<(PhoneNumber, Decision), ParseError>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let text = self.texts.get(self.next)?;
        let place = self.next % BLOCK;
        if place == 0 {
            self.block.read(&self.texts[self.next..]);
        }
        self.next += 1;
        Some(self.answer(place, text))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.texts.len() - self.next;
        (left, Some(left))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut f: F) -> B {
        let mut folded = init;
        while !self.next.is_multiple_of(BLOCK) {
            match self.next() {
                Some(answer) => folded = f(folded, answer),
                None => return folded,
            }
        }
        for texts in self.texts.get(self.next..).unwrap_or_default().chunks(BLOCK) {
            self.block.read(texts);
            for (place, text) in texts.iter().enumerate() {
                folded = f(folded, self.answer(place, text));
            }
        }
        folded
    }
}

impl<T: AsRef<[u8]>> ExactSizeIterator for DecideMany<'_, T> {}

impl<T: AsRef<[u8]>> FusedIterator for DecideMany<'_, T> {}

/// Shows none of the texts, because a phone number is personal data.
impl<T> fmt::Debug for DecideMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecideMany").finish_non_exhaustive()
    }
}
