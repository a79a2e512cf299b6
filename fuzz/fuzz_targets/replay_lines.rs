#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| countersign_guard_replay::fuzz::replay_lines(data));
