//! Questions to zones in text, and their answers in text.

extern crate std;

mod aliases;
mod answers;
mod edns;
mod far;
mod messages;
mod network;
mod referrals;
mod robustness;
mod streams;
mod wildcards;

use super::*;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use bytes::Bytes;
use configuration::{Diagnostics, Document, Files};
use dns_protocol::{Class, NameBuffer, RecordType};
use domain::base::name::ToName;
use domain::base::{Message, ParsedRecord};
use domain::rdata::AllRecordData;

/// A server of zones, each with its name and its master file.
pub(crate) struct Served {
    dns: Dns,
}

/// Files in memory.
struct Texts<'t>(&'t [(&'t str, &'t str)]);

impl Files for Texts<'_> {
    fn read(&mut self, path: &str) -> Result<Bytes, String> {
        let text = self.0.iter().find(|(name, _)| *name == path).map(|(_, text)| *text);
        text.map(|text| Bytes::from(text.to_owned())).ok_or_else(|| "there is no such file".to_owned())
    }
}

/// The messages of all mistakes in a configuration of these zones, or the files of its archive.
fn prepared(settings: &str, zones: &[(&str, &str)]) -> Result<Vec<(String, Bytes)>, Vec<String>> {
    let mut text = "[network]\naddress = [\"192.0.2.53/24\"]\n".to_owned() + settings;
    for (name, _) in zones {
        text += &format!("[[zone]]\nname = \"{name}\"\nfile = \"{name}\"\n");
    }
    let text = Bytes::from(text);
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Archive::DOCUMENT, &text, &mut diagnostics);
    let files = document.and_then(|document| prepare(&text, &document, &mut Texts(zones), &mut diagnostics));
    let messages = || diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
    files.ok_or_else(messages)
}

fn archive(files: &[(String, Bytes)]) -> Archive {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, &**content).expect("memory is never full");
    }
    Archive::new(Bytes::from(archive.into_inner().expect("memory is never full"))).expect("it is one")
}

pub(crate) fn serve(zones: &[(&str, &str)]) -> Served {
    serve_with("", zones)
}

pub(crate) fn serve_with(settings: &str, zones: &[(&str, &str)]) -> Served {
    let files = prepared(settings, zones).expect("sound zones");
    Served { dns: Dns::configure(&archive(&files)).expect("a sound archive") }
}

/// A question, with EDNS unless told otherwise.
#[derive(Clone)]
pub(crate) struct Asked {
    name: NameBuffer,
    record_type: RecordType,
    class: Class,
    edns: Option<Vec<u8>>,
    room: usize,
}

const OPT: [u8; 11] = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0];
const IDENTITY: [u8; 2] = [0x12, 0x34];

/// `name TYPE`, or `name CLASS TYPE`.
pub(crate) fn ask(question: &str) -> Asked {
    let words: Vec<&str> = question.split_whitespace().collect();
    let (name, class, record_type) = match words[..] {
        [name, record_type] => (name, "IN", record_type),
        [name, class, record_type] => (name, class, record_type),
        _ => panic!("{question} is no question"),
    };
    Asked {
        name: NameBuffer::from_text(name).expect(name),
        record_type: RecordType::from_text(record_type.as_bytes()).expect(record_type),
        class: Class::from_text(class.as_bytes()).expect(class),
        edns: Some(OPT.to_vec()),
        room: 1472,
    }
}

impl Asked {
    fn without_edns(mut self) -> Self {
        self.edns = None;
        self
    }

    fn with_edns(mut self, opt: &[u8]) -> Self {
        self.edns = Some(opt.to_vec());
        self
    }

    fn octets(&self) -> Vec<u8> {
        let mut octets = IDENTITY.to_vec();
        octets.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(self.edns.is_some())]);
        octets.extend_from_slice(self.name.as_name().as_wire());
        octets.extend(self.record_type.0.to_be_bytes());
        octets.extend(self.class.0.to_be_bytes());
        octets.extend(self.edns.iter().flatten());
        octets
    }
}

impl Served {
    /// The reply to a request, or `None`.
    fn send(&mut self, request: &[u8], room: usize) -> Option<Vec<u8>> {
        let nobody = core::net::SocketAddr::from(([127, 0, 0, 1], 9));
        let mut buffer = vec![0xaa; room.max(request.len())];
        buffer[..request.len()].copy_from_slice(request);
        let datagram =
            Datagram { source: nobody, destination: nobody, buffer: &mut buffer, length: request.len() };
        let now = Moment { instant: Instant::START, unix_time: None };
        match self.dns.on_datagram(datagram, now) {
            Reply::Silence => None,
            Reply::Send { length } => {
                buffer.truncate(length);
                Some(buffer)
            }
        }
    }

    fn reply(&mut self, asked: &Asked) -> Vec<u8> {
        self.send(&asked.octets(), asked.room).expect("every query has a reply")
    }

    /// Checks a reply: its status (rcode and flags), then each record behind the initial of its section, `?` for answer, `!`
    /// for authority, `+` for additional; OPT is left out.
    #[track_caller]
    fn check(&mut self, question: &str, expected: &[&str]) {
        self.check_asked(&ask(question), expected);
    }

    #[track_caller]
    fn check_asked(&mut self, asked: &Asked, expected: &[&str]) {
        let reply = self.reply(asked);
        let found = described(&reply);
        assert_eq!(found, expected, "to {:?} {}", asked.name, asked.record_type);
        let message = Message::from_octets(&reply).expect("long enough");
        assert_eq!(message.header().id(), 0x1234);
        assert!(message.header().qr() && !message.header().ra() && !message.header().ad());
        let question = message.sole_question().expect("the question comes back");
        assert_eq!(question.qname().to_vec().as_slice(), asked.name.as_name().as_wire(), "in the same case");
        assert_eq!(question.qtype().to_int(), asked.record_type.0);
        assert_eq!(message.opt().is_some(), asked.edns.is_some(), "EDNS comes back if it came");
    }
}

/// A reply in the words of [`Served::check`].
fn described(reply: &[u8]) -> Vec<String> {
    let message = Message::from_octets(reply).expect("long enough");
    let header = message.header();
    let mut status = message.opt_rcode().to_string();
    for (flag, name) in [(header.aa(), " aa"), (header.tc(), " tc")] {
        status += if flag { name } else { "" };
    }
    let mut lines = vec![status];
    let (_, answer, authority, additional) = message.sections().expect("four sections");
    for (initial, section) in [("?", answer), ("!", authority), ("+", additional)] {
        for record in section {
            let record: ParsedRecord<'_, _> = record.expect("a whole record");
            if record.rtype() == domain::base::Rtype::OPT {
                continue;
            }
            let known = record.to_any_record::<AllRecordData<_, _>>().expect("sound data");
            let (owner, ttl, data) = (known.owner(), known.ttl().as_secs(), known.data());
            let line = format!("{initial} {owner}. {ttl} {} {data}", record.rtype());
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

/// A zone with a little of everything.
pub(crate) const EXAMPLE: &str = "
$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 300
@ NS ns1
@ NS ns2.example.net.
@ MX 10 mail
@ A 192.0.2.80
ns1 A 192.0.2.53
ns1 AAAA 2001:db8::53
mail A 192.0.2.25
www A 192.0.2.80
www A 192.0.2.81
a.b.c A 192.0.2.3
";

const SOA: &str = "! example.com. 300 SOA ns1.example.com. hostmaster.example.com. 1 7200 3600 1209600 300";
