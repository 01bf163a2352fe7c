//! Segments and times → connections → segments.
//!
//! An input is a story: the first octets make the machine, each after them says what happens next, and those behind it with
//! what. Peers open connections honestly and then do what they like, and so does the appliance. Whatever they do, every
//! segment is right and within its window, every octet is the one that was written, the memory keeps to its bound, and an
//! hour after all fell silent nothing of it is left.

#![no_main]

#[path = "segments/appliance.rs"]
mod actor;
#[path = "segments/machine.rs"]
mod machine;
#[path = "segments/pattern.rs"]
mod pattern;
#[path = "segments/peer.rs"]
mod peer;
#[path = "segments/story.rs"]
mod story;
#[path = "segments/wire.rs"]
mod wire;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((manner, rest)) = input.split_first_chunk::<2>() else { return };
    let mut story = story::Story::new(*manner);
    let mut rest = rest;
    for _ in 0..story::STEPS {
        let Some((step, behind)) = rest.split_first() else { break };
        rest = story.step(*step, behind);
    }
    story.end();
});
