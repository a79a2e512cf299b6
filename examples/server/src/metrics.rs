//! Metrics in the OpenMetrics text format. By their types, labels can't contain phone numbers,
//! addresses or ids: they are names defined in the program, and route patterns.

use std::time::Duration;

use axum::extract::MatchedPath;
use countersign::events::{Call, Event, Outcome};
use countersign::{Channel, Region};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::fraud::GuardMetrics;
use crate::sending::Delivery;
use crate::webhook::Webhook;

/// From half a millisecond, a request in memory, to the request timeout.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 20.0];

/// The server's metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    sends: Family<ByChannel, Counter>,
    events: Family<ByEvent, Counter>,
    denials: Family<ByReason, Counter>,
    checks: Family<ByResult, Counter>,
    deliveries: Family<ByResult, Counter>,
    requests: Family<ByRoute, Histogram>,
    in_flight: Gauge,
    guard: GuardMetrics,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByChannel {
    channel: &'static str,
}

/// The labels of a verifier event. Absent values are empty.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByEvent {
    event: &'static str,
    call: &'static str,
    reason: &'static str,
    channel: &'static str,
    region: &'static str,
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
        let (events, deliveries) = (Family::default(), Family::default());
        let requests = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register("sends", "Passcodes issued", Family::clone(&sends));
        let help = "Calls to the verifier, by outcome";
        registry.register("events", help, Family::clone(&events));
        registry.register("denials", "Error answers, by reason", Family::clone(&denials));
        registry.register("checks", "Codes checked, by result", Family::clone(&checks));
        registry.register("deliveries", "Messages, by result", Family::clone(&deliveries));
        let help = "Duration of requests, by route and status";
        registry.register_with_unit("requests", help, Unit::Seconds, Family::clone(&requests));
        let in_flight = Gauge::default();
        registry.register("requests_in_flight", "Requests being processed", in_flight.clone());
        let guard = GuardMetrics::default();
        guard.register(&mut registry);
        let all = Self { registry, sends, events, denials, checks, deliveries, requests, in_flight, guard };
        all.begin();
        all
    }
}

impl Metrics {
    /// Creates metrics that include the webhook's.
    #[must_use]
    pub fn with(webhook: &Webhook) -> Self {
        let mut all = Self::default();
        webhook.metrics().register(&mut all.registry);
        all
    }

    /// Creates counters at zero, so that monitoring sees their first increase.
    fn begin(&self) {
        for channel in Channel::ALL {
            drop(self.sends.get_or_create(&ByChannel { channel: channel.as_str() }));
        }
        for delivery in [Delivery::Delivered, Delivery::GivenUp] {
            drop(self.deliveries.get_or_create(&ByResult { result: name(delivery) }));
        }
    }

    /// Counts a call to the verifier.
    pub fn count(&self, event: &Event) {
        self.guard.count(event);
        let (name, reason) = (event.name(), event.reason());
        self.events
            .get_or_create(&ByEvent {
                event: name,
                call: event.call.as_str(),
                reason: reason.unwrap_or_default(),
                channel: event.channel.map_or("", Channel::as_str),
                region: event.region.map_or("", Region::as_str),
            })
            .inc();
        let is_done = event.outcome == Outcome::Done;
        match (event.call, event.channel) {
            (Call::Start | Call::Resend, Some(channel)) if is_done => {
                self.sends.get_or_create(&ByChannel { channel: channel.as_str() }).inc();
            }
            (Call::Check, _) => {
                let result = if is_done { "passed" } else { reason.unwrap_or(name) };
                self.checks.get_or_create(&ByResult { result }).inc();
            }
            _ => {}
        }
    }

    /// Counts an error answer by its reason: a name defined in the program, never a part of a
    /// request.
    ///
    /// ```compile_fail,E0597
    /// let metrics = countersign_server::metrics::Metrics::default();
    /// let number = String::from("+12025550162");
    /// metrics.denied(&number);
    /// ```
    pub fn denied(&self, reason: &'static str) {
        self.denials.get_or_create(&ByReason { reason }).inc();
    }

    /// Counts a message by its result.
    pub fn delivered(&self, delivery: Delivery) {
        self.deliveries.get_or_create(&ByResult { result: name(delivery) }).inc();
    }

    /// Records a request. The route is the router's pattern, which contains no part of the request,
    /// or `none` if no route matched.
    pub fn request(&self, route: Option<&MatchedPath>, status: u16, took: Duration) {
        let by = ByRoute { route: route.map_or("none", MatchedPath::as_str).to_owned(), status };
        self.requests.get_or_create(&by).observe(took.as_secs_f64());
    }

    /// Counts a request as in flight until the returned guard is dropped.
    #[must_use]
    pub fn in_flight(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Renders all metrics.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing to a string can't fail.
            Err(_) => String::new(),
        }
    }
}

/// A request in flight, until dropped.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

const fn name(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Delivered => "delivered",
        Delivery::GivenUp => "given_up",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::extract::Request;
    use axum::middleware::{Next, from_fn};
    use axum::response::Response;
    use axum::routing::{get, post};
    use countersign::{EmailAddress, Keys, MemoryStore, PhoneNumber, Verifier};

    use super::*;
    use crate::events::hook;

    fn has(text: &str, line: &str) {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }

    #[test]
    fn counts_by_label() {
        let metrics = Metrics::default();
        metrics.denied("too_many_requests");
        metrics.delivered(Delivery::GivenUp);
        metrics.request(None, 404, Duration::from_millis(3));
        let waiting = metrics.in_flight();
        let text = metrics.render();
        for line in [
            "countersign_denials_total{reason=\"too_many_requests\"} 1",
            "countersign_deliveries_total{result=\"given_up\"} 1",
            "countersign_requests_seconds_bucket{le=\"0.0025\",route=\"none\",status=\"404\"} 0",
            "countersign_requests_seconds_bucket{le=\"0.005\",route=\"none\",status=\"404\"} 1",
            "countersign_sends_total{channel=\"email\"} 0",
            "countersign_deliveries_total{result=\"delivered\"} 0",
            "countersign_requests_in_flight 1",
            "# EOF",
        ] {
            has(&text, line);
        }
        drop(waiting);
        has(&metrics.render(), "countersign_requests_in_flight 0");
    }

    /// Every call of a verifier, in memory.
    #[test]
    fn counts_verifier_events() {
        let metrics = Arc::new(Metrics::default());
        let keys = Keys::from_secret([7; 32]).unwrap();
        let verifier = Verifier::new(keys, MemoryStore::new()).with_events(hook(Arc::clone(&metrics)));
        let number: PhoneNumber = "+12025550162".parse().unwrap();
        let issued = verifier.start(number, Channel::Sms).unwrap();
        assert!(verifier.start(number, Channel::Sms).is_err());
        assert!(verifier.check(number, issued.handle(), "12345x").is_err());
        let verified = verifier.check(number, issued.handle(), issued.code().as_str()).unwrap();
        assert!(verifier.check(number, issued.handle(), issued.code().as_str()).is_err());
        verifier.unlock(verified.recipient()).unwrap();
        let address: EmailAddress = "a@example.com".parse().unwrap();
        let _ = verifier.start(address, Channel::Email).unwrap();
        let text = metrics.render();
        for line in [
            "countersign_sends_total{channel=\"sms\"} 1",
            "countersign_sends_total{channel=\"email\"} 1",
            "countersign_checks_total{result=\"passed\"} 1",
            "countersign_checks_total{result=\"malformed_code\"} 1",
            "countersign_checks_total{result=\"already_used\"} 1",
            "countersign_events_total{event=\"issued\",call=\"start\",reason=\"\",channel=\"sms\",region=\"US\"} 1",
            "countersign_events_total{event=\"issued\",call=\"start\",reason=\"\",channel=\"email\",region=\"\"} 1",
            "countersign_events_total{event=\"refused\",call=\"start\",reason=\"cooling_down\",channel=\"sms\",region=\"US\"} 1",
            "countersign_events_total{event=\"verified\",call=\"check\",reason=\"\",channel=\"sms\",region=\"US\"} 1",
            "countersign_events_total{event=\"unlocked\",call=\"unlock\",reason=\"\",channel=\"\",region=\"US\"} 1",
        ] {
            has(&text, line);
        }
        assert!(!text.contains("2025550162") && !text.contains("example.com"), "{text}");
    }

    #[tokio::test]
    async fn route_labels_contain_no_part_of_the_request() {
        let metrics = Arc::new(Metrics::default());
        let counted = Arc::clone(&metrics);
        let count = move |request: Request, next: Next| {
            let counted = Arc::clone(&counted);
            async move {
                let route = request.extensions().get::<MatchedPath>().cloned();
                let response: Response = next.run(request).await;
                counted.request(route.as_ref(), response.status().as_u16(), Duration::ZERO);
                response
            }
        };
        let app = Router::new()
            .route("/v1/users/{user_id}", get(|| async { "" }))
            .route("/v1/otps/sms/send", post(|| async { "" }))
            .layer(from_fn(count));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        for path in [
            "/v1/users/user-test-hidden",
            "/v1/users/+12025550162",
            "/v1/users/hidden@example.com?to=hidden",
            "/v1/otps/sms/send?to=%2B12025550162",
            "/hidden/+12025550162",
            "/%22hidden%22%0A",
        ] {
            let _ = client.get(format!("http://{address}{path}")).send().await.unwrap();
        }
        let text = metrics.render();
        has(&text, "countersign_requests_seconds_count{route=\"/v1/users/{user_id}\",status=\"200\"} 3");
        has(&text, "countersign_requests_seconds_count{route=\"/v1/otps/sms/send\",status=\"405\"} 1");
        has(&text, "countersign_requests_seconds_count{route=\"none\",status=\"404\"} 2");
        for hidden in ["hidden", "2025550162", "example.com", "%2B"] {
            assert!(!text.contains(hidden), "{hidden} is in {text}");
        }
    }
}
