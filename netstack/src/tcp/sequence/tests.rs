use super::Sequence;
use core::cmp::Ordering;

#[test]
fn rfc1982_section_3_2_comparison() {
    for (this, other, order) in [
        (0, 0, Ordering::Equal),
        (0, 1, Ordering::Less),
        (0, 0x7fff_ffff, Ordering::Less),
        (0, 0x8000_0001, Ordering::Greater),
        (u32::MAX, 0, Ordering::Less),
        (u32::MAX, 0x7fff_fffe, Ordering::Less),
        (0x7fff_ffff, 0x8000_0000, Ordering::Less),
        (0xffff_ff00, 0x0000_00ff, Ordering::Less),
    ] {
        for (this, other, order) in [(this, other, order), (other, this, order.reverse())] {
            let (this, other) = (Sequence(this), Sequence(other));
            assert_eq!(this.is_before(other), order.is_lt(), "{this:?} {other:?}");
            assert_eq!(this.is_at_most(other), order.is_le(), "{this:?} {other:?}");
            assert_eq!(this.is_after(other), order.is_gt(), "{this:?} {other:?}");
            assert_eq!(this.is_at_least(other), order.is_ge(), "{this:?} {other:?}");
            assert_eq!(this.max(other), if order.is_lt() { other } else { this });
            assert_eq!(this.min(other), if order.is_gt() { other } else { this });
        }
    }
}

#[test]
fn numbers_go_round() {
    assert_eq!(Sequence(u32::MAX) + 2, Sequence(1));
    assert_eq!(Sequence(1) - 2, Sequence(u32::MAX));
    assert_eq!(Sequence(1).since(Sequence(u32::MAX)), 2);
    assert_eq!(Sequence(u32::MAX).since(Sequence(1)), u32::MAX - 1);
}
