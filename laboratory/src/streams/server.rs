//! The services on Linux's sockets: a thread for each connection.

use super::{DISCARD, EXCHANGES, GENERATOR, octet, use_cubic};
use crate::{Network, SERVER};
use anyhow::Result;
use rustix::net::Shutdown;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// What is written at once.
const PORTION: usize = 74 * 95 * 16;

/// Linux at the server's end of a network; gone when dropped.
#[derive(Debug)]
pub struct LinuxServer(Vec<TcpListener>);

impl LinuxServer {
    /// Starts it.
    ///
    /// # Errors
    /// The ports can't be had.
    pub fn start(network: &Network) -> Result<Self> {
        type Service = fn(TcpStream, &[u8]) -> std::io::Result<()>;
        let services: [(u16, Service); 3] =
            [(DISCARD, discard), (GENERATOR, generate), (EXCHANGES, exchange)];
        let mut listeners = Vec::new();
        for (port, service) in services {
            let listener = network.at_server(|| Ok(TcpListener::bind((SERVER, port))?))?;
            use_cubic(&listener)?;
            let accepts = listener.try_clone()?;
            thread::spawn(move || {
                // Until the listener is shut down.
                for stream in accepts.incoming().map_while(Result::ok) {
                    thread::spawn(move || {
                        let lines: Vec<u8> = (0..PORTION as u64).map(octet).collect();
                        // A client that leaves is no fault.
                        let _left = stream.set_nodelay(true).and_then(|()| service(stream, &lines));
                    });
                }
            });
            listeners.push(listener);
        }
        Ok(Self(listeners))
    }
}

impl Drop for LinuxServer {
    fn drop(&mut self) {
        for listener in &self.0 {
            let _shut_already = rustix::net::shutdown(listener, Shutdown::Both);
        }
    }
}

fn discard(mut stream: TcpStream, _lines: &[u8]) -> std::io::Result<()> {
    let mut room = vec![0; 256 << 10];
    while stream.read(&mut room)? > 0 {}
    Ok(())
}

fn generate(mut stream: TcpStream, lines: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(lines)?;
    }
}

fn exchange(mut stream: TcpStream, lines: &[u8]) -> std::io::Result<()> {
    let mut length = [0; 4];
    loop {
        stream.read_exact(&mut length)?;
        let mut left = u32::from_be_bytes(length) as usize;
        while left > 0 {
            let portion = &lines[..left.min(lines.len())];
            stream.write_all(portion)?;
            left -= portion.len();
        }
    }
}
