//! Any text as a program file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::program_file(bytes));
