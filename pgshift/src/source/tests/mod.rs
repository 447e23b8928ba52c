//! Directories as people have them, written by the tests.

mod atlas;
mod detect;
mod files;
mod flyway;
mod graphile;
mod order;
mod sections;
mod sqitch;

use super::conventions::Found;
use super::detect::recognise;
use super::directory::Directory;
use super::placeholders::Placeholders;
use super::{Migration, MigrationKind, Transaction};
use common::error::Result;
use std::path::Path;
use testkit::TempDir;

/// A directory `migrations`, and what lies beside it under `../`.
struct Tree {
    place: TempDir,
    convention: Option<&'static str>,
    placeholders: Vec<String>,
}

/// What was read, and by which convention.
struct Read {
    convention: &'static str,
    found: Found,
}

fn tree<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Tree {
    let place = TempDir::new();
    std::fs::create_dir(place.join("migrations")).unwrap();
    for (name, content) in files {
        match name.strip_prefix("../") {
            Some(beside) => place.write(beside, content),
            None => place.write(Path::new("migrations").join(name), content),
        };
    }
    Tree { place, convention: None, placeholders: Vec::new() }
}

/// Files with one harmless statement each.
fn named(names: &[&str]) -> Tree {
    tree(&names.iter().map(|name| (*name, "SELECT 1;\n")).collect::<Vec<_>>())
}

impl Tree {
    fn convention(mut self, name: &'static str) -> Self {
        self.convention = Some(name);
        self
    }

    fn placeholder(mut self, pair: &str) -> Self {
        self.placeholders.push(pair.to_owned());
        self
    }

    fn try_read(&self) -> Result<Read> {
        let variables = |name: &str| match name {
            "PGSHIFT_PLACEHOLDER_password" | "APP_SECRET" => Some("hush".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let placeholders = Placeholders::new(&self.placeholders, variables)?;
        let directory = Directory::open(&self.place.join("migrations"))?;
        let convention = recognise(&directory, self.convention, &placeholders)?;
        Ok(Read { convention: convention.name(), found: convention.read(&directory, &placeholders)? })
    }

    #[track_caller]
    fn read(&self) -> Read {
        self.try_read().unwrap_or_else(|error| panic!("{error}"))
    }

    /// What is wrong with it: its code, and the whole message with the hint.
    #[track_caller]
    fn fault(&self) -> (&'static str, String) {
        let Err(error) = self.try_read() else { panic!("nothing is wrong") };
        (error.code(), format!("{error}\nhint: {}", error.advice().unwrap_or_default()))
    }
}

impl Read {
    fn versions(&self) -> Vec<&str> {
        self.found.migrations.iter().map(|migration| migration.version.as_str()).collect()
    }

    fn only(&self) -> &Migration {
        assert_eq!(self.found.migrations.len(), 1);
        &self.found.migrations[0]
    }

    fn warned(&self) -> Vec<&str> {
        self.found.warnings.iter().map(|warning| warning.message.as_str()).collect()
    }
}

fn shown(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap()
}
