//! The policy for second factors: plain data in, a decision out.
//!
//! After a login by a first factor, [`Login::decide`] says whether it opens a session or what is
//! missing. It is asked again after each further step.
//!
//! A host usually leaves the decision to the calls of an [account](crate::Verifier::account), which
//! take [proofs](Proof) instead of plain data and yield a [`SessionGrant`]. Between the factors, the
//! client holds a [`LoginToken`].
//!
//! ```
//! use countersign::mfa::{AllowedMethods, Login, Member, Method, Methods, MfaDecision, MfaPolicy};
//! use countersign::mfa::{OpenedBy, Organisation};
//!
//! let organisation = Organisation { policy: MfaPolicy::RequiredForAll, allowed: AllowedMethods::All };
//! let member = Member { registered: Method::Totp.into(), ..Member::default() };
//! let login = Login { organisation, member, opened_by: OpenedBy::Email, proven: Methods::NONE };
//! assert_eq!(
//!     login.decide()?,
//!     MfaDecision::SecondFactor { methods: Method::Totp.into(), default: Method::Totp }
//! );
//! let login = Login { proven: Method::Totp.into(), ..login };
//! assert_eq!(login.decide()?, MfaDecision::Session);
//! # Ok::<(), countersign::mfa::MfaError>(())
//! ```

mod decision;
mod desk;
mod grant;
mod login;
mod method;
mod proof;
mod step;
mod token;

pub use decision::{MfaDecision, MfaError};
pub(crate) use desk::{open, proceed};
pub(crate) use grant::CodesOf;
pub use grant::{MayEnrol, SessionGrant};
pub use login::{AllowedMethods, Login, Member, MfaPolicy, OpenedBy, Organisation};
pub use method::{Method, Methods, MethodsIter, UnknownMethod};
pub use proof::{FirstFactor, Proof};
pub use step::{LoginError, LoginRules, LoginStep};
pub use token::{LoginToken, LoginTokenError};
