//! What is said when the program fails: registers and a backtrace, in addresses; the `isopod` command adds names and lines.

use crate::console::write_line;
use crate::hardware::{image, physical};
use crate::power::{self, Exit};
use core::panic::PanicInfo;

/// What the monitor saved of ring 3 when it faulted, in its order.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Registers {
    /// RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8 to R15.
    general: [u64; 15],
    page_fault_address: u64,
    vector: u64,
    error: u64,
    instruction: u64,
    flags: u64,
    stack: u64,
}

const NAMES: [&str; 15] =
    ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

/// Where the frame pointer is among the general registers.
const FRAME_POINTER: usize = 6;

/// The most frames of a backtrace.
const FRAMES: usize = 48;

/// Reports a fault and ends the machine.
pub(crate) fn report(registers: &Registers) -> ! {
    let Registers { vector, error, instruction, stack, flags, page_fault_address, general } = registers;
    write_line(format_args!(
        "fault: {} (vector {vector}, error {error:#x}) at {instruction:#x}",
        name(*vector)
    ));
    if *vector == PAGE_FAULT {
        write_line(format_args!("fault: address {page_fault_address:#x}"));
    }
    write_line(format_args!("fault: rsp {stack:#018x} rflags {flags:#x}"));
    for (names, values) in NAMES.chunks(3).zip(general.chunks(3)) {
        if let ([a, b, c], [x, y, z]) = (names, values) {
            write_line(format_args!("fault: {a:3} {x:#018x} {b:3} {y:#018x} {c:3} {z:#018x}"));
        }
    }
    write_line(format_args!("backtrace: {instruction:#x}"));
    write_backtrace(general[FRAME_POINTER]);
    power::off(Exit::Fault)
}

#[panic_handler]
fn panic(information: &PanicInfo<'_>) -> ! {
    write_line(format_args!("fault: {information}"));
    write_backtrace(crate::hardware::processor::frame_pointer());
    power::off(Exit::Fault)
}

/// Follows the chain of frame pointers, which may be broken or never end.
fn write_backtrace(mut frame: u64) {
    for _ in 0..FRAMES {
        let Some([next, return_address]) = physical::stack_words(frame) else { return };
        if !image::text().contains(&return_address) {
            return;
        }
        // The call lies before the address that it returns to.
        write_line(format_args!("backtrace: {:#x}", return_address - 1));
        if next <= frame {
            return;
        }
        frame = next;
    }
}

const PAGE_FAULT: u64 = 14;

fn name(vector: u64) -> &'static str {
    match vector {
        0 => "division by zero",
        3 => "breakpoint",
        6 => "invalid instruction",
        8 => "double fault",
        12 => "stack fault",
        13 => "general protection fault",
        PAGE_FAULT => "page fault",
        16 | 19 => "floating-point fault",
        17 => "misaligned access",
        18 => "machine check",
        _ => "fault",
    }
}
