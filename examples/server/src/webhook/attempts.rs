//! Delivery of a message, in one or more attempts.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep};

use super::gateway::{Answer, Gateway};
use super::metrics::{AttemptResult, Metrics};
use super::options::Options;
use super::payload::Payload;
use crate::sending::Delivery;

/// Attempts delivery until the gateway accepts or refuses the message, or its code expires.
pub(super) async fn deliver(
    gateway: &Gateway,
    payload: &Payload,
    options: Options,
    metrics: &Metrics,
) -> Delivery {
    let id = payload.id;
    let mut last = None;
    for (number, wait) in (1_u32..).zip(delays(options)) {
        let Some(answer) = gateway.attempt(payload).await else { break };
        metrics.attempted(result_of(answer));
        let asked = match answer {
            Answer::Accepted => {
                tracing::debug!(message_id = %id, tries = number, "delivered");
                return Delivery::Delivered;
            }
            Answer::Refused(status) => {
                tracing::warn!(message_id = %id, tries = number, status = status.as_u16(), "the gateway refused a message");
                return Delivery::GivenUp;
            }
            Answer::Unavailable(_, asked) => asked.unwrap_or_default(),
            Answer::TimedOut | Answer::Unreachable => Duration::ZERO,
        };
        tracing::debug!(message_id = %id, tries = number, ?answer, "the gateway did not accept a message");
        last = Some(answer);
        let wait = wait.max(asked);
        // Give up now if the next attempt would be too late.
        if payload.deadline.saturating_duration_since(Instant::now()) <= wait {
            break;
        }
        sleep(wait).await;
    }
    tracing::warn!(message_id = %id, ?last, "a message could not be delivered before its code expired");
    Delivery::GivenUp
}

/// Returns the delays between attempts, an endless sequence.
fn delays(options: Options) -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(options.first_wait)
        .with_max_delay(options.longest_wait)
        .without_max_times()
        .with_jitter()
        .build()
}

/// Returns the metrics' label for an answer.
const fn result_of(answer: Answer) -> AttemptResult {
    match answer {
        Answer::Accepted => AttemptResult::Delivered,
        Answer::Refused(_) => AttemptResult::Refused,
        Answer::Unavailable(..) => AttemptResult::Unavailable,
        Answer::TimedOut => AttemptResult::TimedOut,
        Answer::Unreachable => AttemptResult::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_their_maximum_with_jitter() {
        let options = Options::default();
        let mut base = options.first_wait;
        for wait in delays(options).take(200) {
            assert!(base <= wait && wait <= 2 * base, "{wait:?} after {base:?}");
            base = (2 * base).min(options.longest_wait);
        }
        let a: Vec<_> = delays(options).take(8).collect();
        let b: Vec<_> = delays(options).take(8).collect();
        assert_ne!(a, b);
    }
}
