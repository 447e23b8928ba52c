//! A project, loaded, and the database that is meant: the one of its settings, unless another was named.

use super::args::Django;
use super::helper::{Helper, unexpected};
use super::messages::{Load, Loaded, Order, Said};
use crate::records::ShiftResult;
use common::cli::{Session, signals};
use common::error::{Error, Result};
use common::pg::target::{ConnectOptions, Target, in_quotes};
use common::records::Warning;
use common::sandbox::Sandbox;
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
    if !copy && options.dbname.is_none() && *options != ConnectOptions::default() {
        // What they leave open would be libpq's defaults: maybe another server than the project's.
        return Err(Error::usage("-h, -p and -U alone do not say which database of which server is meant")
            .hint("name it whole, with -d, or change the settings of the project"));
    }
    let given =
        if copy || *options != ConnectOptions::default() { Some(Target::resolve(options)?) } else { None };
    // A project in a container knows its database by another address than we do.
    let leads = copy || django.django_command.is_none();
    let lead = given.as_ref().filter(|_| leads);
    let mut helper = Helper::start(django, |_| {})?;
    let order = Load { copy, read_only, ..plain(django, lead) };
    let loaded = loaded(session, &mut helper, order)?;
    let target = match given {
        Some(target) => target,
        None => of_settings(&loaded)?,
    };
    for warning in target.warnings() {
        session.warn(&Warning::new("connection", warning.clone()));
    }
    let target = target.with_application_name("pgshift").stop_when(signals::stop_requested);
    session.result().database = Some(target.database().to_owned());
    let directory = django.manage().and_then(|path| path.parent().map(PathBuf::from)).unwrap_or_default();
    Ok(Project { helper, target, directory })
}

/// Loads the project where it reaches nothing but this server; without one it connects to nothing.
pub(crate) fn alone(
    session: &Session<ShiftResult>,
    django: &Django,
    sandbox: Option<&Sandbox>,
) -> Result<Helper> {
    let database = "postgres";
    let lead = sandbox.map(|sandbox| sandbox.target(database)).transpose()?;
    let mut helper = Helper::start(django, |command| {
        if let Some(sandbox) = sandbox {
            sandbox.lead(command, database);
        }
    })?;
    let order = Load { copy: true, scratch: true, ..plain(django, lead.as_ref()) };
    loaded(session, &mut helper, order)?;
    Ok(helper)
}

fn plain<'a>(django: &'a Django, lead: Option<&Target>) -> Load<'a> {
    Load {
        manage: django.manage().map(|path| path.display().to_string()),
        settings: django.settings.as_deref(),
        database: &django.database,
        connection: lead.map(|target| target.child_environment().into_iter().collect()),
        copy: false,
        scratch: false,
        read_only: false,
        memory: django.memory_limit,
    }
}

fn loaded(session: &Session<ShiftResult>, helper: &mut Helper, order: Load<'_>) -> Result<Loaded> {
    let said = helper.ask(&Order::Load(order))?;
    let Said::Loaded(loaded) = said else { return Err(unexpected(&said)) };
    if let Some(app) = &loaded.own_migrate {
        let message = format!("the project has a migrate command of its own, in {app}: it is not used here");
        session.warn(&Warning::new("own_migrate", message));
    }
    let mut result = session.result();
    result.convention = Some("django".to_owned());
    result.django = Some(loaded.django.clone());
    result.settings = Some(loaded.settings.clone());
    drop(result);
    Ok(loaded)
}

/// The database that the settings name; what they leave open comes from the environment, as libpq does it.
fn of_settings(loaded: &Loaded) -> Result<Target> {
    let dbname = conninfo(&loaded.connection);
    Target::resolve(&ConnectOptions { dbname: Some(dbname), ..ConnectOptions::default() })
}

fn conninfo(parameters: &BTreeMap<String, String>) -> String {
    let all: Vec<String> =
        parameters.iter().map(|(key, value)| format!("{key}={}", in_quotes(value))).collect();
    all.join(" ")
}
