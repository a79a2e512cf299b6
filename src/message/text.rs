//! Messages that are ready to be sent.

use core::fmt;

use super::size::SmsSize;
use super::template::{Piece, Template};
use super::{AppHash, AppName, Domain};
use crate::Code;

/// A message with its code. `Display` writes it without allocating; `Debug` hides the code.
///
/// The text can be written to any destination. `to_string` leaves the code in memory that is freed
/// without being wiped; [`to_wiped`](Self::to_wiped) does not.
#[derive(Clone, Copy, Debug)]
pub struct PasscodeText<'a> {
    pub(super) template: Template<'a>,
    pub(super) app: AppName<'a>,
    pub(super) code: &'a Code,
    pub(super) minutes: u64,
    pub(super) domain: Option<Domain<'a>>,
    pub(super) app_hash: Option<AppHash>,
}

impl PasscodeText<'_> {
    /// Returns the size of the text as an SMS.
    #[must_use]
    pub fn sms_size(&self) -> SmsSize {
        SmsSize::of(self)
    }

    /// Returns a copy on the heap that is wiped when it is dropped.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_wiped(&self) -> super::WipedText {
        super::WipedText::of(self)
    }
}

impl fmt::Display for PasscodeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.template.pieces() {
            match piece {
                Piece::Words(words) => f.write_str(words)?,
                Piece::Code => f.write_str(self.code.as_str())?,
                Piece::App => f.write_str(self.app.as_str())?,
                Piece::Minutes => write!(f, "{}", self.minutes)?,
                Piece::Unknown => {}
            }
        }
        if let Some(domain) = &self.domain {
            write!(f, "\n@{} #{}", domain.as_str(), self.code.as_str())?;
        }
        if let Some(hash) = &self.app_hash {
            f.write_str(if self.domain.is_some() { " " } else { "\n" })?;
            f.write_str(hash.as_str())?;
        }
        Ok(())
    }
}

/// The subject of an email. `Display` writes it. It is one line and does not contain the code.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub(super) template: Template<'a>,
    pub(super) app: AppName<'a>,
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.template.pieces() {
            match piece {
                Piece::Words(words) => f.write_str(words)?,
                Piece::App => f.write_str(self.app.as_str())?,
                Piece::Code | Piece::Minutes | Piece::Unknown => {}
            }
        }
        Ok(())
    }
}
