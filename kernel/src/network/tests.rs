extern crate std;

use super::*;
use crate::hardware::registers::Registers;
use std::boxed::Box;
use std::vec::Vec;

const SIZE: u16 = 64;

fn link() -> NetworkLink {
    let registers = Registers::over(Box::leak(Box::new([0; 128])));
    let transport = Transport::over(registers);
    NetworkLink::start(
        transport,
        Queue::new(SIZE),
        Queue::new(SIZE),
        EthernetAddress([2, 0, 0, 0, 0, 1]),
        1500,
    )
}

/// The device receives a frame into a buffer that was offered.
fn deliver(link: &mut NetworkLink, buffer: u16, frame: &[u8]) {
    let place = link.frames.write(buffer);
    place[..HEADER].fill(0);
    place[HEADER..HEADER + frame.len()].copy_from_slice(frame);
    link.receive.use_as_device(u32::from(buffer), u32::try_from(HEADER + frame.len()).expect("small"));
}

fn waiting(link: &NetworkLink) -> usize {
    link.owners.iter().filter(|owner| **owner == Owner::Receiving).count()
}

#[test]
fn a_frame_that_is_dropped_returns_its_buffer() {
    let mut link = link();
    let before = waiting(&link);
    for _ in 0..1000 {
        deliver(&mut link, 63, &[7; 60]);
        let received = link.receive().expect("a frame");
        assert_eq!(received.bytes(), [7; 60]);
        drop(received);
        link.flush();
        assert_eq!(waiting(&link), before);
    }
}

#[test]
fn a_frame_that_is_answered_returns_its_buffer_when_it_was_sent() {
    let mut link = link();
    let before = waiting(&link);
    for _ in 0..1000 {
        deliver(&mut link, 63, &[7; 60]);
        let mut received = link.receive().expect("a frame");
        received.buffer()[..4].copy_from_slice(b"echo");
        received.reply(100);
        link.flush();
        assert_eq!(waiting(&link), before - 1);
        assert_eq!(&link.frames.read(63)[..HEADER + 4], b"\0\0\0\0\0\0\0\0\0\0\0\0echo");
        link.transmit.use_as_device(63, 0);
        link.flush();
        assert_eq!(waiting(&link), before);
    }
}

#[test]
fn outgoing_frames_have_buffers_of_their_own_and_give_them_back() {
    let mut link = link();
    let mut sent = Vec::new();
    while let Some(outgoing) = link.transmit() {
        sent.push(outgoing.buffer);
        outgoing.send(60);
    }
    assert_eq!(sent.len(), RESERVED);
    for &buffer in &sent {
        link.transmit.use_as_device(u32::from(buffer), 0);
    }
    drop(link.transmit().expect("a buffer that was sent"));
    link.flush();
    assert_eq!(link.free.count, RESERVED);
}

#[test]
fn buffers_kept_for_outgoing_frames_are_not_spent_on_reception() {
    let mut link = link();
    for buffer in 20..60 {
        deliver(&mut link, buffer, &[7; 60]);
        link.receive().expect("a frame").reply(60);
    }
    link.flush();
    assert_eq!(link.free.count, RESERVED);
}

#[test]
fn what_was_sent_before_an_interrupt_was_asked_for_keeps_a_machine_awake() {
    let mut link = link();
    let buffers: Vec<u16> =
        (0..SIZE).filter(|&buffer| link.owners[usize::from(buffer)] == Owner::Receiving).collect();
    for &buffer in &buffers {
        deliver(&mut link, buffer, &[7; 60]);
        link.receive().expect("a frame").reply(60);
    }
    link.flush();
    assert_eq!(link.waiting, 0, "no frame can come, and none could raise an interrupt");
    link.transmit.use_as_device(u32::from(buffers[0]), 0);
    link.request_interrupts();
    assert!(link.is_ready());
}

#[test]
fn a_device_that_lies_about_lengths_delivers_nothing_and_takes_nothing() {
    let mut link = link();
    let before = waiting(&link);
    for length in [0, 1, 11, 25, 2049, u32::MAX] {
        link.receive.use_as_device(63, length);
        assert!(link.receive().is_none(), "{length}");
        link.flush();
        assert_eq!(waiting(&link), before);
    }
}

#[test]
fn a_device_that_returns_what_it_was_not_given_gives_nothing() {
    let mut link = link();
    let free = link.free.count;
    for _ in 0..500 {
        link.transmit.use_as_device(63, 0);
        link.transmit.use_as_device(5, 0);
        link.receive.use_as_device(0, 100);
    }
    assert!(link.receive().is_none(), "buffer 0 is kept for outgoing frames");
    link.flush();
    assert_eq!(link.free.count, free);
    link.receive.use_as_device(63, 100);
    link.receive.use_as_device(63, 100);
    assert!(link.receive().is_some(), "given once");
}
