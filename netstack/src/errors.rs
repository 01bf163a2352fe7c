//! ICMP errors (RFC 792, RFC 1122 §3.2.2) and ICMPv6 errors (RFC 4443 §2.4, §3).

use crate::counters::Counter;
use crate::frame::{Answer, ETHERNET_HEADER};
use crate::reception::Reception;
use crate::version::Version;
use appliance::Appliance;

/// What is reported to the sender of a packet.
#[derive(Clone, Copy)]
pub(crate) struct Problem {
    kind: u8,
    code: u8,
    /// The octet of the packet that is wrong, where the kind names one.
    pointer: u32,
}

impl Problem {
    /// RFC 792: destination unreachable, protocol unreachable.
    pub(crate) const PROTOCOL_UNREACHABLE: Self = Self { kind: 3, code: 2, pointer: 0 };
    /// RFC 792: destination unreachable, port unreachable.
    pub(crate) const PORT_UNREACHABLE: Self = Self { kind: 3, code: 3, pointer: 0 };
    /// RFC 4443 §3.1: destination unreachable, port unreachable.
    pub(crate) const PORT_UNREACHABLE_V6: Self = Self { kind: 1, code: 4, pointer: 0 };

    /// RFC 4443 §3.4, code 0.
    pub(crate) fn erroneous_field(pointer: usize) -> Self {
        Self { kind: 4, code: 0, pointer: pointer as u32 }
    }

    /// RFC 4443 §3.4, code 1.
    pub(crate) fn unrecognised_next_header(pointer: usize) -> Self {
        Self { kind: 4, code: 1, pointer: pointer as u32 }
    }

    /// RFC 4443 §3.4, code 2.
    pub(crate) fn unrecognised_option(pointer: usize) -> Self {
        Self { kind: 4, code: 2, pointer: pointer as u32 }
    }
}

/// Type, code, checksum, pointer.
const ERROR_HEADER: usize = 8;

impl<A: Appliance> Reception<'_, A> {
    /// Reports `problem` to the sender of the packet that ends at `end` in `frame`, quoting as much of it as an error
    /// may. The packet came to one address of ours from one address of somebody's, is whole and is no error itself.
    #[cold]
    pub(crate) fn answer_error<V: Version>(
        &mut self,
        frame: &mut [u8],
        end: usize,
        problem: Problem,
    ) -> Result<Answer, Counter> {
        self.rates.errors.take(self.now.instant).ok_or(Counter::ErrorSuppressed)?;
        let quote_at = V::PAYLOAD + ERROR_HEADER;
        let quote_end = frame.len().min(ETHERNET_HEADER + V::ERROR_LENGTH);
        let quoted = (end - ETHERNET_HEADER).min(quote_end - quote_at);
        frame.copy_within(ETHERNET_HEADER..ETHERNET_HEADER + quoted, quote_at);

        let length = ERROR_HEADER + quoted;
        V::turn_around(frame, self.station.address, V::ICMP, length);
        let [a, b, c, d] = problem.pointer.to_be_bytes();
        frame[V::PAYLOAD..quote_at].copy_from_slice(&[problem.kind, problem.code, 0, 0, a, b, c, d]);
        let message = &frame[V::PAYLOAD..V::PAYLOAD + length];
        let checksum = V::icmp_pseudo_header(frame, length).bytes(message).checksum();
        frame[V::PAYLOAD + 2..V::PAYLOAD + 4].copy_from_slice(&checksum);
        Ok(Answer { length: V::PAYLOAD + length, counter: Counter::ErrorSent })
    }
}
