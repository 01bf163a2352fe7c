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
    ("network_streams", "Streams that there are, opening and closing ones among them."),
    ("network_streams_half_open", "Streams that peers have begun to open."),
    ("network_streams_in_time_wait", "Streams that are over and remembered for a minute."),
    ("network_stream_buffers_bytes", "Memory for octets of streams."),
    ("network_stream_buffers_used_bytes", "Memory that octets of streams lie in."),
    ("network_streams_opened_total", "Streams that were opened, by peers or by the machine."),
    ("network_streams_refused_total", "Requests for a stream that got no answer, by why."),
    ("network_streams_closed_total", "Streams that are over, by how that came."),
    ("network_stream_cookies_given_total", "Requests for a stream that were answered with a cookie."),
    ("network_stream_cookies_taken_total", "Streams that were opened by a cookie that came back."),
    ("network_stream_bytes_total", "Octets on streams, each way, repetitions among them."),
    ("network_segments_sent_total", "Segments that were sent; one that a device cuts is one."),
    ("network_segments_repeated_total", "Segments that were sent again."),
    ("network_segments_without_memory_total", "Segments for whose octets there was no memory."),
    ("network_stream_losses_total", "Losses, by how they were found."),
    ("network_stream_losses_spurious_total", "Losses that were none."),
    ("network_stream_probes_total", "Probes of silent peers, closed windows and tails."),
    ("network_stream_black_holes_total", "Suspicions that long segments are lost on their way."),
    ("network_stream_timestamps_old_total", "Segments with a timestamp from before the latest."),
    ("network_stream_buffers_awaited_total", "How often a buffer to send from was waited for."),
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
