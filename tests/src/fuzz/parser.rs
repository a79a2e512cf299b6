//! The strict parser, compared with a plain one.

use std::sync::LazyLock;

use crate::e164::Plan;

static PLAN: LazyLock<Plan> = LazyLock::new(Plan::read);

/// Takes any bytes.
pub fn run(data: &[u8]) {
    PLAN.compare(data);
}
