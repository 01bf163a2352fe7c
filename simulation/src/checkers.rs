//! What must hold always. Each of these is shown in its tests something that breaks it.

mod conduct;
mod ledger;
mod pace;
mod segments;
mod stream;

pub use conduct::{Conduct, Own};
pub use ledger::Ledger;
pub use pace::Pace;
pub use segments::Resets;
pub use stream::{Pattern, Progress, Reader, Writer};
