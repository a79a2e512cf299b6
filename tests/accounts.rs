//! Accounts: one code, one success; one failure budget over all factors; and charges that are made
//! before a verdict can be read. The laws hold for any interleaving of calls, with lost replies,
//! late writes, store errors and crashes.

mod clocks;
mod crashes;
mod crowd;
mod guesses;
mod joined;
mod ledger;
mod one_success;
mod rotation;
mod scene;
mod sequences;
mod settling;
mod unsettled;
mod world;
