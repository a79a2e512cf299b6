//! One challenge: the live code's tag, the tags of those it replaced, and the terms they were issued on.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::code::{Code, CodeFormat};
use super::context::Context;
use super::handle::Handle;
use super::lifetime::Lifetime;
use super::purpose::Purpose;
use super::tag_input::{CODE, TagInput};
use crate::channel::Channel;
use crate::error::Fault;
use crate::keys::{KeyId, Tag};
use crate::time::Timestamp;

/// The terms on which a challenge starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    /// What its codes are for.
    pub purpose: Purpose,
    /// How they travel.
    pub channel: Channel,
    /// How they look.
    pub format: CodeFormat,
    /// How long each of them lives.
    pub lifetime: Lifetime,
    /// The end of the whole challenge, which no resend extends.
    pub deadline: Option<Timestamp>,
}

impl Terms {
    /// Six digits that live two minutes, to log in, without a deadline.
    #[must_use]
    pub const fn new(channel: Channel) -> Self {
        Self {
            purpose: Purpose::LOGIN,
            channel,
            format: CodeFormat::DEFAULT,
            lifetime: Lifetime::DEFAULT,
            deadline: None,
        }
    }

    /// The same for another purpose.
    #[must_use]
    pub const fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// The same with codes of this format.
    #[must_use]
    pub const fn with_format(self, format: CodeFormat) -> Self {
        Self { format, ..self }
    }

    /// The same with codes that live this long.
    #[must_use]
    pub const fn with_lifetime(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// The same with an end that no resend extends.
    #[must_use]
    pub fn with_deadline(self, deadline: impl Into<Option<Timestamp>>) -> Self {
        Self { deadline: deadline.into(), ..self }
    }

    pub(super) fn expires_at(&self, now: Timestamp) -> Timestamp {
        let end = now + self.lifetime.as_duration();
        self.deadline.map_or(end, |deadline| deadline.min(end))
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }
}

#[derive(Clone)]
pub(crate) struct Challenge {
    pub(super) handle: Handle,
    pub(super) terms: Terms,
    /// All codes of a challenge are tagged under one key, so that one computed tag is compared with all of them.
    pub(super) key: KeyId,
    /// When the live code was issued, by the clock of the server that did.
    pub(super) issued_at: Timestamp,
    /// When the live code expires, by the same clock.
    pub(super) expires_at: Timestamp,
    pub(super) tries_left: u8,
    pub(super) used: bool,
    pub(super) live: Tag,
    pub(super) retired: Retired,
}

/// The tags of the last codes that a newer one replaced, newest first.
#[derive(Clone, Default)]
pub(crate) struct Retired {
    pub(super) tags: [Tag; Self::MOST],
    pub(super) len: u8,
}

impl Retired {
    pub(super) const MOST: usize = 2;

    pub(super) fn push(&mut self, tag: Tag) {
        self.tags = [tag, self.tags[0]];
        self.len = (self.len + 1).min(Self::MOST as u8);
    }

    /// 1 if the tag is one of them, 0 if not. All places are compared, used or not.
    fn contains(&self, tag: &Tag) -> u8 {
        (0..).zip(&self.tags).fold(0, |found, (place, retired)| {
            found | (retired.ct_eq(tag).unwrap_u8() & u8::from(place < self.len))
        })
    }
}

/// What a code is to a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Wrong,
    Superseded,
    Right,
}

impl Challenge {
    #[inline]
    pub(super) fn tag(&self, context: &Context<'_>, code: &Code) -> Result<Tag, Fault> {
        let input = TagInput {
            record: context.key,
            handle: &self.handle,
            purpose: self.terms.purpose,
            channel: self.terms.channel,
            format: self.terms.format,
            code,
        };
        let mut input = input.to_bytes();
        let tag = context.keys.tag(self.key, &input);
        input[CODE].zeroize();
        tag.ok_or(Fault::UnknownKey(self.key))
    }

    /// One tag is computed and compared with the live one and the retired ones, in constant time: only the verdict,
    /// which the caller learns anyhow, decides what comes after.
    #[inline]
    pub(super) fn judge(&self, context: &Context<'_>, code: &Code) -> Result<Verdict, Fault> {
        let tag = self.tag(context, code)?;
        let (live, retired) = (self.live.ct_eq(&tag).unwrap_u8(), self.retired.contains(&tag));
        Ok(match live << 1 | retired {
            0 => Verdict::Wrong,
            1 => Verdict::Superseded,
            _ => Verdict::Right,
        })
    }
}
