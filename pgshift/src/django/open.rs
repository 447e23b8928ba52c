//! A project, loaded, and the database that is meant: the one of its settings, unless another was named.

use super::args::Django;
use super::helper::{Helper, unexpected};
use super::messages::{Loaded, Order, Said};
use crate::records::ShiftResult;
use common::cli::{Session, signals};
use common::error::Result;
use common::pg::target::{ConnectOptions, Target};
use common::records::Warning;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A loaded project.
pub(crate) struct Project {
    /// Its process.
    pub(crate) helper: Helper,
    /// Its database.
    pub(crate) target: Target,
    /// Where its manage.py is.
    pub(crate) directory: PathBuf,
}

/// Says which copy of a database a program was started on.
const COPY: &str = "PGVERIFY_COPY";

/// Loads the project. With `read_only` nothing of it can write to the database.
pub(crate) fn open(
    session: &Session<ShiftResult>,
    django: &Django,
    options: &ConnectOptions,
    read_only: bool,
) -> Result<Project> {
    let copy = std::env::var_os(COPY).is_some();
    let given =
        if copy || *options != ConnectOptions::default() { Some(Target::resolve(options)?) } else { None };
    // A project in a container knows its database by another address than we do.
    let leads = copy || django.django_command.is_none();
    let lead = given.as_ref().filter(|_| leads);
    let mut helper = Helper::start(django)?;
    let manage = django.manage();
    let said = helper.ask(&Order::Load {
        manage: manage.as_ref().map(|path| path.display().to_string()),
        settings: django.settings.as_deref(),
        database: &django.database,
        connection: lead.map(|target| target.child_environment().into_iter().collect()),
        copy,
        read_only,
        memory: django.memory_limit,
    })?;
    let Said::Loaded(loaded) = said else { return Err(unexpected(&said)) };
    let target = match given {
        Some(target) => target,
        None => of_settings(&loaded)?,
    };
    for warning in target.warnings() {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    if let Some(app) = &loaded.own_migrate {
        let message = format!("the project has a migrate command of its own, in {app}: it is not used here");
        session.warn(&Warning::new("own_migrate", message));
    }
    let target = target.with_application_name("pgshift").stop_when(signals::stop_requested);
    let mut result = session.result();
    result.convention = Some("django".to_owned());
    result.database = Some(target.database().to_owned());
    result.django = Some(loaded.django);
    result.settings = Some(loaded.settings);
    drop(result);
    let directory = manage.and_then(|path| path.parent().map(PathBuf::from)).unwrap_or_default();
    Ok(Project { helper, target, directory })
}

/// The database that the settings name; what they leave open comes from the environment, as libpq does it.
fn of_settings(loaded: &Loaded) -> Result<Target> {
    let dbname = conninfo(&loaded.connection);
    Target::resolve(&ConnectOptions { dbname: Some(dbname), ..ConnectOptions::default() })
}

fn conninfo(parameters: &BTreeMap<String, String>) -> String {
    let quoted = |value: &str| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
    let all: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={}", quoted(value))).collect();
    all.join(" ")
}
