//! What every server under test serves.

use crate::message::type_number;
use crate::name::Name;
use crate::process::{Folder, output};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The zones, as written here and, for servers without `$GENERATE`, as `named-compilezone` writes them.
#[derive(Debug)]
pub struct Zones {
    /// Of each: its name without the final dot, and its file as a person wrote it.
    pub written: Vec<(String, PathBuf)>,
    /// The same with one record a line and nothing abbreviated.
    pub plain: Vec<(String, PathBuf)>,
    /// Every owner and type that occurs.
    pub content: Content,
    /// Where the files of this process are.
    pub folder: Folder,
}

/// What occurs in the zones.
#[derive(Debug, Default)]
pub struct Content {
    /// Names that own records or that records lead to.
    pub names: BTreeSet<Name>,
    /// Types of records.
    pub types: BTreeSet<u16>,
}

impl Zones {
    /// Takes the example that the project ships, and the zones of the tests.
    pub fn prepare() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut written =
            vec![("example.com".to_owned(), root.join("../examples/dns/example.com.zone").canonicalize()?)];
        for zone in ["example", "edges.test", "child.edges.test"] {
            written.push((zone.to_owned(), root.join("zones").join(format!("{zone}.zone"))));
        }
        let folder = Folder::new("zones")?;
        let mut content = Content::default();
        let mut plain = Vec::new();
        for (zone, file) in &written {
            let target = folder.path().join(format!("{zone}.zone"));
            let [from, to] = [file, &target].map(|path| path.to_string_lossy().into_owned());
            let lenient = [
                "-k", "ignore", "-i", "none", "-n", "ignore", "-m", "ignore", "-M", "ignore", "-S", "ignore",
            ];
            let mut command = vec!["named-compilezone", "-q"];
            command.extend(lenient);
            command.extend(["-o", &to, zone, &from]);
            output(&command)?;
            content.read(&std::fs::read_to_string(&target)?).with_context(|| format!("in {zone}"))?;
            plain.push((zone.clone(), target));
        }
        Ok(Self { written, plain, content, folder })
    }
}

impl Content {
    /// Reads what `named-compilezone` writes: owner, TTL, class, type, data.
    fn read(&mut self, text: &str) -> Result<()> {
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(owner), Some(rtype)) = (words.next(), words.nth(2)) else { continue };
            self.names.insert(Name::parse(owner)?.lower());
            self.types.insert(type_number(rtype)?);
            if matches!(rtype, "NS" | "CNAME" | "MX" | "SRV" | "DNAME")
                && let Some(Ok(target)) = words.last().map(Name::parse)
            {
                self.names.insert(target.lower());
            }
        }
        Ok(())
    }
}
