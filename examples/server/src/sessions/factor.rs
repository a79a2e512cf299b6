//! Authentication factors as they appear in sessions.

use countersign::{Channel, Timestamp};
use serde_json::{Value, json};

use crate::clock::Rfc3339;

/// An authentication factor.
pub enum Factor {
    /// A passcode.
    Passcode {
        /// The channel of the code.
        channel: Channel,
        /// The `phone_id` or `email_id`.
        method_id: String,
        /// The phone number or email address.
        address: String,
    },
    /// A code of an authenticator app.
    Totp {
        /// The `totp_id`.
        totp_id: String,
    },
    /// A recovery code.
    RecoveryCode {
        /// The `totp_recovery_code_id`.
        recovery_code_id: String,
    },
}

impl Factor {
    /// The fields that tell factors apart.
    pub(super) const FIELDS: [&str; 6] = [
        "type",
        "delivery_method",
        "phone_number_factor",
        "email_factor",
        "authenticator_app_factor",
        "recovery_code_factor",
    ];

    pub(super) fn shown(&self, first: bool, now: Timestamp) -> Value {
        let at = Rfc3339(now);
        let (kind, method, name, value) = match self {
            Self::Passcode { channel: Channel::Email, method_id, address } => {
                ("otp", "email", "email_factor", json!({ "email_id": method_id, "email_address": address }))
            }
            Self::Passcode { channel, method_id, address } => {
                let value = json!({ "phone_id": method_id, "phone_number": address });
                ("otp", channel.as_str(), "phone_number_factor", value)
            }
            Self::Totp { totp_id } => {
                ("totp", "authenticator_app", "authenticator_app_factor", json!({ "totp_id": totp_id }))
            }
            Self::RecoveryCode { recovery_code_id } => {
                let value = json!({ "totp_recovery_code_id": recovery_code_id });
                ("recovery_codes", "recovery_code", "recovery_code_factor", value)
            }
        };
        json!({
            "type": kind,
            "delivery_method": method,
            "last_authenticated_at": at,
            "created_at": at,
            "updated_at": at,
            "sequence_order": if first { "PRIMARY" } else { "SECONDARY" },
            name: value,
        })
    }
}
