use super::pack;
use bytes::Bytes;
use configuration::Archive;

fn files() -> Vec<(String, Bytes)> {
    vec![
        ("appliance.toml".into(), Bytes::from_static(b"[network]\n")),
        ("zones".into(), vec![7; 70_000].into()),
        ("empty".into(), Bytes::new()),
    ]
}

#[test]
fn what_goes_in_comes_out() {
    let archive = Archive::new(pack(&files()).unwrap().into()).unwrap();
    for (path, content) in files() {
        assert_eq!(archive.file(&path), Some(content), "{path}");
    }
    assert_eq!(archive.file("other"), None);
}

#[test]
fn files_start_at_blocks_and_nothing_depends_on_the_day() {
    let packed = pack(&files()).unwrap();
    assert_eq!(packed, pack(&files()).unwrap());
    let zones = packed.iter().position(|&octet| octet == 7).unwrap();
    assert_eq!(zones % 512, 0);
}
