use super::{Accelerator, Machine, Network, command};
use crate::arguments::MachineType;
use std::path::Path;

#[track_caller]
fn check(machine: &Machine<'_>, expected: &str) {
    let arguments = command(Path::new("qemu"), machine);
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_str().unwrap()).collect();
    let expected: Vec<_> = expected.split_whitespace().collect();
    assert_eq!(words, expected);
}

fn network() -> Network {
    Network { backend: "user,id=net0".into(), ethernet: "52:54:00:12:34:56".into() }
}

fn machine(network: &Network) -> Machine<'_> {
    Machine {
        accelerator: Accelerator::Kvm,
        machine: MachineType::Microvm,
        memory_mib: 16,
        image: Path::new("image"),
        archive: Some(Path::new("archive.tar")),
        network,
        pcap: None,
    }
}

#[test]
fn microvm_under_kvm() {
    check(
        &machine(&network()),
        "qemu -M microvm,accel=kvm,acpi=off,pit=on,pic=off,rtc=on,isa-serial=on,auto-kernel-cmdline=on
         -cpu host,-arch-capabilities -m 16M -smp 1 -display none -serial stdio
         -kernel image -initrd archive.tar -global virtio-mmio.force-legacy=false
         -netdev user,id=net0 -device virtio-net-device,netdev=net0,mac=52:54:00:12:34:56
         -object rng-builtin,id=rng0 -device virtio-rng-device,rng=rng0
         -device isa-debug-exit,iobase=0xf4,iosize=4 -nodefaults -no-user-config -no-reboot",
    );
}

#[test]
fn q35_under_tcg_on_a_tap_device() {
    let network = Network::tap("tap0", "52:54:00:00:00:01".into(), None);
    let machine = Machine {
        accelerator: Accelerator::Tcg,
        machine: MachineType::Q35,
        memory_mib: 64,
        archive: None,
        ..machine(&network)
    };
    check(
        &machine,
        "qemu -M q35,accel=tcg -cpu max -m 64M -smp 1 -display none -serial stdio -kernel image
         -netdev tap,id=net0,ifname=tap0,script=no,downscript=no
         -device virtio-net-pci,disable-legacy=on,netdev=net0,mac=52:54:00:00:00:01
         -object rng-builtin,id=rng0 -device virtio-rng-pci,disable-legacy=on,rng=rng0
         -device isa-debug-exit,iobase=0xf4,iosize=4 -nodefaults -no-user-config -no-reboot",
    );
}

#[test]
fn a_recorded_tap_device_has_plain_frames() {
    let network = Network::tap("tap0", String::new(), Some(Path::new("frames.pcap")));
    assert_eq!(network.backend, "tap,id=net0,ifname=tap0,script=no,downscript=no,vnet_hdr=off");
}

#[test]
fn a_path_can_hold_anything() {
    let network = network();
    let machine =
        Machine { pcap: Some(Path::new("a, b,c=d.pcap")), image: Path::new("im,age"), ..machine(&network) };
    let arguments = command(Path::new("qemu"), &machine);
    let follows =
        |option: &str, value: &str| arguments.windows(2).any(|pair| pair[0] == *option && pair[1] == *value);
    assert!(follows("-kernel", "im,age"), "{arguments:?}");
    assert!(follows("-object", "filter-dump,id=dump0,netdev=net0,file=a,, b,,c=d.pcap"), "{arguments:?}");
}
