// How a program is linked as an image: by the kernel's memory map, and with nothing that a Linux program would have.
// Included by the build scripts of images.

fn link_image(binary: &str, script: &str) {
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
        println!("cargo:rustc-link-arg-bin={binary}={argument}");
    }
    println!("cargo:rustc-link-arg-bin={binary}=-Wl,-T{script}");
}
