//! The config, in a file of its own and in a manifest, and a baseline.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Ok(config) = faaslint::config::parse(&text) {
        let _ = config.excluded();
        let _ = config.allows();
        let _ = config.apply(faaslint::rule::embedded());
    }
    let _ = faaslint::config::parse_manifest(&text);
    let _ = faaslint::engine::read_baseline(&text);
});
