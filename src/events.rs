//! Events: the outcome of each call, for the host's metrics and logs.

use crate::error::{Error, Fault, Refusal};
use crate::number::Allocation;
use crate::store::StoreErrorKind;
use crate::{Channel, Kind, PhoneNumber, Reason, Region};

/// A call of a [`Verifier`](crate::Verifier), as reported in an [`Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// [`Verifier::start`](crate::Verifier::start).
    Start,
    /// [`Verifier::resend`](crate::Verifier::resend).
    Resend,
    /// [`Verifier::check`](crate::Verifier::check), with or without a handle.
    Check,
    /// [`Verifier::cancel`](crate::Verifier::cancel).
    Cancel,
    /// [`Verifier::undelivered`](crate::Verifier::undelivered).
    Undelivered,
    /// [`Verifier::status`](crate::Verifier::status).
    Status,
    /// [`Verifier::unlock`](crate::Verifier::unlock).
    Unlock,
    /// [`Verifier::forget`](crate::Verifier::forget).
    Forget,
    /// [`Verifier::import`](crate::Verifier::import).
    Import,
    /// [`Verifier::explain`](crate::Verifier::explain).
    Explain,
    /// [`Verifier::forgive`](crate::Verifier::forgive).
    Forgive,
    /// [`AccountCalls::enrol_totp`](crate::verifier::AccountCalls::enrol_totp).
    #[cfg(feature = "totp")]
    EnrolTotp,
    /// [`AccountCalls::import_totp`](crate::verifier::AccountCalls::import_totp).
    #[cfg(feature = "totp")]
    ImportTotp,
    /// [`AccountCalls::check_totp`](crate::verifier::AccountCalls::check_totp).
    #[cfg(feature = "totp")]
    CheckTotp,
    /// [`AccountCalls::reseal_totp`](crate::verifier::AccountCalls::reseal_totp).
    #[cfg(feature = "totp")]
    ResealTotp,
    /// [`AccountCalls::remove_totp`](crate::verifier::AccountCalls::remove_totp).
    #[cfg(feature = "totp")]
    RemoveTotp,
    /// [`AccountCalls::issue_recovery_codes`](crate::verifier::AccountCalls::issue_recovery_codes).
    #[cfg(feature = "totp")]
    IssueRecoveryCodes,
    /// [`AccountCalls::check_recovery_code`](crate::verifier::AccountCalls::check_recovery_code).
    #[cfg(feature = "totp")]
    CheckRecoveryCode,
    /// [`AccountCalls::recovery_codes_left`](crate::verifier::AccountCalls::recovery_codes_left).
    #[cfg(feature = "totp")]
    RecoveryCodesLeft,
    /// [`AccountCalls::status`](crate::verifier::AccountCalls::status).
    #[cfg(feature = "totp")]
    AccountStatus,
    /// [`AccountCalls::unlock`](crate::verifier::AccountCalls::unlock).
    #[cfg(feature = "totp")]
    UnlockAccount,
    /// [`AccountCalls::forget`](crate::verifier::AccountCalls::forget).
    #[cfg(feature = "totp")]
    ForgetAccount,
}

impl Call {
    /// Returns the name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Resend => "resend",
            Self::Check => "check",
            Self::Cancel => "cancel",
            Self::Undelivered => "undelivered",
            Self::Status => "status",
            Self::Unlock => "unlock",
            Self::Forget => "forget",
            Self::Import => "import",
            Self::Explain => "explain",
            Self::Forgive => "forgive",
            #[cfg(feature = "totp")]
            Self::EnrolTotp => "enrol_totp",
            #[cfg(feature = "totp")]
            Self::ImportTotp => "import_totp",
            #[cfg(feature = "totp")]
            Self::CheckTotp => "check_totp",
            #[cfg(feature = "totp")]
            Self::ResealTotp => "reseal_totp",
            #[cfg(feature = "totp")]
            Self::RemoveTotp => "remove_totp",
            #[cfg(feature = "totp")]
            Self::IssueRecoveryCodes => "issue_recovery_codes",
            #[cfg(feature = "totp")]
            Self::CheckRecoveryCode => "check_recovery_code",
            #[cfg(feature = "totp")]
            Self::RecoveryCodesLeft => "recovery_codes_left",
            #[cfg(feature = "totp")]
            Self::AccountStatus => "account_status",
            #[cfg(feature = "totp")]
            Self::UnlockAccount => "unlock_account",
            #[cfg(feature = "totp")]
            Self::ForgetAccount => "forget_account",
        }
    }
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The call succeeded: a code was issued or resent, a person verified, a record changed.
    Done,
    /// The policy did not allow the recipient on this channel.
    Denied(Reason),
    /// A limit was reached, or the code is not valid. The refusal says whether this caused a lock.
    Refused(Refusal),
    /// The [guard](crate::guard) refused the send, by this rule.
    #[cfg(feature = "alloc")]
    Guarded(crate::guard::Rule),
    /// The clock, the generator, the keys or a stored record cannot be used.
    Fault(Fault),
    /// The store could not answer.
    Store(StoreErrorKind),
    /// Concurrent calls kept changing the same record.
    Contended,
}

/// A completed call and its outcome. Contains no number, code, handle or key. The scope of what a
/// [guard](crate::guard) found can be a block of 100 numbers.
///
/// Set a hook with [`Verifier::with_events`](crate::Verifier::with_events).
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use countersign::{Channel, Keys, MemoryStore, PhoneNumber, Verifier};
///
/// let issued = Arc::new(AtomicU32::new(0));
/// let counter = Arc::clone(&issued);
/// let verifier = Verifier::new(Keys::from_secret([7; 32])?, MemoryStore::new())
///     .with_events(move |event| {
///         if event.name() == "issued" {
///             counter.fetch_add(1, Ordering::Relaxed);
///         }
///     });
/// let number: PhoneNumber = "+12025550162".parse()?;
/// let _ = verifier.start(number, Channel::Sms)?;
/// assert_eq!(issued.load(Ordering::Relaxed), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The call.
    pub call: Call,
    /// Its outcome.
    pub outcome: Outcome,
    /// The channel of the code, if the call knows it.
    pub channel: Option<Channel>,
    /// The region of the number; `None` for an email address or a number without a region.
    pub region: Option<Region>,
    /// The kind of the number, if the numbering plan knows it.
    pub kind: Option<Kind>,
    /// The number of swaps that the call needed. More than one means contention or a lost reply.
    pub swaps: u32,
    /// What the first rule of the [guard](crate::guard) found that spoke against the send. In
    /// monitor mode the outcome is `Done` nevertheless. A scope of one recipient names no number.
    #[cfg(feature = "alloc")]
    pub finding: Option<crate::guard::Finding>,
    /// The caps on spend of which this send used up one more part, and that part.
    #[cfg(feature = "alloc")]
    pub alarms: [Option<crate::guard::Alarm>; 3],
    /// Whether the guard could not read the tallies and decided without them, or could not change
    /// them. The call itself was not affected.
    pub has_lost_changes: bool,
    /// Whether the verdict stands although the failure counted ahead of it could not be taken back
    /// from the account. It stays counted.
    pub is_unsettled: bool,
}

impl Event {
    pub(crate) fn new(about: &About, error: Option<&Error>, swaps: u32) -> Self {
        let outcome = match error {
            None => Outcome::Done,
            Some(Error::Denied(reason)) => Outcome::Denied(*reason),
            Some(Error::Refused(refusal)) => Outcome::Refused(*refusal),
            #[cfg(feature = "alloc")]
            Some(Error::Guarded(ruling)) => ruling.rule().map_or(Outcome::Done, Outcome::Guarded),
            Some(Error::Fault(fault)) => Outcome::Fault(*fault),
            Some(Error::Store(error)) => Outcome::Store(error.kind()),
            Some(Error::Contended) => Outcome::Contended,
        };
        let About { call, channel, number } = *about;
        let kind = number.and_then(|number| match number.allocation() {
            Allocation::Assigned(kind) => Some(kind),
            Allocation::Unallocated | Allocation::Impossible => None,
        });
        let region = number.and_then(PhoneNumber::region);
        Self {
            call,
            outcome,
            channel,
            region,
            kind,
            swaps,
            #[cfg(feature = "alloc")]
            finding: None,
            #[cfg(feature = "alloc")]
            alarms: [None; 3],
            has_lost_changes: false,
            is_unsettled: false,
        }
    }

    /// Adds what the guard found.
    #[cfg(feature = "alloc")]
    pub(crate) fn set_ruling(&mut self, ruling: Option<&crate::guard::Ruling>) {
        use crate::guard::{Finding, Scope};
        let Some(ruling) = ruling else { return };
        self.finding = ruling.finding().map(|finding| match finding.scope {
            Scope::Recipient(Some(_)) => Finding { scope: Scope::Recipient(None), ..*finding },
            _ => *finding,
        });
        for (place, alarm) in self.alarms.iter_mut().zip(ruling.alarms()) {
            *place = Some(*alarm);
        }
    }

    /// Returns what happened, in snake case.
    ///
    /// - After a success: `issued`, `resent`, `verified`, `cancelled`, `undelivered`, `unlocked`,
    ///   `forgotten`, `status`, `imported`, `explained` or `forgiven`.
    /// - After one of an account's calls: `totp_enrolled`, `totp_imported`, `totp_verified`,
    ///   `totp_resealed`, `totp_removed`, `recovery_codes_issued`, `recovery_code_verified`,
    ///   `recovery_codes_counted`, `account_status`, `account_unlocked` or `account_forgotten`.
    /// - If the call caused a lock: `locked`.
    /// - Otherwise: `denied`, `refused`, `guarded`, `superseded`, `fault`, `store_fault` or
    ///   `contended`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.outcome {
            Outcome::Done => match self.call {
                Call::Start => "issued",
                Call::Resend => "resent",
                Call::Check => "verified",
                Call::Cancel => "cancelled",
                Call::Undelivered => "undelivered",
                Call::Unlock => "unlocked",
                Call::Forget => "forgotten",
                Call::Status => "status",
                Call::Import => "imported",
                Call::Explain => "explained",
                Call::Forgive => "forgiven",
                #[cfg(feature = "totp")]
                Call::EnrolTotp => "totp_enrolled",
                #[cfg(feature = "totp")]
                Call::ImportTotp => "totp_imported",
                #[cfg(feature = "totp")]
                Call::CheckTotp => "totp_verified",
                #[cfg(feature = "totp")]
                Call::ResealTotp => "totp_resealed",
                #[cfg(feature = "totp")]
                Call::RemoveTotp => "totp_removed",
                #[cfg(feature = "totp")]
                Call::IssueRecoveryCodes => "recovery_codes_issued",
                #[cfg(feature = "totp")]
                Call::CheckRecoveryCode => "recovery_code_verified",
                #[cfg(feature = "totp")]
                Call::RecoveryCodesLeft => "recovery_codes_counted",
                #[cfg(feature = "totp")]
                Call::AccountStatus => "account_status",
                #[cfg(feature = "totp")]
                Call::UnlockAccount => "account_unlocked",
                #[cfg(feature = "totp")]
                Call::ForgetAccount => "account_forgotten",
            },
            Outcome::Denied(_) => "denied",
            Outcome::Refused(
                Refusal::WrongCode { lock: Some(_), .. } | Refusal::Superseded { lock: Some(_), .. },
            ) => "locked",
            Outcome::Refused(Refusal::Superseded { .. }) => "superseded",
            Outcome::Refused(_) => "refused",
            #[cfg(feature = "alloc")]
            Outcome::Guarded(_) => "guarded",
            Outcome::Fault(_) => "fault",
            Outcome::Store(_) => "store_fault",
            Outcome::Contended => "contended",
        }
    }

    /// Returns the reason of a denial or a refusal, in snake case.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        match self.outcome {
            Outcome::Denied(reason) => Some(reason.as_str()),
            Outcome::Refused(refusal) => Some(refusal.as_str()),
            #[cfg(feature = "alloc")]
            Outcome::Guarded(rule) => Some(rule.as_str()),
            _ => None,
        }
    }
}

/// What a call is about, for its event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct About {
    /// The call.
    pub call: Call,
    /// The channel of the code, if known.
    pub channel: Option<Channel>,
    /// The recipient's phone number; `None` for an email address.
    pub number: Option<PhoneNumber>,
}

impl About {
    /// Creates the description of a call whose channel and number are not known yet.
    #[must_use]
    pub const fn new(call: Call) -> Self {
        Self { call, channel: None, number: None }
    }

    /// Sets the channel of the code.
    #[must_use]
    pub fn with_channel(self, channel: impl Into<Option<Channel>>) -> Self {
        Self { channel: channel.into(), ..self }
    }

    /// Sets the recipient's phone number.
    #[must_use]
    pub fn with_number(self, number: impl Into<Option<PhoneNumber>>) -> Self {
        Self { number: number.into(), ..self }
    }
}
