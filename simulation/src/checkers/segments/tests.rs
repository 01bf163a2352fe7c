//! A sound connection, and all that must not be said on one.

use super::ranges::Ranges;
use super::*;
use crate::wire::Options;

const OURS: &str = "192.0.2.1:80";
const PEERS: &str = "192.0.2.2:4096";
const ISS: u32 = u32::MAX - 10;
const IRS: u32 = 5000;

fn socket(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

/// A segment that acknowledges, with timestamps.
fn segment(sequence: u32, acknowledgement: u32, payload: &[u8]) -> Segment<'_> {
    let options = Options { timestamps: Some((20, 10)), length: 12, ..Options::default() };
    Segment {
        source_port: 80,
        destination_port: 4096,
        sequence,
        acknowledgement: Some(acknowledgement),
        syn: false,
        fin: false,
        reset: false,
        urgent: false,
        window: 1000,
        options,
        payload,
    }
}

fn opening(sequence: u32, acknowledgement: Option<u32>) -> Segment<'static> {
    let options = Options {
        segment_length: Some(1000),
        scale: Some(2),
        may_acknowledge_selectively: true,
        timestamps: Some((10, if acknowledgement.is_some() { 10 } else { 0 })),
        length: 20,
        ..Options::default()
    };
    Segment { acknowledgement, syn: true, options, ..segment(sequence, 0, &[]) }
}

/// Somebody who watches, and a connection: our SYN-ACK went to a SYN, the peer's first octets came.
struct Watch(Segments);

impl Watch {
    fn new(resets: Resets) -> Self {
        let mut watch = Self(Segments::new(resets, 1500));
        watch.comes(&opening(IRS, None));
        watch.says(&opening(ISS, Some(IRS + 1))).expect("a SYN-ACK");
        watch.comes(&Segment { window: 250, ..segment(IRS + 1, ISS.wrapping_add(1), b"question") });
        watch
    }

    fn comes(&mut self, segment: &Segment<'_>) {
        self.0.on_received(socket(PEERS), socket(OURS), segment);
    }

    fn says(&mut self, segment: &Segment<'_>) -> Result<()> {
        self.0.on_sent(socket(OURS), socket(PEERS), segment)
    }

    #[track_caller]
    fn must_not_say(&mut self, segment: &Segment<'_>, why: &str) {
        let error = self.says(segment).expect_err("it must not be said");
        let said = format!("{error:#}");
        assert!(said.contains(why), "{said}");
    }
}

/// Behind our SYN, and behind what came.
const NEXT: u32 = ISS.wrapping_add(1);
const ALL: u32 = IRS + 9;

#[test]
fn a_sound_connection_is_let_be() {
    let mut watch = Watch::new(Resets::Never);
    watch.says(&segment(NEXT, ALL, b"an answer")).expect("an answer");
    watch.says(&segment(NEXT, ALL, b"an answer to be sure")).expect("the same and more");
    watch.says(&segment(NEXT.wrapping_sub(1), ALL, b"")).expect("whether the peer is there");
    watch.comes(&segment(IRS + 20, NEXT, b"later"));
    let mut selective = segment(NEXT.wrapping_add(20), ALL, b"");
    selective.options.blocks = vec![(IRS + 1, IRS + 3), (IRS + 20, IRS + 25)];
    watch.says(&selective).expect("what came out of order, and what came twice");
    let end = Segment { fin: true, ..segment(NEXT.wrapping_add(20), ALL, b"") };
    watch.says(&end).expect("an end");
    watch.says(&end).expect("an end, again");
    watch.comes(&Segment { fin: true, ..segment(ALL, NEXT.wrapping_add(21), b"") });
    watch.says(&segment(NEXT.wrapping_add(21), ALL + 1, b"")).expect("the last");
    // Both have ended: somebody who comes late is told that there is nothing.
    watch.comes(&segment(ALL, NEXT, b"late"));
    let reset = Segment { reset: true, acknowledgement: None, ..segment(NEXT, 0, b"") };
    watch.says(&reset).expect("a reset");
}

#[test]
fn what_must_not_be_said_is_found() {
    type Spoil = fn(&mut Segment<'_>);
    let spoilt: [(Spoil, &str); 15] = [
        (|one| one.sequence = NEXT.wrapping_add(1), "left out"),
        (|one| (one.sequence, one.payload) = (NEXT.wrapping_add(50), &[0; 951]), "left out"),
        (|one| one.payload = &[0; 989], "not 1000"),
        (|one| one.acknowledgement = Some(ALL + 1), "that came"),
        (|one| one.acknowledgement = Some(IRS), "before"),
        (|one| one.acknowledgement = None, "acknowledges nothing"),
        (|one| one.window = 247, "a window that ends at"),
        (|one| one.urgent = true, "urgent"),
        (|one| one.options.timestamps = None, "no timestamps"),
        (|one| one.options.timestamps = Some((20, 11)), "that never came"),
        (|one| one.options.blocks = vec![(IRS + 20, IRS + 25)], "never came"),
        (|one| one.options.blocks = vec![(IRS + 1, IRS + 2), (IRS + 1, IRS + 2)], "is acknowledged"),
        (|one| (one.reset, one.payload) = (true, &[]), "under way"),
        (|one| (one.fin, one.reset) = (true, true), "more than one"),
        (|one| (one.syn, one.payload) = (true, b""), "without a maximum segment size"),
    ];
    for (spoil, why) in spoilt {
        let mut watch = Watch::new(Resets::Never);
        watch.says(&segment(NEXT, ALL, b"")).expect("an acknowledgement");
        let mut spoilt = segment(NEXT, ALL, b"an answer");
        spoil(&mut spoilt);
        watch.must_not_say(&spoilt, why);
    }
}

#[test]
fn nobody_says_more_than_the_window_lets() {
    let mut watch = Watch::new(Resets::Never);
    watch.says(&segment(NEXT, ALL, &[0; 988])).expect("it ends before the window does");
    watch.says(&segment(NEXT.wrapping_add(988), ALL, &[0; 12])).expect("it ends with the window");
    watch.says(&segment(NEXT.wrapping_add(1000), ALL, &[0; 1])).expect("whether it is still closed");
    watch.must_not_say(&segment(NEXT.wrapping_add(1001), ALL, &[0; 1]), "beyond the window");
    watch.must_not_say(&segment(NEXT.wrapping_add(990), ALL, &[0; 12]), "beyond the window");
}

#[test]
fn what_was_said_stays_as_it_was() {
    let mut watch = Watch::new(Resets::Never);
    watch.says(&segment(NEXT, ALL, b"an answer")).expect("an answer");
    watch.must_not_say(&segment(NEXT, ALL, b"an ansver"), "was another before");
    let mut earlier = segment(NEXT, ALL, b"an answer");
    earlier.options.timestamps = Some((19, 10));
    watch.must_not_say(&earlier, "goes back");
    watch.must_not_say(&segment(NEXT, ALL - 1, b"an answer"), "before");
    watch.says(&Segment { fin: true, ..segment(NEXT, ALL, b"an answer") }).expect("an end");
    watch.must_not_say(&segment(NEXT, ALL, b"an answer!"), "behind the end");
    watch.must_not_say(&opening(7, Some(IRS + 1)), "a SYN in the middle");
}

#[test]
fn an_opening_says_what_an_opening_may() {
    type Spoil = fn(&mut Segment<'_>);
    let spoilt: [(Spoil, &str); 8] = [
        (|one| one.payload = b"octets", "octets beside"),
        (|one| one.options.segment_length = None, "without a maximum"),
        (|one| one.options.segment_length = Some(1461), "a maximum segment size of"),
        (|one| one.options.scale = Some(15), "beyond 14"),
        (|one| one.acknowledgement = Some(IRS), "never came"),
        (|one| one.options.timestamps = Some((1, 11)), "never came"),
        (|one| one.options.blocks = vec![(IRS, IRS + 1)], "beside a SYN"),
        (|one| one.fin = true, "more than one"),
    ];
    for (spoil, why) in spoilt {
        let mut watch = Watch(Segments::new(Resets::Never, 1500));
        watch.comes(&opening(IRS, None));
        let mut spoilt = opening(ISS, Some(IRS + 1));
        spoil(&mut spoilt);
        watch.must_not_say(&spoilt, why);
    }
    let mut watch = Watch(Segments::new(Resets::Never, 1500));
    watch.comes(&Segment { options: Options::default(), ..opening(IRS, None) });
    watch.must_not_say(&opening(ISS, Some(IRS + 1)), "that nobody asked for");
}

#[test]
fn a_reset_answers_something_or_somebody_wanted_it() {
    let reset = Segment { reset: true, ..segment(NEXT, ALL, b"") };
    let mut watch = Watch::new(Resets::AtWill);
    watch.says(&segment(NEXT, ALL, b"an answer")).expect("an answer");
    watch.says(&reset).expect("it was aborted");
    watch.must_not_say(&segment(NEXT, ALL, b"an answer"), "was reset");
    let mut nobody = Watch(Segments::new(Resets::Never, 1500));
    nobody.must_not_say(&reset, "of no connection");
    nobody.comes(&opening(IRS, None));
    nobody.must_not_say(&reset, "answers nothing");
    let refusal = Segment { acknowledgement: Some(IRS + 1), sequence: 0, ..reset };
    nobody.says(&refusal).expect("nobody listens");
    nobody.must_not_say(&refusal, "answers nothing");
}

#[test]
fn ranges_join_what_touches() {
    let mut ranges = Ranges::default();
    for (begin, end) in [(0, 1), (5, 8), (10, 12), (8, 10), (20, 20), (1, 3)] {
        ranges.add(begin, end);
    }
    assert!(ranges.cover(5, 12) && !ranges.cover(4, 12) && !ranges.cover(5, 13));
    assert_eq!(ranges.whole_until(), 3);
    ranges.add(2, 30);
    assert_eq!(ranges.whole_until(), 30);
}
