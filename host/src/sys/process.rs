//! Children that end with their parent.

use core::ffi::c_int;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Has the kernel kill the child as soon as the thread that started it is gone, however that went.
pub fn end_with_parent(command: &mut Command) {
    let parent = std::process::id();
    let prepare = move || {
        // SAFETY: prctl(PR_SET_PDEATHSIG) takes one number and touches no memory.
        let result = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as core::ffi::c_ulong) };
        // The parent may be gone already, and with it the reason to be told.
        if result == 0 && std::os::unix::process::parent_id() == parent {
            Ok(())
        } else {
            Err(io::Error::from_raw_os_error(ESRCH))
        }
    };
    // SAFETY: between fork and exec the closure makes two system calls and neither allocates nor locks: `parent` is
    // moved in, and an error made of a number owns nothing.
    unsafe { command.pre_exec(prepare) };
}

/// No such process.
const ESRCH: c_int = libc::ESRCH;
