//! Figures for operators, in the text that Prometheus reads. No label can hold a number, an address or an id: they are routes,
//! names of errors and of channels.

use std::time::Duration;

use countersign::Channel;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::sending::Delivery;
use crate::webhook::Webhook;

/// From half a millisecond, which is a request over memory, to the longest that a client waits.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 20.0];

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    sends: Family<ByChannel, Counter>,
    denials: Family<ByReason, Counter>,
    checks: Family<ByResult, Counter>,
    deliveries: Family<ByResult, Counter>,
    requests: Family<ByRoute, Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByChannel {
    channel: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByReason {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByResult {
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByRoute {
    route: String,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("countersign");
        let (sends, denials, checks) = (Family::default(), Family::default(), Family::default());
        let deliveries = Family::default();
        let requests = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register(
            "sends",
            "Passcodes that were issued and handed to the sender",
            Family::clone(&sends),
        );
        registry.register("denials", "Answers that were errors, by their reason", Family::clone(&denials));
        registry.register("checks", "Codes that were shown, by what came of it", Family::clone(&checks));
        registry.register("deliveries", "Messages, by what became of them", Family::clone(&deliveries));
        let help = "How long requests took, by route and status";
        registry.register_with_unit("requests", help, Unit::Seconds, Family::clone(&requests));
        Self { registry, sends, denials, checks, deliveries, requests }
    }
}

impl Metrics {
    /// With the webhook's figures too.
    #[must_use]
    pub fn with(webhook: &Webhook) -> Self {
        let mut all = Self::default();
        webhook.figures().register(&mut all.registry);
        all
    }

    /// A passcode was issued and handed to the sender.
    pub fn sent(&self, channel: Channel) {
        self.sends.get_or_create(&ByChannel { channel: channel.as_str() }).inc();
    }

    /// An error was answered, for this reason.
    pub fn denied(&self, reason: &'static str) {
        self.denials.get_or_create(&ByReason { reason }).inc();
    }

    /// A code was shown: `passed`, or the error's type.
    pub fn checked(&self, result: &'static str) {
        self.checks.get_or_create(&ByResult { result }).inc();
    }

    /// It is known what became of a message.
    pub fn delivered(&self, delivery: Delivery) {
        let result = match delivery {
            Delivery::Delivered => "delivered",
            Delivery::GivenUp => "given_up",
        };
        self.deliveries.get_or_create(&ByResult { result }).inc();
    }

    /// A request was answered. `route` is the pattern of its path, never the path.
    pub fn request(&self, route: &str, status: u16, took: Duration) {
        let by = ByRoute { route: route.to_owned(), status };
        self.requests.get_or_create(&by).observe(took.as_secs_f64());
    }

    /// All of it.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // A string takes all that is written to it.
            Err(_) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_counted_under_its_name() {
        let metrics = Metrics::default();
        metrics.sent(Channel::Sms);
        metrics.sent(Channel::Sms);
        metrics.denied("too_many_requests");
        metrics.checked("passed");
        metrics.delivered(Delivery::GivenUp);
        metrics.request("/v1/users/{user_id}", 404, Duration::from_millis(3));
        let text = metrics.render();
        for line in [
            "countersign_sends_total{channel=\"sms\"} 2",
            "countersign_denials_total{reason=\"too_many_requests\"} 1",
            "countersign_checks_total{result=\"passed\"} 1",
            "countersign_deliveries_total{result=\"given_up\"} 1",
            "countersign_requests_seconds_bucket{le=\"0.0025\",route=\"/v1/users/{user_id}\",status=\"404\"} 0",
            "countersign_requests_seconds_bucket{le=\"0.005\",route=\"/v1/users/{user_id}\",status=\"404\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
    }
}
