//! What happened, in plain memory; reading it is the outside's job.

/// The counts since the start.
#[derive(Clone, Debug)]
pub struct Counters([u64; Counter::COUNT]);

impl Counters {
    pub(crate) const fn new() -> Self {
        Self([0; Counter::COUNT])
    }

    pub(crate) fn count(&mut self, counter: Counter) {
        self.0[counter as usize] = self.0[counter as usize].wrapping_add(1);
    }

    /// How often `counter` happened.
    #[must_use]
    pub fn read(&self, counter: Counter) -> u64 {
        self.0[counter as usize]
    }

    /// Every counter with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Counter, u64)> {
        Counter::ALL.into_iter().zip(self.0)
    }
}

macro_rules! counters {
    ($($(#[$documentation:meta])+ $name:ident,)+) => {
        /// Something that happened to a frame. Every frame that arrives counts once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Counter {
            $($(#[$documentation])+ $name,)+
        }

        impl Counter {
            const COUNT: usize = Self::ALL.len();
            /// Every counter, in the order of their declaration.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];
        }
    };
}

counters! {
    /// A datagram that the appliance answered.
    DatagramAnswered,
    /// A frame of a protocol that nobody here speaks.
    UnknownProtocol,
}
