//! What becomes of the verifier's calls, for the metrics and the log.

use std::borrow::Cow;
use std::sync::Arc;

use countersign::events::{Call, Event, Outcome};
use countersign::{Channel, Kind, Region};
use tracing::{debug, info, warn};

use crate::metrics::Metrics;
use crate::request_id;

/// A hook for [`Verifier::with_events`](countersign::Verifier::with_events), which counts every event and
/// writes a line about it. No event has a number, an address, a code or a handle, so neither do these.
pub fn told_to(metrics: Arc<Metrics>) -> impl Fn(&Event) + Send + Sync + 'static {
    move |event| {
        metrics.happened(event);
        log(event);
    }
}

/// A fault is a warning to the operator. A status changes nothing, and every look at a user asks for one.
fn log(event: &Event) {
    // The macros want a level that is known when they are compiled.
    macro_rules! line {
        ($level:ident) => {
            $level!(
                request_id = request_id::known(),
                event = event.name(),
                call = event.call.as_str(),
                reason = reason(event).as_deref(),
                channel = event.channel.map(Channel::as_str),
                region = event.region.map(Region::as_str),
                kind = event.kind.map(Kind::as_str),
                swaps = event.swaps,
                "verifier"
            )
        };
    }
    match (event.outcome, event.call) {
        (Outcome::Fault(_) | Outcome::Store(_) | Outcome::Contended, _) => line!(warn),
        (_, Call::Status) => line!(debug),
        _ => line!(info),
    }
}

/// Why it was not done, if it says so.
fn reason(event: &Event) -> Option<Cow<'static, str>> {
    match event.outcome {
        Outcome::Fault(fault) => Some(fault.to_string().into()),
        Outcome::Store(kind) => Some(format!("{kind:?}").into()),
        _ => event.reason().map(Cow::Borrowed),
    }
}
