//! An appliance that attacks its machine, to see it fail.

use crate::console::write_line;
use crate::hardware::violations;
use appliance::{Appliance, Datagram, Listener, Reply};
use configuration::{Archive, Configure, Unusable};
use moment::Moment;

/// Does what the archive's file `violation` names, while it is being configured: the machine is sealed by then.
#[derive(Debug)]
pub struct Violation;

const NAME: &str = "violation";

impl Configure for Violation {
    fn configure(archive: &Archive) -> Result<Self, Unusable> {
        let name = archive.file(NAME).ok_or(Unusable::Missing(NAME))?;
        let name = core::str::from_utf8(&name).map_err(|_| Unusable::Malformed(NAME))?.trim();
        write_line(format_args!("violation: {name}"));
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
