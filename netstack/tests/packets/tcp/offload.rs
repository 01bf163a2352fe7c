//! What a device does for streams: it cuts, sums and puts together.

use super::script::{Act, Script};
use appliance::StreamEvent;
use platform::{Checksum, Offload};

const ALL: Offload = Offload { checksum: true, segmentation_v4: true, segmentation_v6: true };
const SUMS: Offload = Offload { checksum: true, segmentation_v4: false, segmentation_v6: false };

/// An open stream over a link whose device does this.
fn over(offload: Offload, peer: &str, own: &str) -> Script {
    let mut script = Script::between(peer, own);
    script.platform.links[0].offload = offload;
    script.receives("S 0(0) win 65535 <mss 1000,ts 1 0>").sends(&["S. 0(0) ack 1"]);
    script.receives(". 1(0) ack 1 <ts 1 0>").sends(&[]).tells(&[StreamEvent::Opened]);
    script.platform.links[0].works.clear();
    script
}

const V4: (&str, &str) = ("192.0.2.9:4096", "192.0.2.53:7");
const V6: (&str, &str) = ("[2001:db8::9]:4096", "[2001:db8::53]:7");

#[test]
fn a_device_that_cuts_gets_all_at_once() {
    for (peer, own) in [V4, V6] {
        for act in [Act::Write(4000), Act::Lend(4000)] {
            let mut script = over(ALL, peer, own);
            script.does(act);
            // 1,000 octets with twelve of timestamps, which the device repeats in each.
            script.sends(&[
                ". 1(988) ack 1",
                ". 989(988) ack 1",
                ". 1977(988) ack 1",
                ". 2965(988) ack 1",
                "P. 3953(48) ack 1",
            ]);
            let works = &script.platform.links[0].works;
            assert_eq!(works.len(), 1, "{act:?}");
            assert_eq!(works[0].segmentation.map(|cut| cut.payload), Some(988));
            // What is lost is sent again in one piece, too.
            script.receives(". 1(0) ack 1 <ts 2 0>").passes(300).sends(&[". 1(988) ack 1"]);
        }
    }
}

#[test]
fn the_end_is_the_last_segments() {
    let (peer, own) = V4;
    let mut script = over(ALL, peer, own);
    script.does_all(&[Act::Write(1500), Act::Finish]).sends(&[". 1(988) ack 1", "FP. 989(512) ack 1"]);
}

#[test]
fn a_device_that_only_sums_gets_segments() {
    for (peer, own) in [V4, V6] {
        let mut script = over(SUMS, peer, own);
        script.does(Act::Lend(1500)).sends(&[". 1(988) ack 1", "P. 989(512) ack 1"]);
        let works = &script.platform.links[0].works;
        assert!(works.len() == 2 && works.iter().all(|work| work.segmentation.is_none()), "{works:?}");
    }
}

#[test]
fn what_a_device_put_together_is_taken_as_one() {
    for (peer, own) in [V4, V6] {
        let mut script = over(ALL, peer, own);
        let link = &mut script.platform.links[0];
        (link.piece, link.checksum) = (1514, Checksum::Verified);
        script.receives("P. 1(9000) ack 1 <ts 2 0>").sends(&[". 1(0) ack 9001"]);
        script.tells(&[StreamEvent::Progress]).does(Act::Consume(9000));
        let read = &script.appliance.read;
        assert!(read.len() == 9000 && read.iter().enumerate().all(|(at, octet)| *octet == (at % 251) as u8));
    }
}

#[test]
fn what_is_longer_than_the_link_carries_and_was_not_summed_is_not_taken() {
    for (peer, own) in [V4, V6] {
        let mut script = over(ALL, peer, own);
        script.platform.links[0].piece = 1514;
        script.receives("P. 1(9000) ack 1 <ts 2 0>").sends(&[]).tells(&[]);
        script.receives("P. 1(900) ack 1 <ts 2 0>").sends(&[". 1(0) ack 901"]);
    }
}

#[test]
fn rfc3168_section_6_1_2_of_what_is_cut_the_first_segment_says_that_the_window_was_reduced() {
    for (peer, own) in [V4, V6] {
        let mut script = Script::between(peer, own);
        script.platform.links[0].offload = ALL;
        script.receives("SEW 0(0) win 65535 <mss 1000>").sends(&["S.E 0(0) ack 1"]);
        script.receives(". 1(0) ack 1").sends(&[]).does(Act::Write(8000)).passes(10);
        assert_eq!(script.take_sent().len(), 8);
        script.receives(".E 1(0) ack 8001").sends(&[]);
        script.platform.links[0].works.clear();
        script.does(Act::Write(3000)).passes(30);
        let flags: Vec<String> = script.take_sent().iter().map(|sent| sent.replace(" <>", "")).collect();
        let says = |sent: &String| sent.split(' ').next().is_some_and(|flags| flags.contains('W'));
        assert!(flags.len() == 3 && says(&flags[0]) && !says(&flags[1]) && !says(&flags[2]), "{flags:?}");
        let works = &script.platform.links[0].works;
        assert!(works.len() == 1 && works[0].segmentation.is_some_and(|cut| cut.has_cwr), "{works:?}");
    }
}
