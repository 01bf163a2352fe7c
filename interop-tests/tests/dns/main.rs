//! DNS. Run as `cargo test -p interop-tests`; `SUBJECT=nsd,image-kvm?` picks whom to talk to: who must be there, and who
//! may.

mod cable;
mod clients;
mod differential;
mod machine;
mod malformed;
mod rfc1034_answering;
mod rfc4592_wildcards;
mod rfc6672_dname;
mod rfc6891_edns;

use interop_tests::subject::{Started, Subject};
use interop_tests::zones::Zones;
use interop_tests::{Server, Test};
use libtest_mimic::{Arguments, Failed, Trial};
use std::sync::Arc;

/// Every conversation that is held with every subject.
const TESTS: &[&[Test]] = &[
    rfc1034_answering::TESTS,
    rfc4592_wildcards::TESTS,
    rfc6672_dname::TESTS,
    rfc6891_edns::TESTS,
    malformed::TESTS,
    clients::TESTS,
];

fn main() {
    let arguments = Arguments::from_args();
    let wanted = std::env::var("SUBJECT").ok();
    let zones = Zones::prepare().map(Arc::new).map_err(|error| format!("{error:#}"));
    let mut started: Vec<Started> = Vec::new();
    let mut trials = Vec::new();
    for subject in Subject::ALL {
        let name = subject.name();
        let is_named = |word: &str| word.trim_end_matches('?') == name;
        let word = wanted.as_ref().map(|wanted| wanted.split(',').find(|word| is_named(word)));
        let must_be_there = match word {
            Some(None) => continue,
            Some(Some(word)) => !word.ends_with('?'),
            None => false,
        };
        if let Some(reason) = subject.missing().filter(|_| !must_be_there) {
            trials.push(Trial::test(format!("{name}: {reason}"), || Ok(())).with_ignored_flag(true));
            continue;
        }
        if arguments.list {
            continue;
        }
        let result = match &zones {
            Ok(zones) => subject.start(zones).map_err(|error| format!("{error:#}")),
            Err(error) => Err(error.clone()),
        };
        let server = result.map(|one| {
            let server = one.server.clone();
            started.push(one);
            server
        });
        trials.push(starts(name, &server));
        if let Ok(server) = server {
            trials.extend(TESTS.iter().copied().flatten().map(|test| trial(test, &server)));
        }
    }
    if let Ok(zones) = &zones {
        let servers: Vec<_> = started.iter().map(|one| one.server.clone()).collect();
        trials.extend(differential::trials(&servers, &zones.content));
        if started.iter().any(|one| one.server.name == Subject::ImageTcg.name()) {
            trials.extend(cable::trials(zones));
            trials.extend(machine::trials(zones));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop((started, zones));
    conclusion.exit();
}

fn starts(name: &str, server: &Result<Server, String>) -> Trial {
    let result = server.as_ref().map(|_| ()).map_err(Failed::from);
    Trial::test(format!("{name}::starts"), || result)
}

fn trial(test: &Test, server: &Server) -> Trial {
    let (run, server) = (test.run, server.clone());
    let name = test.name.trim_start_matches("dns::");
    Trial::test(format!("{}::{name}", server.name), move || {
        run(&server).map_err(|error| format!("{error:#}").into())
    })
}
