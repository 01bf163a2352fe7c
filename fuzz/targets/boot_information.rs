//! Boot information → memory map, devices, module: the loader's memory is the input, from address 0.

#![no_main]

use kernel::boot_information::BootInformation;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let look = |address: u64, length: u64| {
        let start = usize::try_from(address).ok()?;
        input.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    };
    let Ok(information) = BootInformation::parse(0, &look) else { return };
    assert!(information.ram().count() > 0);
    for window in information.windows() {
        assert!(window.length > 0);
    }
    let _last_of_several = information.option("debug");
    assert!(information.module.is_none_or(|module| module.start < module.end));
});
