//! The class `CH`, in which a server speaks of itself (RFC 4892 §2).

use crate::message::{Authority, Completeness, Verdict};
use crate::reply::Reply;
use crate::settings::Settings;
use crate::zone::Sought;
use dns_protocol::{Rcode, RecordType};

/// Answers with the server's identity or version, if the operator lets it.
pub(crate) fn solve(
    settings: &Settings,
    wanted: RecordType,
    name: &Sought<'_>,
    reply: &mut Reply<'_>,
) -> Verdict {
    let is = |known: &[u8]| name.wire().eq_ignore_ascii_case(known);
    let text = if is(b"\x02id\x06server\0") || is(b"\x08hostname\x04bind\0") {
        &settings.identity
    } else if is(b"\x07version\x06server\0") || is(b"\x07version\x04bind\0") {
        &settings.version
    } else {
        return Verdict::rcode(Rcode::REFUSED);
    };
    if text.is_empty() {
        return Verdict::rcode(Rcode::REFUSED);
    }
    let completeness = match wanted {
        RecordType::TXT | RecordType::ANY => match reply.put_chaos_text(text) {
            Ok(()) => Completeness::Complete,
            Err(_) => Completeness::Truncated,
        },
        _ => Completeness::Complete,
    };
    Verdict { rcode: Rcode::NOERROR, authority: Authority::Authoritative, completeness }
}
