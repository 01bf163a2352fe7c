//! An appliance that attacks its machine, to see it fail.

use crate::console::write_line;
use crate::hardware::violations;
use appliance::{Appliance, Datagram, Listener, Reply};
use configuration::{Archive, Configure, Unusable};
use moment::Moment;

/// Does what the first line of the archive's document names, `# violation: NAME`, while it is being configured: the machine is
/// sealed by then.
///
/// A comment, so that `isopod` can make the archive too.
#[derive(Debug)]
pub struct Violation;

const NAME: &str = Archive::DOCUMENT;

impl Configure for Violation {
    fn configure(archive: &Archive) -> Result<Self, Unusable> {
        let document = archive.file(NAME).ok_or(Unusable::Missing(NAME))?;
        let document = core::str::from_utf8(&document).map_err(|_| Unusable::Malformed(NAME))?;
        let named = document.lines().next().and_then(|line| line.strip_prefix("# violation: "));
        let name = named.ok_or(Unusable::Malformed(NAME))?;
        write_line(format_args!("violation: {name}"));
        assert!(name != "panic", "as the configuration asks for");
        if violations::commit(name) {
            write_line(format_args!("violation: survived"));
        }
        Err(Unusable::Malformed(NAME))
    }
}

impl Appliance for Violation {
    fn listeners(&self) -> &[Listener] {
        &[]
    }

    fn on_datagram(&mut self, _: Datagram<'_>, _: Moment) -> Reply {
        Reply::Silence
    }
}
