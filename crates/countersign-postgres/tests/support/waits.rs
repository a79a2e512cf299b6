//! Timeouts that a busy machine does not exceed.

use std::time::Duration;

use countersign_postgres::Waits;

/// For what is no test of a timeout: only a call that hangs takes longer.
pub(crate) const PATIENT: Waits = Waits::new(Duration::from_secs(60), Duration::from_secs(60));
