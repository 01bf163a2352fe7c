//! TCP where there is none: RFC 9293 §3.10.7.1.

use crate::traffic::{tcp, to_peer, to_us, with};
use crate::wire::Wire;
use netstack::Counter;
use smoltcp::wire::{TcpControl, TcpRepr, TcpSeqNumber};

const ENDS: [(&str, &str); 2] = [("192.0.2.9", "192.0.2.53"), ("2001:db8::9", "2001:db8::53")];

fn segment(control: TcpControl, number: u32, acknowledged: Option<u32>, payload: &[u8]) -> TcpRepr<'_> {
    TcpRepr {
        src_port: 4096,
        dst_port: 53,
        control,
        seq_number: TcpSeqNumber(number as i32),
        ack_number: acknowledged.map(|number| TcpSeqNumber(number as i32)),
        window_len: 65_535,
        window_scale: None,
        max_seg_size: (control == TcpControl::Syn).then_some(1460),
        sack_permitted: control == TcpControl::Syn,
        sack_ranges: [None; 3],
        timestamp: None,
        payload,
    }
}

fn reset(number: u32, acknowledged: Option<u32>) -> TcpRepr<'static> {
    TcpRepr {
        src_port: 53,
        dst_port: 4096,
        window_len: 0,
        ..segment(TcpControl::Rst, number, acknowledged, b"")
    }
}

#[test]
fn rfc9293_section_3_10_7_1_a_segment_that_acknowledges_nothing_is_acknowledged_whole() {
    for (peer, own) in ENDS {
        for (control, payload, length) in [
            (TcpControl::Syn, &b""[..], 1),
            (TcpControl::Syn, b"fast open", 10),
            (TcpControl::None, b"stray", 5),
            (TcpControl::Fin, b"end", 4),
        ] {
            for number in [0, 1000, u32::MAX] {
                Wire::new()
                    .receives(to_us(tcp(peer, own, &segment(control, number, None, payload))))
                    .sends(to_peer(tcp(own, peer, &reset(0, Some(number.wrapping_add(length))))))
                    .counts(Counter::ResetSent);
            }
        }
    }
}

#[test]
fn rfc9293_section_3_10_7_1_a_segment_that_acknowledges_is_reset_from_there() {
    for (peer, own) in ENDS {
        for control in [TcpControl::None, TcpControl::Syn, TcpControl::Fin] {
            Wire::new()
                .receives(to_us(tcp(peer, own, &segment(control, 7, Some(0xdead_beef), b"data"))))
                .sends(to_peer(tcp(own, peer, &reset(0xdead_beef, None))));
        }
    }
}

#[test]
fn rfc9293_section_3_10_7_1_a_reset_is_never_answered() {
    for (peer, own) in ENDS {
        for acknowledged in [None, Some(9)] {
            Wire::new()
                .receives(to_us(tcp(peer, own, &segment(TcpControl::Rst, 7, acknowledged, b""))))
                .stays_silent()
                .counts(Counter::SegmentReset);
        }
    }
}

#[test]
fn rfc9293_section_3_1_wrong_checksums_and_offsets_are_dropped() {
    for ((peer, own), start) in ENDS.into_iter().zip([34, 54]) {
        let sound = to_us(tcp(peer, own, &segment(TcpControl::Syn, 7, None, b"")));
        let last = sound.len() - 1;
        Wire::new()
            .receives(with(sound.clone(), last, &[0xee]))
            .stays_silent()
            .counts(Counter::SegmentChecksumWrong);
        for words in [0, 4, 15] {
            Wire::new()
                .receives(with(sound.clone(), start + 12, &[words << 4]))
                .stays_silent()
                .counts(Counter::SegmentMalformed);
        }
    }
}

#[test]
fn resets_have_a_limit() {
    let mut wire = Wire::new();
    let (peer, own) = ENDS[0];
    for count in 0..100 {
        wire.receives(to_us(tcp(peer, own, &segment(TcpControl::Syn, count, None, b""))));
        let counter = if count < 50 { Counter::ResetSent } else { Counter::ResetSuppressed };
        wire.counts(counter).take_sent();
    }
}
