use super::Written;

/// `www.example.com.` at 12; `a.b.example.com.` as `a.b` at 50 in front of its last 13 octets; `b.example.com.` as a pointer
/// into that at 80; `com.` as a pointer into the question.
#[test]
fn names_in_pieces_are_found_where_they_are() {
    let question = Written::in_question(17);
    assert_eq!(question.start(), 12);
    assert_eq!(question.suffix(17), Some(12));
    assert_eq!(question.suffix(5), Some(24));

    let longer = question.extend(50, 17, 13).expect("room");
    assert_eq!(longer.start(), 50);
    assert_eq!(longer.suffix(17), Some(50));
    assert_eq!(longer.suffix(15), Some(52));
    assert_eq!(longer.suffix(13), Some(16));
    assert_eq!(longer.suffix(5), Some(24));

    let within = longer.extend(80, 15, 15).expect("room");
    assert_eq!(within.start(), 52);
    assert_eq!(within.suffix(15), Some(52));
    assert_eq!(within.suffix(13), Some(16));

    let elsewhere = within.extend(99, 20, 0).expect("room");
    assert_eq!(elsewhere.suffix(20), Some(99));
    assert_eq!(elsewhere.suffix(5), Some(114));
    assert_eq!(elsewhere.suffix(21), None);
}
