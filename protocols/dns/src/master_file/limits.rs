//! What a master file may cost.

/// The most octets of one text: positions in it are kept in four octets.
pub const TEXT_OCTETS: usize = u32::MAX as usize;

/// The most octets from an opening parenthesis to the end of its entry. Data of 65,535 octets, each escaped, is a
/// quarter of it; past it the parenthesis was left open by mistake.
pub const ENTRY_OCTETS: usize = 1 << 20;

/// How many files deep `$INCLUDE` goes.
pub const INCLUDE_DEPTH: usize = 16;

/// How many files all the `$INCLUDE` of a zone read.
pub const INCLUDES: usize = 10_000;

/// How many records all the `$GENERATE` of a zone make.
pub const GENERATED_RECORDS: u64 = 1 << 20;

/// How many octets of templates all the `$GENERATE` of a zone go through, each template once for each record.
pub const GENERATED_TEXT: u64 = 1 << 28;

/// How many octets a template of `$GENERATE` may become: data of 65,535 octets, each escaped.
pub const GENERATED_OCTETS: usize = 1 << 18;

/// How many mistakes are reported before the rest of a zone is left unread.
pub const MISTAKES: usize = 100;

/// How much of a word a message shows.
pub const QUOTED_OCTETS: usize = 60;
