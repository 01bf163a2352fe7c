use super::sample::Sample;
use super::{metrics, object, table};
use core::time::Duration;

fn samples(lines: &str) -> Vec<Sample> {
    Sample::parse_all(lines).unwrap()
}

const ANSWER: &str = "\
dns_responses_total{rcode=\"NXDOMAIN\"} 7
machine_uptime_seconds 60
dns_dropped_total{reason=\"short\"} 0
dns_responses_total{rcode=\"NOERROR\"} 18446744073709551615
";

#[test]
fn what_never_happened_is_left_out_for_people() {
    let expected = "\
dns_responses_total{rcode=\"NXDOMAIN\"}             7
machine_uptime_seconds                           60
dns_responses_total{rcode=\"NOERROR\"}   18446744073709551615
";
    assert_eq!(table(&samples(ANSWER), None), expected);
}

#[test]
fn counts_have_rates_and_other_values_have_none() {
    let before = samples(&ANSWER.replace(" 7", " 2").replace(" 60", " 50"));
    let expected = "
dns_responses_total{rcode=\"NXDOMAIN\"}             7          2.5/s
machine_uptime_seconds                           60
dns_responses_total{rcode=\"NOERROR\"}   18446744073709551615
";
    assert_eq!(table(&samples(ANSWER), Some((Duration::from_secs(2), &before))), expected);
    // The machine was started again meanwhile.
    let before = samples(&ANSWER.replace(" 7", " 8"));
    assert!(!table(&samples(ANSWER), Some((Duration::from_secs(2), &before))).contains("/s"));
}

#[test]
fn programs_get_everything() {
    let object = object(&"ns1".parse().unwrap(), &samples(ANSWER));
    assert_eq!(object["name"], "ns1");
    let expected = r#"{"labels":{"rcode":"NOERROR"},"metric":"isopod_dns_responses_total","value":18446744073709551615}"#;
    assert_eq!(object["statistics"][3].to_string(), expected);
    assert_eq!(object["statistics"].as_array().map(Vec::len), Some(4));
}

/// As `promtool check metrics` wants it: a metric's samples stand together, behind its type.
#[test]
fn prometheus_gets_each_metric_once() {
    let expected = "\
# HELP isopod_dns_responses_total Responses by rcode.
# TYPE isopod_dns_responses_total counter
isopod_dns_responses_total{machine=\"ns1\",rcode=\"NXDOMAIN\"} 7
isopod_dns_responses_total{machine=\"ns1\",rcode=\"NOERROR\"} 18446744073709551615
# HELP isopod_machine_uptime_seconds How long the machine has run.
# TYPE isopod_machine_uptime_seconds gauge
isopod_machine_uptime_seconds{machine=\"ns1\"} 60
# HELP isopod_dns_dropped_total Requests that got no response.
# TYPE isopod_dns_dropped_total counter
isopod_dns_dropped_total{machine=\"ns1\",reason=\"short\"} 0
";
    assert_eq!(metrics::exposition(&"ns1".parse().unwrap(), &samples(ANSWER)), expected);
}

#[test]
fn what_a_hostile_guest_says_is_not_passed_on() {
    for line in [
        "\n",
        "a_total",
        "a_total -1",
        "a_total 18446744073709551616",
        " 1",
        "1a 1",
        "a b 1",
        "a\u{1b}[31m 1",
        "a{ 1",
        "a{b} 1",
        "a{b=c} 1",
        "a{b=\"c\\\"\"} 1",
        "a{b=\"c\nd\"} 1",
        "a{=\"c\"} 1",
        "a{b=\"\"} 1",
        "a{machine=\"ns2\"} 1",
        "a{b=\"c\",machine=\"x\"}} 1",
        "a}b 1",
        "machine_restarts_total 0",
        "machine_restarts_total{b=\"c\"} 0",
        "a{b=\"c\",b=\"c\"} 1",
        "a{b=\"c\",b=\"d\"} 1",
        "a 1\na 1",
        "a 1\nb 2\na 3",
        "a{b=\"c\",d=\"e\"} 1\na{d=\"e\",b=\"c\"} 2",
    ] {
        assert!(Sample::parse_all(line).is_err(), "{line}");
    }
    let two = samples("a{b=\"c-d.e\",f=\"G\"} 1\na{b=\"x\",f=\"G\"} 1\na 1");
    assert_eq!(two.len(), 3);
    assert_eq!((two[0].labels.len(), two[0].name()), (2, "a{b=\"c-d.e\",f=\"G\"}".to_owned()));
}
