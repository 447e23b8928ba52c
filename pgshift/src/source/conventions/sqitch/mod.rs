//! sqitch: `sqitch.plan`, and scripts in `deploy` and `revert`.
//!
//! The plan has the order, and a change is known by its name; of one that was reworked the earlier is `name@tag`. psql
//! runs the scripts, without a transaction around them: most have their own BEGIN and COMMIT. `verify` scripts are not
//! run: sqitch runs them when it is told to.

mod plan;

use super::{Asked, Convention, Fit, Found, NextMigration, Strength};
use crate::source::directory::{Directory, File};
use crate::source::placeholders::Placeholders;
use crate::source::{Migration, MigrationKind, Script, Transaction, order};
use common::error::{Error, Result};
pub(crate) use plan::Plan;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) struct Sqitch;

/// Where things are, as `sqitch.conf` has it.
struct Layout {
    plan: PathBuf,
    deploy: PathBuf,
    revert: PathBuf,
    extension: String,
}

impl Layout {
    fn of(directory: &Directory) -> Result<Self> {
        let settings = match directory.file("sqitch.conf") {
            Some(file) => core(&String::from_utf8_lossy(file.text()?)),
            None => BTreeMap::new(),
        };
        if let Some(engine) = settings.get("engine").filter(|engine| *engine != "pg") {
            let message = format!("{} is for another database: engine is {engine}", directory.path.display());
            return Err(Error::usage(message));
        }
        let top = directory.path.join(settings.get("top_dir").map_or(".", String::as_str));
        let top = if settings.contains_key("top_dir") { top } else { directory.path.clone() };
        let place = |key: &str, name: &str| match settings.get(key) {
            Some(path) => directory.path.join(path),
            None => top.join(name),
        };
        Ok(Self {
            plan: place("plan_file", "sqitch.plan"),
            deploy: place("deploy_dir", "deploy"),
            revert: place("revert_dir", "revert"),
            extension: settings.get("extension").cloned().unwrap_or_else(|| "sql".to_owned()),
        })
    }
}

/// The settings in section `core` of a file as git has them.
fn core(text: &str) -> BTreeMap<String, String> {
    let mut inside = false;
    let mut settings = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if line.starts_with('[') {
            inside = line == "[core]";
        } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
            settings.insert(key.trim().to_owned(), value.trim().trim_matches('"').to_owned());
        }
    }
    settings
}

impl Convention for Sqitch {
    fn name(&self) -> &'static str {
        "sqitch"
    }

    fn fit(&self, directory: &Directory) -> Result<Option<Fit>> {
        let name = ["sqitch.plan", "sqitch.conf"].into_iter().find(|name| directory.has(name));
        Ok(name.map(|name| Fit::new(Strength::Sentinel, format!("{name} lies in it"))))
    }

    fn read(&self, directory: &Directory, _: &Placeholders) -> Result<Found> {
        let layout = Layout::of(directory)?;
        let plan = Plan::read(&File::at(layout.plan.clone()))?;
        let mut found = Found::default();
        for change in &plan.changes {
            let path = |place: &PathBuf, name: &str| place.join(format!("{name}.{}", layout.extension));
            let version = change.version(|name| path(&layout.deploy, name).is_file());
            let file = |place: &PathBuf| File::at(path(place, &version));
            let deploy = file(&layout.deploy);
            if !deploy.path.is_file() {
                let message = format!("change {version} has no script {}", deploy.path.display());
                return Err(Error::failed("up_missing", message));
            }
            let revert = Some(file(&layout.revert)).filter(|file| file.path.is_file());
            found.migrations.push(Migration {
                name: change.note.clone(),
                kind: MigrationKind::Versioned,
                up: script(&deploy)?,
                down: revert.as_ref().map(script).transpose()?,
                version,
            });
        }
        order::refuse_repeated(&found.migrations)?;
        Ok(found)
    }

    fn next(&self, asked: &Asked<'_>) -> Result<NextMigration> {
        let message = format!("{}: a new change needs a line in the plan", asked.directory.path.display());
        Err(Error::usage(message).hint("sqitch add NAME"))
    }
}

fn script(file: &File) -> Result<Script> {
    let script = Script::whole(file)?;
    let own = script.transaction == Transaction::Own;
    Ok(script.without_transaction(!own))
}
