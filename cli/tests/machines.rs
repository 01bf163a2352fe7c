//! Machines as a user meets them: run, listed, read, ended. On this host's sockets, so that no virtual machine is needed.

use core::time::Duration;
use serde_json::{Value, json};
use std::fs::{self, DirBuilder};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

const PATIENCE: Duration = Duration::from_secs(20);

/// A user with a runtime folder of its own.
struct User {
    runtime: PathBuf,
}

impl User {
    fn new(test: &str) -> Self {
        let runtime = std::env::temp_dir().join(format!("isopod-machines-{}-{test}", std::process::id()));
        fs::create_dir_all(&runtime).unwrap();
        Self { runtime }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isopod"));
        command.args(arguments).env("XDG_RUNTIME_DIR", &self.runtime).stdin(Stdio::null());
        command
    }

    fn isopod(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn run(&self, name: &str, port: u16) -> Command {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/dns/appliance.toml");
        let mut command = self.command(&["run", "dns", "--on", "host", "--name", name]);
        command.arg("--config").arg(config).arg("--publish").arg(format!("127.0.0.1:{port}:53"));
        command
    }

    fn list(&self) -> Vec<Value> {
        let output = self.isopod(&["ps", "--format", "json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn wait_until(&self, what: &str, condition: impl Fn(&[Value]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(&self.list()) {
            assert!(Instant::now() < deadline, "{what} never happened");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn is_clean(&self) -> bool {
        fs::read_dir(&self.runtime).unwrap().next().is_none()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.runtime);
    }
}

/// A port that nobody uses now, neither by UDP nor by TCP.
fn free_port() -> u16 {
    loop {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        if TcpListener::bind(address).is_ok() {
            return address.port();
        }
    }
}

/// example.com. A IN (RFC 1035 §4.1)
const QUESTION: &[u8] = b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01";

/// Whether it is, by UDP and by TCP.
fn is_answered(port: u16) -> bool {
    let is_answer = |answer: &[u8]| answer.len() > 29 && answer[..2] == *b"\x12\x34" && answer[7] == 1;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect(("127.0.0.1", port)).unwrap();
    socket.send(QUESTION).unwrap();
    let mut answer = [0; 512];
    let by_udp = socket.recv(&mut answer).is_ok_and(|length| is_answer(&answer[..length]));

    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&[&[0, QUESTION.len() as u8], QUESTION].concat()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    by_udp && is_answer(&answer[2..])
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_detached_machine_is_listed_read_and_stopped() {
    let user = User::new("detached");
    let port = free_port();
    let output = user.run("ns1", port).arg("--detach").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("dig @127.0.0.1 -p {port} example.com")), "{said}");
    assert!(is_answered(port));

    let list = user.list();
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0]["name"], &list[0]["phase"]), (&"ns1".into(), &"answering".into()));
    let logs = String::from_utf8(user.isopod(&["logs", "ns1"]).stdout).unwrap();
    assert_eq!(
        logs,
        format!("* dns answers on 127.0.0.1:{port}/udp\n* dns answers on 127.0.0.1:{port}/tcp\n")
    );

    let again = user.run("ns1", free_port()).arg("--detach").output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8(again.stderr).unwrap().contains("a machine named ns1 runs already"));

    assert_eq!(user.isopod(&["stop", "ns1"]).status.code(), Some(0));
    assert!(user.list().is_empty());
    assert!(user.is_clean());
    assert_eq!(user.isopod(&["stop", "ns1"]).status.code(), Some(1));
}

#[test]
fn one_is_asked_what_it_counted() {
    // A folder deeper than a socket's address may be long.
    let user = User::new(&format!("statistics-{}", "deep".repeat(25)));
    let port = free_port();
    let mut child = user.run("here", port).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    user.wait_until("an answer", |list| list.iter().any(|machine| machine["phase"] == "answering"));
    assert!(is_answered(port));
    let output = user.isopod(&["stats", "here", "--format", "json"]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let value = |metric: &str, label: &str| {
        let statistics = object["statistics"].as_array().unwrap().iter();
        let is_it = |one: &&Value| one["metric"] == metric && one["labels"].to_string().contains(label);
        statistics.filter(is_it).map(|one| one["value"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(value("isopod_dns_queries_total", "\"A\""), 2);
    assert_eq!(value("isopod_dns_responses_total", "NOERROR"), 2);
    assert_eq!(value("isopod_host_streams_closed_total", "finished"), 1);
    assert_eq!(value("isopod_host_datagrams_total", "answered"), 1);
    let exposition =
        String::from_utf8(user.isopod(&["stats", "here", "--format", "prometheus"]).stdout).unwrap();
    assert!(
        exposition.contains("\nisopod_dns_queries_total{machine=\"here\",type=\"A\"} 2\n"),
        "{exposition}"
    );
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(user.is_clean());
    assert_eq!(user.isopod(&["stats", "here"]).status.code(), Some(1));
}

#[test]
fn one_in_the_foreground_ends_by_ctrl_c_and_leaves_nothing() {
    for (name, number) in [("-INT", 2), ("-TERM", 15), ("-HUP", 1)] {
        let user = User::new(&format!("foreground-{number}"));
        let port = free_port();
        let mut child = user.run("here", port).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        user.wait_until("an answer", |list| list.iter().any(|machine| machine["phase"] == "answering"));
        assert!(is_answered(port));
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}");
        assert!(user.is_clean(), "{name}");
    }
}

/// In place of QEMU there is a program that writes without a pause.
#[test]
fn one_that_never_falls_silent_can_be_ended() {
    let user = User::new("flood");
    let folder = user.runtime.join("isopod/flood");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
    let engine = json!({ "vm": { "command": [{ "Unix": b"yes" }] } });
    let plan =
        json!({ "appliance": "dns", "engine": engine, "published": [], "restart": "never", "probe": null });
    fs::write(folder.join("plan.json"), plan.to_string()).unwrap();
    let mut child = user.command(&["supervise", "flood"]).spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    let pause = || {
        std::thread::sleep(Duration::from_millis(20));
        Instant::now() < deadline
    };
    let is_flooded = || fs::read(folder.join("console.log")).is_ok_and(|log| log.len() > 1 << 16);
    while !is_flooded() && pause() {}
    signal(&child, "-TERM");
    while child.try_wait().unwrap().is_none() && pause() {}
    let _ = child.kill();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(user.is_clean());
}

#[test]
fn one_that_was_killed_is_noticed() {
    let user = User::new("killed");
    let port = free_port();
    assert!(user.run("ns1", port).arg("--detach").stderr(Stdio::null()).status().unwrap().success());
    let pid = user.list()[0]["pid"].to_string();
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    user.wait_until("its end", |list| list[0]["phase"] == "killed");
    let logs = String::from_utf8(user.isopod(&["logs", "ns1"]).stdout).unwrap();
    assert!(logs.contains("answers on"), "what it said can still be read: {logs}");
    // Its name is free again.
    assert!(user.run("ns1", port).arg("--detach").stderr(Stdio::null()).status().unwrap().success());
    assert!(is_answered(port));
    assert_eq!(user.isopod(&["stop", "ns1"]).status.code(), Some(0));
    assert!(user.is_clean());
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_left() {
    let user = User::new("port");
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = user.run("ns1", port).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(&format!("error: cannot listen on 127.0.0.1:{port}/udp: ")), "{said}");
    assert!(user.is_clean());
}
