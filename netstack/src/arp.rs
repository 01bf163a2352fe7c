//! ARP (RFC 826) and conflicts over IPv4 addresses (RFC 5227).

use crate::counters::Counter;
use crate::frame::{ARP, Answer, BROADCAST, ETHERNET_HEADER, Frame, is_group, write_ethernet};
use crate::reception::Reception;
use appliance::Appliance;
use core::net::Ipv4Addr;
use platform::EthernetAddress;

/// A frame with an ARP packet for Ethernet and IPv4.
const FRAME: usize = ETHERNET_HEADER + 28;
/// Ethernet, IPv4, and the lengths of their addresses.
const ETHERNET_IPV4: [u8; 6] = [0, 1, 8, 0, 6, 4];
const REQUEST: u8 = 1;
const REPLY: u8 = 2;

impl<A: Appliance> Reception<'_, A> {
    /// An ARP packet came.
    #[cold]
    pub(crate) fn on_arp_packet(&mut self, frame: Frame<'_>) -> Result<Answer, Counter> {
        let packet = &frame.buffer[ETHERNET_HEADER..frame.length];
        let Some((&ETHERNET_IPV4, rest)) = packet.split_first_chunk() else {
            return Err(Counter::ArpMalformed);
        };
        let &[0, operation @ (REQUEST | REPLY), a, b, c, d, e, f, s0, s1, s2, s3, ref rest @ ..] = rest
        else {
            return Err(Counter::ArpMalformed);
        };
        let &[_, _, _, _, _, _, t0, t1, t2, t3, ..] = rest else { return Err(Counter::ArpMalformed) };
        let sender_hardware = EthernetAddress([a, b, c, d, e, f]);
        let sender = Ipv4Addr::new(s0, s1, s2, s3);
        let target = Ipv4Addr::new(t0, t1, t2, t3);

        // Our own packet, seen again through a link that loops; or somebody would have us answer ourselves.
        if sender_hardware == self.station.address {
            return Err(Counter::FrameFromNobody);
        }
        if is_group(sender_hardware.0)
            || sender.is_loopback()
            || sender.is_multicast()
            || self.station.is_broadcast(sender.to_bits())
        {
            return Err(Counter::ArpMalformed);
        }
        // RFC 5227 §2.1.1: what we probe for is somebody's, or somebody else probes for it too.
        let claimed = if operation == REQUEST && sender.is_unspecified() { target } else { sender };
        if self.station.is_refused(claimed, sender_hardware, self.now.instant) {
            return Err(Counter::AddressConflict);
        }
        if self.station.ipv4.contains(&sender.to_bits()) {
            return self.defend(frame.buffer, sender, sender_hardware);
        }
        let is_answer = operation == REPLY && self.station.ipv4.contains(&target.to_bits());
        if is_answer && self.station.on_neighbour(sender.into(), sender_hardware, self.now.instant) {
            self.connections.on_neighbour();
            return Err(Counter::NeighbourFound);
        }
        if operation != REQUEST || !self.station.ipv4.contains(&target.to_bits()) {
            return Err(Counter::ArpIgnored);
        }
        let own = self.station.address;
        write_packet(frame.buffer, REPLY, (own, target), (sender_hardware, sender));
        Ok(Answer { length: FRAME, counter: Counter::ArpAnswered })
    }

    /// RFC 5227 §2.4(c): a server keeps its address, and says so, but not so often that two such servers would talk
    /// for ever.
    fn defend(
        &mut self,
        frame: &mut [u8],
        address: Ipv4Addr,
        by: EthernetAddress,
    ) -> Result<Answer, Counter> {
        if !self.station.note_conflict(address.into(), by, self.now.instant) {
            self.station.yield_address(address, by, self.now.instant);
            return Err(Counter::AddressConflict);
        }
        let length = write_announcement(frame, self.station.address, address);
        Ok(Answer { length, counter: Counter::AddressDefended })
    }
}

/// Writes an announcement (RFC 5227 §2.3); returns its length.
pub(crate) fn write_announcement(frame: &mut [u8], own: EthernetAddress, address: Ipv4Addr) -> usize {
    write_packet(frame, REQUEST, (own, address), (EthernetAddress([0; 6]), address));
    frame[..6].copy_from_slice(&BROADCAST.0);
    FRAME
}

/// Writes the question whether somebody has an address that is not ours yet (RFC 5227 §2.1.1); returns the frame's length.
pub(crate) fn write_probe(frame: &mut [u8], own: EthernetAddress, address: Ipv4Addr) -> usize {
    write_packet(frame, REQUEST, (own, Ipv4Addr::UNSPECIFIED), (EthernetAddress([0; 6]), address));
    frame[..6].copy_from_slice(&BROADCAST.0);
    FRAME
}

/// Writes the question which station a neighbour is (RFC 826); returns the frame's length.
pub(crate) fn write_question(
    frame: &mut [u8],
    station: EthernetAddress,
    own: Ipv4Addr,
    address: Ipv4Addr,
) -> usize {
    write_packet(frame, REQUEST, (station, own), (EthernetAddress([0; 6]), address));
    frame[..6].copy_from_slice(&BROADCAST.0);
    FRAME
}

fn write_packet(
    frame: &mut [u8],
    operation: u8,
    (sender_hardware, sender): (EthernetAddress, Ipv4Addr),
    (target_hardware, target): (EthernetAddress, Ipv4Addr),
) {
    write_ethernet(frame, target_hardware, sender_hardware, ARP);
    let packet = &mut frame[ETHERNET_HEADER..FRAME];
    packet[..6].copy_from_slice(&ETHERNET_IPV4);
    packet[6..8].copy_from_slice(&[0, operation]);
    packet[8..14].copy_from_slice(&sender_hardware.0);
    packet[14..18].copy_from_slice(&sender.octets());
    packet[18..24].copy_from_slice(&target_hardware.0);
    packet[24..].copy_from_slice(&target.octets());
}
