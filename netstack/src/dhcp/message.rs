//! What a server says (RFC 2131 §2, RFC 2132).

use crate::frame::read_u16;
use core::time::Duration;
use platform::EthernetAddress;

/// The fixed fields, up to and with the cookie that options stand behind.
pub(super) const HEADER: usize = 240;
pub(super) const COOKIE: [u8; 4] = [99, 130, 83, 99];
const REPLY: u8 = 2;
/// Ethernet, and the length of its addresses.
pub(super) const ETHERNET: [u8; 2] = [1, 6];

/// Option codes (RFC 2132).
pub(super) mod option {
    pub(crate) const PAD: u8 = 0;
    pub(crate) const SUBNET_MASK: u8 = 1;
    pub(crate) const ROUTER: u8 = 3;
    pub(crate) const INTERFACE_MTU: u8 = 26;
    pub(crate) const REQUESTED_ADDRESS: u8 = 50;
    pub(crate) const LEASE_TIME: u8 = 51;
    pub(crate) const OVERLOAD: u8 = 52;
    pub(crate) const MESSAGE_TYPE: u8 = 53;
    pub(crate) const SERVER: u8 = 54;
    pub(crate) const PARAMETERS: u8 = 55;
    pub(crate) const RENEWAL_TIME: u8 = 58;
    pub(crate) const REBINDING_TIME: u8 = 59;
    pub(crate) const END: u8 = 255;
}

/// What kind of message a server sends (RFC 2132 §9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Offer,
    Acknowledgement,
    Refusal,
}

/// A message from a server to this station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) exchange: u32,
    /// Which server says so.
    pub(super) server: u32,
    /// What it calls us: `yiaddr`.
    pub(super) address: u32,
    pub(super) subnet_mask: Option<u32>,
    /// The first of the routers that it names.
    pub(super) router: Option<u32>,
    pub(super) mtu: Option<u16>,
    pub(super) lease: Option<Time>,
    pub(super) renewal: Option<Time>,
    pub(super) rebinding: Option<Time>,
}

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    Finite(Duration),
    /// RFC 2131 §3.3: all ones.
    Infinite,
}

/// Why a message is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Useless {
    /// It breaks the format.
    Malformed,
    /// It is for another station, or of a kind that clients do not get.
    Foreign,
}

impl Message {
    /// Reads what came in a datagram for the station of this address.
    pub(super) fn read(payload: &[u8], own: EthernetAddress) -> Result<Self, Useless> {
        let Some((header, field)) = payload.split_first_chunk::<HEADER>() else {
            return Err(Useless::Malformed);
        };
        if header[236..] != COOKIE {
            return Err(Useless::Malformed);
        }
        if header[0] != REPLY || header[1..3] != ETHERNET || header[28..34] != own.0 {
            return Err(Useless::Foreign);
        }

        let options = Options::read(header, field).ok_or(Useless::Malformed)?;
        let kind = match options.kind.octet().ok_or(Useless::Malformed)? {
            2 => Kind::Offer,
            5 => Kind::Acknowledgement,
            6 => Kind::Refusal,
            _ => return Err(Useless::Foreign),
        };
        Ok(Self {
            kind,
            exchange: u32::from(read_u16(header, 4)) << 16 | u32::from(read_u16(header, 6)),
            // RFC 2131 §4.3.1, table 3: there must be one in all that a server says.
            server: options.server.number().ok_or(Useless::Malformed)?,
            address: u32::from(read_u16(header, 16)) << 16 | u32::from(read_u16(header, 18)),
            subnet_mask: options.subnet_mask.number(),
            router: options.router.first(),
            mtu: options.mtu.pair(),
            lease: options.lease.time(),
            renewal: options.renewal.time(),
            rebinding: options.rebinding.time(),
        })
    }
}

/// The options that matter here.
#[derive(Default)]
struct Options {
    kind: Gathered,
    server: Gathered,
    subnet_mask: Gathered,
    router: Gathered,
    mtu: Gathered,
    lease: Gathered,
    renewal: Gathered,
    rebinding: Gathered,
    overload: Gathered,
}

impl Options {
    /// RFC 2132 §9.3, RFC 3396 §5: options go on in `file`, then in `sname`, where the server says so.
    fn read(header: &[u8; HEADER], field: &[u8]) -> Option<Self> {
        let (server_name, file) = (&header[44..108], &header[108..236]);
        let mut options = Self::default();
        options.gather(field)?;
        let (has_file, has_name) = match options.overload.octet() {
            Some(overload) => (overload & 1 != 0, overload & 2 != 0),
            None => (false, false),
        };
        if has_file {
            options.gather(file)?;
        }
        if has_name {
            options.gather(server_name)?;
        }
        Some(options)
    }

    /// `None` if an option goes beyond the field's end. That a field ends without saying so does no harm.
    fn gather(&mut self, mut field: &[u8]) -> Option<()> {
        loop {
            field = match *field {
                [] | [option::END, ..] => return Some(()),
                [option::PAD, ref rest @ ..] => rest,
                [code, length, ref rest @ ..] => {
                    let (value, rest) = rest.split_at_checked(length.into())?;
                    if let Some(gathered) = self.option(code) {
                        gathered.add(value);
                    }
                    rest
                }
                [_] => return None,
            }
        }
    }

    fn option(&mut self, code: u8) -> Option<&mut Gathered> {
        Some(match code {
            option::SUBNET_MASK => &mut self.subnet_mask,
            option::ROUTER => &mut self.router,
            option::INTERFACE_MTU => &mut self.mtu,
            option::LEASE_TIME => &mut self.lease,
            option::OVERLOAD => &mut self.overload,
            option::MESSAGE_TYPE => &mut self.kind,
            option::SERVER => &mut self.server,
            option::RENEWAL_TIME => &mut self.renewal,
            option::REBINDING_TIME => &mut self.rebinding,
            _ => return None,
        })
    }
}

/// An option's value, put together from all of its parts (RFC 3396 §7).
#[derive(Default)]
struct Gathered {
    octets: [u8; 4],
    /// How many octets came, those among them that found no room.
    length: usize,
}

impl Gathered {
    fn add(&mut self, value: &[u8]) {
        for octet in value {
            if let Some(place) = self.octets.get_mut(self.length) {
                *place = *octet;
            }
            self.length = self.length.saturating_add(1);
        }
    }

    fn octet(&self) -> Option<u8> {
        (self.length == 1).then_some(self.octets[0])
    }

    fn pair(&self) -> Option<u16> {
        (self.length == 2).then(|| read_u16(&self.octets, 0))
    }

    fn number(&self) -> Option<u32> {
        (self.length == 4).then_some(u32::from_be_bytes(self.octets))
    }

    /// RFC 2132 §3.5: of several addresses, the one that is preferred.
    fn first(&self) -> Option<u32> {
        (self.length >= 4 && self.length.is_multiple_of(4)).then_some(u32::from_be_bytes(self.octets))
    }

    fn time(&self) -> Option<Time> {
        Some(match self.number()? {
            u32::MAX => Time::Infinite,
            seconds => Time::Finite(Duration::from_secs(seconds.into())),
        })
    }
}
