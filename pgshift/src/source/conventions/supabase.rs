//! Supabase: `supabase/migrations/20240101000000_name.sql`.
//!
//! The order is that of the names as text. `seed.sql` and what lies in other directories belongs to its tool's other
//! commands.

use super::pairs::{self, Part};
use super::{Asked, Convention, Fit, Found, NextMigration, Strength};
use crate::source::directory::Directory;
use crate::source::placeholders::Placeholders;
use crate::source::{Script, order};
use common::error::Result;

pub(super) struct Supabase;

fn part(name: &str) -> Option<Part<'_>> {
    let (version, name) = order::numbered(name.strip_suffix(".sql")?)?;
    Some(Part { version, name, down: false, baseline: false })
}

impl Convention for Supabase {
    fn name(&self) -> &'static str {
        "supabase"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let inside = directory.parent().is_some_and(|parent| {
            parent.file_name().is_some_and(|name| name == "supabase") && parent.join("config.toml").is_file()
        });
        let fits = directory.is_empty() || directory.sql().any(|file| part(&file.name).is_some());
        Ok((inside && fits).then(|| Fit::new(Strength::Sentinel, "it lies in supabase, beside config.toml")))
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        let mut found = pairs::read(directory, part, Script::whole)?;
        found.migrations.sort_by(|one, other| one.up.path.cmp(&other.up.path));
        for migration in &mut found.migrations {
            if let Some(raw) = raw_version(migration) {
                migration.version = raw;
            }
        }
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        Ok(asked.numbered("", &[(".sql", "up", "")]))
    }
}

/// Its versions are text: leading zeros count.
fn raw_version(migration: &crate::source::Migration) -> Option<String> {
    let name = migration.up.path.file_name()?.to_str()?;
    Some(order::digits(name)?.0.to_owned())
}
