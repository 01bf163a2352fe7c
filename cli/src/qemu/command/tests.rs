use super::{Accelerator, Cable, Machine, Sandbox, command};
use crate::arguments::MachineType;
use std::path::Path;

#[track_caller]
fn check(machine: &Machine<'_>, expected: &str) {
    let arguments = command(Path::new("qemu"), machine);
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_str().unwrap()).collect();
    let expected: Vec<_> = expected.split_whitespace().collect();
    assert_eq!(words, expected);
}

fn cable(backend: &str) -> Cable {
    Cable { backend: backend.into(), ethernet: "52:54:00:12:34:56".into() }
}

fn machine(cables: &[Cable]) -> Machine<'_> {
    Machine {
        accelerator: Accelerator::Kvm,
        machine: MachineType::Microvm,
        memory_mib: 16,
        image: Path::new("image"),
        archive: Some(Path::new("archive.tar")),
        cables,
        pcap: None,
        has_operator: true,
        sandbox: Sandbox::Filter,
    }
}

#[test]
fn microvm_under_kvm() {
    check(
        &machine(&[cable("user,id=net0")]),
        "qemu -M microvm,accel=kvm,acpi=off,pit=on,pic=off,rtc=on,isa-serial=on,auto-kernel-cmdline=on
         -cpu host,-arch-capabilities -m 16M -smp 1 -display none -serial stdio
         -kernel image -initrd archive.tar -global virtio-mmio.force-legacy=false
         -netdev user,id=net0 -device virtio-net-device,netdev=net0,mac=52:54:00:12:34:56
         -object rng-builtin,id=rng0 -device virtio-rng-device,rng=rng0
         -chardev null,id=operator -device virtio-serial-device,max_ports=1 -device virtconsole,chardev=operator
         -device isa-debug-exit,iobase=0xf4,iosize=4
         -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny -nodefaults -no-user-config -no-reboot",
    );
}

#[test]
fn q35_under_tcg_on_a_tap_device() {
    let cables = [cable("tap,id=net0,ifname=tap0,script=no,downscript=no")];
    let machine = Machine {
        accelerator: Accelerator::Tcg,
        machine: MachineType::Q35,
        memory_mib: 64,
        archive: None,
        has_operator: false,
        ..machine(&cables)
    };
    check(
        &machine,
        "qemu -M q35,accel=tcg -cpu max -m 64M -smp 1 -display none -serial stdio -kernel image
         -netdev tap,id=net0,ifname=tap0,script=no,downscript=no
         -device virtio-net-pci,disable-legacy=on,netdev=net0,mac=52:54:00:12:34:56
         -object rng-builtin,id=rng0 -device virtio-rng-pci,disable-legacy=on,rng=rng0
         -device isa-debug-exit,iobase=0xf4,iosize=4
         -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny -nodefaults -no-user-config -no-reboot",
    );
}

#[test]
fn every_cable_has_a_device_and_a_record_of_its_own() {
    let cables = ["user,id=net0", "tap,id=net1"].map(cable);
    let machine = Machine { pcap: Some(Path::new("frames.pcap")), ..machine(&cables) };
    let arguments = command(Path::new("qemu"), &machine);
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_str().unwrap()).collect();
    let values = |option: &str| {
        words.windows(2).filter(|pair| pair[0] == option).map(|pair| pair[1]).collect::<Vec<_>>()
    };
    assert_eq!(values("-netdev"), ["user,id=net0", "tap,id=net1"]);
    assert_eq!(
        values("-device")[..2],
        ["net0", "net1"].map(|id| format!("virtio-net-device,netdev={id},mac=52:54:00:12:34:56"))
    );
    assert_eq!(
        values("-object")[1..],
        [
            "filter-dump,id=dump0,netdev=net0,file=frames.pcap.0",
            "filter-dump,id=dump1,netdev=net1,file=frames.pcap.1"
        ]
    );
}

#[test]
fn a_path_can_hold_anything() {
    let cables = [cable("user,id=net0")];
    let machine =
        Machine { pcap: Some(Path::new("a, b,c=d.pcap")), image: Path::new("im,age"), ..machine(&cables) };
    let arguments = command(Path::new("qemu"), &machine);
    let follows =
        |option: &str, value: &str| arguments.windows(2).any(|pair| pair[0] == *option && pair[1] == *value);
    assert!(follows("-kernel", "im,age"), "{arguments:?}");
    assert!(follows("-object", "filter-dump,id=dump0,netdev=net0,file=a,, b,,c=d.pcap"), "{arguments:?}");
}
