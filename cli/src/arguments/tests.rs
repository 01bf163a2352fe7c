use super::{Arguments, Command, Net};
use clap::{CommandFactory, Parser};

#[test]
fn the_command_line_is_well_formed() {
    Arguments::command().debug_assert();
}

#[test]
fn networks() {
    assert_eq!("user".parse(), Ok(Net::User));
    assert_eq!("tap=tap0".parse(), Ok(Net::Tap("tap0".into())));
    for wrong in ["", "tap", "tap=", "tap=a,script=/bin/sh", "tap=0123456789abcdef", "bridge=br0", "user=x"] {
        assert!(wrong.parse::<Net>().is_err(), "{wrong}");
    }
}

#[test]
fn what_is_accepted() {
    for line in [
        "isopod",
        "isopod --yes",
        "isopod --on host",
        "isopod run dns --config a.toml",
        "isopod run dns --config a.toml --on host --publish 5300:53/udp --publish [::1]:5300:53/udp",
        "isopod run dns --config a.toml --publish 5300:53 --publish 0.0.0.0:53:53/tcp",
        "isopod run dns --config a.toml --accel kvm --machine q35 --net tap=tap0 --memory 32 --pcap x --dry-run",
        "isopod run dns --config a.toml --net tap=tap0 --net user",
        "isopod run dns --config a.toml --detach --name ns1 --restart on-failure",
        "isopod run dns --config a.toml --dry-run --format json",
        "isopod build dns --config a.toml --output image",
        "isopod check dns --config a.toml --format json",
        "isopod bench dns",
        "isopod bench dns --against nsd,knot --zone-names 100 --seconds 1 --rounds 1 --linux-vm --json a.json --plot a.svg --yes",
        "isopod ps --format json",
        "isopod logs ns1 --follow",
        "isopod logs ns1 -f",
        "isopod stop ns1 --timeout 1",
        "isopod completions zsh",
    ] {
        Arguments::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

#[test]
fn what_is_refused() {
    for line in [
        "isopod run",
        "isopod run dns",
        "isopod run smtp --config a.toml",
        "isopod run dns --config a.toml --memory 0",
        "isopod run dns --config a.toml --accel hax",
        "isopod run dns --config a.toml --format json",
        "isopod run dns --config a.toml --name ../x",
        "isopod run dns --config a.toml --net tap=a,b",
        "isopod build dns --config a.toml",
        "isopod bench",
        "isopod bench dns --against unbound",
        "isopod bench dns --rounds 0",
        "isopod stop",
        "isopod logs UPPER",
        "isopod --yes ps",
    ] {
        assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[test]
fn nothing_means_the_demonstration() {
    let arguments = Arguments::try_parse_from(["isopod"]).unwrap();
    assert!(arguments.command.is_none());
    let arguments = Arguments::try_parse_from(["isopod", "ps"]).unwrap();
    assert!(matches!(arguments.command, Some(Command::Ps(_))));
}
