//! What is true of every reply.

use crate::server::{ROOM, send};
use dns::Dns;
use interop_tests::message::Message;

/// Asks, and checks what every reply is: no reply to a reply; the ID, opcode and question as asked; no longer than it may
/// be; readable to the last octet by a reader that is not ours.
pub(crate) fn ask(server: &mut Dns, message: &[u8]) -> Option<Message> {
    let mut buffer = [0xa5; ROOM];
    let length = message.len().min(ROOM);
    buffer[..length].copy_from_slice(&message[..length]);
    let message = &message[..length];
    let length = send(server, &mut buffer, length)?;
    let reply = &buffer[..length];
    assert!(message[2] & 0x80 == 0, "a reply to a reply");
    assert_eq!(reply[..2], message[..2], "the ID");
    assert_eq!(reply[2] & 0xf8, message[2] & 0x78 | 0x80, "QR and the opcode");
    assert!(length <= 1232, "{length} octets");
    let reply = Message::parse(reply).unwrap_or_else(|error| panic!("{error:#} in {reply:02x?}"));
    assert!(reply.opt.is_some() || length <= 512, "{length} octets without EDNS");
    if let Some(question) = reply.questions.first() {
        let mut octets = Vec::new();
        question.name.write(&mut octets);
        assert_eq!(message[12..12 + octets.len()], octets, "the question");
    }
    Some(reply)
}
