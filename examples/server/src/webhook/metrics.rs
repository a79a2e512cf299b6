//! The webhook's metrics.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Waiting messages, and attempts by result. Clones share the same counters.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    waiting: Gauge,
    attempts: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Metrics {
    /// Adds the metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "webhook_waiting",
            "Messages for the webhook that are neither delivered nor given up",
            self.waiting.clone(),
        );
        registry.register(
            "webhook_tries",
            "Requests to the webhook by result: delivered, refused (not retried), unavailable (408, 429, 5xx), timed_out, unreachable",
            self.attempts.clone(),
        );
    }

    /// Returns the number of messages that are neither delivered nor given up.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        u64::try_from(self.waiting.get()).unwrap_or(0)
    }

    /// Returns the number of attempts with this result: `delivered`, `refused`, `unavailable`,
    /// `timed_out` or `unreachable`.
    #[must_use]
    pub fn attempts(&self, result: &'static str) -> u64 {
        self.attempts.get(&[("result", result)]).map_or(0, |counter| counter.get())
    }

    pub(super) fn attempted(&self, result: AttemptResult) {
        self.attempts.get_or_create(&[("result", result.as_str())]).inc();
    }

    /// Counts a message as waiting until the returned guard is dropped.
    pub(super) fn wait(&self) -> Waiting {
        self.waiting.inc();
        Waiting(self.waiting.clone())
    }
}

/// The result of an attempt, as counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttemptResult {
    Delivered,
    Refused,
    Unavailable,
    TimedOut,
    Unreachable,
}

impl AttemptResult {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
        }
    }
}

pub(super) struct Waiting(Gauge);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}
