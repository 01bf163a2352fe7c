//! The life of a machine: how it starts, rests, ends, and what it says when something is missing.

use anyhow::{Context, Result, ensure};
use core::time::Duration;
use interop_tests::process::{Folder, Running, output};
use interop_tests::statistics::Statistics;
use interop_tests::subject::{Started, Subject};
use interop_tests::zones::Zones;
use libtest_mimic::Trial;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

type Test = (&'static str, fn(&Zones) -> Result<()>);

/// A trial of each test, each with a machine of its own.
pub(crate) fn trials(zones: &Arc<Zones>) -> Vec<Trial> {
    let tests: [Test; 8] = [
        ("it_tells_what_it_counted", it_tells_what_it_counted),
        ("an_idle_machine_rests", an_idle_machine_rests),
        ("it_ends_when_asked_and_leaves_nothing", it_ends_when_asked_and_leaves_nothing),
        ("qemu_can_start_nothing", qemu_can_start_nothing),
        ("without_a_network_device_it_says_so", without_a_network_device_it_says_so),
        ("without_randomness_it_says_so", without_randomness_it_says_so),
        ("without_a_configured_link_it_says_so", without_a_configured_link_it_says_so),
        ("a_link_that_is_not_configured_is_left_alone", a_link_that_is_not_configured_is_left_alone),
    ];
    let trial = |(name, test): Test| {
        let zones = Arc::clone(zones);
        let run = move || test(&zones).map_err(|error| format!("{error:#}").into());
        Trial::test(format!("image-tcg::machine::{name}"), run)
    };
    tests.map(trial).into()
}

/// The process of QEMU, which is a child of `isopod`.
fn qemu(running: &Running) -> Result<u32> {
    let id = running.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    for child in children.split_whitespace() {
        let name = fs::read_to_string(format!("/proc/{child}/comm"))?;
        if name.starts_with("qemu") {
            return Ok(child.parse()?);
        }
    }
    anyhow::bail!("isopod has no QEMU among its children: {children}")
}

/// User and system time of a process, in ticks of 10 ms.
fn ticks(process: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<_> = text.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let field =
        |number: usize| anyhow::Ok(fields.get(number).context("a process has times")?.parse::<u64>()?);
    Ok(field(11)? + field(12)?)
}

/// Asked while it sleeps and while it is asked by others, it answers within the moment.
fn it_tells_what_it_counted(zones: &Zones) -> Result<()> {
    const QUERIES: u64 = 20;
    let started = Subject::ImageTcg.start(zones)?;
    let before = Statistics::of(started.running.id())?;
    for _ in 0..QUERIES {
        started.server.ask("www.example.com. AAAA")?;
    }
    let changes = Statistics::of(started.running.id())?.since(&before);
    for name in [
        "dns_queries_total{type=\"AAAA\"}",
        "dns_noerror_total{kind=\"answer\"}",
        "network_frames_total{fate=\"datagram_answered\"}",
    ] {
        // A question may have been asked twice.
        let change = changes.value(name);
        ensure!((QUERIES..2 * QUERIES).contains(&change), "{name} grew by {change}: {changes:?}");
    }
    for _ in 0..QUERIES {
        std::thread::sleep(Duration::from_millis(50));
        let asked = Instant::now();
        Statistics::of(started.running.id())?;
        ensure!(asked.elapsed() < Duration::from_secs(2), "it took {:?} to answer", asked.elapsed());
    }
    Ok(())
}

/// Sleeping by deadline and interrupt, it costs next to nothing; the bound is far off what a busy loop takes.
fn an_idle_machine_rests(zones: &Zones) -> Result<()> {
    const SECONDS: u64 = 3;
    let Started { running, .. } = &Subject::ImageTcg.start(zones)?;
    let process = qemu(running)?;
    std::thread::sleep(Duration::from_secs(1));
    let before = ticks(process)?;
    std::thread::sleep(Duration::from_secs(SECONDS));
    let percent = (ticks(process)? - before) / SECONDS;
    println!("idle: {percent} % of a core");
    ensure!(percent < 30, "an idle machine takes {percent} % of a core");
    Ok(())
}

fn it_ends_when_asked_and_leaves_nothing(zones: &Zones) -> Result<()> {
    let mut started = Subject::ImageTcg.start(zones)?;
    let (isopod, process) = (started.running.id().to_string(), qemu(&started.running)?);
    output(&["kill", "-INT", &isopod])?;
    let start = Instant::now();
    while started.running.ensure_running().is_ok() {
        ensure!(start.elapsed() < Duration::from_secs(10), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    ensure!(!fs::exists(format!("/proc/{process}"))?, "QEMU is still there");
    Ok(())
}

/// The command that boots, with these devices, an image that holds a configuration.
fn command(folder: &Folder, configuration: &Path, devices: &[&str]) -> Result<Vec<String>> {
    let image = folder.path().join("dns.elf").to_string_lossy().into_owned();
    let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
    output(&[&isopod, "build", "dns", "--config", &configuration.to_string_lossy(), "--output", &image])?;
    let machine = "microvm,accel=tcg,acpi=off,rtc=on,isa-serial=on,auto-kernel-cmdline=on";
    let fixed =
        ["timeout", "20", "qemu-system-x86_64", "-M", machine, "-m", "16M", "-display", "none"].into_iter();
    let command = fixed
        .chain(["-serial", "stdio", "-kernel", &image, "-global", "virtio-mmio.force-legacy=false"])
        .chain([
            "-device",
            "isa-debug-exit,iobase=0xf4,iosize=4",
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
        ])
        .chain(devices.iter().copied());
    Ok(command.map(str::to_owned).collect())
}

/// All of its threads run behind a filter of system calls (proc_pid_status(5): 2 is a filter).
fn qemu_can_start_nothing(zones: &Zones) -> Result<()> {
    let Started { running, .. } = &Subject::ImageTcg.start(zones)?;
    for thread in fs::read_dir(format!("/proc/{}/task", qemu(running)?))? {
        let status = fs::read_to_string(thread?.path().join("status"))?;
        ensure!(status.lines().any(|line| line == "Seccomp:\t2"), "no filter: {status}");
    }
    Ok(())
}

/// Boots an image for a machine with so many links, with these devices; QEMU's status, and what the image said.
fn boot(zones: &Zones, links: &[&[&str]], devices: &[&str]) -> Result<(Option<i32>, String)> {
    let folder = Folder::new(&format!("boot-{}-{}", links.len(), devices.len()))?;
    let configuration = interop_tests::subject::configuration(&folder, zones, links)?;
    let command = command(&folder, &configuration, devices)?;
    let said = Command::new(&command[0]).args(&command[1..]).output()?;
    Ok((said.status.code(), String::from_utf8_lossy(&said.stdout).into_owned()))
}

/// What QEMU ends with when the image says that something is missing: (0x12 << 1) | 1.
const LACKING: Option<i32> = Some(0x25);

fn without_a_network_device_it_says_so(zones: &Zones) -> Result<()> {
    let rng = ["-cpu", "max", "-object", "rng-builtin,id=rng0", "-device", "virtio-rng-device,rng=rng0"];
    let (status, said) = boot(zones, &[&["192.0.2.53"]], &rng)?;
    ensure!(status == LACKING && said.to_lowercase().contains("network"), "{status:?}: {said}");
    Ok(())
}

/// Neither RDRAND nor virtio-rng.
fn without_randomness_it_says_so(zones: &Zones) -> Result<()> {
    let network = [
        "-cpu",
        "max,-rdrand,-rdseed",
        "-netdev",
        "user,id=net0",
        "-device",
        "virtio-net-device,netdev=net0",
    ];
    let (status, said) = boot(zones, &[&["192.0.2.53"]], &network)?;
    ensure!(status == LACKING && said.to_lowercase().contains("random"), "{status:?}: {said}");
    Ok(())
}

/// Cards with these last octets of their addresses, in this order.
fn cards(numbers: &[u8]) -> Vec<String> {
    let card = |number: &u8| {
        let card = format!("virtio-net-device,netdev=net{number},mac=52:54:00:00:00:{number:02x}");
        ["-netdev".to_owned(), format!("hubport,hubid={number},id=net{number}"), "-device".to_owned(), card]
    };
    ["-cpu".to_owned(), "max".to_owned()].into_iter().chain(numbers.iter().flat_map(card)).collect()
}

fn without_a_configured_link_it_says_so(zones: &Zones) -> Result<()> {
    let cards = cards(&[1]);
    let cards: Vec<_> = cards.iter().map(String::as_str).collect();
    let (status, said) = boot(zones, &[&["192.0.2.53"], &["198.51.100.53"]], &cards)?;
    let reason = "there are 1 network devices for the 2 links that are configured";
    ensure!(status == LACKING && said.contains(reason), "{status:?}: {said}");
    Ok(())
}

/// The first of two cards, because the configuration names the second.
fn a_link_that_is_not_configured_is_left_alone(zones: &Zones) -> Result<()> {
    let folder = Folder::new("boot-named")?;
    let configuration = interop_tests::subject::configuration(&folder, zones, &[&["192.0.2.53"]])?;
    let text = fs::read_to_string(&configuration)?;
    fs::write(&configuration, text.replacen("[network]", "[network]\nmac = \"52:54:00:00:00:02\"", 1))?;
    let cards = cards(&[1, 2]);
    let cards: Vec<_> = cards.iter().map(String::as_str).collect();
    let command = command(&folder, &configuration, &cards)?;
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    let mut running = Running::start(&command, &folder.path().join("log"))?;
    while !running.said().contains("isopod: ready") {
        running.ensure_running()?;
        std::thread::sleep(Duration::from_millis(20));
    }
    let said = running.said();
    ensure!(said.contains("isopod: link 52:54:00:00:00:02, mtu"), "{said}");
    ensure!(said.contains("isopod: link 52:54:00:00:00:01 is not configured"), "{said}");
    Ok(())
}
