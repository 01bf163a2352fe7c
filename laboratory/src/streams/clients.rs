//! Clients, on Linux's sockets.

use super::{DISCARD, ECHO, EXCHANGES, GENERATOR, WRITTEN_GENERATOR, octet, use_cubic};
use crate::{Interruption, Network, SERVER};
use anyhow::{Context as _, Result, ensure};
use core::net::SocketAddr;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

/// How long a connection may take to be made, or rest.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Which way octets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the server, out of memory that it lends.
    Down,
    /// The same, written into the stream's room.
    DownWritten,
    /// To the server.
    Up,
}

/// What a long stream carried.
#[derive(Clone, Copy, Debug)]
pub struct Bulk {
    /// Octets that arrived.
    pub octets: u64,
    /// How long that took.
    pub time: Duration,
}

/// What came of exchanges.
#[derive(Clone, Debug, Default)]
pub struct Exchanges {
    /// How long each took, in seconds, from the least on.
    pub latencies: Vec<f64>,
    /// How long all of them took.
    pub time: Duration,
}

/// What came of short connections.
#[derive(Clone, Debug, Default)]
pub struct Short {
    /// How long each took that went well, in seconds, from the least on.
    pub latencies: Vec<f64>,
    /// Why others did not, the first few.
    pub failures: Vec<String>,
    /// How many did not.
    pub failed: u64,
    /// How long all of them took.
    pub time: Duration,
}

fn connect(network: &Network, port: u16) -> Result<TcpStream> {
    let server = SocketAddr::new(SERVER.parse()?, port);
    let stream = network.at_client(|| Ok(TcpStream::connect_timeout(&server, PATIENCE)?))?;
    use_cubic(&stream)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends or receives as much as goes in a time. What was sent counts once the server has taken it.
///
/// # Errors
/// The stream breaks or rests for too long, or this was interrupted.
pub fn bulk(network: &Network, way: Way, time: Duration, interruption: &Interruption) -> Result<Bulk> {
    let port = match way {
        Way::Down => GENERATOR,
        Way::DownWritten => WRITTEN_GENERATOR,
        Way::Up => DISCARD,
    };
    let mut stream = connect(network, port)?;
    let mut room = vec![0; 256 << 10];
    let mut octets = 0;
    let begun = Instant::now();
    while begun.elapsed() < time {
        interruption.go_on()?;
        let count = match way {
            Way::Up => stream.write(&room).context("sending")?,
            Way::Down | Way::DownWritten => stream.read(&mut room).context("receiving")?,
        };
        ensure!(count > 0, "the stream ended after {octets} octets");
        octets += count as u64;
    }
    if way == Way::Up {
        // The server finishes when it has all of it.
        stream.shutdown(Shutdown::Write)?;
        ensure!(stream.read(&mut room).context("waiting for the end")? == 0, "discard said something");
    }
    Ok(Bulk { octets, time: begun.elapsed() })
}

/// Asks for so many octets, waits for them, and asks again, on so many connections at once.
///
/// # Errors
/// A stream breaks or rests for too long, or this was interrupted.
pub fn exchange(
    network: &Network,
    connections: usize,
    length: u32,
    time: Duration,
    interruption: &Interruption,
) -> Result<Exchanges> {
    let streams: Vec<TcpStream> =
        (0..connections).map(|_| connect(network, EXCHANGES)).collect::<Result<_>>()?;
    let begun = Instant::now();
    let converse = |mut stream: TcpStream| -> Result<Vec<f64>> {
        let mut room = vec![0; length as usize];
        let mut latencies = Vec::new();
        while begun.elapsed() < time {
            interruption.go_on()?;
            let asked = Instant::now();
            stream.write_all(&length.to_be_bytes())?;
            stream.read_exact(&mut room).context("waiting for an answer")?;
            latencies.push(asked.elapsed().as_secs_f64());
        }
        Ok(latencies)
    };
    let mut latencies = thread::scope(|scope| {
        let threads: Vec<_> = streams.into_iter().map(|stream| scope.spawn(|| converse(stream))).collect();
        let joined =
            threads.into_iter().map(|one| one.join().unwrap_or_else(|_| anyhow::bail!("it panicked")));
        joined.collect::<Result<Vec<_>>>()
    })?
    .concat();
    latencies.sort_by(f64::total_cmp);
    Ok(Exchanges { latencies, time: begun.elapsed() })
}

/// Opens so many connections in a minute, each for one exchange of so many octets, and closes them.
///
/// # Errors
/// This was interrupted. What becomes of a connection is no error of all.
pub fn open_and_close(
    network: &Network,
    each_minute: u64,
    length: u32,
    time: Duration,
    interruption: &Interruption,
) -> Result<Short> {
    /// Who open them, one after the other each.
    const CLIENTS: usize = 16;
    let next = AtomicU64::new(0);
    let outcome = Mutex::new(Short::default());
    let begun = Instant::now();
    let one = || -> Result<f64> {
        let opened = Instant::now();
        // The threads are in the namespace already.
        let mut stream = TcpStream::connect_timeout(&SocketAddr::new(SERVER.parse()?, EXCHANGES), PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&length.to_be_bytes())?;
        let mut room = vec![0; length as usize];
        stream.read_exact(&mut room)?;
        ensure!((0..).zip(&room).all(|(place, said)| octet(place) == *said), "another answer");
        stream.shutdown(Shutdown::Write)?;
        ensure!(stream.read(&mut room)? == 0, "more than was asked for");
        Ok(opened.elapsed().as_secs_f64())
    };
    let client = || {
        network.at_client(|| {
            loop {
                interruption.go_on()?;
                let number = next.fetch_add(1, Ordering::Relaxed);
                let at = Duration::from_secs_f64(number as f64 * 60.0 / each_minute as f64);
                if at >= time {
                    return Ok(());
                }
                thread::sleep(at.saturating_sub(begun.elapsed()));
                let came = one();
                let mut outcome = outcome.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                match came {
                    Ok(latency) => outcome.latencies.push(latency),
                    Err(error) => {
                        outcome.failed += 1;
                        if outcome.failures.len() < 5 {
                            outcome.failures.push(format!("{error:#}"));
                        }
                    }
                }
            }
        })
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        threads.into_iter().try_for_each(|one| one.join().unwrap_or_else(|_| anyhow::bail!("it panicked")))
    })?;
    let mut outcome = outcome.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcome.latencies.sort_by(f64::total_cmp);
    outcome.time = begun.elapsed();
    Ok(outcome)
}

/// Tries every service, and looks at every octet; `octets` go each way.
///
/// # Errors
/// What came is not what should have.
pub fn verify(network: &Network, octets: usize) -> Result<()> {
    let lines: Vec<u8> = (0..octets as u64).map(octet).collect();
    for port in [GENERATOR, WRITTEN_GENERATOR] {
        let mut stream = connect(network, port)?;
        let mut came = vec![0; octets];
        stream.read_exact(&mut came).with_context(|| format!("port {port}"))?;
        ensure_same(&came, &lines).with_context(|| format!("port {port}"))?;
        // It ends when we do; what was under way comes before.
        stream.shutdown(Shutdown::Write)?;
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).with_context(|| format!("the end of port {port}"))?;
        let expected: Vec<u8> = (octets as u64..).take(rest.len()).map(octet).collect();
        ensure_same(&rest, &expected).with_context(|| format!("the end of port {port}"))?;
    }
    let mut stream = connect(network, DISCARD)?;
    stream.write_all(&lines).context("discard")?;
    stream.shutdown(Shutdown::Write)?;
    ensure!(stream.read(&mut [0])? == 0, "discard said something");

    let stream = connect(network, ECHO)?;
    let (mut writer, mut reader) = (stream.try_clone()?, stream);
    let came = thread::scope(|scope| {
        let written =
            scope.spawn(|| writer.write_all(&lines).and_then(|()| writer.shutdown(Shutdown::Write)));
        let mut came = Vec::new();
        reader.read_to_end(&mut came).context("echo")?;
        written.join().unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into())).context("echo")?;
        Ok::<_, anyhow::Error>(came)
    })?;
    ensure_same(&came, &lines).context("echo")?;

    let mut stream = connect(network, EXCHANGES)?;
    for length in [0, 1, 1000, octets as u32, 7] {
        stream.write_all(&u32::to_be_bytes(length))?;
        let mut came = vec![0; length as usize];
        stream.read_exact(&mut came).with_context(|| format!("an exchange of {length} octets"))?;
        ensure_same(&came, &lines[..came.len()])
            .with_context(|| format!("an exchange of {length} octets"))?;
    }
    Ok(())
}

fn ensure_same(came: &[u8], expected: &[u8]) -> Result<()> {
    ensure!(came.len() == expected.len(), "{} octets, not {}", came.len(), expected.len());
    let differs = came.iter().zip(expected).position(|(one, other)| one != other);
    ensure!(differs.is_none(), "octet {differs:?} is another");
    Ok(())
}
