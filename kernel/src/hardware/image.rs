//! Where the parts of the image lie, as the linker script says.

use core::ops::Range;

unsafe extern "C" {
    static _monitor_start: u8;
    static _monitor_data: u8;
    static _monitor_end: u8;
    static _text_start: u8;
    static _text_end: u8;
    static _rodata_start: u8;
    static _rodata_end: u8;
    static _data_start: u8;
    static _data_end: u8;
    static _stack_start: u8;
    static _stack_end: u8;
    static _emergency_stack_start: u8;
    static _emergency_stack_end: u8;
    static _image_end: u8;
}

/// A part of the image, page-aligned at both ends.
macro_rules! part {
    ($(#[$doc:meta] $name:ident = $start:ident .. $end:ident;)*) => {
        $(
            #[$doc]
            pub(crate) fn $name() -> Range<u64> {
                (&raw const $start).addr() as u64..(&raw const $end).addr() as u64
            }
        )*
    };
}

part! {
    /// The monitor's code and constants: ring 0's alone.
    monitor = _monitor_start.._monitor_data;
    /// The monitor's stack and task state: likewise.
    monitor_data = _monitor_data.._monitor_end;
    /// Code.
    text = _text_start.._text_end;
    /// Constants.
    constants = _rodata_start.._rodata_end;
    /// Variables.
    variables = _data_start.._data_end;
    /// The stack; a page on either side is mapped nowhere.
    stack = _stack_start.._stack_end;
    /// The stack on which faults are reported; likewise.
    emergency_stack = _emergency_stack_start.._emergency_stack_end;
    /// All of it.
    whole = _monitor_start.._image_end;
}
