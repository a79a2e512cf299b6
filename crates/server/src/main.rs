//! The example server's program.

fn main() {}
