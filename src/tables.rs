//! Static tables that the build script generates from `data/*.csv`.

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
