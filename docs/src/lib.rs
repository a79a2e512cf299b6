//! The pages of `docs/` as modules, so that `cargo test -p countersign-docs` compiles and runs
//! their Rust code. Nothing else is in this crate.

#[doc = include_str!("../README.md")]
pub mod documents {}

#[doc = include_str!("../design.md")]
pub mod design {}

#[doc = include_str!("../evidence.md")]
pub mod evidence {}

#[doc = include_str!("../figures.md")]
pub mod figures {}

#[doc = include_str!("../agreement.md")]
pub mod agreement {}

#[doc = include_str!("../../CONTRIBUTING.md")]
pub mod contributing {}

/// The guide.
pub mod guide {
    #[doc = include_str!("../guide/in-memory.md")]
    pub mod in_memory {}

    #[doc = include_str!("../guide/axum-redis.md")]
    pub mod axum_redis {}

    #[doc = include_str!("../guide/limits.md")]
    pub mod limits {}

    #[doc = include_str!("../guide/formats.md")]
    pub mod formats {}

    #[doc = include_str!("../guide/toll-fraud.md")]
    pub mod toll_fraud {}

    #[doc = include_str!("../guide/second-factors.md")]
    pub mod second_factors {}

    #[doc = include_str!("../guide/operating.md")]
    pub mod operating {}

    #[doc = include_str!("../guide/migrating.md")]
    pub mod migrating {}

    #[doc = include_str!("../guide/numbering-plan.md")]
    pub mod numbering_plan {}
}
