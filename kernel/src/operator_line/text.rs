//! Lines: of what is written, cut where they are too long; of what is read, whole or not at all.

use core::fmt::{self, Write};
use heapless::Vec;
use operator::Request;

/// A line to the operator.
#[derive(Debug)]
pub(super) struct Line(Vec<u8, { Self::LONGEST }>);

impl Line {
    /// The most octets of a line, its end among them.
    pub(super) const LONGEST: usize = 256;

    /// A text in one line.
    pub(super) fn of(text: fmt::Arguments<'_>) -> Self {
        let mut line = Self(Vec::new());
        // What is too long is cut, and what can't be formatted ends there.
        let _ = line.write_fmt(text);
        line.0.truncate(Self::LONGEST - 1);
        let _ = line.0.push(b'\n');
        line
    }

    /// The line with its end.
    pub(super) fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Whatever is logged, it is one line.
        let printable = text.bytes().map(|octet| if octet.is_ascii_control() { b'?' } else { octet });
        for octet in printable {
            self.0.push(octet).map_err(|_| fmt::Error)?;
        }
        Ok(())
    }
}

/// A line from the operator, as far as it came.
#[derive(Debug, Default)]
pub(super) struct RequestLine {
    octets: Vec<u8, LONGEST_REQUEST>,
    /// Whether it has become too long to be a request.
    is_too_long: bool,
}

/// The most octets of a request.
const LONGEST_REQUEST: usize = 32;

impl RequestLine {
    /// Reads on; the last request that ends in `octets`.
    pub(super) fn read(&mut self, octets: &[u8]) -> Option<Request> {
        octets.iter().fold(None, |request, &octet| self.read_octet(octet).or(request))
    }

    fn read_octet(&mut self, octet: u8) -> Option<Request> {
        if octet != b'\n' {
            self.is_too_long |= self.octets.push(octet).is_err();
            return None;
        }
        let line = core::mem::take(self);
        if line.is_too_long { None } else { Request::parse(&line.octets) }
    }
}
