use super::*;

const LENGTH: u64 = 10_000;

fn sent() -> Vec<u8> {
    let mut writer = Writer::new(Pattern::new(7), LENGTH);
    let mut octets = Vec::new();
    while !writer.is_finished() {
        let mut room = [0; 137];
        let count = writer.write(&mut room);
        octets.extend_from_slice(&room[..count]);
    }
    octets
}

/// Hears a stream to its end.
fn hear(octets: &[u8]) -> Result<()> {
    let mut reader = Reader::new(Pattern::new(7), LENGTH);
    octets.chunks(100).try_for_each(|chunk| reader.receive(chunk))?;
    reader.end()
}

#[test]
fn what_was_sent_is_heard() {
    hear(&sent()).expect("a whole stream");
    assert_eq!(sent().len() as u64, LENGTH);
}

#[test]
fn octets_that_come_twice_are_found() {
    for (from, count) in [(0, 1), (0, 100), (1000, 1), (1000, 8), (1000, 256), (9999, 1)] {
        let mut octets = sent();
        let again = octets[from..from + count].to_vec();
        octets.splice(from + count..from + count, again);
        assert!(hear(&octets).is_err(), "{count} octets from {from} on");
    }
}

#[test]
fn octets_that_are_missing_are_found() {
    for (from, count) in [(0, 1), (1000, 1), (1000, 8), (1000, 1460), (9999, 1)] {
        let mut octets = sent();
        octets.drain(from..from + count);
        assert!(hear(&octets).is_err(), "{count} octets from {from} on");
    }
}

#[test]
fn octets_out_of_order_and_other_octets_are_found() {
    let mut octets = sent();
    octets[2000..4000].rotate_left(1000);
    assert!(hear(&octets).is_err());
    let mut octets = sent();
    octets[5000] ^= 1;
    assert!(hear(&octets).is_err());
    let mut reader = Reader::new(Pattern::new(8), LENGTH);
    assert!(reader.receive(&sent()[..100]).is_err());
}

#[test]
fn octets_behind_the_end_are_found() {
    let mut reader = Reader::new(Pattern::new(7), LENGTH);
    reader.receive(&sent()).expect("a whole stream");
    reader.end().expect("its end");
    assert!(reader.is_finished() && reader.receive(&[0]).is_err());
}

#[test]
fn a_stream_that_rests_is_stuck_only_when_nothing_hinders_it() {
    let at = |seconds: u64| Instant::from_nanoseconds(seconds * 1_000_000_000);
    let mut progress = Progress::new(Duration::from_secs(60));
    assert!(progress.check(5, at(0), at(10)).is_ok());
    assert!(progress.check(5, at(0), at(70)).is_ok());
    assert!(progress.check(5, at(200), at(230)).is_ok());
    assert!(progress.check(5, at(200), at(261)).is_err());
    assert!(progress.check(6, at(200), at(261)).is_ok());
    assert!(progress.check(6, at(200), at(322)).is_err());
}
