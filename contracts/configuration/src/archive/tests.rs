use super::{Archive, Unusable};
use crate::{Interface, Network};
use alloc::string::ToString;
use alloc::vec::Vec;
use bytes::Bytes;

/// A POSIX tar archive, written by hand (POSIX.1-2017, pax, "ustar Interchange Format").
fn archive(files: &[(&str, &[u8])]) -> Bytes {
    let mut octets = Vec::new();
    for (name, content) in files {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000444\0");
        header[124..136].copy_from_slice(alloc::format!("{:011o}\0", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().copied().map(u32::from).sum();
        header[148..156].copy_from_slice(alloc::format!("{sum:06o}\0 ").as_bytes());
        octets.extend(header);
        octets.extend(*content);
        octets.resize(octets.len().next_multiple_of(512), 0);
    }
    octets.resize(octets.len() + 1024, 0);
    octets.into()
}

#[test]
fn files_are_lent_where_they_lie() {
    let octets = archive(&[("a", b"first"), ("b", b""), ("c", &[7; 1000])]);
    let archive = Archive::new(octets.clone()).unwrap();
    let file = archive.file("c").unwrap();
    assert_eq!(file, [7; 1000][..]);
    assert!(octets.as_ptr_range().contains(&file.as_ptr()), "not copied");
    assert_eq!(archive.file("a").unwrap(), "first");
    assert_eq!(archive.file("b").unwrap(), "");
    assert_eq!(archive.file("d"), None);
}

#[test]
fn values_come_back() {
    let interface = Interface {
        mac: Some("52:54:00:12:34:56".parse().unwrap()),
        addresses: ["192.0.2.53/24", "2001:db8::53/64"].map(|text| text.parse().unwrap()).into(),
        gateways: ["192.0.2.1"].map(|text| text.parse().unwrap()).into(),
        dhcp: true,
        slaac: false,
    };
    let network = Network { interfaces: [Interface { mac: None, ..interface.clone() }, interface].into() };
    let encoded = Archive::encode(&network);
    let archive = Archive::new(archive(&[(Archive::NETWORK, &encoded), ("short", &encoded[..3])])).unwrap();
    assert_eq!(archive.value(Archive::NETWORK), Ok(network));
    assert_eq!(archive.value::<Network>("short"), Err(Unusable::Malformed("short")));
    assert_eq!(archive.value::<Network>("none"), Err(Unusable::Missing("none")));
}

#[test]
fn what_is_no_archive_is_refused() {
    for octets in [&b""[..], b"x", &[0xff; 511], b"#!/bin/sh\n"] {
        let error = Archive::new(Bytes::copy_from_slice(octets)).unwrap_err();
        assert_eq!(error.to_string(), "the configuration is no tar archive");
    }
}

#[test]
fn no_cut_and_no_flip_makes_it_panic() {
    let sound = archive(&[("a", b"first"), ("b", &[7; 600])]);
    for length in 0..sound.len() {
        let _ = Archive::new(sound.slice(..length)).map(|archive| archive.file("b"));
    }
    for position in 0..1536 {
        let mut octets = sound.to_vec();
        octets[position] ^= 0xff;
        let _ = Archive::new(octets.into()).map(|archive| archive.file("b"));
    }
}
