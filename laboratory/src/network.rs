//! Networks of their own, so that nothing else on this machine takes part: whoever asks at one end, a server at the other.

use anyhow::{Context, Result, ensure};
use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicU32, Ordering};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::{self, File};
use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

/// The TAP device that guests attach to. tcpreplay would make a device of its own of one whose name begins with `tap`.
pub const TAP: &str = "guest0";

/// The TAP devices that a cable of ours joins.
const WIRE: &str = "wire0";

/// The server's address, and that of whoever asks it.
pub const SERVER: &str = "192.0.2.53";
/// See [`SERVER`].
pub const CLIENT: &str = "192.0.2.1";

/// The Ethernet address of whoever asks.
pub const CLIENT_ETHERNET: &str = "52:54:00:00:00:01";

/// The ends of the cable between two namespaces, and their Ethernet addresses.
const CLIENT_END: (&str, &str) = ("veth0", CLIENT_ETHERNET);
const SERVER_END: (&str, &str) = ("veth1", SERVER_ETHERNET);

/// The Ethernet address of a server that is given one.
pub const SERVER_ETHERNET: &str = "52:54:00:00:00:35";

/// A cable with a namespace at each end; gone when dropped.
#[derive(Debug)]
pub struct Network {
    /// Where questions come from.
    client: Namespace,
    /// Where a server runs, unless that is a guest behind the TAP device.
    server: Option<Namespace>,
}

impl Network {
    /// One whose other end is a guest: a TAP device.
    ///
    /// # Errors
    /// This user or system can't have one.
    pub fn tap() -> Result<Self> {
        let client = Namespace::new()?;
        client.ip(&format!("tuntap add dev {TAP} mode tap vnet_hdr"))?;
        client.ip(&format!("link set {TAP} address {CLIENT_ETHERNET}"))?;
        client.configure(TAP, CLIENT)?;
        Ok(Self { client, server: None })
    }

    /// One between two namespaces: a pair of virtual Ethernet devices.
    ///
    /// # Errors
    /// This user or system can't have one.
    pub fn veth() -> Result<Self> {
        let (client, server) = (Namespace::new()?, Namespace::new()?);
        let [(here, ours), (there, theirs)] = [CLIENT_END, SERVER_END];
        client.ip(&format!(
            "link add {here} address {ours} type veth peer name {there} address {theirs} netns {}",
            server.name
        ))?;
        client.configure(here, CLIENT)?;
        server.configure(there, SERVER)?;
        client.know(SERVER, theirs, here)?;
        server.know(CLIENT, ours, there)?;
        Ok(Self { client, server: Some(server) })
    }

    /// One whose ends are TAP devices that a cable of ours is to join, Linux at both.
    ///
    /// # Errors
    /// This user or system can't have one.
    pub fn wire() -> Result<Self> {
        let (client, server) = (Namespace::new()?, Namespace::new()?);
        client.attach(CLIENT_ETHERNET, CLIENT)?;
        server.attach(SERVER_END.1, SERVER)?;
        client.know(SERVER, SERVER_END.1, WIRE)?;
        server.know(CLIENT, CLIENT_ETHERNET, WIRE)?;
        Ok(Self { client, server: Some(server) })
    }

    /// The same, a guest at the far end.
    ///
    /// # Errors
    /// This user or system can't have one.
    pub fn wire_to_guest() -> Result<Self> {
        let client = Namespace::new()?;
        client.attach(CLIENT_ETHERNET, CLIENT)?;
        client.know(SERVER, SERVER_END.1, WIRE)?;
        Ok(Self { client, server: None })
    }

    /// The ends of a wire, as the cable calls them: the client's, and the server's unless that is a guest.
    #[must_use]
    pub fn wire_ends(&self) -> Vec<String> {
        let namespaces = [Some(&self.client), self.server.as_ref()];
        namespaces.into_iter().flatten().map(|one| format!("tap:{}:{WIRE}", one.name)).collect()
    }

    /// Sets a value of Linux's network (sysctl), such as `net.ipv4.tcp_congestion_control`, at every end that has one.
    ///
    /// # Errors
    /// There is no such value, or it can't be that.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        for namespace in [Some(&self.client), self.server.as_ref()].into_iter().flatten() {
            namespace
                .inside(|| fs::write(&path, value).with_context(|| format!("{name} can't be {value}")))?;
        }
        Ok(())
    }

    /// Has the asking end know where the guest is: a question before it is up is then not held back for a second.
    ///
    /// # Errors
    /// `ethernet` is no Ethernet address.
    pub fn know_guest(&self, ethernet: &str) -> Result<()> {
        self.client.know(SERVER, ethernet, TAP)
    }

    /// Gives the asking end of a guest's network further addresses, if it has not got them yet.
    ///
    /// # Errors
    /// It can't have them.
    pub fn add_client_addresses(&self, addresses: &[Ipv4Addr]) -> Result<()> {
        addresses
            .iter()
            .try_for_each(|address| self.client.ip(&format!("address replace {address}/24 dev {TAP}")))
    }

    /// Does something where questions come from; programs that it starts and sockets that it opens stay there.
    ///
    /// # Errors
    /// That of `act`, or the namespace is gone.
    pub fn at_client<T>(&self, act: impl FnOnce() -> Result<T>) -> Result<T> {
        self.client.inside(act)
    }

    /// Does something where the server is, or where the machine is started that it is in.
    ///
    /// # Errors
    /// That of `act`, or the namespace is gone.
    pub fn at_server<T>(&self, act: impl FnOnce() -> Result<T>) -> Result<T> {
        self.server.as_ref().unwrap_or(&self.client).inside(act)
    }

    /// The name of the namespace where the server is: `ip netns exec` also shows a program the devices in it.
    #[must_use]
    pub fn server_name(&self) -> &str {
        &self.server.as_ref().unwrap_or(&self.client).name
    }

    /// A socket that talks to the DNS server and never waits.
    ///
    /// # Errors
    /// The system has none left.
    pub fn socket(&self) -> Result<UdpSocket> {
        self.at_client(|| {
            let socket = UdpSocket::bind((CLIENT, 0))?;
            socket.connect((SERVER, 53))?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        })
    }
}

/// A network namespace; gone when dropped, and every device in it.
#[derive(Debug)]
struct Namespace {
    name: String,
    file: File,
}

impl Namespace {
    fn new() -> Result<Self> {
        ensure!(fs::metadata("/proc/self")?.uid() == 0, "a network namespace takes root");
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("isopod-{}-{number}", std::process::id());
        ip(&format!("netns add {name}"))?;
        let path = format!("/run/netns/{name}");
        let file = File::open(&path).with_context(|| format!("opening {path}"))?;
        Ok(Self { name, file })
    }

    fn ip(&self, arguments: &str) -> Result<()> {
        ip(&format!("-n {} {arguments}", self.name))
    }

    /// Gives a device its address and starts it, without the chatter of IPv6 among what is measured.
    fn configure(&self, device: &str, address: &str) -> Result<()> {
        self.ip(&format!("link set {device} addrgenmode none"))?;
        self.ip(&format!("address add {address}/24 dev {device}"))?;
        self.ip(&format!("link set {device} up"))
    }

    /// Makes an end of a wire.
    fn attach(&self, ethernet: &str, address: &str) -> Result<()> {
        self.ip(&format!("tuntap add dev {WIRE} mode tap"))?;
        self.ip(&format!("link set {WIRE} address {ethernet}"))?;
        self.configure(WIRE, address)
    }

    /// No address resolution takes part.
    fn know(&self, address: &str, ethernet: &str, device: &str) -> Result<()> {
        self.ip(&format!("neighbour replace {address} lladdr {ethernet} dev {device} nud permanent"))
    }

    /// Children that are to end with this process end with the thread that started them: so this thread goes in itself,
    /// and comes back.
    fn inside<T>(&self, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let own = File::open("/proc/thread-self/ns/net").context("opening this thread's namespace")?;
        enter(&self.file)?;
        let result = act();
        enter(&own)?;
        result
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = ip(&format!("netns delete {}", self.name)) {
            eprintln!("error: {error:#}");
        }
    }
}

fn enter(namespace: &File) -> Result<()> {
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
        .context("entering a network namespace")
}

fn ip(arguments: &str) -> Result<()> {
    let output = Command::new("ip").args(arguments.split(' ')).output().context("running ip")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {arguments}: {}", said.trim());
    Ok(())
}
