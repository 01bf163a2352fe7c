//! TCP segments, their options among them (RFC 9293 §3.1, RFC 7323 §2.2 and §3.2, RFC 2018 §2 and §3).

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use smoltcp::wire::{IpAddress, TcpPacket};

/// A segment.
#[derive(Clone, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) sequence: u32,
    /// What ACK makes valid.
    pub(crate) acknowledgement: Option<u32>,
    pub(crate) syn: bool,
    pub(crate) fin: bool,
    pub(crate) reset: bool,
    pub(crate) urgent: bool,
    /// As it stands there, not scaled.
    pub(crate) window: u16,
    pub(crate) options: Options,
    pub(crate) payload: &'a [u8],
}

/// In one line, its octets counted.
impl core::fmt::Display for Segment<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { sequence, acknowledgement, window, options, payload, .. } = self;
        for (is_there, name) in [(self.syn, "SYN "), (self.fin, "FIN "), (self.reset, "RST ")] {
            formatter.write_str(if is_there { name } else { "" })?;
        }
        write!(formatter, "{sequence} {acknowledgement:?} {} octets, window {window}", payload.len())?;
        write!(formatter, ", timestamps {:?}, blocks {:?}", options.timestamps, options.blocks)
    }
}

/// What stands between header and payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) segment_length: Option<u16>,
    pub(crate) scale: Option<u8>,
    pub(crate) may_acknowledge_selectively: bool,
    pub(crate) blocks: Vec<(u32, u32)>,
    /// TSval and TSecr.
    pub(crate) timestamps: Option<(u32, u32)>,
    /// Octets of all of them, padding included.
    pub(crate) length: usize,
    /// What is wrong with one of them; those behind it count for nothing, and the segment is sound all the same (RFC 9293 §3.1).
    pub(crate) fault: Option<String>,
}

impl Segment<'_> {
    /// What it takes of the space of sequence numbers.
    pub(crate) fn length(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.syn) + u32::from(self.fin)
    }
}

/// Reads a segment.
pub(super) fn read<'a>(octets: &'a [u8], source: &IpAddress, destination: &IpAddress) -> Result<Segment<'a>> {
    let packet = TcpPacket::new_checked(octets).map_err(|_| anyhow!("TCP: malformed"))?;
    ensure!(packet.verify_checksum(source, destination), "TCP: sum");
    Ok(Segment {
        source_port: packet.src_port(),
        destination_port: packet.dst_port(),
        sequence: packet.seq_number().0.cast_unsigned(),
        acknowledgement: packet.ack().then(|| packet.ack_number().0.cast_unsigned()),
        syn: packet.syn(),
        fin: packet.fin(),
        reset: packet.rst(),
        urgent: packet.urg(),
        window: packet.window_len(),
        options: Options::read(packet.options()),
        payload: packet.payload(),
    })
}

impl Options {
    fn read(octets: &[u8]) -> Self {
        let mut options = Self { length: octets.len(), ..Self::default() };
        options.fault = options.take_all(octets).err().map(|error| error.to_string());
        options
    }

    fn take_all(&mut self, octets: &[u8]) -> Result<()> {
        const END: u8 = 0;
        const NOTHING: u8 = 1;
        let mut rest = octets;
        while let Some((&kind, behind)) = rest.split_first() {
            if kind == END {
                break;
            }
            if kind == NOTHING {
                rest = behind;
                continue;
            }
            let length = usize::from(*behind.first().context("TCP: an option without a length")?);
            ensure!(length >= 2 && length <= rest.len(), "TCP: an option of {length} octets");
            self.take(kind, &rest[2..length])?;
            rest = &rest[length..];
        }
        Ok(())
    }

    fn take(&mut self, kind: u8, content: &[u8]) -> Result<()> {
        let word = |octets: &[u8]| u32::from_be_bytes([octets[0], octets[1], octets[2], octets[3]]);
        match (kind, content) {
            (2, &[high, low]) => self.segment_length = Some(u16::from_be_bytes([high, low])),
            (3, &[scale]) => self.scale = Some(scale),
            (4, []) => self.may_acknowledge_selectively = true,
            (5, blocks) if !blocks.is_empty() && blocks.len().is_multiple_of(8) => {
                self.blocks = blocks.chunks(8).map(|block| (word(block), word(&block[4..]))).collect();
            }
            (8, times) if times.len() == 8 => self.timestamps = Some((word(times), word(&times[4..]))),
            (2..=5 | 8, _) => bail!("TCP: option {kind} of {} octets", content.len() + 2),
            _ => {}
        }
        Ok(())
    }
}
