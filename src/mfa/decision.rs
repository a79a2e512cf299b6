//! The decision about a login.

use core::fmt;

use super::login::{AllowedMethods, Login, MfaPolicy};
use super::method::{Method, Methods};

/// The decision about a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum MfaDecision {
    /// The login opens a session.
    Session,
    /// One of these methods must be proven first.
    SecondFactor {
        /// The methods that are registered and allowed.
        methods: Methods,
        /// The one to offer first: the member's own default if it is among them, otherwise the
        /// first.
        default: Method,
    },
    /// One of these methods must be proven before another can be enrolled. They are registered, but
    /// no longer allowed, so that they open nothing. Without this step, someone who holds only the
    /// first factor could enrol a second one.
    Prove(Methods),
    /// One of these methods must be enrolled first.
    Enrol(Methods),
    /// No method can be used or enrolled: only an administrator can help.
    Stuck,
}

impl Login {
    /// Decides what the login opens. The first rule that applies:
    ///
    /// | condition | decision |
    /// |---|---|
    /// | restricted to no method | [`MfaError::EmptyMethodList`] |
    /// | not required for all, and the member is not enrolled | [`Session`](MfaDecision::Session) |
    /// | a proven, registered method is allowed | `Session` |
    /// | registered methods are allowed | [`SecondFactor`](MfaDecision::SecondFactor): these |
    /// | there are registered methods, none of them proven | [`Prove`](MfaDecision::Prove): these |
    /// | there are allowed methods that are not registered | [`Enrol`](MfaDecision::Enrol): these |
    /// | otherwise | [`Stuck`](MfaDecision::Stuck) |
    ///
    /// All methods are allowed unless the organisation restricts them and the member is not a
    /// break-glass member. The factor that opened the login counts neither as registered nor as
    /// one to enrol: it cannot be its own second factor (NIST SP 800-63B-4 §2.2 requires two
    /// distinct factors).
    ///
    /// # Errors
    ///
    /// [`MfaError::EmptyMethodList`] if the organisation restricts methods to an empty set, even
    /// where no method is needed.
    pub fn decide(&self) -> Result<MfaDecision, MfaError> {
        let (organisation, member) = (self.organisation, self.member);
        let allowed = match organisation.allowed {
            AllowedMethods::Only(methods) if methods.is_empty() => return Err(MfaError::EmptyMethodList),
            AllowedMethods::Only(methods) if !member.is_break_glass => methods,
            AllowedMethods::Only(_) | AllowedMethods::All => Methods::ALL,
        };
        let first_factor = self.opened_by.same_factor();
        let registered = member.registered.without(first_factor);
        let usable = registered.and(allowed);
        let to_enrol = allowed.without(registered).without(first_factor);

        let is_required = organisation.policy == MfaPolicy::RequiredForAll || member.is_enrolled;
        if !is_required || !usable.and(self.proven).is_empty() {
            return Ok(MfaDecision::Session);
        }
        let own = member.default_method.filter(|method| usable.contains(*method));
        if let Some(default) = own.or_else(|| usable.iter().next()) {
            return Ok(MfaDecision::SecondFactor { methods: usable, default });
        }
        Ok(if !registered.is_empty() && registered.and(self.proven).is_empty() {
            MfaDecision::Prove(registered)
        } else if !to_enrol.is_empty() {
            MfaDecision::Enrol(to_enrol)
        } else {
            MfaDecision::Stuck
        })
    }
}

/// The error of settings that allow no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MfaError {
    /// The organisation restricts methods to an empty set.
    EmptyMethodList,
}

impl MfaError {
    /// Returns the error in snake case: `empty_method_list`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmptyMethodList => "empty_method_list",
        }
    }
}

impl fmt::Display for MfaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyMethodList => f.write_str("the organisation allows no method; list at least one"),
        }
    }
}

impl core::error::Error for MfaError {}
