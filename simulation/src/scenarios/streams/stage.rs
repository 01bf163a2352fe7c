//! Two ends that converse, whosever stack each has, and what is between them.

use crate::cable::{Conditions, Damage, Weather};
use crate::checkers::{Conduct, Own, Resets};
use crate::machine::{Machine, Served, SimulatedLink, SimulatedPlatform};
use crate::node::Node;
use crate::party::{Conversation, Ending, Fortune, Manner, Party};
use crate::peer::{Identity, Peer};
use crate::random::Random;
use crate::scenarios::{Outcome, spoil};
use crate::talker::{Crowd, Role, Talk};
use crate::world::{CableHandle, Handle, World};
use anyhow::{Result, ensure};
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use moment::Instant;
use netstack::{Budget, Interface, Prefix};
use platform::EthernetAddress;
use smoltcp::wire::IpCidr;

/// The longest packet of every link.
pub(super) const MTU: usize = 1500;

/// The first port of those that conversations are accepted at, each at one of its own.
const FIRST_PORT: u16 = 1000;

/// How long after its last conversation a world goes on: TIME-WAIT has passed then (RFC 9293 §3.4.2), and what should rest does.
const REST: Duration = Duration::from_secs(130);

/// Room for whatever is said.
pub(super) const PLENTY: Budget = Budget { streams: 1024, buffers: 64 << 20 };

/// A machine of ours that converses.
pub(super) type Ours = Machine<Served<Party>>;

/// A peer with many sockets.
pub(super) type Theirs = Peer<Crowd>;

/// An end of conversations.
pub(super) trait Converses: Node {
    fn is_finished(&self) -> bool;
    fn heard(&self) -> u64;
    fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()>;
}

impl Converses for Ours {
    fn is_finished(&self) -> bool {
        self.program().appliance().is_finished()
    }

    fn heard(&self) -> u64 {
        self.program().appliance().heard()
    }

    fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()> {
        self.program_mut().appliance_mut().check(unhindered, now)
    }
}

impl Converses for Theirs {
    fn is_finished(&self) -> bool {
        self.client().talkers().iter().all(crate::talker::Talker::is_finished)
    }

    fn heard(&self) -> u64 {
        self.client().talkers().iter().map(crate::talker::Talker::heard).sum()
    }

    fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()> {
        self.client_mut().check(unhindered, now)
    }
}

/// Somebody on the link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host {
    number: u8,
}

/// Who dials and who is dialled.
pub(super) const DIALLER: Host = Host { number: 1 };
/// See [`DIALLER`].
pub(super) const ACCEPTOR: Host = Host { number: 2 };

impl Host {
    pub(super) const fn station(self) -> EthernetAddress {
        EthernetAddress([0x02, 0, 0, 0, 0, self.number])
    }

    fn addresses(self) -> [(IpAddr, u8); 2] {
        let number = self.number.into();
        [([192, 0, 2, self.number].into(), 24), ([0x2001, 0xdb8, 0, 0, 0, 0, 0, number].into(), 64)]
    }

    /// One of its addresses.
    pub(super) fn address(self, random: &mut Random) -> IpAddr {
        random.pick(&self.addresses()).0
    }

    fn local(self) -> IpAddr {
        [0xfe80, 0, 0, 0, 0, 0x00ff, 0xfe00, self.number.into()].into()
    }

    /// A machine of ours there.
    pub(super) fn ours(self, party: Party, budget: Budget, resets: Resets, random: &mut Random) -> Ours {
        let addresses = self.addresses();
        let prefixes = addresses.map(|(address, length)| Prefix { address, length });
        let interface = Interface { addresses: prefixes.into(), ..Interface::default() };
        let sending_time = random.duration(Duration::from_millis(1));
        let turn_time = Duration::from_micros(random.between(1, 500));
        let links = vec![SimulatedLink::new(self.station(), MTU, sending_time)];
        let mut platform = SimulatedPlatform::new(links, random.fork());
        let served = Served::with_streams(&mut platform, &[interface], party, budget);
        let addresses = addresses.map(|(address, _)| address).into_iter().chain([self.local()]).collect();
        let own = Own { station: self.station(), addresses, mtu: MTU };
        Machine::new(platform, served, vec![Conduct::new(own).with_streams(resets)], turn_time).with_streams()
    }

    /// smoltcp there.
    pub(super) fn theirs(self, talks: Vec<(Role, Talk)>, random: &mut Random) -> Theirs {
        let prefixes = self.addresses().map(|(address, length)| IpCidr::new(address.into(), length));
        let identity = Identity { station: self.station(), addresses: prefixes.into(), mtu: MTU };
        Peer::new(&identity, random, |sockets| Crowd::new(talks, sockets))
    }
}

/// Whose stack an end has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stack {
    Ours,
    Theirs,
}

/// What is said, from end to end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    /// When the dialler dials.
    at: Instant,
    to: SocketAddr,
    /// What the dialler says, and what the other.
    says: [(u64, u64); 2],
    fortune: Fortune,
    /// The end that aborts, and after how much that it heard.
    aborts: Option<(usize, u64)>,
    /// The port that a peer dials from.
    from_port: u16,
}

/// How much is said, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Talks {
    pub(super) count: usize,
    /// The greatest power of two of octets that an end says.
    pub(super) magnitude: u64,
    /// How long until the last of them is dialled.
    pub(super) within: Duration,
    /// The share that an end aborts.
    pub(super) aborted: f64,
    pub(super) fortune: Fortune,
}

impl Talks {
    pub(super) fn draw(self, random: &mut Random) -> Vec<Subject> {
        let length = |random: &mut Random| {
            let magnitude = random.between(0, self.magnitude);
            (random.number(), random.below(1 << magnitude))
        };
        let mut subject = |number: usize| {
            let says = [length(random), length(random)];
            let aborts = random.chance(self.aborted).then(|| {
                let end = random.index(2);
                (end, random.below(says[1 - end].1 + 1))
            });
            let fortune = match (aborts, self.fortune) {
                (Some(_), Fortune::Lasts) => Fortune::MayBeReset,
                (_, fortune) => fortune,
            };
            let number = number as u16;
            let to = SocketAddr::new(ACCEPTOR.address(random), FIRST_PORT + number);
            let at = Instant::START + random.duration(self.within);
            Subject { at, to, says, fortune, aborts, from_port: 10_000 + number }
        };
        (0..self.count).map(&mut subject).collect()
    }
}

impl Subject {
    fn aborts_after(self, end: usize) -> Option<u64> {
        self.aborts.filter(|(aborting, _)| *aborting == end).map(|(_, heard)| heard)
    }

    fn of_ours(self, end: usize, random: &mut Random) -> Conversation {
        let mut manner = Manner::draw(random, self.says[end].1);
        // Somebody has to finish first.
        if end == 1 && random.chance(0.3) {
            manner.ending = Ending::AfterTheOther;
        }
        if let Some(heard) = self.aborts_after(end) {
            manner.ending = Ending::Aborts(heard);
        }
        Conversation::new(manner, self.says[end], self.says[1 - end], self.fortune)
    }

    fn of_theirs(self, end: usize, random: &mut Random) -> Talk {
        let buffer = 1 << random.between(9, 16);
        let pause = Duration::from_millis(random.between(1, 50));
        Talk {
            fortune: self.fortune,
            pace: random.chance(0.3).then(|| (random.between(1_000, 20_000) as usize, pause)),
            aborts_after: self.aborts_after(end),
            ..Talk::new(self.says[end], self.says[1 - end], buffer)
        }
    }
}

/// The party that dials, and the one that accepts.
pub(super) fn parties(subjects: &[Subject], random: &mut Random) -> [Party; 2] {
    let (mut dials, mut accepts) = (Party::new(), Party::new());
    for subject in subjects {
        dials.dial(subject.at, subject.to, subject.of_ours(0, random));
        accepts.accept(subject.to.port(), subject.of_ours(1, random));
    }
    [dials, accepts]
}

/// The sockets that dial, and those that accept.
pub(super) fn crowds(subjects: &[Subject], random: &mut Random) -> [Vec<(Role, Talk)>; 2] {
    let dials = |subject: &Subject, random: &mut Random| {
        (Role::Connects(subject.from_port, subject.to), subject.of_theirs(0, random))
    };
    let accepts = |subject: &Subject, random: &mut Random| {
        (Role::Listens(subject.to.port()), subject.of_theirs(1, random))
    };
    [
        subjects.iter().map(|subject| dials(subject, random)).collect(),
        subjects.iter().map(|subject| accepts(subject, random)).collect(),
    ]
}

/// Two ends in a world.
pub(super) struct Stage<D, A> {
    pub(super) world: World,
    pub(super) dialler: Handle<D>,
    pub(super) acceptor: Handle<A>,
    /// When everything is good.
    pub(super) healed: Instant,
}

impl<D: Converses, A: Converses> Stage<D, A> {
    /// Both in a world, with nothing between them yet.
    pub(super) fn new(mut world: World, dialler: D, acceptor: A, healed: Instant) -> Self {
        let dialler = world.place("dialler", dialler);
        let acceptor = world.place("acceptor", acceptor);
        Self { world, dialler, acceptor, healed }
    }

    /// A cable from one to the other, in this weather until all is good.
    pub(super) fn lay(&mut self, weather: Weather, random: &mut Random) -> CableHandle {
        let cable = self.world.lay((self.dialler, 0), (self.acceptor, 0), Conditions::GOOD);
        spoil(&mut self.world, cable, weather, random, self.healed);
        cable
    }

    /// Lets the world go on until all is said, and rest then.
    pub(super) fn run(mut self) -> Result<Outcome> {
        loop {
            self.world.run_until(self.world.now() + Duration::from_secs(1))?;
            self.check()?;
            let is_finished =
                [self.world[self.dialler].is_finished(), self.world[self.acceptor].is_finished()];
            if is_finished == [true; 2] && self.world.now() >= self.healed {
                break;
            }
        }
        let heard = self.world[self.dialler].heard() + self.world[self.acceptor].heard();
        self.world.run_until(self.world.now() + REST)?;
        self.check()?;
        let still = self.world[self.dialler].heard() + self.world[self.acceptor].heard();
        ensure!(still == heard, "{still} octets were heard, {heard} when all was over");
        let simulated = self.world.now().since(Instant::START);
        Ok(Outcome { simulated, answered: 0, octets: heard })
    }

    fn check(&mut self) -> Result<()> {
        let (healed, now) = (self.healed, self.world.now());
        let (dialler, acceptor) = (self.dialler, self.acceptor);
        self.world[dialler].check(healed, now)?;
        self.world[acceptor].check(healed, now)
    }
}

/// Weather on a cable that carries streams.
pub(super) fn weather(random: &mut Random) -> Weather {
    Weather {
        delay: *random.pick(&[1, 20, 200].map(Duration::from_millis)),
        share: *random.pick(&[0.01, 0.1, 0.4]),
        damage: random.chance(0.5).then_some(Damage::Noticed),
        partition: *random.pick(&[0.0, 0.2]),
        mtu: MTU,
    }
}
