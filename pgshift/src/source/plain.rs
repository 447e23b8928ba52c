//! A stand-in for the readers of conventions: `N_name.sql` and `N_name.down.sql`.

use super::{Migration, MigrationKind, Script, Source, Transaction};
use crate::cli::Migrations;
use common::error::{Context as _, Error, Result};
use common::records::Warning;
use std::path::{Path, PathBuf};

struct Plain(PathBuf);

pub(crate) fn open(asked: &Migrations) -> Result<Box<dyn Source>> {
    if !asked.dir.is_dir() {
        return Err(Error::usage(format!("there is no directory {}", asked.dir.display())));
    }
    Ok(Box::new(Plain(asked.dir.clone())))
}

impl Source for Plain {
    fn convention(&self) -> &'static str {
        "plain"
    }

    fn migrations(&self) -> Result<Vec<Migration>> {
        let cannot = || format!("cannot read {}", self.0.display());
        let mut found = Vec::new();
        for entry in self.0.read_dir().context(cannot)? {
            let path = entry.context(cannot)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(stem) = name.strip_suffix(".sql") else { continue };
            if stem.ends_with(".down") {
                continue;
            }
            let (number, title) = stem.split_once('_').unwrap_or((stem, ""));
            let Ok(number) = number.parse::<u64>() else { continue };
            let down = self.0.join(format!("{stem}.down.sql"));
            let down = if down.exists() { Some(script(&down)?) } else { None };
            found.push((
                number,
                name.clone(),
                Migration {
                    version: number.to_string(),
                    name: title.to_owned(),
                    kind: MigrationKind::Versioned,
                    up: script(&path)?,
                    down,
                },
            ));
        }
        found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        Ok(found.into_iter().map(|(_, _, migration)| migration).collect())
    }

    fn warnings(&self) -> &[Warning] {
        &[]
    }
}

fn script(path: &Path) -> Result<Script> {
    let text = std::fs::read(path).context(|| format!("cannot read {}", path.display()))?;
    Ok(Script {
        path: path.to_owned(),
        transaction: if text.starts_with(b"-- no-transaction") { Transaction::No } else { Transaction::Unsaid },
        text,
        first_line: 1,
        single: Vec::new(),
        secret: Vec::new(),
        written: None,
    })
}
