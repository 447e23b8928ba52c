//! Flyway: `V1_2__name.sql`, `U1_2__name.sql` that undoes it, `R__name.sql` that runs when its text has changed, and
//! `B1_2__name.sql` that stands for all versions up to its own.
//!
//! Subdirectories count. The order is that of the numbers between dots or underscores; repeatable ones come last, by
//! name. `V1__name.sql.conf` beside a file says how it runs. `${placeholders}` are replaced, also in comments.
//! Callbacks are not run: that is a warning. What is no SQL, such as Java, is an error.

mod name;
mod placeholders;
mod settings;

use super::{Asked, Baseline, Convention, Fit, Found, NextMigration, Strength, not_run};
use crate::source::directory::{Directory, File, is_sql};
use crate::source::next::{self, NextFile};
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, MigrationKind, Script, order};
use common::error::{Class, Error, Result};
use name::{Name, Prefix};
use settings::{Settings, Sidecar};

pub(super) struct Flyway;

const CONFIGURATIONS: [&str; 2] = ["flyway.conf", "flyway.toml"];

impl Convention for Flyway {
    fn name(&self) -> &'static str {
        "flyway"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let files = Directory::open(&directory.path)?.below()?;
        let sql: Vec<&File> = files.iter().filter(|file| is_sql(&file.name)).collect();
        let named: Vec<&&File> = sql.iter().filter(|file| Name::of(&file.name, ".sql").is_some()).collect();
        let sentinel = CONFIGURATIONS.into_iter().find(|name| directory.has(name) || directory.beside(name));
        if let Some(name) = sentinel.filter(|_| !named.is_empty() || directory.is_empty()) {
            return Ok(Some(Fit::new(Strength::Sentinel, format!("{name} is there"))));
        }
        // What no other tool has: repeatable, baseline, versions of several parts, sidecars.
        let certain = |file: &&&&File| {
            Name::of(&file.name, ".sql").is_some_and(|name| {
                matches!(name.prefix, Prefix::Repeatable | Prefix::Baseline) || name.version.contains('.')
            })
        };
        if let Some(file) = named.iter().find(certain) {
            return Ok(Some(Fit::new(
                Strength::Directives,
                format!("only Flyway names files like {}", file.name),
            )));
        }
        if let Some(file) = files.iter().find(|file| file.name.ends_with(".sql.conf")) {
            return Ok(Some(Fit::new(Strength::Directives, format!("{} is there", file.name))));
        }
        let Some(first) = named.first() else { return Ok(None) };
        let all =
            sql.iter().all(|file| Name::of(&file.name, ".sql").is_some() || name::is_callback(&file.name));
        let strength = if all { Strength::All } else { Strength::Some };
        Ok(Some(Fit::new(strength, format!("files are named like V1__name.sql, such as {}", first.name))))
    }

    fn read(&self, directory: &Directory, placeholders: &Placeholders) -> Result<Found> {
        let settings = Settings::of(directory, &CONFIGURATIONS)?;
        let files = Directory::open(&directory.path)?.below()?;
        let mut found = Found::default();
        let mut undos = Vec::new();
        for file in &files {
            if name::is_code(&file.name) {
                let message = format!("{} is a migration that is no SQL", file.path.display());
                return Err(Error::failed("not_sql", message).hint("write it in SQL"));
            }
            let Some(name) = Name::of(&file.name, ".sql") else {
                if name::is_callback(&file.name) {
                    found.warnings.push(not_run(&file.path, "it is a callback"));
                } else if is_sql(&file.name) {
                    found.warnings.push(not_run(&file.path, "it is not named like a migration"));
                }
                continue;
            };
            let script = script(file, &files, &settings, placeholders)?;
            let kind = match name.prefix {
                Prefix::Undo => {
                    undos.push((name.version, script));
                    continue;
                }
                Prefix::Versioned => MigrationKind::Versioned,
                Prefix::Baseline => MigrationKind::Baseline,
                Prefix::Repeatable => MigrationKind::Repeatable,
            };
            let version =
                if kind == MigrationKind::Repeatable { name.description.clone() } else { name.version };
            let migration = Migration { version, name: name.description, kind, up: script, down: None };
            found.migrations.push(migration);
        }
        sort(&mut found.migrations);
        order::refuse_repeated_by(&found.migrations, |migration| match migration.kind {
            MigrationKind::Repeatable => migration.version.clone(),
            _ => order::dotted_number(&migration.version),
        })?;
        for (version, script) in undos {
            give_undo(&mut found.migrations, &version, script)?;
        }
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let name = asked.name;
        let mut versioned =
            asked.found.migrations.iter().filter(|migration| migration.kind != MigrationKind::Repeatable);
        let last = versioned.next_back().map_or("", |migration| migration.version.as_str());
        let version = match last.rsplit_once('.') {
            Some((before, part)) => format!("{before}.{}", next::version(Some(part), "1", asked.now)),
            None => asked.version("V", "1"),
        };
        let path = asked.directory.path.join(format!("V{version}__{name}.sql"));
        Ok((version, vec![NextFile::new(path, "up", "")]))
    }

    fn baseline(&self, last: &Migration, name: &str) -> Option<Baseline> {
        Some(Baseline::plain(format!("B{}__{name}.sql", last.version)))
    }
}

fn sort(migrations: &mut [Migration]) {
    let last = |migration: &Migration| migration.kind == MigrationKind::Repeatable;
    migrations.sort_by(|one, other| {
        last(one).cmp(&last(other)).then_with(|| {
            if last(one) {
                one.version.cmp(&other.version)
            } else {
                order::dotted(&one.version, &other.version)
            }
        })
    });
}

fn give_undo(migrations: &mut [Migration], version: &str, script: Script) -> Result<()> {
    let undone = migrations.iter_mut().find(|migration| {
        migration.kind == MigrationKind::Versioned && order::dotted(&migration.version, version).is_eq()
    });
    let Some(undone) = undone else {
        let message = format!("{} undoes a version that is not there", script.path.display());
        let error = Error::failed("down_alone", message);
        return Err(error.hint("if it is one of refinery's unversioned migrations: --convention refinery"));
    };
    if let Some(first) = undone.down.replace(script) {
        let message = format!("version {version} is undone twice, once by {}", first.path.display());
        return Err(Error::new(Class::Conflict, "version_repeated", message));
    }
    Ok(())
}

fn script(file: &File, files: &[File], settings: &Settings, placeholders: &Placeholders) -> Result<Script> {
    let wanted = file.path.with_file_name(format!("{}.conf", file.name));
    let sidecar = files.iter().find(|other| other.path == wanted).map(Sidecar::read).transpose()?;
    let sidecar = sidecar.unwrap_or_default();
    let script = Script::whole(file)?.without_transaction(sidecar.transaction == Some(false));
    if placeholders.leaves_all() || !sidecar.replacement.unwrap_or(settings.replacement) {
        return Ok(script.with_settings(&settings.before));
    }
    let replaced = placeholders::replace(file, &script.text, settings, placeholders)?;
    Ok(script.with_values(replaced).with_settings(&settings.before))
}
