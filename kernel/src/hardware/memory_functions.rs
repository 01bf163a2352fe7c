//! What compiled code calls to move memory, and nobody else here supplies.
//!
//! Most calls move a name, a header or a record: a few dozen octets. Those take two overlapping loads and stores; from
//! [`STRING_INSTRUCTION`] octets on the processor's own string instructions win.

use core::arch::asm;
use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    _mm_setzero_si128, _mm_storeu_si128,
};

/// From here on `rep movsb` is as fast as any loop (fast short REP MOV moves it lower; measured at 1 KiB it costs nothing).
const STRING_INSTRUCTION: usize = 1024;

/// Copies octets between places that do not overlap.
///
/// # Safety
///
/// As C's `memcpy`.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(target: *mut u8, source: *const u8, count: usize) -> *mut u8 {
    // SAFETY: the caller's promise; every access below stays within `count` octets of either pointer.
    unsafe {
        match count {
            0 => {}
            1..=3 => {
                let middle = source.add(count / 2).read();
                let last = source.add(count - 1).read();
                target.write(source.read());
                target.add(count / 2).write(middle);
                target.add(count - 1).write(last);
            }
            4..=7 => copy_ends::<u32>(target, source, count),
            8..=15 => copy_ends::<u64>(target, source, count),
            16..=32 => copy_ends::<__m128i>(target, source, count),
            33..STRING_INSTRUCTION => copy_blocks(target, source, count),
            _ => copy_words(target, source, count),
        }
    }
    target
}

/// Copies 64-bit words by a string instruction and the last ones, which may overlap them, by themselves. Where string
/// instructions are emulated an octet at a time, words are eight times as fast.
#[inline(always)]
unsafe fn copy_words(target: *mut u8, source: *const u8, count: usize) {
    // SAFETY: the words end within 7 octets of `count`, and the last one begins 8 before it.
    unsafe {
        let last = source.add(count - 8).cast::<u64>().read_unaligned();
        asm!("rep movsq", inout("rcx") count / 8 => _, inout("rdi") target => _, inout("rsi") source => _,
             options(nostack, preserves_flags));
        target.add(count - 8).cast::<u64>().write_unaligned(last);
    }
}

/// Copies `size_of::<T>()..=2 * size_of::<T>()` octets: the first and the last `T`, which may overlap. Both are loaded before
/// either is stored, so the places may overlap too.
#[inline(always)]
unsafe fn copy_ends<T: Copy>(target: *mut u8, source: *const u8, count: usize) {
    // SAFETY: `count` is at least the size of T; the accesses are unaligned.
    unsafe {
        let last = count - size_of::<T>();
        let front = source.cast::<T>().read_unaligned();
        let back = source.add(last).cast::<T>().read_unaligned();
        target.cast::<T>().write_unaligned(front);
        target.add(last).cast::<T>().write_unaligned(back);
    }
}

/// Copies more than 32 octets upwards, 32 at a time; the last 32 are loaded first.
#[inline(always)]
unsafe fn copy_blocks(target: *mut u8, source: *const u8, count: usize) {
    // SAFETY: every block begins below `count - 32`, the tail at it.
    unsafe {
        let tail = count - 32;
        let tail_front = _mm_loadu_si128(source.add(tail).cast());
        let tail_back = _mm_loadu_si128(source.add(tail + 16).cast());
        let mut at = 0;
        while at < tail {
            let front = _mm_loadu_si128(source.add(at).cast());
            let back = _mm_loadu_si128(source.add(at + 16).cast());
            _mm_storeu_si128(target.add(at).cast(), front);
            _mm_storeu_si128(target.add(at + 16).cast(), back);
            at += 32;
        }
        _mm_storeu_si128(target.add(tail).cast(), tail_front);
        _mm_storeu_si128(target.add(tail + 16).cast(), tail_back);
    }
}

/// Copies octets between places that may overlap.
///
/// # Safety
///
/// As C's `memmove`.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(target: *mut u8, source: *const u8, count: usize) -> *mut u8 {
    // Upwards, a block is stored after every block below it was loaded; so only a target inside the source needs care.
    if target.addr().wrapping_sub(source.addr()) >= count {
        // SAFETY: the target begins outside the source or below it, and copying upwards reads before it writes over.
        unsafe {
            return copy_upwards(target, source, count);
        }
    }
    // SAFETY: the caller's promise; downwards nothing is written over that is still to be read.
    unsafe {
        if count <= 32 {
            return copy_upwards(target, source, count);
        }
        let mut left = count;
        while left >= 16 {
            left -= 16;
            let block = _mm_loadu_si128(source.add(left).cast());
            _mm_storeu_si128(target.add(left).cast(), block);
        }
        while left > 0 {
            left -= 1;
            target.add(left).write_volatile(source.add(left).read());
        }
    }
    target
}

/// Copies upwards, or by loading all before storing any if that is at most 32 octets.
unsafe fn copy_upwards(target: *mut u8, source: *const u8, count: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        if count <= 32 {
            return memcpy(target, source, count);
        }
        let mut at = 0;
        while count - at >= 16 {
            let block = _mm_loadu_si128(source.add(at).cast());
            _mm_storeu_si128(target.add(at).cast(), block);
            at += 16;
        }
        while at < count {
            target.add(at).write_volatile(source.add(at).read());
            at += 1;
        }
    }
    target
}

/// Fills octets.
///
/// # Safety
///
/// As C's `memset`.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(target: *mut u8, value: i32, count: usize) -> *mut u8 {
    // C converts the value to unsigned char.
    let value = value.to_le_bytes()[0];
    // SAFETY: the caller's promise; every access stays within `count` octets.
    unsafe {
        if count < 16 {
            let mut at = 0;
            while at < count {
                target.add(at).write_volatile(value);
                at += 1;
            }
        } else if count < STRING_INSTRUCTION {
            let block = _mm_set1_epi8(value.cast_signed());
            let mut at = 0;
            while at + 16 < count {
                _mm_storeu_si128(target.add(at).cast(), block);
                at += 16;
            }
            _mm_storeu_si128(target.add(count - 16).cast(), block);
        } else {
            let word = u64::from_ne_bytes([value; 8]);
            asm!("rep stosq", inout("rcx") count / 8 => _, inout("rdi") target => _, in("rax") word,
                 options(nostack, preserves_flags));
            target.add(count - 8).cast::<u64>().write_unaligned(word);
        }
    }
    target
}

/// Compares octets in order.
///
/// # Safety
///
/// As C's `memcmp`.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(first: *const u8, second: *const u8, count: usize) -> i32 {
    let mut at = 0;
    // SAFETY: the caller's promise; every access stays within `count` octets.
    unsafe {
        while count - at >= 8 {
            let a = first.add(at).cast::<u64>().read_unaligned();
            let b = second.add(at).cast::<u64>().read_unaligned();
            if a != b {
                return if a.swap_bytes() < b.swap_bytes() { -1 } else { 1 };
            }
            at += 8;
        }
        while at < count {
            let (a, b) = (first.add(at).read(), second.add(at).read());
            if a != b {
                return i32::from(a) - i32::from(b);
            }
            at += 1;
        }
    }
    0
}

/// Says whether octets differ.
///
/// # Safety
///
/// As `memcmp`.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(first: *const u8, second: *const u8, count: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { memcmp(first, second, count) }
}

/// Counts octets before the first zero.
///
/// # Safety
///
/// As C's `strlen`.
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut length = 0;
    // SAFETY: the caller's promise: there is a zero.
    while unsafe { text.add(length).read_volatile() } != 0 {
        length += 1;
    }
    length
}

/// Makes octets zero, and writes to those of their pages alone that are not so already.
///
/// # Safety
///
/// As C's `memset`.
pub(super) unsafe fn clear(target: *mut u8, count: usize) {
    const PAGE: usize = 4096;
    let mut at = 0;
    while at < count {
        let length = (count - at).min(PAGE);
        // SAFETY: the caller's promise; no part ends behind `count`.
        unsafe {
            let part = target.add(at);
            if length < PAGE || !is_zero::<PAGE>(part) {
                part.write_bytes(0, length);
            }
        }
        at += length;
    }
}

/// Whether so many octets, a multiple of 64, are zero. All are looked at: a test for each step costs more, most of all where
/// instructions are emulated, than the rest of a page that is not.
unsafe fn is_zero<const COUNT: usize>(start: *const u8) -> bool {
    const { assert!(COUNT.is_multiple_of(64), "four words a step") };
    // SAFETY: the caller's promise: four words more begin below `COUNT`.
    unsafe {
        let mut all = [_mm_setzero_si128(); 4];
        for step in (0..COUNT).step_by(64) {
            for (word, all) in all.iter_mut().enumerate() {
                *all = _mm_or_si128(*all, _mm_loadu_si128(start.add(step + 16 * word).cast()));
            }
        }
        let [a, b, c, d] = all;
        let all = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        _mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_setzero_si128())) == 0xffff
    }
}
