#![doc = include_str!("../README.md")]

extern crate alloc;

mod answer;
mod event;
mod failure;
pub mod fuzz;
mod replay;
mod sent;
mod settings;
mod stream;

pub use answer::{Answer, Grounds};
pub use event::{Action, BadLine, Event, Line};
pub use failure::Failure;
pub use replay::Replay;
pub use settings::{Settings, policy};
pub use stream::{INPUT_HEADER, OUTPUT_HEADER, run};
