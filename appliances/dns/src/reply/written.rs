//! Where in a message a name is that later names end like.

use crate::limits::ALIASES;
use crate::message::HEADER;

/// Where in the message the labels of a name are: in the question, or for an alias' target in several pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    first: Piece,
    /// What an alias' target shares with names before it; most answers have none.
    rest: Option<Pieces>,
}

/// The suffixes of a name with more than `shortest` and at most `longest` octets lie in one piece, which begins with the
/// longest of them.
#[derive(Clone, Copy, Debug)]
struct Piece {
    position: u16,
    longest: u8,
    shortest: u8,
}

/// Each alias adds one piece to those before it.
#[derive(Clone, Copy, Debug)]
struct Pieces {
    pieces: [Piece; ALIASES + 1],
    count: usize,
}

impl Pieces {
    const NONE: Self =
        Self { pieces: [Piece { position: 0, longest: 0, shortest: 0 }; ALIASES + 1], count: 0 };

    fn push(&mut self, piece: Piece) -> Option<()> {
        *self.pieces.get_mut(self.count)? = piece;
        self.count += 1;
        Some(())
    }
}

impl Written {
    /// The name in the question, so many octets long.
    #[inline]
    pub(crate) fn in_question(length: u8) -> Self {
        Self { first: Piece { position: HEADER as u16, longest: length, shortest: 0 }, rest: None }
    }

    /// A name so many octets long that lies in one piece at `position`.
    pub(crate) fn at(position: usize, length: usize) -> Option<Self> {
        let (position, longest) = (u16::try_from(position).ok()?, u8::try_from(length).ok()?);
        Some(Self { first: Piece { position, longest, shortest: 0 }, rest: None })
    }

    /// Where the name begins.
    #[inline]
    pub(crate) fn start(&self) -> usize {
        usize::from(self.first.position)
    }

    /// Where its suffix of `length` octets begins.
    #[inline]
    pub(crate) fn suffix(&self, length: usize) -> Option<usize> {
        let piece = self
            .pieces()
            .find(|piece| length > usize::from(piece.shortest) && length <= usize::from(piece.longest))?;
        Some(usize::from(piece.position) + usize::from(piece.longest) - length)
    }

    /// The name of `length` octets that begins at `position` and is there but for its last `shared` octets, which are those
    /// of this name.
    pub(crate) fn extend(&self, position: usize, length: usize, shared: usize) -> Option<Self> {
        let shared = u8::try_from(shared).ok()?;
        let mut rest = Pieces::NONE;
        for piece in self.pieces().filter(|piece| piece.shortest < shared) {
            let cut = piece.longest.saturating_sub(shared);
            let position = piece.position.checked_add(u16::from(cut))?;
            rest.push(Piece { position, longest: piece.longest - cut, shortest: piece.shortest })?;
        }
        let mut extended = Self::at(position, length)?;
        extended.first.shortest = shared;
        if usize::from(shared) == length {
            // Nothing of it is there itself: it begins where the other's suffix does.
            extended.first.position = rest.pieces.first()?.position;
        }
        extended.rest = (rest.count > 0).then_some(rest);
        Some(extended)
    }

    #[inline]
    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        let rest = self.rest.as_ref().and_then(|rest| rest.pieces.get(..rest.count));
        core::iter::once(&self.first).chain(rest.unwrap_or_default())
    }
}
