//! Links the image.

include!("../link.rs");

fn main() {
    link_image("trials-image", concat!(env!("CARGO_MANIFEST_DIR"), "/../link.x"));
}
