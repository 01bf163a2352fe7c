//! A device that finishes frames: it writes checksums, and cuts what is longer than its link carries (virtio 1.2 §5.1.6.2).

use platform::{Segmentation, Work};
use smoltcp::wire::{IpAddress, IpProtocol, Ipv4Packet, Ipv6Packet, TcpPacket};

/// What goes over the wire for a frame that netstack left unfinished.
pub(crate) fn finish(frame: &[u8], work: Work) -> Vec<Vec<u8>> {
    let transport = usize::from(work.transport);
    check_partial_sum(frame, transport);
    let Some(Segmentation { headers, payload, is_v6, has_cwr }) = work.segmentation else {
        return vec![finished(frame.to_vec(), transport)];
    };
    let headers = usize::from(headers);
    assert_eq!(is_v6, frame[12..14] == [0x86, 0xdd], "the version");
    assert_eq!(headers, transport + usize::from(frame[transport + 12] >> 4) * 4, "headers");
    assert_eq!(has_cwr, frame[transport + 13] & 0x80 != 0, "CWR");
    let (headers, data) = frame.split_at(headers);
    let last = data.len().div_ceil(payload.into()) - 1;
    let segments = data.chunks(payload.into()).enumerate().map(|(number, data)| {
        let mut segment = [headers, data].concat();
        let (ip, tcp) = segment.split_at_mut(transport);
        let length = tcp.len();
        if is_v6 {
            Ipv6Packet::new_unchecked(&mut ip[14..]).set_payload_len(length as u16);
        } else {
            let mut packet = Ipv4Packet::new_unchecked(&mut ip[14..]);
            packet.set_total_len(length as u16 + 20);
            packet.fill_checksum();
        }
        let sequence = u32::from_be_bytes(tcp[4..8].try_into().expect("four octets"));
        let sequence = sequence.wrapping_add((number * usize::from(payload)) as u32);
        tcp[4..8].copy_from_slice(&sequence.to_be_bytes());
        // FIN and PSH are the last one's, CWR is the first one's.
        let mut flags = tcp[13];
        flags &= if number < last { !0x09 } else { !0 };
        flags &= if number > 0 { !0x80 } else { !0 };
        tcp[13] = flags;
        finished(segment, transport)
    });
    segments.collect()
}

fn finished(mut frame: Vec<u8>, transport: usize) -> Vec<u8> {
    let (source, destination) = addresses(&frame);
    TcpPacket::new_unchecked(&mut frame[transport..]).fill_checksum(&source, &destination);
    frame
}

fn addresses(frame: &[u8]) -> (IpAddress, IpAddress) {
    if frame[12..14] == [0x08, 0x00] {
        let packet = Ipv4Packet::new_unchecked(&frame[14..]);
        assert_eq!(packet.next_header(), IpProtocol::Tcp);
        (packet.src_addr().into(), packet.dst_addr().into())
    } else {
        let packet = Ipv6Packet::new_unchecked(&frame[14..]);
        assert_eq!(packet.next_header(), IpProtocol::Tcp);
        (packet.src_addr().into(), packet.dst_addr().into())
    }
}

/// The checksum's field holds the sum of the pseudo-header, not inverted (RFC 9293 §3.1).
fn check_partial_sum(frame: &[u8], transport: usize) {
    let (source, destination) = addresses(frame);
    let octets = |address: IpAddress| match address {
        IpAddress::Ipv4(address) => address.octets().to_vec(),
        IpAddress::Ipv6(address) => address.octets().to_vec(),
    };
    let length = (frame.len() - transport) as u32;
    let header = [octets(source), octets(destination), vec![0, 6], length.to_be_bytes().to_vec()].concat();
    let sum: u32 = header.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum >> 16) + (sum & 0xffff);
    let folded = (folded >> 16) + (folded & 0xffff);
    let written = u16::from_be_bytes([frame[transport + 16], frame[transport + 17]]);
    assert_eq!(u32::from(written), folded, "the sum of the pseudo-header");
}
