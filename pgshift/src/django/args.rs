//! What can be typed about a Django project, and whether one is meant.

use crate::cli::Migrations;
use clap::Args;
use std::path::{Path, PathBuf};

/// The file that begins a Django project.
const MANAGE: &str = "manage.py";

/// Which Django project, and how it is run.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "they are named as the options are")]
pub(crate) struct Django {
    /// manage.py of the Django project whose migrations are meant [default: the one in this directory]
    #[arg(help_heading = "Django", long, value_name = "MANAGE.PY")]
    pub(crate) django: Option<PathBuf>,

    /// What runs the project's Python elsewhere, such as 'docker compose exec -T app python'
    #[arg(help_heading = "Django", long, value_name = "COMMAND", conflicts_with = "python")]
    pub(crate) django_command: Option<String>,

    /// The project's Python [default: that of the virtualenv]
    #[arg(help_heading = "Django", long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,

    /// Module of the project's settings, where manage.py does not name it
    #[arg(help_heading = "Django", long, value_name = "MODULE")]
    pub(crate) settings: Option<String>,

    /// Name of the database in the settings
    #[arg(help_heading = "Django", long, value_name = "ALIAS", default_value = "default")]
    pub(crate) database: String,

    /// How much memory the project may use, such as 2GB
    #[arg(help_heading = "Django", long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) memory_limit: Option<u64>,
}

impl Django {
    /// Whether a Django project is meant: it was named, or lies here where no directory of migrations does.
    pub(crate) fn is_meant(&self, migrations: &Migrations) -> bool {
        let named = self.django.is_some() || self.django_command.is_some() || self.settings.is_some();
        let other = migrations.convention.is_some() || std::env::var_os("PGSHIFT_DIR").is_some();
        let package = migrations.dir.join("__init__.py").exists();
        named || (!other && Path::new(MANAGE).exists() && (!migrations.dir.exists() || package))
    }

    /// The manage.py to run; none where there is none and settings are named.
    pub(crate) fn manage(&self) -> Option<PathBuf> {
        match &self.django {
            Some(named) if named.is_dir() => Some(named.join(MANAGE)),
            Some(named) => Some(named.clone()),
            None if self.django_command.is_some() && self.settings.is_none() => Some(MANAGE.into()),
            None => Some(PathBuf::from(MANAGE)).filter(|path| path.exists()),
        }
    }
}

/// A number of bytes with a unit.
fn bytes(text: &str) -> Result<u64, String> {
    let units: [(&str, u64); 7] = [
        ("kB", 1000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("", 1),
    ];
    let number = |(unit, factor): &(&str, u64)| {
        text.strip_suffix(unit)?.trim().parse::<u64>().ok()?.checked_mul(*factor)
    };
    units
        .iter()
        .find_map(number)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "it is a number of bytes, such as 500MB or 2GiB".to_owned())
}
