//! The tables that `build.rs` makes of `data/*.csv`.

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
