//! The guard's metrics.

use countersign::Region;
use countersign::events::{Call, Event, Outcome};
use countersign::guard::{Alarm, Scope};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Counters of what the guard refused, monitored and lost.
#[derive(Debug, Default)]
pub struct GuardMetrics {
    findings: Family<ByRule, Counter>,
    alarms: Family<ByCap, Counter>,
    lost: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByRule {
    outcome: &'static str,
    rule: &'static str,
    region: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByCap {
    cap: &'static str,
    region: &'static str,
    percent: u8,
}

impl GuardMetrics {
    /// Adds the counters to a registry.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Sends that the guard refused, or in monitor mode would have refused, by rule and region";
        registry.register("guard_refusals", help, Family::clone(&self.findings));
        let help = "Caps on spend of which a part was used up";
        registry.register("guard_alarms", help, Family::clone(&self.alarms));
        let help = "Calls whose tallies could not be read or changed, and that went on without";
        registry.register("guard_lost_changes", help, self.lost.clone());
    }

    /// Counts what the guard had to do with a call.
    pub fn count(&self, event: &Event) {
        if event.has_lost_changes {
            self.lost.inc();
        }
        if !matches!(event.call, Call::Start | Call::Resend) {
            return;
        }
        let outcome = match event.outcome {
            Outcome::Guarded(_) => "refused",
            Outcome::Done => "monitored",
            _ => return,
        };
        if let Some(finding) = &event.finding {
            let region = event.region.map_or("", Region::as_str);
            self.findings.get_or_create(&ByRule { outcome, rule: finding.rule.as_str(), region }).inc();
        }
        for alarm in event.alarms.iter().flatten() {
            self.alarms.get_or_create(&ByCap::of(alarm)).inc();
        }
    }
}

impl ByCap {
    fn of(alarm: &Alarm) -> Self {
        let (cap, region) = match alarm.scope {
            Scope::Region(region) => ("region", region.map_or("", Region::as_str)),
            Scope::Tenant => ("tenant", ""),
            _ => ("all", ""),
        };
        Self { cap, region, percent: if alarm.part < 0.9 { 50 } else { 90 } }
    }
}
