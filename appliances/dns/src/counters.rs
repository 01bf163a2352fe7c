//! What happened, in plain memory; reading it is the outside's job.

use dns_protocol::{Opcode, Rcode, RecordType};
use operator::Statistic;

/// How often each [`Count`] was seen.
#[derive(Clone, Debug)]
pub(crate) struct Counters([u64; Count::NAMES.len()]);

impl Counters {
    pub(crate) const fn new() -> Self {
        Self([0; Count::NAMES.len()])
    }

    /// How often it was seen; starts again from 0 after 2^64.
    const fn of(&self, count: Count) -> u64 {
        self.0[count as usize]
    }

    #[inline]
    pub(crate) fn add(&mut self, count: Count) {
        let counter = &mut self.0[count as usize];
        *counter = counter.wrapping_add(1);
    }

    /// All of them for an operator, and two that are sums of others.
    pub(crate) fn statistics(&self) -> impl Iterator<Item = Statistic> {
        let sum =
            |counts: &[Count]| counts.iter().fold(0_u64, |sum, &count| sum.wrapping_add(self.of(count)));
        let others = [Count::Notify, Count::Update, Count::OtherOpcode, Count::Short, Count::Response];
        let requests = [Count::Udp4, Count::Udp6, Count::Tcp4, Count::Tcp6];
        let queries = sum(&requests).wrapping_sub(sum(&others));
        let no_error = sum(&[Count::Answer, Count::NoData, Count::Referral]);
        let sums = [
            ("dns_opcodes_total{opcode=\"QUERY\"}", queries),
            ("dns_responses_total{rcode=\"NOERROR\"}", no_error),
        ];
        let counted = Count::NAMES.into_iter().zip(self.0);
        counted.chain(sums).map(|(name, value)| Statistic { name, value })
    }
}

macro_rules! counts {
    ($($(#[$metric_documentation:meta])+ $metric:literal $label:literal {
        $($(#[$documentation:meta])* $name:ident $value:literal,)+
    })+) => {
        /// Something that is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Count {
            $($($(#[$documentation])* $name,)+)+
        }

        impl Count {
            /// What an operator knows them by.
            const NAMES: [&str; [$($(Self::$name),+),+].len()] =
                [$($(concat!($metric, "{", $label, "=\"", $value, "\"}")),+),+];
        }
    };
}

counts! {
    /// Every datagram that came, and every whole message of a stream.
    "dns_requests_total" "transport" {
        Udp4 "udp4",
        Udp6 "udp6",
        Tcp4 "tcp4",
        Tcp6 "tcp6",
    }

    /// Requests that are no queries.
    "dns_opcodes_total" "opcode" {
        Notify "NOTIFY",
        Update "UPDATE",
        OtherOpcode "other",
    }

    /// Queries that were understood, by the type that they ask for. Each has a response.
    "dns_queries_total" "type" {
        A "A",
        Ns "NS",
        Cname "CNAME",
        Soa "SOA",
        Ptr "PTR",
        Mx "MX",
        Txt "TXT",
        Aaaa "AAAA",
        Srv "SRV",
        Naptr "NAPTR",
        Ds "DS",
        Dnskey "DNSKEY",
        Tlsa "TLSA",
        Svcb "SVCB",
        Https "HTTPS",
        Any "ANY",
        Caa "CAA",
        OtherType "other",
    }

    /// Requests that bring EDNS (RFC 6891), and those among them with the DO bit (RFC 3225).
    "dns_edns_total" "with" {
        Edns "edns",
        DnssecOk "do",
    }

    /// Requests that were not understood or are not served; each has a response.
    "dns_rejected_total" "reason" {
        /// NOTIMP or REFUSED: not a query.
        Opcode "opcode",
        /// FORMERR: not one question (RFC 9619).
        Questions "question_count",
        /// FORMERR: a question that is none.
        Question "question",
        /// FORMERR: answers in a request.
        Sections "sections",
        /// FORMERR: records that are none, or octets behind the last.
        Records "records",
        /// FORMERR: a second OPT record, or one that is none (RFC 6891 §6.1).
        MalformedEdns "edns",
        /// BADVERS (RFC 6891 §6.1.3).
        EdnsVersion "edns_version",
        /// FORMERR: a TSIG record that is none, or not the last (RFC 8945 §5.1).
        MalformedSignature "tsig",
        /// NOTAUTH: signed by a key that is not known (RFC 8945 §5.2.1).
        Key "key",
        /// FORMERR, REFUSED or NOTIMP: a type that is no type of data, and transfers.
        Type "type",
    }

    /// Requests that get no response.
    "dns_dropped_total" "reason" {
        /// Shorter than a header.
        Short "short",
        /// A response itself.
        Response "response",
        /// One for whose answer there is no room.
        NoRoom "no_room",
    }

    /// Responses whose rcode is NOERROR.
    "dns_noerror_total" "kind" {
        Answer "answer",
        /// No records of the type (RFC 2308 §2.2).
        NoData "nodata",
        /// Other servers know more (RFC 1034 §4.3.2 step 3b).
        Referral "referral",
    }

    /// All other responses.
    "dns_responses_total" "rcode" {
        FormErr "FORMERR",
        ServFail "SERVFAIL",
        NxDomain "NXDOMAIN",
        NotImp "NOTIMP",
        Refused "REFUSED",
        YxDomain "YXDOMAIN",
        NotAuth "NOTAUTH",
        BadVers "BADVERS",
        OtherRcode "other",
    }

    /// Responses that did not fit and say so.
    "dns_truncated_total" "transport" {
        TruncatedDatagram "udp",
        TruncatedStream "tcp",
    }

    /// Every stream that opened.
    "dns_connections_total" "transport" {
        Connection4 "tcp4",
        Connection6 "tcp6",
    }

    /// Streams that are not served any more, by why.
    "dns_connections_closed_total" "reason" {
        /// The client finished, and has been answered.
        ClosedByClient "client",
        /// No query for too long (RFC 7766 §6.2.3).
        ClosedIdle "idle",
        /// It said that a message is shorter than a header.
        ClosedForLength "length",
        /// The client had as many as it may have.
        ClientLimit "client_limit",
        /// It had been idle for longest, and a newer one needed the place.
        ServerLimit "server_limit",
        /// The client reset it.
        ClosedByReset "reset",
        /// The client did not acknowledge what was sent.
        ClosedSilent "silent",
        /// There is no way to the client any more.
        ClosedUnreachable "unreachable",
        /// The machine had no memory for it.
        ClosedByMachine "shed",
    }
}

impl From<Opcode> for Count {
    fn from(opcode: Opcode) -> Self {
        match opcode {
            Opcode::NOTIFY => Self::Notify,
            Opcode::UPDATE => Self::Update,
            Opcode(_) => Self::OtherOpcode,
        }
    }
}

impl From<RecordType> for Count {
    #[inline]
    fn from(record_type: RecordType) -> Self {
        match record_type {
            RecordType::A => Self::A,
            RecordType::NS => Self::Ns,
            RecordType::CNAME => Self::Cname,
            RecordType::SOA => Self::Soa,
            RecordType::PTR => Self::Ptr,
            RecordType::MX => Self::Mx,
            RecordType::TXT => Self::Txt,
            RecordType::AAAA => Self::Aaaa,
            RecordType::SRV => Self::Srv,
            RecordType::NAPTR => Self::Naptr,
            RecordType::DS => Self::Ds,
            RecordType::DNSKEY => Self::Dnskey,
            RecordType::TLSA => Self::Tlsa,
            RecordType::SVCB => Self::Svcb,
            RecordType::HTTPS => Self::Https,
            RecordType::ANY => Self::Any,
            RecordType::CAA => Self::Caa,
            RecordType(_) => Self::OtherType,
        }
    }
}

impl From<Rcode> for Count {
    /// Of any rcode but NOERROR, of which there are several kinds.
    fn from(rcode: Rcode) -> Self {
        match rcode {
            Rcode::FORMERR => Self::FormErr,
            Rcode::SERVFAIL => Self::ServFail,
            Rcode::NXDOMAIN => Self::NxDomain,
            Rcode::NOTIMP => Self::NotImp,
            Rcode::REFUSED => Self::Refused,
            Rcode::YXDOMAIN => Self::YxDomain,
            Rcode::NOTAUTH => Self::NotAuth,
            Rcode::BADVERS => Self::BadVers,
            Rcode(_) => Self::OtherRcode,
        }
    }
}
