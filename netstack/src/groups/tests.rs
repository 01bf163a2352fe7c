use super::maximum_response_delay;
use core::time::Duration;

#[test]
fn rfc3810_section_5_1_3_maximum_response_code() {
    for (code, milliseconds) in [
        (0, 0),
        (10_000, 10_000),
        (0x7fff, 32_767),
        // (mantissa | 0x1000) << (exponent + 3)
        (0x8000, 0x1000 << 3),
        (0x8fff, 0x1fff << 3),
        (0x9abc, 0x1abc << 4),
        (0xffff, 0x1fff << 10),
    ] {
        assert_eq!(maximum_response_delay(code), Duration::from_millis(milliseconds), "{code:04x}");
    }
}
