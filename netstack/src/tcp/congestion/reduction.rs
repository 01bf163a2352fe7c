//! How much may be sent for each acknowledgement while losses are repaired: proportional rate reduction (RFC 9937).

use crate::tcp::congestion::Delivery;

/// What was delivered and sent since a loss was found.
pub(super) struct Reduction {
    /// prr_delivered, in octets.
    delivered: u32,
    /// prr_out, in octets.
    out: u32,
    /// RecoverFS, in octets: what was in flight when the loss was found, and never zero.
    in_flight: u32,
}

impl Reduction {
    pub(super) fn new(in_flight: u32) -> Self {
        Self { delivered: 0, out: 0, in_flight: in_flight.max(1) }
    }

    /// How many octets may be sent on account of an acknowledgement; none if it says nothing new (RFC 9937).
    ///
    /// `is_progress_without_loss` is SafeACK: it acknowledges new data and shows no further loss.
    pub(super) fn allowance(
        &mut self,
        delivery: &Delivery,
        threshold: u32,
        segment: u32,
        is_progress_without_loss: bool,
    ) -> Option<u32> {
        // A loss that is found while nothing arrives is repaired by one segment all the same.
        if delivery.octets == 0 && self.out > 0 {
            return None;
        }
        self.delivered = self.delivered.saturating_add(delivery.octets);
        let room = threshold.saturating_sub(delivery.in_flight);
        let allowance = if delivery.in_flight > threshold {
            // Proportional: what is sent is to what is delivered as the threshold is to what was in flight.
            let out = u64::from(self.delivered) * u64::from(threshold);
            let out = u32::try_from(out.div_ceil(u64::from(self.in_flight))).unwrap_or(u32::MAX);
            out.saturating_sub(self.out)
        } else {
            // PRR-CRB: no more than arrived. PRR-SSRB while all goes well: a segment more, as slow start does.
            let conservative = self.delivered.saturating_sub(self.out).max(delivery.octets);
            let more = if is_progress_without_loss { segment } else { 0 };
            conservative.saturating_add(more).min(room)
        };
        // RFC 9937: "Force a fast retransmit upon entering recovery".
        Some(if self.out == 0 { allowance.max(segment) } else { allowance })
    }

    pub(super) fn on_sent(&mut self, octets: u32) {
        self.out = self.out.saturating_add(octets);
    }
}

#[cfg(test)]
mod tests;
