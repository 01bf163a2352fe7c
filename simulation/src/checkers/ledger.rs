//! Which addresses were leased, and until when: what the one who leases them knows.

use core::cell::RefCell;
use core::net::Ipv4Addr;
use moment::Instant;
use std::collections::HashMap;
use std::rc::Rc;

/// Shared by whoever leases addresses and whoever watches how they are used.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Rc<RefCell<HashMap<Ipv4Addr, Instant>>>);

impl Ledger {
    /// An address is leased until then; if it was before, for no shorter.
    pub fn grant(&self, address: Ipv4Addr, until: Instant) {
        let mut leases = self.0.borrow_mut();
        let end = leases.entry(address).or_insert(until);
        *end = until.max(*end);
    }

    /// Whether an address may be used.
    #[must_use]
    pub fn is_granted(&self, address: Ipv4Addr, now: Instant) -> bool {
        self.0.borrow().get(&address).is_some_and(|until| now < *until)
    }
}
