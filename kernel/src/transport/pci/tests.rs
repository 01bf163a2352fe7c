use super::*;
use crate::queue::Queue;
use crate::transport::Transport;
use alloc::boxed::Box;

const NOTIFY: usize = 64;

/// Memory in place of a function's registers; whoever writes there reads it back.
fn memory(words: usize) -> &'static mut [u32] {
    Box::leak(alloc::vec![0; words].into_boxed_slice())
}

/// A function whose queues have so many entries, and their doorbells so far off.
fn function(
    size: u16,
    notify_offset: u16,
    multiplier: u32,
    configuration: Option<&'static mut [u32]>,
) -> Pci {
    let mut common = Registers::over(memory(14));
    common.write_half(register::QUEUE_SIZE, size);
    common.write_half(register::QUEUE_NOTIFY_OFFSET, notify_offset);
    Pci::new(common, Registers::over(memory(NOTIFY / 4)), multiplier, configuration.map(Registers::over))
}

#[test]
fn a_doorbell_is_one_write_of_the_queues_number_where_the_device_wants_it() {
    let mut pci = function(16, 5, 4, None);
    let queue = Queue::new(16);
    let mut transport = Transport::Pci(pci);
    transport.set_queue(3, &queue).expect("a queue");
    transport.notify(3);
    let Transport::Pci(after) = transport else { unreachable!() };
    pci = after;
    for offset in (0..NOTIFY).step_by(2) {
        assert_eq!(pci.notify.read_half(offset), if offset == 20 { 3 } else { 0 }, "at {offset}");
    }
    assert_eq!(pci.common.read_half(register::QUEUE_ENABLE), 1);
    assert_eq!(pci.common.read_half(register::QUEUE_MESSAGE), MESSAGE);
    assert_eq!(pci.common.read_half(register::CONFIGURATION_MESSAGE), NO_MESSAGE);
    let addresses = queue.addresses();
    assert_eq!(pci.common.read(register::QUEUE_DESCRIPTORS), low_half(addresses.descriptors));
    assert_eq!(pci.common.read(register::QUEUE_USED + 4), low_half(addresses.used >> 32));
}

#[test]
fn a_doorbell_outside_of_its_place_is_none() {
    let queue = Queue::new(16);
    for (notify_offset, multiplier) in [(32, 2), (16, 4), (u16::MAX, u32::MAX), (1, 64)] {
        let mut transport = Transport::Pci(function(16, notify_offset, multiplier, None));
        assert_eq!(
            transport.set_queue(0, &queue),
            Err(TransportError::Queue),
            "{notify_offset} × {multiplier}"
        );
    }
    for (notify_offset, multiplier) in [(31, 2), (15, 4), (u16::MAX, 0)] {
        let mut transport = Transport::Pci(function(16, notify_offset, multiplier, None));
        assert_eq!(transport.set_queue(0, &queue), Ok(()), "{notify_offset} × {multiplier}");
    }
}

#[test]
fn queues_are_few_and_no_larger_than_the_device_says() {
    let queue = Queue::new(16);
    for number in [8, u32::MAX] {
        let mut transport = Transport::Pci(function(16, 0, 0, None));
        assert_eq!(transport.set_queue(number, &queue), Err(TransportError::Queue));
        transport.notify(number);
    }
    let mut transport = Transport::Pci(function(8, 0, 0, None));
    assert_eq!(transport.set_queue(0, &queue), Err(TransportError::Queue));
    let Transport::Pci(pci) = transport else { unreachable!() };
    assert_eq!(pci.common.read_half(register::QUEUE_ENABLE), 0);
    assert_ne!(pci.status() & 128, 0, "the device is told that it failed");
}

#[test]
fn a_configuration_that_is_not_there_reads_as_zero() {
    assert_eq!(Transport::Pci(function(16, 0, 0, None)).configuration(0), 0);
    let own = memory(2);
    own.copy_from_slice(&[0x0302_0100, 0x0706_0504]);
    let transport = Transport::Pci(function(16, 0, 0, Some(own)));
    assert_eq!(
        [0, 4, 8, usize::MAX & !3].map(|offset| transport.configuration(offset)),
        [0x0302_0100, 0x0706_0504, 0, 0]
    );
}

#[test]
fn a_device_that_does_not_come_back_from_a_reset_is_left() {
    /// Says the same whatever it is told.
    struct Deaf;
    impl Bus for Deaf {
        fn is_modern(&self) -> bool {
            true
        }
        fn status(&self) -> u8 {
            0xff
        }
        fn set_status(&mut self, _: u8) {}
        fn offered(&mut self, _: u32) -> u32 {
            u32::MAX
        }
        fn accept(&mut self, _: u32, _: u32) {}
        fn queue_size(&mut self, _: u32) -> u32 {
            u32::MAX
        }
        fn is_queue_in_use(&self) -> bool {
            true
        }
        fn set_queue(&mut self, _: u32, _: u16, _: QueueAddresses) -> Result<(), TransportError> {
            Ok(())
        }
        fn generation(&self) -> u32 {
            0
        }
        fn configuration(&self, _: usize) -> u32 {
            0
        }
    }
    assert_eq!(super::super::reset(&mut Deaf), Err(TransportError::Reset));
}
