//! Bad input from outside (records, clocks, stores, generators): a named error, no verdict, and
//! nothing lost.

mod calls;
mod clocks;
mod generators;
mod lost_replies;
mod records;
mod stores;
mod transplants;
