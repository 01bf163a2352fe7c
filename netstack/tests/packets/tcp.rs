//! TCP: RFC 9293, and what it says to do as well. Tests are named by the sections that they hold us to.
//!
//! | Rules | Where |
//! |---|---|
//! | opening, dialling, options of SYNs (RFC 6691, RFC 7323), both opening at once | `opening` |
//! | half-open connections and SYN cookies (RFC 4987) | `cookies` |
//! | segments state by state (RFC 9293 §3.10.7.4) | `states` |
//! | closing, both closing at once, half closed, TIME-WAIT and its reuse (RFC 6191, RFC 1337) | `closing` |
//! | forged resets, SYNs, acknowledgements and data (RFC 5961), old timestamps (RFC 7323 §5) | `resets` |
//! | delayed acknowledgements (RFC 9293 §3.8.6.3), selective ones (RFC 2018, RFC 2883), congestion echoed (RFC 3168) | `acknowledging` |
//! | losses (RFC 6675, RFC 8985), timeouts (RFC 6298), spurious ones (RFC 3522), congestion (RFC 5681, RFC 9438) | `recovery` |
//! | when things go: probes of tails (RFC 8985 §7), pacing, holes in paths (RFC 4821 §7.7) | `pace` |
//! | windows of both sides, probes of them, silly ones, Nagle, keep-alive, user timeout (RFC 5482) | `window` |
//! | reports of ICMP (RFC 1191, RFC 8201, RFC 5927) | `reports` |
//! | who gets how much: sources, backlog, places, memory | `limits` |
//! | what a device does: cuts, sums, puts together | `offload` |
//! | many at once | `crowd` |
//!
//! What needs more than a script lies beside the code: numbers, hashes, curves, lists, the wheel.

mod acknowledging;
mod closing;
mod cookies;
mod crowd;
mod limits;
mod offload;
mod opening;
mod pace;
mod recovery;
mod reports;
mod resets;
mod script;
mod states;
mod window;
