//! An image as an ELF file: what of it is booted, and how a configuration is put into it.

use anyhow::{Context as _, Result, bail, ensure};
use object::elf::{FileHeader64, NoteType, PF_R, PT_LOAD, PT_NOTE, ProgramHeader64, SHN_UNDEF};
use object::endian::{LittleEndian as LE, U64};
use object::pod::bytes_of;
use object::read::elf::{FileHeader, ProgramHeader};

type Header = FileHeader64<LE>;
type Segment = ProgramHeader64<LE>;

/// The note by which a kernel finds the configuration that lies in its image: the physical address and the length, 8
/// octets each; both 0 in the generic image.
const NOTE_NAME: &[u8] = b"Isopod";
const NOTE_TYPE: NoteType = NoteType(1);
const NOTE_LENGTH: usize = 16;

/// What a page is aligned to, in memory and in the file.
const PAGE: u64 = 4096;

fn read(image: &[u8]) -> Result<(&Header, &[Segment])> {
    let header = Header::parse(image).context("it is no 64-bit ELF file")?;
    ensure!(header.is_little_endian(), "it is not for x86-64");
    ensure!(header.e_machine.get(LE) == object::elf::EM_X86_64, "it is not for x86-64");
    let segments = header.program_headers(LE, image).context("its program headers are not in it")?;
    ensure!(segments.iter().any(|segment| segment.p_type(LE) == PT_LOAD), "it has nothing to load");
    Ok((header, segments))
}

/// The image without what is not loaded: sections, symbols and debug information.
///
/// All of these lie behind the segments, which stay where they are.
pub(crate) fn strip(image: &[u8]) -> Result<Vec<u8>> {
    let (header, segments) = read(image)?;
    let headers_end = header.e_phoff(LE) + size_of_val(segments) as u64;
    let ends = segments.iter().map(|segment| segment.p_offset(LE).saturating_add(segment.p_filesz(LE)));
    let end = ends.fold(headers_end, u64::max);
    let kept = usize::try_from(end).ok().and_then(|end| image.get(..end)).context("it is cut short")?;

    let mut header = *header;
    header.e_shoff.set(LE, 0);
    header.e_shnum.set(LE, 0);
    header.e_shstrndx.set(LE, SHN_UNDEF);
    let mut stripped = kept.to_vec();
    stripped[..size_of::<Header>()].copy_from_slice(bytes_of(&header));
    Ok(stripped)
}

/// Where the image ends in physical memory, with what it clears when it starts.
pub(crate) fn end(image: &[u8]) -> Result<u64> {
    let (_, segments) = read(image)?;
    let loaded = segments.iter().filter(|segment| segment.p_type(LE) == PT_LOAD);
    Ok(loaded.map(|segment| segment.p_paddr(LE).saturating_add(segment.p_memsz(LE))).fold(0, u64::max))
}

/// A stripped image with an archive in it, in a segment of its own above everything else.
pub(crate) fn append(stripped: &[u8], archive: &[u8]) -> Result<Vec<u8>> {
    let (header, segments) = read(stripped)?;
    let address = end(stripped)?.next_multiple_of(PAGE);
    let note = find_note(stripped, segments)?;

    let mut image = stripped.to_vec();
    image[note..note + 8].copy_from_slice(&address.to_le_bytes());
    image[note + 8..note + NOTE_LENGTH].copy_from_slice(&(archive.len() as u64).to_le_bytes());

    pad(&mut image, PAGE);
    let offset = image.len() as u64;
    image.extend_from_slice(archive);
    // The table of segments grows by one and may have no room where it is: it goes to the end.
    pad(&mut image, size_of::<u64>() as u64);
    let table = image.len() as u64;
    for segment in segments {
        image.extend_from_slice(bytes_of(segment));
    }
    image.extend_from_slice(bytes_of(&archive_segment(offset, address, archive.len() as u64)));

    let mut header = *header;
    header.e_phoff.set(LE, table);
    header.e_phnum.set(LE, u16::try_from(segments.len() + 1).context("it has too many segments")?);
    image[..size_of::<Header>()].copy_from_slice(bytes_of(&header));
    Ok(image)
}

fn archive_segment(offset: u64, address: u64, length: u64) -> Segment {
    let word = |value| U64::new(LE, value);
    Segment {
        p_type: object::U32::new(LE, PT_LOAD),
        p_flags: object::U32::new(LE, PF_R),
        p_offset: word(offset),
        p_vaddr: word(address),
        p_paddr: word(address),
        p_filesz: word(length),
        p_memsz: word(length),
        p_align: word(PAGE),
    }
}

fn pad(image: &mut Vec<u8>, alignment: u64) {
    let length = (image.len() as u64).next_multiple_of(alignment);
    image.resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
}

/// The offset of the note's descriptor in the file.
fn find_note(image: &[u8], segments: &[Segment]) -> Result<usize> {
    for segment in segments.iter().filter(|segment| segment.p_type(LE) == PT_NOTE) {
        let Some(mut notes) = segment.notes(LE, image)? else { continue };
        while let Some(note) = notes.next()? {
            if note.name() != NOTE_NAME || note.n_type(LE) != NOTE_TYPE {
                continue;
            }
            let descriptor = note.desc();
            ensure!(descriptor.len() == NOTE_LENGTH, "its note for a configuration is not of this version");
            ensure!(descriptor.iter().all(|&octet| octet == 0), "there is a configuration in it already");
            return Ok(descriptor.as_ptr().addr() - image.as_ptr().addr());
        }
    }
    bail!("it has no note for a configuration: it is no image of Isopod's")
}

#[cfg(test)]
mod tests;
