//! Master files, and which of those who read them take them: `isopod check`, named-checkzone, nsd-checkzone, kzonecheck.

use anyhow::{Context, Result, ensure};
use core::fmt::Write;
use interop_tests::process::{Folder, is_installed};
use libtest_mimic::{Failed, Trial};
use std::process::{Command, Stdio};

/// What every file begins with.
const BEGINNING: &str = "@ 300 IN SOA ns h 1 2 3 4 5\n@ 300 IN NS ns\nns 300 IN A 192.0.2.1\n";

/// Lines behind the beginning, what ours makes of them, and who differs.
struct Case {
    lines: &'static str,
    ours: Verdict,
    others: &'static [Reader],
    /// The sentence that decides it, where somebody differs.
    why: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    Refused,
}

use Verdict::{Refused, Taken};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Ours,
    Bind,
    Nsd,
    Knot,
}

use Reader::{Bind, Knot, Nsd, Ours};

const fn case(lines: &'static str, ours: Verdict, others: &'static [Reader], why: &'static str) -> Case {
    Case { lines, ours, others, why }
}

const CASES: &[Case] = &[
    case("", Taken, &[], ""),
    case("x 300 IN A 192.0.2.256", Refused, &[], ""),
    case("x 300 IN A 192.0.2", Refused, &[], ""),
    case("x 300 IN A 192.0.2.1 192.0.2.2", Refused, &[], ""),
    case("x 300 IN MX 10", Refused, &[], ""),
    case("x 300 IN FOO y", Refused, &[], ""),
    case("x 300 CH A 192.0.2.1", Refused, &[], ""),
    case("x..y 300 IN A 192.0.2.1", Refused, &[], ""),
    case("x 300 IN CNAME y\nx 300 IN A 192.0.2.1", Refused, &[], ""),
    case("x 300 IN CNAME y\nx 300 IN CNAME z", Refused, &[], ""),
    case("x 300 IN CNAME y\nx 300 IN CNAME y", Taken, &[], ""),
    case("x 300 IN DNAME y\nx 300 IN DNAME z", Refused, &[], ""),
    case("x 2147483647 IN A 192.0.2.1", Taken, &[], ""),
    case("x 1h30m IN A 192.0.2.1", Taken, &[], ""),
    case("x IN 300 A 192.0.2.1", Taken, &[], ""),
    case("x 300 IN A \\# 4 01020304", Taken, &[], ""),
    case("x 300 IN TYPE65280 \\# 4 01020304", Taken, &[], ""),
    case("@ 300 IN SOA ns h 2 2 3 4 5", Refused, &[Knot], "RFC 1035 §5.2: exactly one SOA at the top"),
    case("@ 300 IN SOA ns h 1 2 3 4 5", Taken, &[Nsd], "RFC 2181 §5: duplicates are suppressed"),
    case("x 300 IN SOA ns h 2 2 3 4 5", Refused, &[Knot], "RFC 1035 §5.2: exactly one SOA, at the top"),
    case("x 300 IN DNAME y\na.x 300 IN A 192.0.2.1", Refused, &[Bind], "RFC 6672 §2.4: nothing below"),
    case("x 300 IN DNAME y\nx 300 IN NS ns", Refused, &[Bind, Nsd], "RFC 6672 §2.3: only at the apex"),
    case("x.other. 300 IN A 192.0.2.1", Refused, &[Bind, Knot], "RFC 1035 §5.2: the result of an error"),
    case("x 2147483648 IN A 192.0.2.1", Refused, &[Bind, Nsd, Knot], "RFC 2181 §8: 2147483647 at most"),
    case("x 4294967296 IN A 192.0.2.1", Refused, &[Nsd], "RFC 2181 §8: 2147483647 at most"),
    case("x 300 IN MX 65536 y", Refused, &[Nsd], "RFC 1035 §3.3.9: 16 bits"),
    case("x 300 IN NS ns.x", Refused, &[Bind, Nsd], "RFC 1034 §4.2.1: glue for servers below the cut"),
    case("@ 300 IN NS ns2", Taken, &[Bind, Knot], "RFC 2181 §10.3 wants an address; ours warns"),
    case("*.x 300 IN NS ns", Refused, &[Nsd, Knot], "RFC 4592 §4.2: what it would mean is not defined"),
    case("x 300 IN TXT ( a", Refused, &[Nsd], "RFC 1035 §5.1: parentheses group, and one is missing"),
    case("x\\256 300 IN A 192.0.2.1", Refused, &[Nsd, Knot], "RFC 1035 §5.1: `\\DDD` is an octet"),
    case("x\\25 300 IN A 192.0.2.1", Refused, &[Nsd], "RFC 1035 §5.1: `\\DDD` has three digits"),
    case("x 300 IN TYPE65280 \\# 5 01020304", Refused, &[Nsd], "RFC 3597 §5: the length is that of the data"),
    case("x 300 IN A \\# 3 010203", Refused, &[Knot], "RFC 1035 §3.4.1: 32 bits"),
    case("x 300 IN TYPE255 \\# 0", Refused, &[Nsd, Knot], "RFC 6895 §3.1: a QTYPE, no data"),
    case("x 300 IN TYPE41 \\# 0", Refused, &[Nsd, Knot], "RFC 6891 §6.1.1: not loaded from master files"),
    case("x 300 IN SVCB 1 . no-default-alpn", Refused, &[Nsd, Knot], "RFC 9460 §7.1.1: alpn must be there"),
    case("x 300 IN CAA 256 issue \"a\"", Refused, &[Nsd], "RFC 8659 §4.1: one octet"),
    case("x 300 IN CAA 0 \"\" \"a\"", Refused, &[Knot], "RFC 8659 §4.1: the tag has an octet at least"),
    case("$ORIGIN x\ny 300 IN A 192.0.2.1", Taken, &[Nsd, Knot], "RFC 1035 §5.1: any domain name"),
];

impl Reader {
    const ALL: [Self; 4] = [Bind, Nsd, Knot, Ours];

    fn words(self, isopod: &str) -> Vec<&str> {
        match self {
            Ours => vec![isopod, "check", "dns", "--config", "appliance.toml"],
            Bind => vec!["named-checkzone", "g.test", "zone"],
            Nsd => vec!["nsd-checkzone", "g.test", "zone"],
            Knot => vec!["kzonecheck", "-o", "g.test", "zone"],
        }
    }

    /// Ours says of itself that it ends with 3 where a zone has errors.
    fn read(self, isopod: &str, folder: &Folder) -> Result<(Verdict, String)> {
        let words = self.words(isopod);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(folder.path()).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("running {}", words[0]))?;
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        let verdict = match (self, output.status.code()) {
            (_, Some(0)) => Taken,
            (Ours, code) => {
                ensure!(code == Some(3), "{words:?} ended with {}: {said:?}", output.status);
                Refused
            }
            (_, code) => {
                ensure!(code.is_some(), "{words:?} ended with {}: {said:?}", output.status);
                Refused
            }
        };
        Ok((verdict, said.concat()))
    }
}

/// One trial of all files, if everybody who reads them is here.
pub(crate) fn trial() -> Trial {
    let isopod = std::env::var("ISOPOD").unwrap_or_default();
    let programs = ["named-checkzone", "nsd-checkzone", "kzonecheck"];
    let is_missing = isopod.is_empty() || !programs.iter().all(|program| is_installed(program));
    let run = move || check(&isopod).map_err(|error| Failed::from(format!("{error:#}")));
    Trial::test("loading::master_files_are_taken_and_refused_by_the_rfcs", run).with_ignored_flag(is_missing)
}

fn check(isopod: &str) -> Result<()> {
    let folder = Folder::new("loading")?;
    let network = "[network]\naddress = [\"192.0.2.53/24\"]\n";
    folder.write("appliance.toml", &format!("{network}[[zone]]\nname = \"g.test\"\nfile = \"zone\"\n"))?;
    let mut wrong = String::new();
    for Case { lines, ours, others, why } in CASES {
        ensure!(others.is_empty() == why.is_empty(), "`{lines}`: who differs needs a reason");
        folder.write("zone", &format!("{BEGINNING}{lines}\n"))?;
        for reader in Reader::ALL {
            let (verdict, said) = reader.read(isopod, &folder)?;
            if (verdict == *ours) == others.contains(&reader) {
                writeln!(wrong, "`{lines}`: {reader:?}: {verdict:?}; {said}")?;
            }
        }
    }
    ensure!(wrong.is_empty(), "{wrong}");
    Ok(())
}
