//! Links the image.

include!("../../kernel/link.rs");

fn main() {
    link_image("services-image", concat!(env!("CARGO_MANIFEST_DIR"), "/../../kernel/link.x"));
}
