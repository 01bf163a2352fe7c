use super::{quoted, quoted_over_lines};
use std::ffi::OsString;

#[track_caller]
fn check(arguments: &[&str], expected: &str) {
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    assert_eq!(quoted(&arguments), expected);
}

#[test]
fn words() {
    check(&["qemu", "-m", "16", "user,id=net0"], "qemu -m 16 user,id=net0");
    check(&["a b", "", "it's", "$HOME", "x;y", "~", "a*"], r"'a b' '' 'it'\''s' '$HOME' 'x;y' '~' 'a*'");
    check(&["-append", "a=1 b=\"2\""], r#"-append 'a=1 b="2"'"#);
}

#[test]
fn lines() {
    let arguments = ["qemu", "-m", "16", "-S", "-kernel", "a b"].map(OsString::from);
    assert_eq!(quoted_over_lines(&arguments), "qemu \\\n    -m 16 \\\n    -S \\\n    -kernel 'a b'");
}
