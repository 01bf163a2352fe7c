//! TAP devices: the wire's end of a network card of Linux's.

use core::ffi::{c_char, c_int, c_short};
use core::ptr;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;

/// Attaches to the TAP device of this name in this thread's network namespace, and makes it if there is none (tun(4)).
/// What is read is a frame that Linux sent, what is written one that it receives; nothing stands before them and nothing is left
/// to be finished in them: Linux does the work of the card itself.
///
/// # Errors
/// This user may not, or the name is no device's.
pub fn attach_tap(name: &str) -> io::Result<File> {
    attach(name, 0, 0)
}

/// Attaches to one with a header before every frame, of so many octets; reading never waits. Linux leaves it to the other end to write
/// checksums and to cut TCP's frames, both ways (tun(4), `TUNSETOFFLOAD`).
pub(crate) fn attach_unfinished(name: &str, header: usize) -> io::Result<File> {
    let device = attach(name, libc::IFF_VNET_HDR, libc::O_NONBLOCK)?;
    let header = c_int::try_from(header).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the request reads one `c_int`, which lives through the call.
    let result = unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETVNETHDRSZ, ptr::from_ref(&header)) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    let offload = libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO6 | libc::TUN_F_TSO_ECN;
    set_offload(&device, offload)?;
    Ok(device)
}

/// Has Linux finish its frames itself again: a device that stays when its process goes keeps what was set.
pub(crate) fn finish_all(device: &File) {
    let _ = set_offload(device, 0);
}

fn set_offload(device: &File, offload: libc::c_uint) -> io::Result<()> {
    // SAFETY: the request takes a number, no address.
    let result =
        unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETOFFLOAD, core::ffi::c_ulong::from(offload)) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Attaches with these flags besides those of every TAP device, and opens the file with those besides reading and writing.
fn attach(name: &str, flags: c_int, open: c_int) -> io::Result<File> {
    // SAFETY: of `ifreq`, which is numbers and a union of them, all zeroes is a value.
    let mut request: libc::ifreq = unsafe { core::mem::zeroed() };
    // Its last octet stays the end of the name.
    if name.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (place, octet) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = octet as c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI | flags) as c_short;
    let device = File::options().read(true).write(true).custom_flags(open).open("/dev/net/tun")?;
    // SAFETY: the request reads and writes one `ifreq`, which is borrowed exclusively and lives through the call.
    let result = unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, ptr::from_mut(&mut request)) };
    if result == 0 { Ok(device) } else { Err(io::Error::last_os_error()) }
}
