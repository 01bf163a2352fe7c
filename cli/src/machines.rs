//! What is known of machines that run: one folder each, which is theirs alone.
//!
//! The folder of a machine holds everything that it was started from (the plan, the archive, the image), so that it can
//! be started again whatever became of the sources, and what its supervisor last wrote of its state.

mod lock;
mod name;
mod state;

pub(crate) use name::Name;
pub(crate) use state::{Engine, Phase, Plan, Probe, State, TapLink, Transport};

use anyhow::{Context as _, Result, bail};
use core::time::Duration;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The folder of all machines of this user.
#[derive(Debug)]
pub(crate) struct Machines {
    root: PathBuf,
}

/// The folder of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// One machine in the list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) name: Name,
    pub(crate) folder: Folder,
    pub(crate) plan: Plan,
    pub(crate) state: State,
}

/// How long a virtual machine is given to end when its supervisor is gone.
const ORPHAN_TIME: Duration = Duration::from_secs(1);

impl Machines {
    /// Where they lie: `$XDG_RUNTIME_DIR/isopod`, else `/run/user/UID/isopod`, else `isopod-UID` among temporary files.
    pub(crate) fn path() -> PathBuf {
        let user = rustix::process::geteuid().as_raw();
        let runtime = std::env::var_os("XDG_RUNTIME_DIR")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(PathBuf::from(format!("/run/user/{user}"))))
            .filter(|path| path.is_dir());
        match runtime {
            Some(runtime) => runtime.join("isopod"),
            None => std::env::temp_dir().join(format!("isopod-{user}")),
        }
    }

    /// Opens the folder; makes it if it has to.
    pub(crate) fn open() -> Result<Self> {
        Self::open_at(Self::path())
    }

    fn open_at(root: PathBuf) -> Result<Self> {
        let machines = Self { root };
        machines.make_root()?;
        Ok(machines)
    }

    fn make_root(&self) -> Result<()> {
        let root = &self.root;
        // Somebody who finds it empty may remove it as soon as it is there.
        let metadata = loop {
            match DirBuilder::new().mode(0o700).create(root) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("cannot make {}", root.display())),
            }
            match fs::symlink_metadata(root) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                metadata => break metadata?,
            }
        };
        // Among temporary files anybody could have made it first.
        let is_ours = metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw();
        if !is_ours || metadata.mode() & 0o077 != 0 {
            bail!("{} has to be a folder of this user's own with mode 0700", root.display());
        }
        Ok(())
    }

    /// Where a machine of this name lies, or would.
    pub(crate) fn folder(name: &Name) -> Folder {
        Folder { path: Self::path().join(name.as_str()) }
    }

    fn folder_of(&self, name: &Name) -> Folder {
        Folder { path: self.root.join(name.as_str()) }
    }

    /// Makes the folder of a new machine; what an ended one of the same name left goes.
    pub(crate) fn claim(&self, name: &Name, plan: &Plan) -> Result<Folder> {
        let _lock = self.lock()?;
        let folder = self.folder_of(name);
        if let Some(listed) = self.settle(name)
            && !listed.state.has_ended()
        {
            bail!(
                "a machine named {name} runs already; end it with `isopod stop {name}`, or give another --name"
            );
        }
        folder.remove()?;
        DirBuilder::new()
            .mode(0o700)
            .create(&folder.path)
            .with_context(|| format!("cannot make {}", folder.path.display()))?;
        folder.write_plan(plan)?;
        folder.write_state(&State::starting()?)?;
        Ok(folder)
    }

    /// Every machine that runs or has failed, by name; cleans up after those that were killed.
    pub(crate) fn list(&self) -> Result<Vec<Listed>> {
        let _lock = self.lock()?;
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            names.extend(entry?.file_name().to_str().and_then(|name| name.parse::<Name>().ok()));
        }
        names.sort();
        let settled = names.iter().filter_map(|name| self.settle(name));
        Ok(settled.collect())
    }

    /// The machine of this name.
    pub(crate) fn find(&self, name: &Name) -> Result<Listed> {
        let _lock = self.lock()?;
        self.settle(name).with_context(|| format!("there is no machine named {name}; `isopod ps` lists them"))
    }

    /// Forgets a machine that has ended.
    pub(crate) fn forget(&self, folder: &Folder) -> Result<()> {
        let _lock = self.lock()?;
        folder.remove()
    }

    /// Brings what is written of a machine in line with what is true. `None` if nothing worth keeping is left of it.
    fn settle(&self, name: &Name) -> Option<Listed> {
        let folder = self.folder_of(name);
        let (Ok(plan), Ok(mut state)) = (folder.read_plan(), folder.read_state()) else {
            // Killed while it was being made, or not a machine's: nothing in it can be used.
            let _ = folder.remove();
            return None;
        };
        if !state.has_ended() && state.supervisor.find().is_none() {
            state = State { phase: Phase::Killed, ..state };
            let _ = folder.write_state(&state);
        }
        if state.has_ended() {
            if let Some(orphan) = state.guest.and_then(|guest| guest.find()) {
                let _ = orphan.end(ORPHAN_TIME);
            }
            if !folder.console().exists() {
                // It was in the foreground: what it had to say was said.
                let _ = folder.remove();
                return None;
            }
            folder.remove_inputs();
        }
        Some(Listed { name: name.clone(), folder, plan, state })
    }
}

impl Folder {
    /// The configuration that the guest is given.
    pub(crate) fn archive(&self) -> PathBuf {
        self.path.join("archive.tar")
    }

    /// What is booted.
    pub(crate) fn image(&self) -> PathBuf {
        self.path.join("image")
    }

    /// The image with its debug information.
    pub(crate) fn symbols(&self) -> PathBuf {
        self.path.join("image.debug")
    }

    /// What a detached machine wrote to its console.
    pub(crate) fn console(&self) -> PathBuf {
        self.path.join("console.log")
    }

    /// What was written before `console`, if that grew too long.
    pub(crate) fn older_console(&self) -> PathBuf {
        self.path.join("console.log.old")
    }

    /// Where whoever asks for a machine's statistics connects, if it listens.
    pub(crate) fn connect(&self) -> Result<UnixStream> {
        let folder = File::open(&self.path)?;
        Ok(UnixStream::connect(operator_socket(&folder))?)
    }

    /// Listens for whoever asks for this machine's statistics.
    pub(crate) fn listen(&self) -> Result<UnixListener> {
        let _ = fs::remove_file(self.path.join(OPERATOR));
        let folder = File::open(&self.path)?;
        let listener = UnixListener::bind(operator_socket(&folder))
            .with_context(|| format!("cannot listen in {}", self.path.display()))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    pub(crate) fn read_plan(&self) -> Result<Plan> {
        Ok(serde_json::from_slice(&fs::read(self.path.join("plan.json"))?)?)
    }

    fn write_plan(&self, plan: &Plan) -> Result<()> {
        self.write("plan.json", &serde_json::to_vec_pretty(plan)?)
    }

    pub(crate) fn read_state(&self) -> Result<State> {
        Ok(serde_json::from_slice(&fs::read(self.path.join("state.json"))?)?)
    }

    pub(crate) fn write_state(&self, state: &State) -> Result<()> {
        self.write("state.json", &serde_json::to_vec_pretty(state)?)
    }

    /// Replaces a file whole: nobody ever reads half of it.
    fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        let unfinished = self.path.join(format!("{name}.{}", std::process::id()));
        fs::write(&unfinished, content)
            .and_then(|()| fs::rename(&unfinished, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes what only a machine that runs needs.
    fn remove_inputs(&self) {
        for path in [self.archive(), self.image(), self.symbols()] {
            let _ = fs::remove_file(path);
        }
    }

    fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.path.display()))
            }
            _ => Ok(()),
        }
    }
}

/// The socket in a machine's folder.
const OPERATOR: &str = "operator";

/// Its path by way of the open folder: a socket's address has 107 octets at most (unix(7)), and a folder may lie deep.
fn operator_socket(folder: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{OPERATOR}", folder.as_raw_fd()))
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests;
