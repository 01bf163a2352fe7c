use super::{Diagnostics, Location, Severity};
use bytes::Bytes;

#[test]
fn errors_are_told_from_warnings() {
    let mut diagnostics = Diagnostics::new();
    let one = diagnostics.add_source("one", Bytes::from_static(b"first"));
    let two = diagnostics.add_source("two", Bytes::from_static(b"second"));
    diagnostics.warning(Location { source: two, span: 0..3 }, "odd");
    assert_eq!(diagnostics.errors(), 0);
    diagnostics.error(None, "wrong");
    assert_eq!(diagnostics.errors(), 1);
    assert_eq!(diagnostics.iter().len(), 2);
    assert_eq!(diagnostics.iter().next().unwrap().severity, Severity::Warning);
    assert_eq!((diagnostics.path(one), &diagnostics.text(two)[..]), ("one", &b"second"[..]));
}
