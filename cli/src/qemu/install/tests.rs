use super::commands;
use crate::shell;
use std::path::PathBuf;

#[track_caller]
fn check(is_root: bool, has_terminal: bool, programs: &[&str], expected: Option<[&str; 2]>) {
    let find = |program: &str| programs.contains(&program).then(|| PathBuf::from(program));
    let found = commands(is_root, has_terminal, find);
    let found =
        found.map(|commands| commands.iter().map(|command| shell::quoted(command)).collect::<Vec<_>>());
    assert_eq!(found, expected.map(|commands| commands.map(String::from).to_vec()));
}

#[test]
fn who_installs_how() {
    let root = ["apt-get update", "apt-get install --yes --no-install-recommends qemu-system-x86"];
    let sudo = root.map(|command| format!("sudo {command}"));
    let silent_sudo = root.map(|command| format!("sudo -n {command}"));
    check(true, true, &["apt-get"], Some(root));
    check(true, false, &["apt-get", "sudo"], Some(root));
    check(false, true, &["apt-get", "sudo"], Some(sudo.each_ref().map(String::as_str)));
    check(false, false, &["apt-get", "sudo"], Some(silent_sudo.each_ref().map(String::as_str)));
    check(false, true, &["apt-get"], None);
    check(true, true, &["dnf", "sudo"], None);
}
