use super::{LE, NOTE_LENGTH, PAGE, append, end, strip};
use object::elf::{EM_X86_64, ET_EXEC, PF_R, PF_W, PF_X, PT_LOAD, PT_NOTE};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::write::elf::{FileHeader as NewHeader, ProgramHeader as NewSegment, Writer};
use object::{Endianness, Object};

const BASE: u64 = 0x10_0000;
const CODE: &[u8] = b"code that is never run";
const CLEARED: u64 = 0x5123;

fn note(name: &[u8], kind: u32, descriptor: &[u8]) -> Vec<u8> {
    let mut note = Vec::new();
    for word in [name.len() + 1, descriptor.len(), kind as usize] {
        note.extend(u32::try_from(word).unwrap().to_le_bytes());
    }
    note.extend(name);
    note.resize((note.len() + 1).next_multiple_of(4), 0);
    note.extend(descriptor);
    note
}

/// An image with a segment of code, two notes, and a section of debug information behind them.
fn image(descriptor: &[u8]) -> Vec<u8> {
    let notes = [note(b"Xen", 18, &BASE.to_le_bytes()), note(b"Isopod", 1, descriptor)].concat();
    let mut image = Vec::new();
    let mut writer = Writer::new(Endianness::Little, true, &mut image);
    writer.reserve_file_header();
    writer.reserve_program_headers(2);
    let notes_at = writer.reserve(notes.len() as u64, 4);
    let code_at = writer.reserve(CODE.len() as u64, 4096);
    writer.add_section_name(b".debug_info");
    writer.reserve_section_index();
    let debug_at = writer.reserve(1000, 1);
    writer.reserve_shstrtab_section_index();
    writer.reserve_shstrtab().unwrap();
    writer.reserve_section_headers();

    writer
        .write_file_header(&NewHeader {
            os_abi: object::elf::OsAbi(0),
            abi_version: 0,
            e_type: ET_EXEC,
            e_machine: EM_X86_64,
            e_entry: BASE + code_at,
            e_flags: object::elf::FileFlags(0),
        })
        .unwrap();
    let segment = |p_type, p_flags, offset, filesz, memsz| NewSegment {
        p_type,
        p_flags,
        p_offset: offset,
        p_vaddr: BASE + offset,
        p_paddr: BASE + offset,
        p_filesz: filesz,
        p_memsz: memsz,
        p_align: if p_type == PT_NOTE { 4 } else { 4096 },
    };
    let code_length = CODE.len() as u64;
    let notes_length = notes.len() as u64;
    writer.write_program_header(&segment(PT_LOAD, PF_R | PF_W | PF_X, code_at, code_length, CLEARED));
    writer.write_program_header(&segment(PT_NOTE, PF_R, notes_at, notes_length, notes_length));
    writer.write_align(4);
    writer.write(&notes);
    writer.write_align(4096);
    writer.write(CODE);
    writer.write(&[0xdb; 1000]);
    writer.write_shstrtab();
    writer.write_null_section_header();
    writer.write_section_header(&object::write::elf::SectionHeader {
        sh_name: 0,
        sh_type: object::elf::SHT_PROGBITS,
        sh_flags: object::elf::SectionFlags(0),
        sh_addr: 0,
        sh_offset: debug_at,
        sh_size: 1000,
        sh_link: 0,
        sh_info: 0,
        sh_addralign: 1,
        sh_entsize: 0,
    });
    writer.write_shstrtab_section_header();
    image
}

#[test]
fn stripping_leaves_what_is_loaded() {
    let complete = image(&[0; NOTE_LENGTH]);
    let stripped = strip(&complete).unwrap();
    assert_eq!(stripped.len(), 4096 + CODE.len(), "the last segment ends the file");
    let file = ElfFile64::<Endianness>::parse(&*stripped).unwrap();
    assert_eq!(file.sections().count(), 0);
    assert_eq!(file.entry(), BASE + 4096);
    assert_eq!(stripped[64..], complete[64..stripped.len()], "only the header changes");
    assert_eq!(strip(&stripped).unwrap(), stripped);
}

#[test]
fn an_archive_becomes_a_segment() {
    let archive = vec![0xa5; 10_001];
    let stripped = strip(&image(&[0; NOTE_LENGTH])).unwrap();
    assert_eq!(end(&stripped).unwrap(), BASE + 4096 + CLEARED);
    let image = append(&stripped, &archive).unwrap();

    let file = ElfFile64::<object::LittleEndian>::parse(&*image).unwrap();
    assert_eq!(file.entry(), BASE + 4096);
    let segments = file.elf_header().program_headers(LE, &*image).unwrap();
    assert_eq!(segments.len(), 3);
    let added = &segments[2];
    let address = (BASE + 4096 + CLEARED).next_multiple_of(PAGE);
    assert_eq!((added.p_type(LE), added.p_paddr(LE), added.p_vaddr(LE)), (PT_LOAD, address, address));
    assert_eq!(added.p_offset(LE) % PAGE, 0);
    assert_eq!(added.p_memsz(LE), archive.len() as u64);
    assert_eq!(added.data(LE, &*image).unwrap(), archive);

    let mut notes = segments[1].notes(LE, &*image).unwrap().unwrap();
    assert_eq!(notes.next().unwrap().unwrap().name(), b"Xen");
    let descriptor = notes.next().unwrap().unwrap().desc();
    assert_eq!(descriptor, [address.to_le_bytes(), (archive.len() as u64).to_le_bytes()].concat());
    assert_eq!(segments[0].data(LE, &*image).unwrap(), CODE);
}

#[track_caller]
fn check_refused(image: &[u8], expected: &str) {
    let error = strip(image).and_then(|stripped| append(&stripped, b"archive")).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_no_image_is_refused() {
    let sound = image(&[0; NOTE_LENGTH]);
    check_refused(b"", "it is no 64-bit ELF file");
    check_refused(b"#!/bin/sh\n", "it is no 64-bit ELF file");
    check_refused(&sound[..100], "its program headers are not in it");
    check_refused(&sound[..4100], "it is cut short");
    check_refused(&image(&[0; 8]), "its note for a configuration is not of this version");
    check_refused(&image(&[1; NOTE_LENGTH]), "there is a configuration in it already");
    let mut foreign = sound;
    let name = foreign.windows(6).position(|octets| octets == b"Isopod").unwrap();
    foreign[name] = b'i';
    check_refused(&foreign, "it has no note for a configuration: it is no image of Isopod's");
}

#[test]
fn no_cut_makes_it_panic() {
    let sound = image(&[0; NOTE_LENGTH]);
    for length in 0..sound.len() {
        let _ = strip(&sound[..length]).and_then(|stripped| append(&stripped, b"archive"));
    }
}
