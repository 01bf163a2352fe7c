use super::Sandbox;
use std::path::Path;

#[test]
fn a_program_that_takes_the_options_has_a_filter() {
    assert_eq!(Sandbox::of(Path::new("true")), Sandbox::Filter);
    assert_eq!(Sandbox::of(Path::new("false")), Sandbox::Missing);
    assert_eq!(Sandbox::of(Path::new("/nowhere/qemu")), Sandbox::Filter);
}
