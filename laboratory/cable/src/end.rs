//! An end of the cable: a device of this host, or QEMU.

use anyhow::{Context as _, Result, bail};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

/// Something that frames come from and go to. It never waits.
pub(crate) enum End {
    /// A TAP device.
    Device(File),
    /// QEMU's network `dgram`, and where its socket is.
    Guest(UnixDatagram, PathBuf),
}

/// More than any frame without offloads.
pub(crate) const LONGEST: usize = 65_550;

impl End {
    /// Opens what a text names: see the command line.
    pub(crate) fn open(text: &str) -> Result<Self> {
        let parts: Vec<_> = text.split(':').collect();
        match parts[..] {
            ["tap", namespace, device] => Self::attach(namespace, device).context(text.to_owned()),
            ["local", ours, theirs] => {
                let socket = UnixDatagram::bind(ours).context(text.to_owned())?;
                socket.set_nonblocking(true)?;
                Ok(Self::Guest(socket, theirs.into()))
            }
            _ => bail!("{text} is no end of a cable: tap:NAMESPACE:DEVICE or local:OURS:QEMU'S"),
        }
    }

    /// Goes into the namespace and stays there: the next end goes into its own.
    fn attach(namespace: &str, device: &str) -> Result<Self> {
        let path = format!("/run/netns/{namespace}");
        let file = File::open(&path).with_context(|| format!("opening {path}"))?;
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))?;
        let device = host::attach_tap(device)?;
        fcntl_setfl(&device, fcntl_getfl(&device)? | OFlags::NONBLOCK)?;
        Ok(Self::Device(device))
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Self::Device(device) => device.as_fd(),
            Self::Guest(socket, _) => socket.as_fd(),
        }
    }

    /// A frame that waits; `room` is as long as any.
    pub(crate) fn receive(&mut self, room: &mut [u8]) -> Result<Option<Vec<u8>>> {
        let received = match self {
            Self::Device(device) => device.read(room),
            Self::Guest(socket, _) => socket.recv(room),
        };
        match received {
            Ok(length) => Ok(room.get(..length).map(<[u8]>::to_vec)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Hands a frame over; whether there was room. What finds nobody there is lost, as on any wire.
    pub(crate) fn send(&mut self, frame: &[u8]) -> bool {
        let sent = match self {
            Self::Device(device) => device.write(frame),
            Self::Guest(socket, theirs) => socket.send_to(frame, theirs),
        };
        !sent.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}
