//! Rules on a built image.

use super::Breaches;
use anyhow::Result;
use object::elf::{FileHeader64, PT_DYNAMIC, PT_INTERP};
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Endianness, Object, ObjectSymbol};

/// What an image holds and wants.
#[derive(Debug, Default)]
pub(crate) struct Image {
    pub(crate) symbols: Vec<Symbol>,
    /// The kinds of its segments.
    pub(crate) segments: Vec<u32>,
}

/// A name in an image.
#[derive(Debug)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) is_defined: bool,
}

/// How names begin that only a C library has.
const C_LIBRARY: &[&str] =
    &["__libc_", "__pthread_", "_IO_", "_dl_", "__tls_get_addr", "__errno_location", "getrandom"];

impl Image {
    /// Reads an ELF file.
    pub(crate) fn read(octets: &[u8]) -> Result<Self> {
        let file: ElfFile64<'_, Endianness> = ElfFile64::parse(octets)?;
        let named = file.symbols().filter(|symbol| symbol.name().is_ok_and(|name| !name.is_empty()));
        let symbols = named.map(|symbol| Symbol {
            name: symbol.name().unwrap_or_default().to_owned(),
            is_defined: !symbol.is_undefined(),
        });
        let headers: &[<FileHeader64<Endianness> as object::read::elf::FileHeader>::ProgramHeader] =
            file.elf_program_headers();
        let segments = headers.iter().map(|header| header.p_type(file.endian()).0).collect();
        Ok(Self { symbols: symbols.collect(), segments })
    }
}

/// Nothing is left to a loader, and glibc did not slip in (the crate `libc` makes rustc ask for it).
pub(crate) fn self_contained(image: &Image) -> Breaches {
    let mut breaches = Breaches::new();
    if image.symbols.is_empty() {
        breaches.push("there are no symbols to look at".to_owned());
    }
    for symbol in &image.symbols {
        if !symbol.is_defined {
            breaches.push(format!("{} is wanted and not there", symbol.name));
        } else if C_LIBRARY.iter().any(|prefix| symbol.name.starts_with(prefix)) {
            breaches.push(format!("{} is of a C library", symbol.name));
        }
    }
    if image.segments.iter().any(|&kind| kind == PT_INTERP.0 || kind == PT_DYNAMIC.0) {
        breaches.push("it wants a dynamic loader".to_owned());
    }
    breaches
}
