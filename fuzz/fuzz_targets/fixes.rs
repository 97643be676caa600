//! A template and the code it deploys, cut apart at a zero byte; what can be mended is, and read again.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (template, code) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    faaslint_fuzz::mend(&[("template.yaml", template), ("src/main.rs", code)]);
});
