use super::{Accelerator, Choice, obstacle, trial_image};
use crate::arguments::Accel;
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A program that stands in for QEMU.
fn script(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("isopod-test-{}-{name}", std::process::id()));
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
    path
}

#[track_caller]
fn check(name: &str, qemu: &str, expected: Option<&str>) {
    let qemu = script(name, qemu);
    let found = obstacle(&qemu, Path::new("/dev/null")).unwrap();
    std::fs::remove_file(&qemu).unwrap();
    assert_eq!(found.as_deref(), expected);
}

#[test]
fn a_trial_is_told_by_its_status() {
    check("works", "exit 85", None);
    check(
        "denied",
        "echo 'qemu: failed to initialize kvm: Permission denied' >&2; exit 1",
        Some("a trial guest failed on KVM: qemu: failed to initialize kvm: Permission denied"),
    );
    check("reset", "exit 0", Some("a trial guest failed on KVM: exit status: 0"));
}

#[test]
fn a_missing_device_needs_no_trial() {
    let choice = Choice::try_out(Path::new("/nonexistent"), Path::new("/nonexistent/kvm")).unwrap();
    assert_eq!(choice.accelerator, Accelerator::Tcg);
    assert_eq!(choice.reason.as_deref(), Some("this host has no /nonexistent/kvm"));
}

#[test]
fn a_wish_is_followed_without_trial() {
    let choice = Choice::make(Accel::Kvm, Path::new("/nonexistent")).unwrap();
    assert_eq!(choice, Choice { accelerator: Accelerator::Kvm, reason: None });
}

#[test]
fn the_trial_guest_is_a_sound_elf_file() {
    let image = trial_image();
    let file = ElfFile64::<Endianness>::parse(&*image).unwrap();
    assert_eq!(file.entry(), 0x10_0000 + 200);
    let endian = file.endian();
    let headers = file.elf_header().program_headers(endian, &*image).unwrap();
    let [load, note] = headers else { panic!("two segments") };
    assert_eq!(load.p_type(endian), object::elf::PT_LOAD);
    assert_eq!(load.data(endian, &*image).unwrap(), &*image);
    let mut notes = note.notes(endian, &*image).unwrap().unwrap();
    let note = notes.next().unwrap().unwrap();
    assert_eq!((note.name(), note.n_type(endian)), (&b"Xen"[..], object::elf::NoteType(18)));
    assert_eq!(note.desc(), (0x10_0000_u64 + 200).to_le_bytes());
}
