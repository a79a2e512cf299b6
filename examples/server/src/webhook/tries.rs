//! From the first try of a message to the last.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep};

use super::figures::{Figures, TryResult};
use super::gateway::{Answer, Gateway};
use super::options::Options;
use super::parcel::Parcel;
use crate::sending::Delivery;

/// Tries a message until the gateway has it or refuses it, or its code is dead.
pub(super) async fn deliver(
    gateway: &Gateway,
    parcel: &Parcel,
    options: Options,
    figures: &Figures,
) -> Delivery {
    let id = parcel.id;
    let mut last = None;
    for (number, wait) in (1_u32..).zip(waits(options)) {
        let Some(answer) = gateway.try_once(parcel).await else { break };
        figures.tried(result_of(answer));
        let asked = match answer {
            Answer::Accepted => {
                tracing::debug!(message_id = %id, tries = number, "delivered");
                return Delivery::Delivered;
            }
            Answer::Refused(status) => {
                tracing::warn!(message_id = %id, tries = number, status = status.as_u16(), "the webhook refused a message");
                return Delivery::GivenUp;
            }
            Answer::Unavailable(_, asked) => asked.unwrap_or_default(),
            Answer::TimedOut | Answer::Unreachable => Duration::ZERO,
        };
        tracing::debug!(message_id = %id, tries = number, ?answer, "the webhook did not take a message");
        last = Some(answer);
        let wait = wait.max(asked);
        // Whoever waits for a message that can't come in time is told now.
        if parcel.deadline.saturating_duration_since(Instant::now()) <= wait {
            break;
        }
        sleep(wait).await;
    }
    tracing::warn!(message_id = %id, ?last, "a message could not be delivered while its code lived");
    Delivery::GivenUp
}

/// The waits between tries, without end.
fn waits(options: Options) -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(options.first_wait)
        .with_max_delay(options.longest_wait)
        .without_max_times()
        .with_jitter()
        .build()
}

/// How an answer is counted.
const fn result_of(answer: Answer) -> TryResult {
    match answer {
        Answer::Accepted => TryResult::Delivered,
        Answer::Refused(_) => TryResult::Refused,
        Answer::Unavailable(..) => TryResult::Unavailable,
        Answer::TimedOut => TryResult::TimedOut,
        Answer::Unreachable => TryResult::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_differ() {
        let options = Options::default();
        let mut base = options.first_wait;
        for wait in waits(options).take(200) {
            assert!(base <= wait && wait <= 2 * base, "{wait:?} after {base:?}");
            base = (2 * base).min(options.longest_wait);
        }
        let a: Vec<_> = waits(options).take(8).collect();
        let b: Vec<_> = waits(options).take(8).collect();
        assert_ne!(a, b);
    }
}
