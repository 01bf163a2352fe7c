extern crate std;

use super::*;

/// The device's side of a queue, by the same memory.
struct Device {
    descriptors: &'static [AtomicU64],
    available: &'static [AtomicU16],
    used: &'static [AtomicU32],
    size: u16,
    seen: u16,
    done: u16,
}

impl Device {
    fn of(queue: &Queue) -> Self {
        let Queue { descriptors, available, used, size, .. } = *queue;
        Self { descriptors, available, used, size, seen: 0, done: 0 }
    }

    /// The next buffer that was offered: its descriptor, address and length.
    fn next(&mut self) -> Option<(u16, u64, u32)> {
        if self.seen == self.available[1].load(Acquire) {
            return None;
        }
        let descriptor = self.available[2 + usize::from(self.seen % self.size)].load(Relaxed);
        self.seen = self.seen.wrapping_add(1);
        let at = 2 * usize::from(descriptor);
        let rest = self.descriptors[at + 1].load(Relaxed);
        Some((
            descriptor,
            self.descriptors[at].load(Relaxed),
            u32::try_from(rest & 0xffff_ffff).expect("masked"),
        ))
    }

    fn done(&mut self, id: u32, length: u32) {
        let at = 1 + 2 * usize::from(self.done % self.size);
        self.used[at].store(id, Relaxed);
        self.used[at + 1].store(length, Relaxed);
        self.done = self.done.wrapping_add(1);
        self.used[0].store(u32::from(self.done) << 16, Release);
    }

    fn wants_doorbell_at(&self, event: u16) {
        self.used[1 + 2 * usize::from(self.size)].store(u32::from(event), Relaxed);
    }

    fn interrupt_event(&self) -> u16 {
        self.available[2 + usize::from(self.size)].load(Relaxed)
    }
}

#[test]
fn buffers_go_there_and_back_in_order_and_beyond_the_wrap() {
    let mut queue = Queue::new(8);
    let mut device = Device::of(&queue);
    for buffer in 0..8 {
        queue.describe_writable(buffer, 0x1000 * u64::from(buffer), 2048);
    }
    for round in 0..20_000_u32 {
        let buffer = u16::try_from(round % 8).expect("small");
        queue.offer(buffer);
        assert_eq!(device.next(), None, "nothing is seen before it is published");
        queue.publish();
        assert_eq!(device.next(), Some((buffer, 0x1000 * u64::from(buffer), 2048)));
        assert_eq!(queue.take(), None);
        device.done(u32::from(buffer), round);
        assert!(queue.has_used());
        assert_eq!(queue.take(), Some(Used { descriptor: buffer, length: round }));
    }
}

#[test]
fn what_was_used_is_seen_before_it_is_taken() {
    let mut queue = Queue::new(8);
    let mut device = Device::of(&queue);
    (0..8).for_each(|buffer| queue.offer(buffer));
    queue.publish();
    assert_eq!((queue.waiting(), queue.upcoming(0)), (0, None));
    for round in 0..70_000_u32 {
        let [first, second] = [round % 8, (round + 1) % 8];
        device.done(first, 100);
        device.done(second, 200);
        assert_eq!(queue.waiting(), 2);
        assert_eq!(queue.upcoming(1), Some(Used { descriptor: second as u16, length: 200 }));
        assert_eq!((queue.upcoming(0), queue.upcoming(2)), (queue.take(), None));
        assert_eq!((queue.waiting(), queue.upcoming(0)), (1, queue.take()));
    }
    // An index that can't be.
    device.used[0].store(u32::from(device.done.wrapping_sub(1)) << 16, Release);
    assert_eq!(queue.waiting(), 8, "no more than there are");
    assert!((0..300).filter_map(|after| queue.upcoming(after)).all(|used| used.descriptor < 8));
}

#[test]
fn the_doorbell_is_rung_when_the_event_is_passed_and_only_then() {
    let mut queue = Queue::new(8);
    let device = Device::of(&queue);
    assert!(!queue.publish(), "nothing to tell");
    queue.offer(0);
    assert!(queue.publish(), "the device waits for the first");
    queue.offer(1);
    assert!(!queue.publish(), "the device did not ask again");
    device.wants_doorbell_at(2);
    for buffer in 2..6 {
        queue.offer(buffer);
    }
    assert!(queue.publish(), "a batch that passes the event");
    device.wants_doorbell_at(20);
    queue.offer(6);
    assert!(!queue.publish(), "the event lies ahead");
}

#[test]
fn events_are_compared_round_the_corner() {
    assert!(is_passed(65535, 2, 65534));
    assert!(is_passed(0, 1, 0));
    assert!(!is_passed(1, 1, 0));
    assert!(!is_passed(65534, 2, 65535));
}

#[test]
fn interrupts_are_asked_for_the_next_and_suppressed_for_all() {
    let mut queue = Queue::new(4);
    let mut device = Device::of(&queue);
    queue.request_interrupt();
    assert!(is_passed(device.interrupt_event(), 1, 0));
    queue.suppress_interrupts();
    assert!(!is_passed(device.interrupt_event(), 1, 0));
    assert!(!is_passed(device.interrupt_event(), 4, 0));
    device.done(0, 0);
    let _ = queue.take();
    queue.suppress_interrupts();
    assert!(!is_passed(device.interrupt_event(), 2, 1));
}

#[test]
fn what_a_lying_device_says_stays_within_bounds() {
    let mut queue = Queue::new(4);
    let mut device = Device::of(&queue);
    for id in [4, 255, 65536, u32::MAX] {
        device.done(id, u32::MAX);
        let used = queue.take().expect("the device says so");
        assert!(used.descriptor < 4);
    }
}
