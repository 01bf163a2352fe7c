extern crate std;

mod hostile;

use super::*;
use crate::hardware::registers::Registers;
use bytes::Bytes;
use platform::{OutgoingFrame, ReceivedFrame, Segmentation, Work};
use std::boxed::Box;
use std::vec::Vec;

const SIZE: u16 = 64;
const STREAMS: Purpose = Purpose::Streams { frames: 40, long: 4 };

fn link_for(purpose: Purpose, merges_buffers: bool) -> NetworkLink {
    let registers = Registers::over(Box::leak(Box::new([0; 128])));
    NetworkLink::start(
        Transport::over(registers),
        Features(u64::MAX),
        Reception::new(Queue::new(SIZE), merges_buffers),
        Transmission::new(Queue::new(SIZE), purpose),
        EthernetAddress([2, 0, 0, 0, 0, 1]),
        1500,
    )
}

fn link() -> NetworkLink {
    link_for(Purpose::Datagrams, false)
}

/// The device receives a frame into a buffer that was offered.
fn deliver(link: &mut NetworkLink, buffer: u16, frame: &[u8]) {
    let place = link.reception.write(buffer);
    place[..header::LENGTH].fill(0);
    place[header::LENGTH..][..frame.len()].copy_from_slice(frame);
    let length = u32::try_from(header::LENGTH + frame.len()).expect("small");
    link.reception.queue_mut().use_as_device(u32::from(buffer), length);
}

/// The device sends what it was given to, the oldest first, but no more than so much.
fn send(link: &mut NetworkLink, most: usize) {
    for (descriptor, _) in link.transmission.queue().offered_to_device().into_iter().take(most) {
        link.transmission.queue_mut().use_as_device(descriptor.into(), 0);
    }
}

/// How many buffers the device has for frames.
fn waiting(link: &NetworkLink) -> usize {
    link.reception.queue().offered_to_device().len()
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
        assert_eq!(&link.reception.read(63)[..header::LENGTH + 4], b"\0\0\0\0\0\0\0\0\0\0\0\0echo");
        send(&mut link, 1);
        link.flush();
        assert_eq!(waiting(&link), before);
    }
}

#[test]
fn a_frame_in_pieces_is_answered_in_its_first_buffer_and_returns_the_others() {
    let mut link = link_for(STREAMS, true);
    let before = waiting(&link);
    for _ in 0..100 {
        link.reception.write(5)[..header::LENGTH].copy_from_slice(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]);
        for (buffer, length) in [(5, 2048), (6, 2048), (7, 100)] {
            link.reception.queue_mut().use_as_device(buffer, length);
        }
        let received = link.receive().expect("a frame");
        assert_eq!(received.bytes().len(), 2048 - header::LENGTH);
        assert_eq!(received.piece(1).map(<[u8]>::len), Some(100));
        assert_eq!(received.checksum(), platform::Checksum::Verified);
        received.reply(60);
        link.flush();
        assert_eq!(waiting(&link), before - 1);
        send(&mut link, 1);
        link.flush();
        assert_eq!(waiting(&link), before);
    }
    assert_eq!((link.counts.merged, link.counts.senseless), (100, 0));
}

#[test]
fn outgoing_frames_have_buffers_of_their_own_and_give_them_back() {
    let mut link = link();
    for _ in 0..3 {
        let mut sent = 0;
        while let Some(outgoing) = link.transmit() {
            outgoing.send(60);
            sent += 1;
        }
        assert_eq!(sent, Purpose::FEW);
        link.flush();
        assert_eq!(waiting(&link), usize::from(SIZE), "reception has not to do without");
        send(&mut link, usize::MAX);
        drop(link.transmit().expect("a buffer that was sent"));
    }
}

#[test]
fn a_frame_that_the_device_finishes_says_so_and_goes_on_where_the_rest_lies() {
    let mut link = link_for(STREAMS, true);
    let segmentation = Segmentation { headers: 54, payload: 1460, is_v6: false, has_cwr: false };
    let work = Work { transport: 34, segmentation: Some(segmentation) };
    let mut outgoing = link.transmit().expect("a buffer");
    outgoing.buffer()[..54].fill(3);
    outgoing.send_unfinished(54, Some(Bytes::from_static(&[4; 20_000])), work);
    link.transmit_long().expect("a long one").send_unfinished(65_549, None, work);
    link.flush();
    let queue = link.transmission.queue();
    let lengths: Vec<u32> = queue.offered_to_device().into_iter().map(|(_, length)| length).collect();
    assert_eq!(lengths, [12 + 54, 12 + 65_549]);
    let next = queue.described(queue.offered_to_device()[0].0).2.expect("it goes on");
    assert_eq!(queue.described(next).1, 20_000);
    assert_eq!(link.counts.cut, 2);
}

#[test]
fn a_link_whose_device_cuts_nothing_has_no_long_buffers_and_lacks_none() {
    let mut link = link();
    assert!(link.transmit_long().is_none());
    assert!(!link.transmission.is_awaited());
}

#[test]
fn what_can_not_be_answered_waits_and_the_machine_is_woken_when_it_can() {
    let mut link = link();
    // All descriptors are on their way: those of answers, and of frames that answer none.
    for _ in 0..Purpose::FEW {
        link.transmit().expect("a buffer").send(60);
    }
    for buffer in 0..SIZE - Purpose::FEW {
        deliver(&mut link, buffer, &[7; 60]);
        link.receive().expect("a frame").reply(60);
    }
    link.flush();
    deliver(&mut link, 63, &[7; 60]);
    assert!(link.receive().is_none());
    link.request_interrupts();
    assert!(!link.is_ready(), "a turn would find nothing to do");
    send(&mut link, 1);
    assert!(link.is_ready());
    link.suppress_interrupts();
    link.receive().expect("what waited").reply(60);
}

#[test]
fn who_has_something_to_send_and_no_buffer_is_woken_by_what_was_sent() {
    let mut link = link();
    while let Some(outgoing) = link.transmit() {
        outgoing.send(60);
    }
    link.flush();
    link.request_interrupts();
    assert!(!link.is_ready());
    send(&mut link, 1);
    assert!(link.is_ready(), "the device raised an interrupt");
    // Buffers that come back between the last attempt and the sleep raise none.
    link.flush();
    link.request_interrupts();
    assert!(link.is_ready());
    link.suppress_interrupts();
    link.request_interrupts();
    assert!(!link.is_ready(), "who is not refused again lacks nothing");
}

#[test]
fn what_was_sent_before_an_interrupt_was_asked_for_keeps_a_machine_awake() {
    let mut link = link();
    for buffer in 0..SIZE {
        deliver(&mut link, buffer, &[7; 60]);
        link.receive().expect("a frame").reply(60);
    }
    link.flush();
    assert_eq!(waiting(&link), 0, "no frame can come, and none could raise an interrupt");
    send(&mut link, 1);
    link.request_interrupts();
    assert!(link.is_ready());
}

#[test]
fn a_device_that_lies_about_lengths_delivers_nothing_and_takes_nothing() {
    let mut link = link();
    let before = waiting(&link);
    for length in [0, 1, 11, 25, 2049, u32::MAX] {
        link.reception.queue_mut().use_as_device(63, length);
        assert!(link.receive().is_none(), "{length}");
        link.flush();
        assert_eq!(waiting(&link), before);
    }
}

#[test]
fn a_device_that_returns_a_buffer_twice_returned_it_once() {
    let mut link = link();
    for _ in 0..2 {
        link.reception.queue_mut().use_as_device(63, 100);
    }
    let received = link.receive().expect("given once");
    received.reply(60);
    assert!(link.receive().is_none());
    assert_eq!(link.counts.senseless, 1);
}
