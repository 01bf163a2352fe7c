//! Archive → files; `appliance.toml` → `[network]`, with every mistake at a place that exists.

#![no_main]

use configuration::{Archive, Diagnostics, Document, Network};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let bytes = bytes::Bytes::copy_from_slice(input);
    if let Ok(archive) = Archive::new(bytes.clone()) {
        for path in [Archive::DOCUMENT, "example.com.zone"] {
            let _of_any_length = archive.file(path);
        }
    }
    let mut diagnostics = Diagnostics::new();
    if let Some(document) = Document::parse("appliance.toml", &bytes, &mut diagnostics) {
        let network = Network::read(&document, &mut diagnostics);
        assert!(network.is_some() || diagnostics.errors() > 0, "refused without a reason");
    }
    for location in diagnostics.iter().filter_map(|diagnostic| diagnostic.location.as_ref()) {
        assert!(
            diagnostics.text(location.source).get(location.span.clone()).is_some(),
            "a place outside the text"
        );
    }
});
