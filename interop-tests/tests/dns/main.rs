//! DNS. Run as `cargo test -p interop-tests`; `SUBJECT=nsd,image-kvm?` picks whom to talk to: who must be there, and who
//! may.

mod addresses;
mod bench;
mod cable;
mod clients;
mod differential;
mod links;
mod loading;
mod machine;
mod malformed;
mod recursion;
mod rfc1034_answering;
mod rfc4592_wildcards;
mod rfc6672_dname;
mod rfc6891_edns;
mod rfc7766_tcp;

use interop_tests::subject::{Started, Subject};
use interop_tests::zones::Zones;
use interop_tests::{Server, Test};
use libtest_mimic::{Arguments, Failed, Trial};
use recursion::Authority;
use std::sync::Arc;

/// Every conversation that is held with every subject.
const TESTS: &[&[Test]] = &[
    rfc1034_answering::TESTS,
    rfc4592_wildcards::TESTS,
    rfc6672_dname::TESTS,
    rfc6891_edns::TESTS,
    rfc7766_tcp::TESTS,
    malformed::TESTS,
    clients::TESTS,
];

fn main() {
    let arguments = Arguments::from_args();
    let mut cast = Cast::default();
    if !arguments.list {
        cast.start_all(std::env::var("SUBJECT").ok().as_deref());
    }
    let conclusion = libtest_mimic::run(&arguments, core::mem::take(&mut cast.trials));
    // Leaving by `exit` drops nothing.
    drop(cast);
    conclusion.exit();
}

/// Whether a subject is to be talked to.
enum Wish {
    NotWanted,
    IfThere,
    Required,
}

impl Wish {
    /// By the words of `SUBJECT`; without them, everybody who is there.
    fn of(subject: Subject, words: Option<&str>) -> Self {
        let is_named = |word: &&str| word.trim_end_matches('?') == subject.name();
        match words.map(|words| words.split(',').find(is_named)) {
            None => Self::IfThere,
            Some(None) => Self::NotWanted,
            Some(Some(word)) if word.ends_with('?') => Self::IfThere,
            Some(Some(_)) => Self::Required,
        }
    }
}

/// Who was started, and what is to be tried with them.
#[derive(Default)]
struct Cast {
    started: Vec<Started>,
    trials: Vec<Trial>,
}

impl Cast {
    fn start_all(&mut self, words: Option<&str>) {
        let zones = Zones::prepare().map(Arc::new).map_err(|error| format!("{error:#}"));
        for subject in Subject::ALL {
            let name = subject.name();
            match (Wish::of(subject, words), subject.missing()) {
                (Wish::NotWanted, _) => {}
                (Wish::IfThere, Some(reason)) => {
                    let ignored = Trial::test(format!("{name}: {reason}"), || Ok(()));
                    self.trials.push(ignored.with_ignored_flag(true));
                }
                _ => self.start(subject, &zones),
            }
        }
        if let Ok(zones) = &zones {
            let servers: Vec<_> = self.started.iter().map(|one| one.server.clone()).collect();
            self.trials.extend(differential::trials(&servers, &zones.content));
            self.trials.push(loading::trial());
            let is_started = |subject: Subject| servers.iter().any(|server| server.name == subject.name());
            for (authority, subject) in [
                (Authority::Nsd, Subject::Nsd),
                (Authority::Host, Subject::Host),
                (Authority::Process, Subject::Host),
                (Authority::Image, Subject::ImageTcg),
            ] {
                if is_started(subject) {
                    self.trials.push(recursion::trial(authority));
                }
            }
            if is_started(Subject::Host) {
                self.trials.extend(cable::process_trials(zones));
            }
            if is_started(Subject::ImageTcg) {
                self.trials.extend(cable::trials(zones));
                self.trials.extend(links::trials(zones, "tcg"));
                self.trials.extend(addresses::trials(zones, "tcg"));
                self.trials.extend(machine::trials(zones));
            }
            if is_started(Subject::ImageKvm) {
                self.trials.extend(links::trials(zones, "kvm"));
                self.trials.extend(addresses::trials(zones, "kvm"));
            }
            // Last: it takes all of the processors, and few others still want one then.
            if is_started(Subject::ImageTcg) {
                self.trials.extend(bench::trials());
            }
        }
    }

    fn start(&mut self, subject: Subject, zones: &Result<Arc<Zones>, String>) {
        let failed = |error: anyhow::Error| format!("{error:#}");
        let started = zones.clone().and_then(|zones| subject.start(&zones).map_err(failed));
        let result = started.as_ref().map(|_| ()).map_err(Failed::from);
        self.trials.push(Trial::test(format!("{}::starts", subject.name()), || result));
        if let Ok(started) = started {
            self.trials.extend(TESTS.iter().copied().flatten().map(|test| trial(test, &started.server)));
            self.started.push(started);
        }
    }
}

fn trial(test: &Test, server: &Server) -> Trial {
    let (run, server) = (test.run, server.clone());
    let name = test.name.trim_start_matches("dns::");
    Trial::test(format!("{}::{name}", server.name), move || {
        run(&server).map_err(|error| format!("{error:#}").into())
    })
}
