use super::unpack;
use crate::appliance::Kind;
use flate2::{Compression, GzBuilder};
use std::io::Write as _;

fn packed(image: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(image).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn an_image_is_found_by_its_appliance() {
    let (other, dns) = (packed(b"other"), packed(b"dns"));
    assert_eq!(unpack(Kind::Dns, &[("other", &other), ("dns", &dns)]).unwrap(), b"dns");
    let error = unpack(Kind::Dns, &[("other", &other)]).unwrap_err();
    assert_eq!(error.to_string(), "this program carries no dns image; give one with --image");
}

#[test]
fn a_damaged_image_is_refused() {
    let mut image = packed(b"an image");
    let end = image.len() - 1;
    image[end] ^= 1;
    let error = unpack(Kind::Dns, &[("dns", &image)]).unwrap_err();
    assert_eq!(error.to_string(), "the dns image in this program is damaged");
    assert!(unpack(Kind::Dns, &[("dns", &image[..9])]).is_err());
}
