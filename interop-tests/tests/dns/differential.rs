//! Every name with every type, asked of everybody.

use anyhow::{Result, ensure};
use core::fmt::Write;
use interop_tests::Server;
use interop_tests::client::Query;
use interop_tests::compare::{
    DISPUTES, Disagreement, Said, ask_all, dispute, is_in_line, is_unanimous, questions,
};
use interop_tests::subject::Subject;
use interop_tests::zones::Content;
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// How many disagreements are shown; their number is always told.
const SHOWN: usize = 12;

/// What was asked of the references, and what they said; asked once, by whoever needs it first.
struct References {
    servers: Vec<Server>,
    queries: Vec<Query>,
    said: OnceLock<Vec<Vec<Said>>>,
}

/// One comparison among the references, and one of each of ours with them.
pub(crate) fn trials(servers: &[Server], content: &Content) -> Vec<Trial> {
    let is_reference = |server: &&Server| Subject::REFERENCES.iter().any(|one| one.name() == server.name);
    let references = References {
        servers: servers.iter().filter(is_reference).cloned().collect(),
        queries: questions(content),
        said: OnceLock::new(),
    };
    if references.servers.len() < Subject::REFERENCES.len() {
        return Vec::new();
    }
    let references = Arc::new(references);
    let among_them = Arc::clone(&references);
    let mut trials =
        vec![trial("references::differential".to_owned(), move || among_themselves(&among_them))];
    for ours in servers.iter().filter(|server| !is_reference(server)).cloned() {
        let references = Arc::clone(&references);
        trials.push(trial(format!("{}::differential", ours.name), move || one_of_ours(&ours, &references)));
    }
    trials
}

fn trial(name: String, run: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(|error| format!("{error:#}").into()))
}

impl References {
    /// What each said to one query.
    fn said(&self, query: usize) -> Vec<&Said> {
        let said = self.said.get_or_init(|| ask_all(&self.servers, &self.queries));
        said.iter().map(|replies| &replies[query]).collect()
    }

    fn disagreement(&self, query: usize, ours: Option<(&Server, &Said)>) -> Disagreement {
        let ours = ours.map(|(server, said)| (server.name.clone(), said.clone()));
        let theirs =
            self.servers.iter().map(|server| server.name.clone()).zip(self.said(query).into_iter().cloned());
        Disagreement { query: self.queries[query].clone(), said: ours.into_iter().chain(theirs).collect() }
    }
}

/// They agree except where there is a dispute, and there is no dispute where they agree.
fn among_themselves(references: &References) -> Result<()> {
    let mut unexplained = Vec::new();
    let mut disputes = BTreeSet::new();
    for (at, query) in references.queries.iter().enumerate() {
        if is_unanimous(&references.said(at)) {
            continue;
        }
        match dispute(query) {
            Some(dispute) => _ = disputes.insert(dispute),
            None => unexplained.push(references.disagreement(at, None)),
        }
    }
    show(&unexplained, references.queries.len())?;
    for (number, (_, _, reason)) in DISPUTES.iter().enumerate() {
        ensure!(disputes.contains(&number), "nobody disputes this any more: {reason}");
    }
    Ok(())
}

fn one_of_ours(ours: &Server, references: &References) -> Result<()> {
    let said = ask_all(core::slice::from_ref(ours), &references.queries).remove(0);
    let mut wrong = Vec::new();
    for (at, (query, said)) in references.queries.iter().zip(&said).enumerate() {
        if !is_in_line(said, &references.said(at), query) {
            wrong.push(references.disagreement(at, Some((ours, said))));
        }
    }
    show(&wrong, references.queries.len())
}

fn show(disagreements: &[Disagreement], queries: usize) -> Result<()> {
    let mut text = String::new();
    for disagreement in disagreements.iter().take(SHOWN) {
        write!(text, "\n{disagreement}")?;
    }
    ensure!(disagreements.is_empty(), "{} of {queries} replies differ, such as\n{text}", disagreements.len());
    Ok(())
}
