//! A challenge: the tag of the live code, the tags of the codes it replaced, and the terms.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::account_mark::AccountMark;
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

/// The terms of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    /// The purpose of its codes.
    pub purpose: Purpose,
    /// The channel by which its codes are sent.
    pub channel: Channel,
    /// The format of its codes.
    pub format: CodeFormat,
    /// How long each code is valid.
    pub lifetime: Lifetime,
    /// When the whole challenge expires. A resend does not extend it.
    pub deadline: Option<Timestamp>,
    /// The account that it belongs to. Calls for another account do not find it.
    pub(crate) account: AccountMark,
}

impl Terms {
    /// Creates the default terms: login, six digits, two minutes, no deadline.
    #[must_use]
    pub const fn new(channel: Channel) -> Self {
        Self {
            purpose: Purpose::LOGIN,
            channel,
            format: CodeFormat::DEFAULT,
            lifetime: Lifetime::DEFAULT,
            deadline: None,
            account: AccountMark::NONE,
        }
    }

    /// Sets the purpose.
    #[must_use]
    pub const fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// Sets the format of the codes.
    #[must_use]
    pub const fn with_format(self, format: CodeFormat) -> Self {
        Self { format, ..self }
    }

    /// Sets how long each code is valid.
    #[must_use]
    pub const fn with_lifetime(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// Sets when the whole challenge expires.
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
    pub(crate) terms: Terms,
    /// The key of all tags of this challenge, so that one computed tag can be compared with all of
    /// them.
    pub(super) key: KeyId,
    /// When the live code was issued, by the clock of the issuing server.
    pub(crate) issued_at: Timestamp,
    /// When the live code expires, by the same clock.
    pub(super) expires_at: Timestamp,
    pub(super) tries_left: u8,
    pub(crate) used: bool,
    pub(super) live: Tag,
    pub(super) retired: Retired,
    pub(crate) charges: Option<Held<Charges>>,
}

/// A part that few challenges have, kept apart so that the others stay short.
#[cfg(feature = "alloc")]
pub(crate) type Held<T> = alloc::boxed::Box<T>;
/// Without an allocator it is kept in place.
#[cfg(not(feature = "alloc"))]
pub(crate) type Held<T> = Place<T>;

/// A place that is used as a box is.
#[cfg(not(feature = "alloc"))]
#[derive(Clone, Default)]
pub(crate) struct Place<T>(T);

#[cfg(not(feature = "alloc"))]
impl<T> core::ops::Deref for Place<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(not(feature = "alloc"))]
impl<T> core::ops::DerefMut for Place<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// What the guard notes in a challenge. The record does not interpret it.
#[derive(Clone, Default)]
pub(crate) struct Charges {
    /// What the sends were charged; all zeros if the guard was not asked.
    pub(crate) receipt: [u8; 8],
    pub(crate) tags: [[u8; 8]; Self::MOST_TAGS],
    pub(crate) tag_count: u8,
}

impl Charges {
    pub(crate) const MOST_TAGS: usize = 8;

    /// Returns whether nothing is noted; such charges are not kept.
    pub(crate) const fn is_empty(&self) -> bool {
        u64::from_ne_bytes(self.receipt) == 0 && self.tag_count == 0
    }

    /// Returns the tags of the host's keys.
    pub(crate) fn tags(&self) -> &[[u8; 8]] {
        self.tags.get(..usize::from(self.tag_count)).unwrap_or_default()
    }
}

/// The tags of the last codes that were replaced by a newer one, newest first.
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

    /// Returns 1 if the tag is one of them, else 0. Compares with all places, used or not.
    fn contains(&self, tag: &Tag) -> u8 {
        (0..).zip(&self.tags).fold(0, |found, (place, retired)| {
            found | (retired.ct_eq(tag).unwrap_u8() & u8::from(place < self.len))
        })
    }
}

/// How a code relates to a challenge.
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

    /// Computes one tag and compares it with the live and the retired ones in constant time. Only
    /// the verdict, which the caller learns anyway, affects what follows.
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
