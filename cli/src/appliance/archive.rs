//! Archives: the same files always make the same octets.

use anyhow::Result;
use bytes::Bytes;
use tar::{Builder, EntryType, Header};

/// A POSIX tar archive. Each file starts at a multiple of 512 octets, where it can be used as it lies.
pub(super) fn pack(files: &[(String, Bytes)]) -> Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(content.len() as u64);
        header.set_mode(0o444);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        builder.append_data(&mut header, path, &**content)?;
    }
    Ok(builder.into_inner()?)
}

#[cfg(test)]
mod tests;
