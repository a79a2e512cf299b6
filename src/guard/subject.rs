//! The recipient that the guard decides on.

use super::host_key::HostTags;
use crate::channel::Channel;
use crate::keys::TenantId;
use crate::number::PhoneNumber;
use crate::recipient::Recipient;

/// The recipient and channel of a send, and what the host knows about them.
#[derive(Clone, Debug)]
pub struct Subject {
    pub(super) recipient: Recipient,
    pub(super) channel: Channel,
    pub(super) tenant: Option<TenantId>,
    pub(super) tags: HostTags,
    pub(super) is_known: bool,
    pub(super) is_vouched: bool,
}

impl Subject {
    /// Creates a subject: a recipient, and a channel that [reaches](Recipient::is_reached_by) it.
    #[must_use]
    pub fn new(recipient: impl Into<Recipient>, channel: Channel) -> Self {
        let recipient = recipient.into();
        Self { recipient, channel, tenant: None, tags: HostTags::NONE, is_known: false, is_vouched: false }
    }

    /// Sets the tenant.
    #[must_use]
    pub fn with_tenant(self, tenant: TenantId) -> Self {
        Self { tenant: Some(tenant), ..self }
    }

    pub(crate) fn with_channel(self, channel: Channel) -> Self {
        Self { channel, ..self }
    }

    pub(crate) const fn tags(&self) -> &HostTags {
        &self.tags
    }

    /// Sets the tags of the host keys.
    #[must_use]
    pub fn with_tags(self, tags: HostTags) -> Self {
        Self { tags, ..self }
    }

    /// Sets whether a device token or the host says that the recipient was verified before.
    #[must_use]
    pub fn with_known(self, is_known: bool) -> Self {
        Self { is_known, ..self }
    }

    /// Sets whether the person passed a check of the host's own after a refusal. For an answer:
    /// whether the send was made to a vouched stranger.
    #[must_use]
    pub fn with_vouched(self, is_vouched: bool) -> Self {
        Self { is_vouched, ..self }
    }

    pub(super) fn number(&self) -> Option<PhoneNumber> {
        self.recipient.phone()
    }

    /// Returns the index of the channel in the sends that a number owes.
    pub(super) const fn owes(&self) -> usize {
        match self.channel {
            Channel::WhatsApp => 1,
            Channel::Sms | Channel::Email => 0,
        }
    }
}
