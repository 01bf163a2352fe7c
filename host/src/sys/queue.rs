//! How much of a stream its peer has not acknowledged.

use core::ffi::c_int;
use core::ptr;
use std::os::fd::{AsFd, AsRawFd};

/// Octets that were given to the system and that the peer has not acknowledged (tcp(7), `SIOCOUTQ`). None of a socket of which
/// the system can't say.
pub(crate) fn unacknowledged(socket: impl AsFd) -> usize {
    let mut count: c_int = 0;
    // SAFETY: the request, which is TIOCOUTQ by another name, writes one `c_int`, which is borrowed exclusively and lives through the
    // call.
    let result =
        unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), libc::TIOCOUTQ, ptr::from_mut(&mut count)) };
    if result == 0 { usize::try_from(count).unwrap_or(0) } else { 0 }
}
