//! TAP devices: the wire's end of a network card of Linux's.

use core::ffi::{c_char, c_short};
use core::ptr;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// Attaches to the TAP device of this name in this thread's network namespace, and makes it if there is none (tun(4)).
/// What is read is a frame that Linux sent, what is written one that it receives; nothing stands before them and nothing is left
/// to be finished in them: Linux does the work of the card itself.
///
/// # Errors
/// This user may not, or the name is no device's.
pub fn attach_tap(name: &str) -> io::Result<File> {
    // SAFETY: of `ifreq`, which is numbers and a union of them, all zeroes is a value.
    let mut request: libc::ifreq = unsafe { core::mem::zeroed() };
    // Its last octet stays the end of the name.
    if name.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (place, octet) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = octet as c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI) as c_short;
    let device = File::options().read(true).write(true).open("/dev/net/tun")?;
    // SAFETY: the request reads and writes one `ifreq`, which is borrowed exclusively and lives through the call.
    let result = unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, ptr::from_mut(&mut request)) };
    if result == 0 { Ok(device) } else { Err(io::Error::last_os_error()) }
}
