//! See `faaslint_fuzz::TARGETS`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| faaslint_fuzz::one("cdk_java", data));
