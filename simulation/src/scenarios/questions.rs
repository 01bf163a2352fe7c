//! The DNS appliance and a resolver, with a bad cable between them: every answer that comes is right, and once the cable is
//! good every question is answered.

use super::{Outcome, spoil};
use crate::bottleneck::{Bottleneck, Manner};
use crate::cable::{Conditions, Damage, Weather};
use crate::flood::Flood;
use crate::hub::Hub;
use crate::impostor::{self, Impostor};
use crate::node::Node;
use crate::peer::{Identity, Peer};
use crate::random::Random;
use crate::record::Record;
use crate::resolver::{LONGEST_WAIT, Resolver, Subjects, TRIES_WITH_EDNS, Task, Trust};
use crate::server::{self, Server, server};
use crate::world::{Handle, World};
use anyhow::{Result, ensure};
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;
use smoltcp::wire::IpCidr;

const RESOLVER: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x99]);

/// How long after the cable is good again the last question may be answered: the resolver asks again, looks for its
/// neighbour perhaps, and has some questions left.
const SOON: Duration = LONGEST_WAIT.saturating_add(Duration::from_secs(10));

/// How long a peer may believe somebody else's claim (smoltcp's neighbours expire after a minute).
const BELIEF: Duration = Duration::from_secs(61);

/// How long everybody rests at the end, for those to be seen who don't.
const REST: Duration = Duration::from_secs(10);

/// The MTU of cables that carry more than a link is prepared for.
const ROOMY: usize = 9000;

/// One world of this kind.
struct Trial {
    world: World,
    server: Handle<Server>,
    resolver: Handle<Peer<Resolver>>,
    random: Random,
    /// When everything is good again.
    healed: Instant,
}

pub(super) fn alone(mut random: Random, record: Record) -> Result<Outcome> {
    let damage =
        *random.pick(&[None, Some(Damage::Noticed), Some(Damage::Unnoticed), Some(Damage::Anything)]);
    let trust = match damage {
        None | Some(Damage::Noticed) => Trust::Sums,
        Some(Damage::Unnoticed | Damage::Anything) => Trust::Nothing,
    };
    let mut trial = Trial::new(random, record, trust);
    let cable = trial.world.lay((trial.server, 0), (trial.resolver, 0), Conditions::GOOD);
    let weather = trial.weather(damage);
    spoil(&mut trial.world, cable, weather, &mut trial.random, trial.healed);
    // A damaged claim may be believed, too.
    trial.finish(if damage == Some(Damage::Anything) { BELIEF + SOON } else { SOON })
}

pub(super) fn beside_a_flood(random: Random, record: Record) -> Result<Outcome> {
    let mut trial = Trial::new(random, record, Trust::Nothing);
    let flood = Flood::new(trial.random.fork(), server::STATION, trial.healed);
    trial.join("flood", flood);
    // Spoilt frames claim addresses.
    trial.finish(BELIEF + SOON)
}

pub(super) fn beside_an_impostor(random: Random, record: Record) -> Result<Outcome> {
    let mut trial = Trial::new(random, record, Trust::Sums);
    let [ipv4, ipv6, _] = server::ADDRESSES;
    let addresses = (ipv4.parse()?, ipv6.parse()?);
    let impostor = Impostor::new(trial.random.fork(), server::STATION, addresses, trial.healed);
    let impostor = trial.join("impostor", impostor);
    trial.run(BELIEF + SOON)?;
    let (claims, defences) = trial.world[impostor].fight();
    ensure!((claims == 0) == (defences == 0), "{claims} claims, {defences} defences");
    let said = trial.world[trial.server].platform().log();
    let expected = format!("{ipv4} is also used by {}", impostor::STATION);
    ensure!(claims == 0 || said.contains(&expected), "nobody said that {expected}: {said:?}");
    trial.outcome()
}

/// A link between that carries less, and less or more every now and then: the report of the first answer that is too long makes
/// the next one fit (RFC 1191, RFC 8201), before a resolver takes to asking for less.
pub(super) fn through_a_bottleneck(mut random: Random, record: Record) -> Result<Outcome> {
    let manner = *random.pick(&[Manner::Tells, Manner::Tells, Manner::IsSilent]);
    // The first answer is lost, and the next if the link has just become narrower; without reports, until less is asked for.
    let bound = if manner == Manner::Tells { 3 } else { TRIES_WITH_EDNS + 1 };
    let (trial, tries) = narrow(random, record, manner)?;
    ensure!(tries <= bound, "a question was asked {tries} times");
    trial.outcome()
}

/// How often a question had to be asked at most.
fn narrow(mut random: Random, record: Record, manner: Manner) -> Result<(Trial, usize)> {
    /// How long all questions together may rest, ...
    const PAUSES: Duration = Duration::from_secs(60);
    /// ... and how long they take if each takes all its tries, one after the other.
    const ALL_TRIES: Duration = Duration::from_secs(300 * 6);
    let lengths: Vec<_> = (0..5).map(|_| random.between(576, 1300) as usize).collect();
    let spell = random.between(3, 15);
    let times = (0..).map(|number| Instant::START + Duration::from_secs(number * spell));
    let bottleneck = Bottleneck::new(manner, times.zip(lengths.iter().copied()).collect());
    let packet_lengths = [&[server::MTU], &*lengths].concat();
    let mut trial = Trial::over(random, record, Trust::Sums, (packet_lengths, Subjects::LARGE, PAUSES / 300));
    let bottleneck = trial.world.place("bottleneck", bottleneck);
    trial.world.lay((trial.server, 0), (bottleneck, 0), Conditions::GOOD);
    trial.world.lay((trial.resolver, 0), (bottleneck, 1), Conditions::GOOD);
    trial.run(PAUSES + SOON + if manner == Manner::Tells { Duration::ZERO } else { ALL_TRIES })?;
    let tries = trial.world[trial.resolver].client().most_tries();
    Ok((trial, tries))
}

impl Trial {
    fn new(random: Random, record: Record, trust: Trust) -> Self {
        Self::over(random, record, trust, (vec![server::MTU], Subjects::VARIED, Duration::ZERO))
    }

    fn over(
        mut random: Random,
        record: Record,
        trust: Trust,
        (packet_lengths, subjects, pause): (Vec<usize>, Subjects, Duration),
    ) -> Self {
        let mut world = World::new(random.fork(), record);
        let server = world.place("server", server(&mut random.fork()));
        let identity = Identity {
            station: RESOLVER,
            addresses: ["192.0.2.99/24", "2001:db8::99/64", "fe80::ff:fe00:99/64"].map(cidr).into(),
            mtu: server::MTU,
        };
        let servers: Vec<_> = server::ADDRESSES.map(address).into();
        let (questions, lines) = (random.between(10, 300), random.between(1, 8) as u16);
        let task = Task { servers, questions, lines, subjects, pause, trust, packet_lengths };
        let own = random.fork();
        let resolver = Peer::new(&identity, &mut random, |sockets| Resolver::new(own, task, sockets));
        let resolver = world.place("resolver", resolver);
        let healed = Instant::START + Duration::from_secs(random.between(5, 60));
        Self { world, server, resolver, random, healed }
    }

    fn weather(&mut self, damage: Option<Damage>) -> Weather {
        Weather {
            delay: *self.random.pick(&[1, 20, 200, 500].map(Duration::from_millis)),
            share: *self.random.pick(&[0.02, 0.2, 0.9]),
            damage,
            partition: *self.random.pick(&[0.0, 0.1, 0.5]),
            mtu: 100,
        }
    }

    /// Puts somebody else on the link that server and resolver share.
    fn join<N: Node>(&mut self, name: &'static str, node: N) -> Handle<N> {
        let hub = self.world.place("hub", Hub::new(3));
        let node = self.world.place(name, node);
        let roomy = Conditions { mtu: ROOMY, ..Conditions::GOOD };
        self.world.lay((self.server, 0), (hub, 0), roomy);
        let cable = self.world.lay((self.resolver, 0), (hub, 1), Conditions::GOOD);
        self.world.lay((node, 0), (hub, 2), roomy);
        let weather = Weather { partition: 0.0, ..self.weather(None) };
        spoil(&mut self.world, cable, weather, &mut self.random, self.healed);
        node
    }

    /// Lets the world go on until every question is answered, for `soon` after all is good at most, and rest then.
    fn run(&mut self, soon: Duration) -> Result<()> {
        self.world.run_until(self.healed)?;
        let end = self.healed + soon;
        while !self.world[self.resolver].client().is_finished() && self.world.now() < end {
            self.world.run_until(self.world.now() + Duration::from_secs(1))?;
        }
        let resolver = self.world[self.resolver].client();
        ensure!(
            resolver.is_finished(),
            "{} questions were answered, but not all in {} s after the cable was good",
            resolver.answered(),
            soon.as_secs()
        );
        self.world.run_until(self.world.now() + REST)
    }

    fn finish(mut self, soon: Duration) -> Result<Outcome> {
        self.run(soon)?;
        self.outcome()
    }

    fn outcome(&self) -> Result<Outcome> {
        let answered = self.world[self.resolver].client().answered();
        Ok(Outcome { simulated: self.world.now().since(Instant::START), answered, octets: 0 })
    }
}

fn cidr(text: &str) -> IpCidr {
    text.parse().expect("an address and a length")
}

fn address(text: &str) -> SocketAddr {
    SocketAddr::new(text.parse::<IpAddr>().expect("an address"), 53)
}

#[cfg(test)]
mod tests;
