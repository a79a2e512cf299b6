//! Metrics and log lines for the verifier's events.

use std::borrow::Cow;
use std::sync::Arc;

use countersign::events::{Call, Event, Outcome};
use countersign::guard::{Alarm, Rule};
use countersign::{Channel, Kind, Region};
use tracing::{debug, info, warn};

use crate::metrics::Metrics;
use crate::request_id;

/// Returns a hook for [`Verifier::with_events`](countersign::Verifier::with_events) that counts and
/// logs every event. Events contain no phone numbers, addresses, codes or handles, so neither do
/// the metrics and the log.
pub fn hook(metrics: Arc<Metrics>) -> impl Fn(&Event) + Send + Sync + 'static {
    move |event| {
        metrics.count(event);
        log(event);
        event.alarms.iter().flatten().for_each(warn_of);
    }
}

/// Logs an event. Faults are warnings. Status calls are logged at debug level: they change nothing,
/// and every look at a user makes one. So are imports, of which there may be millions.
fn log(event: &Event) {
    // The macros need a level that is known at compile time.
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
                monitored = monitored(event).map(Rule::as_str),
                lost_changes = event.has_lost_changes.then_some(true),
                swaps = event.swaps,
                "verifier"
            )
        };
    }
    match (event.outcome, event.call) {
        (Outcome::Fault(_) | Outcome::Store(_) | Outcome::Contended, _) => line!(warn),
        _ if event.has_lost_changes => line!(warn),
        (_, Call::Status | Call::AccountStatus | Call::Import | Call::Explain) => line!(debug),
        _ => line!(info),
    }
}

/// Returns the rule by which the guard would have refused the send, were it not in monitor mode.
fn monitored(event: &Event) -> Option<Rule> {
    let is_send = matches!(event.call, Call::Start | Call::Resend) && event.outcome == Outcome::Done;
    event.finding.filter(|_| is_send).map(|finding| finding.rule)
}

/// Warns that a cap on spend is used up by half, or by nine tenths.
fn warn_of(alarm: &Alarm) {
    let (percent, cap) = (alarm.part * 100.0, alarm.cap);
    warn!(scope = %alarm.scope, percent, cap, "a cap on spend is nearly used up");
}

/// Returns why the call did not succeed, if known.
fn reason(event: &Event) -> Option<Cow<'static, str>> {
    match event.outcome {
        Outcome::Fault(fault) => Some(fault.to_string().into()),
        Outcome::Store(kind) => Some(format!("{kind:?}").into()),
        _ => event.reason().map(Cow::Borrowed),
    }
}
