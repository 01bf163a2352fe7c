//! temporary echo
#![no_std]
use appliance::{Appliance, Datagram, Listener, Reply};
use configuration::{Archive, Configure, Diagnostics, Document};
/// d
pub struct Dns;
impl Configure for Dns { fn configure(_: &Archive, _: &Document<'_>, _: &mut Diagnostics) -> Option<Self> { Some(Self) } }
impl Appliance for Dns {
    fn listeners(&self) -> &[Listener] { &[Listener::Datagram { port: 53 }] }
    fn on_datagram(&mut self, d: Datagram<'_>, _: moment::Moment) -> Reply { d.buffer[2] |= 0x80; Reply::Send { length: d.length } }
}
