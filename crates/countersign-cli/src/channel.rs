//! The channels that have policies.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use countersign::Channel;
use countersign::policy::Decision;

/// The channels that reach phone numbers.
pub(crate) const CHANNELS: [Channel; 2] = [Channel::Sms, Channel::WhatsApp];

/// Parses the name of a channel that reaches phone numbers.
pub(crate) fn parser() -> impl TypedValueParser<Value = Channel> {
    PossibleValuesParser::new(["sms", "whatsapp"]).try_map(|name| name.parse::<Channel>())
}

/// Returns the reason of a denial: an error type, a colon and the detail. Empty if allowed.
pub(crate) fn reason(decision: Decision) -> String {
    decision.reason().map_or(String::new(), |why| format!("{}:{}", why.wire_name(), why.as_str()))
}
