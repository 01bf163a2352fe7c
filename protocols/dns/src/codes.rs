//! The numbers of IANA's registry "Domain Name System (DNS) Parameters".

use core::fmt;

/// A record type (RFC 1035 §3.2.2, RFC 6895 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(pub u16);

/// A class (RFC 1035 §3.2.4, RFC 6895 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u16);

impl Class {
    /// The Internet.
    pub const IN: Self = Self(1);
    /// Chaos: here only `id.server.` and `version.bind.` (RFC 4892).
    pub const CH: Self = Self(3);
    /// Hesiod.
    pub const HS: Self = Self(4);
    /// Deletion in an update (RFC 2136 §2.4).
    pub const NONE: Self = Self(254);
    /// Any class, in a question.
    pub const ANY: Self = Self(255);
}

/// A kind of request, four bits (RFC 1035 §4.1.1, RFC 6895 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Opcode(pub u8);

impl Opcode {
    /// A question.
    pub const QUERY: Self = Self(0);
    /// "The zone has changed" (RFC 1996).
    pub const NOTIFY: Self = Self(4);
    /// A dynamic update (RFC 2136).
    pub const UPDATE: Self = Self(5);
}

/// A response code; beyond four bits through EDNS only (RFC 1035 §4.1.1, RFC 6891 §6.1.3, RFC 6895 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rcode(pub u16);

impl Rcode {
    /// No error.
    pub const NOERROR: Self = Self(0);
    /// The request could not be understood.
    pub const FORMERR: Self = Self(1);
    /// The server failed.
    pub const SERVFAIL: Self = Self(2);
    /// The name does not exist.
    pub const NXDOMAIN: Self = Self(3);
    /// The kind of request is not implemented.
    pub const NOTIMP: Self = Self(4);
    /// The server won't, by policy.
    pub const REFUSED: Self = Self(5);
    /// A name exists that should not; also a DNAME's result too long to be a name (RFC 6672 §2.2).
    pub const YXDOMAIN: Self = Self(6);
    /// Not authoritative, or not authorised.
    pub const NOTAUTH: Self = Self(9);
    /// The EDNS version is not implemented (RFC 6891 §9).
    pub const BADVERS: Self = Self(16);
}

/// Names each type's constant and lists its mnemonic once.
macro_rules! record_types {
    ($($name:ident = $number:literal $mnemonic:literal $doc:literal;)*) => {
        impl RecordType {
            $(#[doc = $doc] pub const $name: Self = Self($number);)*

            /// Its mnemonic, if it has one (RFC 3597 §5 writes the others as `TYPE` and the number).
            #[must_use]
            pub const fn mnemonic(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($mnemonic),)*
                    _ => None,
                }
            }

            /// Every type that has a mnemonic.
            pub const ALL: &'static [Self] = &[$(Self($number),)*];

            fn from_mnemonic(text: &[u8]) -> Option<Self> {
                match pack(text)? {
                    $(packed::$name => Some(Self::$name),)*
                    _ => None,
                }
            }
        }

        /// Mnemonics as integers: a few comparisons of words find one.
        mod packed {
            $(pub(super) const $name: u128 = super::pack($mnemonic.as_bytes()).expect("a mnemonic is short");)*
        }
    };
}

/// A word of at most 15 octets as an integer: a one, and its octets with letters in upper case.
const fn pack(text: &[u8]) -> Option<u128> {
    if text.len() > 15 {
        return None;
    }
    let mut packed = 1;
    let mut rest = text;
    while let [first, later @ ..] = rest {
        packed = packed << 8 | first.to_ascii_uppercase() as u128;
        rest = later;
    }
    Some(packed)
}

record_types! {
    A = 1 "A" "A host's IPv4 address.";
    NS = 2 "NS" "An authoritative name server.";
    MD = 3 "MD" "A mail destination (obsolete).";
    MF = 4 "MF" "A mail forwarder (obsolete).";
    CNAME = 5 "CNAME" "The canonical name of an alias.";
    SOA = 6 "SOA" "The start of a zone of authority.";
    MB = 7 "MB" "A mailbox.";
    MG = 8 "MG" "A member of a mail group.";
    MR = 9 "MR" "A renamed mailbox.";
    NULL = 10 "NULL" "Anything.";
    WKS = 11 "WKS" "Well-known services.";
    PTR = 12 "PTR" "A pointer to another name.";
    HINFO = 13 "HINFO" "A host's kind.";
    MINFO = 14 "MINFO" "Who is responsible for a mailbox.";
    MX = 15 "MX" "A mail exchange.";
    TXT = 16 "TXT" "Text.";
    RP = 17 "RP" "A responsible person (RFC 1183).";
    AFSDB = 18 "AFSDB" "An AFS cell database (RFC 1183).";
    X25 = 19 "X25" "An X.25 address (RFC 1183).";
    ISDN = 20 "ISDN" "An ISDN address (RFC 1183).";
    RT = 21 "RT" "A route through another host (RFC 1183).";
    NSAP = 22 "NSAP" "An NSAP address (RFC 1706).";
    NSAP_PTR = 23 "NSAP-PTR" "A pointer from an NSAP address (RFC 1706).";
    SIG = 24 "SIG" "A signature (RFC 2536).";
    KEY = 25 "KEY" "A public key (RFC 2536).";
    PX = 26 "PX" "X.400 mapping (RFC 2163).";
    GPOS = 27 "GPOS" "A geographical position (RFC 1712).";
    AAAA = 28 "AAAA" "A host's IPv6 address (RFC 3596).";
    LOC = 29 "LOC" "A location (RFC 1876).";
    NXT = 30 "NXT" "The next name (RFC 2535, obsolete).";
    EID = 31 "EID" "A Nimrod endpoint.";
    NIMLOC = 32 "NIMLOC" "A Nimrod locator.";
    SRV = 33 "SRV" "A service's hosts (RFC 2782).";
    ATMA = 34 "ATMA" "An ATM address.";
    NAPTR = 35 "NAPTR" "A naming authority pointer (RFC 3403).";
    KX = 36 "KX" "A key exchanger (RFC 2230).";
    CERT = 37 "CERT" "A certificate (RFC 4398).";
    A6 = 38 "A6" "An IPv6 address in parts (RFC 6563, historic).";
    DNAME = 39 "DNAME" "An alias of a whole subtree (RFC 6672).";
    SINK = 40 "SINK" "The kitchen sink.";
    OPT = 41 "OPT" "EDNS (RFC 6891); never in a zone.";
    APL = 42 "APL" "Address prefixes (RFC 3123).";
    DS = 43 "DS" "The digest of a child's key (RFC 4034).";
    SSHFP = 44 "SSHFP" "An SSH key's fingerprint (RFC 4255).";
    IPSECKEY = 45 "IPSECKEY" "A key for IPsec (RFC 4025).";
    RRSIG = 46 "RRSIG" "A signature (RFC 4034).";
    NSEC = 47 "NSEC" "The next secure name (RFC 4034).";
    DNSKEY = 48 "DNSKEY" "A zone's key (RFC 4034).";
    DHCID = 49 "DHCID" "A DHCP client's identity (RFC 4701).";
    NSEC3 = 50 "NSEC3" "The next hashed name (RFC 5155).";
    NSEC3PARAM = 51 "NSEC3PARAM" "How names are hashed (RFC 5155).";
    TLSA = 52 "TLSA" "A TLS certificate's association (RFC 6698).";
    SMIMEA = 53 "SMIMEA" "An S/MIME certificate's association (RFC 8162).";
    HIP = 55 "HIP" "A host identity (RFC 8005).";
    NINFO = 56 "NINFO" "A zone's status.";
    RKEY = 57 "RKEY" "A key for encryption.";
    TALINK = 58 "TALINK" "A trust anchor's neighbours.";
    CDS = 59 "CDS" "The DS that the child wants (RFC 7344).";
    CDNSKEY = 60 "CDNSKEY" "The DNSKEY that the child wants (RFC 7344).";
    OPENPGPKEY = 61 "OPENPGPKEY" "An OpenPGP key (RFC 7929).";
    CSYNC = 62 "CSYNC" "What the parent should copy (RFC 7477).";
    ZONEMD = 63 "ZONEMD" "The digest of a zone (RFC 8976).";
    SVCB = 64 "SVCB" "How to reach a service (RFC 9460).";
    HTTPS = 65 "HTTPS" "How to reach a web site (RFC 9460).";
    DSYNC = 66 "DSYNC" "Where to send notifications (RFC 9859).";
    HHIT = 67 "HHIT" "A hierarchical host identity tag (RFC 9886).";
    BRID = 68 "BRID" "A UAS broadcast identifier (RFC 9886).";
    SPF = 99 "SPF" "A sender policy (RFC 7208, historic).";
    UINFO = 100 "UINFO" "User information.";
    UID = 101 "UID" "A user identifier.";
    GID = 102 "GID" "A group identifier.";
    UNSPEC = 103 "UNSPEC" "Unspecified.";
    NID = 104 "NID" "A node identifier (RFC 6742).";
    L32 = 105 "L32" "A 32-bit locator (RFC 6742).";
    L64 = 106 "L64" "A 64-bit locator (RFC 6742).";
    LP = 107 "LP" "A pointer to locators (RFC 6742).";
    EUI48 = 108 "EUI48" "A 48-bit hardware address (RFC 7043).";
    EUI64 = 109 "EUI64" "A 64-bit hardware address (RFC 7043).";
    NXNAME = 128 "NXNAME" "The mark of a name that does not exist (RFC 9824); never in a zone.";
    TKEY = 249 "TKEY" "A transaction's key (RFC 2930); never in a zone.";
    TSIG = 250 "TSIG" "A transaction's signature (RFC 8945); never in a zone.";
    IXFR = 251 "IXFR" "An incremental transfer (RFC 1995); only in a question.";
    AXFR = 252 "AXFR" "A whole transfer (RFC 5936); only in a question.";
    MAILB = 253 "MAILB" "Mailbox records; only in a question.";
    MAILA = 254 "MAILA" "Mail agent records; only in a question.";
    ANY = 255 "ANY" "Any type; only in a question.";
    URI = 256 "URI" "A URI (RFC 7553).";
    CAA = 257 "CAA" "Who may issue certificates (RFC 8659).";
    AVC = 258 "AVC" "Application visibility.";
    DOA = 259 "DOA" "A digital object's address.";
    AMTRELAY = 260 "AMTRELAY" "A multicast relay (RFC 8777).";
    RESINFO = 261 "RESINFO" "What a resolver can do (RFC 9606).";
    WALLET = 262 "WALLET" "A public wallet's address.";
    CLA = 263 "CLA" "A convergence layer adapter.";
    IPN = 264 "IPN" "A bundle protocol node.";
    TA = 32768 "TA" "A trust anchor.";
    DLV = 32769 "DLV" "A lookaside trust anchor (RFC 8749, obsolete).";
}

impl RecordType {
    /// The type that a mnemonic, in any case, or `TYPE` and a number (RFC 3597 §5) stands for.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        Self::from_mnemonic(text).or_else(|| numbered(b"TYPE", text).map(Self))
    }

    /// Whether it stands for no data of its own: a question's or a message's type (RFC 6895 §3.1).
    #[must_use]
    pub const fn is_meta(self) -> bool {
        matches!(self, Self::OPT) || (self.0 >= 128 && self.0 <= 255)
    }
}

impl Class {
    /// The class that a mnemonic, in any case, or `CLASS` and a number (RFC 3597 §5) stands for.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        match text {
            [b'I' | b'i', b'N' | b'n'] => Some(Self::IN),
            [b'C' | b'c', b'H' | b'h'] => Some(Self::CH),
            [b'H' | b'h', b'S' | b's'] => Some(Self::HS),
            _ => numbered(b"CLASS", text).map(Self),
        }
    }
}

fn numbered(prefix: &[u8], text: &[u8]) -> Option<u16> {
    let (front, digits) = text.split_at_checked(prefix.len())?;
    if !front.eq_ignore_ascii_case(prefix) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}

impl fmt::Display for RecordType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mnemonic() {
            Some(mnemonic) => formatter.write_str(mnemonic),
            None => write!(formatter, "TYPE{}", self.0),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::IN => formatter.write_str("IN"),
            Self::CH => formatter.write_str("CH"),
            Self::HS => formatter.write_str("HS"),
            Self(number) => write!(formatter, "CLASS{number}"),
        }
    }
}

#[cfg(test)]
mod tests;
