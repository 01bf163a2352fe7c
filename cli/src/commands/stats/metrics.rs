//! Every metric in a sentence, and Prometheus' text format.

use super::sample::{COUNT, Sample};
use crate::machines::Name;
use core::fmt::Write as _;

/// What each metric is.
const METRICS: &[(&str, &str)] = &[
    ("dns_requests_total", "Requests that came to the DNS server, by UDP and by TCP."),
    ("dns_opcodes_total", "Requests by opcode."),
    ("dns_queries_total", "Queries that were understood, by type."),
    ("dns_edns_total", "Requests with EDNS, and those of them with the DO bit."),
    ("dns_rejected_total", "Requests that were answered with an error before anything was looked up."),
    ("dns_dropped_total", "Requests that got no response."),
    ("dns_responses_total", "Responses by rcode."),
    ("dns_noerror_total", "Responses with NOERROR, by what is in them."),
    ("dns_truncated_total", "Responses that did not fit."),
    ("dns_connections_total", "TCP connections that opened."),
    ("dns_connections_closed_total", "TCP connections that are not served any more, by why."),
    ("dns_connections", "TCP connections that are served."),
    ("network_frames_total", "Frames that came, by what became of them: each counts once."),
    ("network_announcements_total", "Frames that were sent and answer none."),
    ("network_turns_total", "Rounds of the network stack's loop."),
    ("machine_uptime_seconds", "How long the machine has run."),
    ("machine_heap_free_bytes", "Memory that was left when the heap was sealed; it never changes."),
    ("machine_sleeps_total", "How often the machine slept."),
    ("machine_doorbells_total", "How often the network device was told of buffers."),
    (
        "machine_receive_merged_total",
        "Frames of streams that the network device put together from several segments.",
    ),
    (
        "machine_transmit_cut_total",
        "Frames of streams that the network device was given to cut into segments.",
    ),
    ("machine_receive_exhausted_total", "Turns that found every receive buffer used."),
    ("machine_receive_senseless_total", "What the network device returned and was not believed."),
    ("machine_operator_lines_total", "Lines to the operator, the log's and those of answers."),
    ("machine_operator_lines_lost_total", "Lines to the operator for which there was no room."),
    (RESTARTS, "How often the machine was started again."),
    ("host_turns_total", "Rounds of the loop over sockets."),
    ("host_sleeps_total", "How often the process on TAP devices slept."),
    ("host_long_frames_total", "Frames on TAP devices that were left to the other end to be cut, each way."),
    ("host_frames_lost_total", "Frames that Linux did not take."),
    ("host_frames_senseless_total", "What came from a TAP device and was no frame."),
    ("host_datagrams_total", "Datagrams that came, by what became of them."),
    ("host_streams", "Streams that are open."),
    ("host_streams_total", "Streams that were opened, by who did."),
    ("host_streams_closed_total", "Streams that are over, by how that came."),
    ("host_stream_bytes_total", "Octets on streams, each way."),
    ("host_listeners_rested_total", "How often there was no file, memory or room for one more connection."),
];

/// The label that says whose a sample is; no machine says it itself.
pub(super) const MACHINE: &str = "machine";

/// What the supervisor knows; no machine says it itself.
pub(super) const RESTARTS: &str = "machine_restarts_total";

/// As the world knows a metric.
pub(super) fn full_name(metric: &str) -> String {
    format!("isopod_{metric}")
}

/// The samples in Prometheus' text format, version 0.0.4: each metric's together, with a label for the machine.
pub(super) fn exposition(machine: &Name, samples: &[Sample]) -> String {
    let mut text = String::new();
    let mut left: Vec<_> = samples.iter().collect();
    while let Some(metric) = left.first().map(|sample| sample.metric.clone()) {
        let name = full_name(&metric);
        if let Some((_, help)) = METRICS.iter().find(|(known, _)| *known == metric) {
            let _ = writeln!(text, "# HELP {name} {help}");
        }
        let kind = if metric.ends_with(COUNT) { "counter" } else { "gauge" };
        let _ = writeln!(text, "# TYPE {name} {kind}");
        for sample in left.extract_if(.., |sample| sample.metric == metric) {
            let labels = sample.labels.iter().map(|(label, value)| format!(",{label}=\"{value}\""));
            let labels: String = labels.collect();
            let _ = writeln!(text, "{name}{{{MACHINE}=\"{machine}\"{labels}}} {}", sample.value);
        }
    }
    text
}
