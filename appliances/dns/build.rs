//! Links the image by the kernel's memory map, and by nothing that a Linux program would have.

fn main() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../kernel/link.x");
    println!("cargo:rerun-if-changed={script}");
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        "-no-pie",
        "-Wl,-z,norelro",
        "-Wl,--build-id=none",
        "-Wl,--gc-sections",
    ] {
        println!("cargo:rustc-link-arg-bin=dns-image={argument}");
    }
    println!("cargo:rustc-link-arg-bin=dns-image=-Wl,-T{script}");
}
