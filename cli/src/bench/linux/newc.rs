//! The archive that Linux takes its first files from: cpio's "new ASCII" format
//! (Documentation/driver-api/early-userspace/buffer-format.rst of Linux).

/// An archive that is being written.
#[derive(Debug, Default)]
pub(super) struct Archive {
    octets: Vec<u8>,
    entries: u32,
}

const FOLDER: u32 = 0o40_755;
const PROGRAM: u32 = 0o100_755;

/// What every member is padded to.
const ALIGNMENT: usize = 4;

impl Archive {
    pub(super) fn add_folder(&mut self, name: &str) {
        self.add(name, FOLDER, &[]);
    }

    /// Adds a file, which may be run.
    pub(super) fn add_file(&mut self, name: &str, content: &[u8]) {
        self.add(name, PROGRAM, content);
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.add("TRAILER!!!", 0, &[]);
        self.octets
    }

    fn add(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.entries += 1;
        let (owner, group, links, time) = (0, 0, 1, 0);
        let (major, minor, device_major, device_minor, sum) = (0, 0, 0, 0, 0);
        // The name's length has the octet that ends it.
        let (length, name_length) = (content.len() as u32, name.len() as u32 + 1);
        let fields = [
            self.entries,
            mode,
            owner,
            group,
            links,
            time,
            length,
            major,
            minor,
            device_major,
            device_minor,
            name_length,
            sum,
        ];
        self.octets.extend(b"070701");
        self.octets.extend(fields.iter().flat_map(|field| format!("{field:08x}").into_bytes()));
        self.octets.extend(name.as_bytes());
        self.octets.push(0);
        self.pad();
        self.octets.extend(content);
        self.pad();
    }

    fn pad(&mut self) {
        self.octets.resize(self.octets.len().next_multiple_of(ALIGNMENT), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;

    #[test]
    fn headers_names_and_contents_are_aligned() {
        let mut archive = Archive::default();
        archive.add_folder("bin");
        archive.add_file("bin/a", b"12345");
        let octets = archive.finish();
        // 110 octets of header and 4 of the name, padded; then 110 and 6 (aligned), and 5, padded.
        let second = 116;
        let text = |from: usize, to: usize| String::from_utf8_lossy(&octets[from..to]).into_owned();
        assert_eq!(text(0, 6), "070701");
        assert_eq!(text(second, second + 22), "07070100000002000081ed");
        assert_eq!(text(second + 54, second + 62), "00000005");
        assert_eq!(text(second + 110, second + 115), "bin/a");
        assert_eq!(text(second + 116, second + 121), "12345");
        assert_eq!(text(second + 124, second + 130), "070701");
        assert!(
            octets.len().is_multiple_of(4) && text(second + 234, octets.len()).starts_with("TRAILER!!!\0")
        );
    }
}
