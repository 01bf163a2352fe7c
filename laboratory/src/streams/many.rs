//! Connections that stay, and questions on some of them that are drawn by chance: what one process of a [`Crowd`](super::Crowd) does.

use super::clients::PATIENCE;
use super::{EXCHANGES, octet, use_cubic};
use crate::SERVER;
use anyhow::{Context as _, Result, ensure};
use core::net::{Ipv4Addr, SocketAddrV4};
use core::ops::Range;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketType, bind, socket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{BufRead, Read as _, Write};
use std::net::TcpStream;
use std::time::Instant;

/// The addresses that connections come from: one has 64,512 ports, and a stack may let each have half of all its connections at most.
pub(super) const SOURCES: [Ipv4Addr; 4] = [
    Ipv4Addr::new(192, 0, 2, 101),
    Ipv4Addr::new(192, 0, 2, 102),
    Ipv4Addr::new(192, 0, 2, 103),
    Ipv4Addr::new(192, 0, 2, 104),
];

/// Their ports begin here.
const FIRST_PORT: u16 = 1024;

/// As many connections as there are addresses and ports.
pub(super) const MOST: usize = SOURCES.len() * (u16::MAX - FIRST_PORT) as usize;

/// The shortest and the longest answer that is asked for, in octets.
const ANSWERS: (u32, u32) = (50, 150);

/// Connections to the service of exchanges; closed when dropped.
#[derive(Debug)]
struct Many {
    /// In an order that is drawn anew as they are asked.
    streams: Vec<TcpStream>,
    chance: Chance,
}

/// Opens the connections of these numbers, says so, and does what each line asks for: so many exchanges, so many at once, `all` for
/// one on each connection. Each is answered with how long they took one by one, in nanoseconds, and how long together.
///
/// # Errors
/// A connection can't be opened, an answer is late, or another.
pub fn serve(numbers: Range<usize>, lines: impl BufRead, mut told: impl Write) -> Result<()> {
    let mut many = Many::open(numbers)?;
    writeln!(told, "opened")?;
    for line in lines.lines() {
        let line = line?;
        let begun = Instant::now();
        let mut latencies = Vec::new();
        match line.split_once(' ') {
            Some((count, at_once)) => many.exchange(count.parse()?, at_once.parse()?, &mut latencies)?,
            None => many.ask_all()?,
        }
        let took = begun.elapsed().as_nanos() as u64;
        let numbers: Vec<_> = latencies.iter().chain([&took]).map(u64::to_string).collect();
        writeln!(told, "{}", numbers.join(" "))?;
    }
    Ok(())
}

impl Many {
    fn open(numbers: Range<usize>) -> Result<Self> {
        ensure!(numbers.end <= MOST, "there are not so many ports");
        allow_files(numbers.len())?;
        // Zero would stay zero.
        let chance = Chance(numbers.end as u64);
        let streams = numbers.map(|number| {
            let source = SOURCES[number % SOURCES.len()];
            let port = FIRST_PORT + (number / SOURCES.len()) as u16;
            open(SocketAddrV4::new(source, port))
                .with_context(|| format!("connection {number}, from {source}:{port}"))
        });
        Ok(Self { streams: streams.collect::<Result<_>>()?, chance })
    }

    /// Asks on so many at once, drawn by chance, waits for all their answers, looks at every octet, and asks on others.
    fn exchange(&mut self, count: usize, at_once: usize, latencies: &mut Vec<u64>) -> Result<()> {
        while latencies.len() < count {
            for place in 0..at_once.min(self.streams.len()) {
                let other = place + self.chance.below(self.streams.len() - place);
                self.streams.swap(place, other);
            }
            self.ask(0..at_once, latencies)?;
        }
        Ok(())
    }

    /// Asks on each of them once.
    fn ask_all(&mut self) -> Result<()> {
        const AT_ONCE: usize = 64;
        let mut firsts = (0..self.streams.len()).step_by(AT_ONCE);
        firsts.try_for_each(|first| self.ask(first..self.streams.len().min(first + AT_ONCE), &mut Vec::new()))
    }

    fn ask(&mut self, places: Range<usize>, latencies: &mut Vec<u64>) -> Result<()> {
        let (shortest, longest) = ANSWERS;
        let mut asked = Vec::with_capacity(places.len());
        let streams = self.streams.get_mut(places).context("there are not so many connections")?;
        for stream in &mut *streams {
            let length = shortest + self.chance.below((longest - shortest) as usize) as u32;
            asked.push((length, Instant::now()));
            stream.write_all(&length.to_be_bytes()).context("asking")?;
        }
        for (stream, (length, asked)) in streams.iter_mut().zip(asked) {
            let mut answer = [0; ANSWERS.1 as usize];
            let answer = &mut answer[..length as usize];
            stream.read_exact(answer).context("waiting for an answer")?;
            ensure!((0..).zip(&*answer).all(|(place, said)| octet(place) == *said), "another answer");
            latencies.push(asked.elapsed().as_nanos() as u64);
        }
        Ok(())
    }
}

fn open(from: SocketAddrV4) -> Result<TcpStream> {
    let server = SocketAddrV4::new(SERVER.parse()?, EXCHANGES);
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    use_cubic(&socket)?;
    set_socket_timeout(&socket, Timeout::Send, Some(PATIENCE))?;
    bind(&socket, &from)?;
    rustix::net::connect(&socket, &server)?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Lets this process have so many files open, and some more.
fn allow_files(count: usize) -> Result<()> {
    let wanted = count as u64 + 1024;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = maximum.map(|maximum| maximum.max(wanted));
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
        .with_context(|| format!("{wanted} open files are more than this user may have"))
}

/// Numbers that look like chance (xorshift), the same for the same seed.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 16) % bound.max(1) as u64) as usize
    }
}
