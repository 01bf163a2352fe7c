use super::Tuple;
use core::net::SocketAddr;

#[test]
fn both_families() {
    for (local, remote, is_v4) in [
        ("192.0.2.1:80", "198.51.100.7:50000", true),
        ("0.0.0.0:0", "255.255.255.255:65535", true),
        ("[2001:db8::1]:443", "[fe80::1]:1", false),
        ("[::1]:1", "[::]:2", false),
    ] {
        let [local, remote]: [SocketAddr; 2] = [local, remote].map(|text| text.parse().unwrap());
        let tuple = Tuple::new(local, remote);
        assert_eq!(tuple.is_v4(), is_v4);
        assert_eq!(tuple.local_address(), local);
        assert_eq!(tuple.remote_address(), remote);
    }
}

#[test]
fn ipv4_in_the_form_of_ipv6() {
    let tuple = Tuple::new("192.0.2.1:80".parse().unwrap(), "198.51.100.7:50000".parse().unwrap());
    assert_eq!(
        tuple,
        Tuple { local: 0xffff_c000_0201, remote: 0xffff_c633_6407, local_port: 80, remote_port: 50_000 }
    );
}
