//! The strict parser, held against a plain one.

use std::sync::LazyLock;

use crate::e164::Plan;

static PLAN: LazyLock<Plan> = LazyLock::new(Plan::read);

/// Any bytes.
pub fn run(data: &[u8]) {
    PLAN.judge(data);
}
