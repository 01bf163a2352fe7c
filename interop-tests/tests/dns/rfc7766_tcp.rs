//! RFC 7766: DNS over TCP; what is truncated over UDP (RFC 2181 §9), and how long a connection stays (RFC 7828).

use anyhow::{Context, Result, ensure};
use core::time::Duration;
use interop_tests::client::{Query, next_id};
use interop_tests::message::Message;
use interop_tests::stream::{Connection, framed};
use interop_tests::subject::{IDLE_SECONDS, Subject};
use interop_tests::{Reply, Server, tests};
use std::collections::BTreeMap;
use std::time::Instant;

tests![
    what_is_truncated_over_udp_is_whole_over_tcp,
    the_size_that_a_client_offers_means_nothing_here,
    one_connection_takes_one_question_after_another,
    questions_need_not_wait_for_answers,
    a_question_may_come_octet_by_octet,
    a_length_may_end_a_segment,
    a_question_and_a_half_may_come_at_once,
    who_has_closed_its_side_still_gets_its_answers,
    who_closes_in_the_middle_of_a_question_gets_the_answers_before_it,
    who_reads_late_gets_everything,
    an_idle_connection_is_closed,
    a_connection_in_use_is_not,
    keepalive_says_how_long,
    keepalive_means_nothing_over_udp,
    what_is_no_message_ends_its_connection_alone,
    a_reset_ends_its_connection_alone,
    many_connections_stand_beside_each_other,
];

fn query(question: &str) -> Result<Query> {
    Query::parse(question)
}

/// Sends questions at once, in one piece; they by their IDs.
fn pipelined(questions: &[&str]) -> Result<(Vec<u8>, BTreeMap<u16, Query>)> {
    let (mut octets, mut asked) = (Vec::new(), BTreeMap::new());
    for question in questions {
        let (id, query) = (next_id(), query(question)?);
        octets.extend(framed(&query.octets(id)));
        asked.insert(id, query);
    }
    Ok((octets, asked))
}

/// Each is answered once. "Responses [...] can be sent in any order", and it is by ID and question that they are matched (§7).
fn are_answered(connection: &mut Connection, mut asked: BTreeMap<u16, Query>) -> Result<Vec<Reply>> {
    let mut replies = Vec::new();
    while !asked.is_empty() {
        let octets = connection
            .next_message()?
            .with_context(|| format!("it closed, and owes {} answers", asked.len()))?;
        let message = Message::parse(&octets)?;
        let query = asked.remove(&message.id).with_context(|| format!("nobody asked for {message}"))?;
        replies.push(Reply::by_stream(&query, message)?);
    }
    Ok(replies)
}

/// RFC 2181 §9, RFC 7766 §5.
fn what_is_truncated_over_udp_is_whole_over_tcp(server: &Server) -> Result<()> {
    for (question, count) in
        [("big.edges.test. TXT", 7), ("many.edges.test. A", 40), ("huge.edges.test. TXT", 90)]
    {
        server.ask(question)?.status_is("NOERROR aa tc")?;
        let reply = server.ask_by_stream(&query(question)?)?.status_is("NOERROR aa")?;
        ensure!(reply.answer.len() == count, "expected {count} records{reply}");
    }
    server
        .ask_by_stream(&query("nowhere.edges.test. A")?)?
        .status_is("NXDOMAIN aa")?
        .denied_by("edges.test.")?;
    Ok(())
}

/// RFC 6891 §6.2.3 is of UDP alone.
fn the_size_that_a_client_offers_means_nothing_here(server: &Server) -> Result<()> {
    for size in [0, 512, 1232] {
        let query = query("huge.edges.test. TXT")?.with_edns(size);
        let reply = server.ask_by_stream(&query)?.status_is("NOERROR aa")?;
        ensure!(reply.answer.len() == 90, "expected 90 records{reply}");
    }
    Ok(())
}

/// §6.2.1.
fn one_connection_takes_one_question_after_another(server: &Server) -> Result<()> {
    let mut connection = server.connect()?;
    for _ in 0..50 {
        connection.ask(&query("ns.edges.test. A")?)?.answer_is(&["ns.edges.test. 3600 A 192.0.2.53"])?;
        connection.ask(&query("nowhere.edges.test. A")?)?.status_is("NXDOMAIN aa")?;
    }
    Ok(())
}

/// §6.2.1.1: pipelining; and more questions in one piece than a server answers in one turn.
fn questions_need_not_wait_for_answers(server: &Server) -> Result<()> {
    let questions =
        ["ns.edges.test. A", "big.edges.test. TXT", "nowhere.edges.test. A", "huge.edges.test. TXT"];
    let questions: Vec<_> = questions.into_iter().cycle().take(200).collect();
    let (octets, asked) = pipelined(&questions)?;
    let mut connection = server.connect()?;
    connection.send(&octets)?;
    are_answered(&mut connection, asked)?;
    connection.ask(&query("ns.edges.test. A")?)?.status_is("NOERROR aa")?;
    Ok(())
}

/// §8: length and message "in a single write", but a receiver can't count on it.
fn a_question_may_come_octet_by_octet(server: &Server) -> Result<()> {
    let (octets, asked) = pipelined(&["ns.edges.test. A", "mail.edges.test. MX"])?;
    let mut connection = server.connect()?;
    for octet in octets {
        connection.send(&[octet])?;
        std::thread::sleep(Duration::from_millis(2));
    }
    are_answered(&mut connection, asked)?;
    Ok(())
}

fn a_length_may_end_a_segment(server: &Server) -> Result<()> {
    for split in [1, 2, 3, 13, 14] {
        let (octets, asked) = pipelined(&["ns.edges.test. AAAA"])?;
        let (before, behind) = octets.split_at(split);
        let mut connection = server.connect()?;
        connection.send(before)?;
        std::thread::sleep(Duration::from_millis(20));
        connection.send(behind)?;
        are_answered(&mut connection, asked).with_context(|| format!("split at {split}"))?;
    }
    Ok(())
}

fn a_question_and_a_half_may_come_at_once(server: &Server) -> Result<()> {
    let (octets, asked) = pipelined(&["ns.edges.test. A", "huge.edges.test. TXT", "mail.edges.test. MX"])?;
    let mut connection = server.connect()?;
    for (number, piece) in octets.chunks(octets.len() / 2 + 1).enumerate() {
        std::thread::sleep(Duration::from_millis(20 * number as u64));
        connection.send(piece)?;
    }
    are_answered(&mut connection, asked)?;
    Ok(())
}

/// RFC 1035 §4.2.2: a server does not close "until all outstanding client requests have been satisfied"; then it does.
fn who_has_closed_its_side_still_gets_its_answers(server: &Server) -> Result<()> {
    let questions = ["huge.edges.test. TXT"; 20];
    let (octets, asked) = pipelined(&questions)?;
    let mut connection = server.connect()?;
    connection.send(&octets)?;
    connection.finish()?;
    are_answered(&mut connection, asked)?;
    is_closed(&mut connection)
}

fn who_closes_in_the_middle_of_a_question_gets_the_answers_before_it(server: &Server) -> Result<()> {
    let (octets, asked) = pipelined(&["ns.edges.test. A"])?;
    let mut connection = server.connect()?;
    connection.send(&octets)?;
    are_answered(&mut connection, asked)?;
    connection.send(&octets[..octets.len() - 1])?;
    connection.finish()?;
    is_closed(&mut connection)
}

/// In order, or by a reset: nothing else comes.
fn is_closed(connection: &mut Connection) -> Result<()> {
    match connection.next_message() {
        Ok(None) => Ok(()),
        Ok(Some(message)) => anyhow::bail!("it went on with a message of {} octets", message.len()),
        Err(error) => {
            ensure!(format!("{error:#}").to_lowercase().contains("reset"), "{error:#}");
            Ok(())
        }
    }
}

/// Some megabytes of answers: more than lie in anybody's buffers. "Clients [...] SHOULD" read; a server may not lose anything
/// because one is late.
fn who_reads_late_gets_everything(server: &Server) -> Result<()> {
    let questions = vec!["huge.edges.test. TXT"; 400];
    let (octets, asked) = pipelined(&questions)?;
    let mut connection = server.connect()?;
    let mut sender = connection.second()?;
    std::thread::scope(|scope| {
        let sent = scope.spawn(move || sender.send(&octets));
        std::thread::sleep(Duration::from_millis(200));
        let replies = are_answered(&mut connection, asked)?;
        ensure!(replies.iter().all(|reply| reply.answer.len() == 90), "an answer lacks records");
        sent.join().expect("it does not panic")
    })
}

/// §6.2.3.
fn an_idle_connection_is_closed(server: &Server) -> Result<()> {
    let idle = Duration::from_secs(IDLE_SECONDS.into());
    for question in [None, Some("ns.edges.test. A")] {
        let mut connection = server.connect()?;
        if let Some(question) = question {
            connection.ask(&query(question)?)?;
        }
        let since = Instant::now();
        is_closed(&mut connection).with_context(|| format!("after {question:?}"))?;
        let took = since.elapsed();
        ensure!(took > idle / 2 && took < 3 * idle, "closed after {took:?}, not {idle:?}");
    }
    Ok(())
}

/// Every question begins the time anew.
fn a_connection_in_use_is_not(server: &Server) -> Result<()> {
    let mut connection = server.connect()?;
    for _ in 0..4 {
        connection.ask(&query("ns.edges.test. A")?)?.status_is("NOERROR aa")?;
        std::thread::sleep(Duration::from_secs(IDLE_SECONDS.into()) / 2);
    }
    connection.ask(&query("ns.edges.test. A")?)?.status_is("NOERROR aa")?;
    Ok(())
}

/// `edns-tcp-keepalive` without a time-out, as clients send it (RFC 7828 §3.1).
const KEEPALIVE: [u8; 4] = [0, 11, 0, 0];

fn with_keepalive(question: &str) -> Result<Query> {
    Ok(Query { edns: Some((1232, 0, KEEPALIVE.to_vec())), ..query(question)? })
}

/// RFC 7828 §3.3.2: the time-out in units of 100 ms. NSD and Knot do not know the option, and need not.
fn keepalive_says_how_long(server: &Server) -> Result<()> {
    let reply = server.ask_by_stream(&with_keepalive("ns.edges.test. A")?)?.status_is("NOERROR aa")?;
    let data = reply.opt.as_ref().map(|opt| opt.data.clone()).unwrap_or_default();
    let expected = format!("000b0002{:04x}", 10 * IDLE_SECONDS);
    let knows_nothing = [Subject::Nsd, Subject::Knot].map(Subject::name).contains(&&*server.name);
    ensure!(
        data.contains(&expected) || (knows_nothing && !data.contains("000b")),
        "expected {expected}{reply}"
    );
    Ok(())
}

/// RFC 7828 §3.2.1, §3.3.1: "Servers MUST NOT send" it over UDP.
fn keepalive_means_nothing_over_udp(server: &Server) -> Result<()> {
    let reply = server.ask_with(&with_keepalive("ns.edges.test. A")?)?.status_is("NOERROR aa")?;
    let data = reply.opt.as_ref().map(|opt| opt.data.clone()).unwrap_or_default();
    ensure!(!data.contains("000b"), "expected no keepalive{reply}");
    Ok(())
}

/// Whatever a server makes of it: it goes on with others.
fn what_is_no_message_ends_its_connection_alone(server: &Server) -> Result<()> {
    let mut other = server.connect()?;
    other.ask(&query("ns.edges.test. A")?)?;
    let requests: [&[u8]; 5] = [
        &[0, 0],
        &[0, 1, 7],
        &[0, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        &[0xff; 4096],
    ];
    for octets in requests {
        let mut connection = server.connect()?;
        // It may be closed already while this is still being sent.
        let _ = connection.send(octets);
        other.ask(&query("ns.edges.test. A")?)?.status_is("NOERROR aa")?;
    }
    Ok(())
}

fn a_reset_ends_its_connection_alone(server: &Server) -> Result<()> {
    let mut other = server.connect()?;
    for _ in 0..20 {
        let mut connection = server.connect()?;
        connection.send_query(&query("huge.edges.test. TXT")?)?;
        // What was not read makes of the close a reset (RFC 9293 §3.6.1).
        std::thread::sleep(Duration::from_millis(5));
        drop(connection);
    }
    other.ask(&query("ns.edges.test. A")?)?.status_is("NOERROR aa")?;
    Ok(())
}

fn many_connections_stand_beside_each_other(server: &Server) -> Result<()> {
    let query = query("big.edges.test. TXT")?;
    let mut connections = Vec::new();
    for _ in 0..60 {
        // Asked at once: where few may wait to be let in, SYNs are lost, and all together take longer than one may be idle.
        let mut connection = server.connect()?;
        let id = connection.send_query(&query)?;
        connections.push((connection, id));
    }
    for (mut connection, id) in connections.into_iter().rev() {
        let replies = are_answered(&mut connection, [(id, query.clone())].into())?;
        ensure!(replies.iter().all(|reply| reply.answer.len() == 7), "an answer lacks records");
    }
    Ok(())
}
