//! Finds PostgreSQL's own programs on this machine: `pg_dump`, `psql`, … and servers to start.
//!
//! Runs nothing but `--version` and `pg_config --bindir`. A program is an argument vector, never a shell string.
//! Debian's `/usr/bin/pg_dump` and its like are Perl wrappers that choose a cluster of their own: they are
//! passed over for the real programs behind them.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The directories to look in before all others, separated as in `PATH`.
const BINDIR: &str = "PGRUNBOOK_BINDIR";

/// Where packages put their versions; `*` stands for one directory's name, or the rest of it.
const USUAL: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// Where `scripts/get-postgres` puts what it brings when root runs it: an unprivileged server can read it there.
const SHARED_CACHE: &str = "/var/cache";

/// The version of a program. Before PostgreSQL 10 the major version had two parts; `major` is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 18 of 18.4.
    pub major: u32,
    /// 4 of 18.4; 0 for a development version or a beta.
    pub minor: u32,
}

impl Version {
    /// Reads what `--version` prints, such as `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    fn parse(line: &str) -> Option<Self> {
        let word =
            line.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
        let mut numbers = word.split(|other: char| !other.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        let released = !word.contains(|other: char| other.is_ascii_alphabetic());
        let minor = numbers.next().filter(|_| released).and_then(|minor| minor.parse().ok()).unwrap_or(0);
        Some(Self { major, minor })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

/// A client program that can be run.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program and its leading arguments; never empty.
    pub command: Vec<OsString>,
    /// What it says it is.
    pub version: Version,
    /// Named by a variable: it may run elsewhere (in a container), see other files and other sockets.
    pub custom: bool,
}

impl Program {
    /// A command that runs it; arguments are to be added.
    pub fn start(&self) -> Command {
        let (program, arguments) =
            self.command.split_first().map_or((OsStr::new(""), &[][..]), |(first, rest)| (first, rest));
        let mut command = Command::new(program);
        command.args(arguments);
        command
    }
}

/// A server that can be started.
#[derive(Clone, Debug)]
pub struct Server {
    /// The directory of `initdb` and `postgres`.
    pub bin: PathBuf,
    /// Its major version.
    pub major: u32,
    /// The whole version.
    pub version: Version,
}

/// The client program `name` of the lowest major version that is at least `at_least_major`.
///
/// `PGRUNBOOK_PG_DUMP`, `PGRUNBOOK_PSQL`, … name another command, split as a shell would but run without one.
/// What `PGRUNBOOK_BINDIR` holds comes before what is found elsewhere.
///
/// Fails with `program_missing` when there is none, as a usage error when the variable names one that does not fit.
pub fn client(name: &str, at_least_major: u32) -> Result<Program> {
    let variable = variable(name);
    match std::env::var_os(&variable).filter(|value| !value.is_empty()) {
        Some(value) => custom(name, &variable, &value, at_least_major),
        None => Places::of_this_machine().client(name, at_least_major),
    }
}

/// All servers that are found, lowest version first; of equal ones, the preferred first.
pub fn servers() -> Vec<Server> {
    Places::of_this_machine().servers()
}

/// The server of a major version, or the newest. Fails with `program_missing`.
pub fn server(major: Option<u32>) -> Result<Server> {
    let places = Places::of_this_machine();
    let found = places.servers();
    let wanted = major.or_else(|| found.last().map(|server| server.major));
    found
        .iter()
        .find(|server| Some(server.major) == wanted)
        .cloned()
        .ok_or_else(|| places.no_server(major, &found))
}

fn variable(name: &str) -> String {
    format!("PGRUNBOOK_{}", name.to_uppercase())
}

fn custom(name: &str, variable: &str, value: &OsStr, at_least_major: u32) -> Result<Program> {
    let command: Vec<OsString> = value
        .to_str()
        .and_then(shlex::split)
        .filter(|words| !words.is_empty())
        .ok_or_else(|| {
            Error::usage(format!("cannot read {variable} as a command: unbalanced quotes, or not UTF-8"))
        })?
        .into_iter()
        .map(OsString::from)
        .collect();
    let version = ask_version(&command)
        .map_err(|why| Error::usage(format!("{variable} names a command that does not run")).cause(why))?;
    if version.major < at_least_major {
        let message = format!("{variable} names {name} {version}, but {at_least_major} or newer is needed");
        return Err(Error::usage(message).code_is("program_too_old").hint(format!(
            "an older {name} cannot serve a newer server: name one of {at_least_major} or newer, or unset {variable}"
        )));
    }
    Ok(Program { command, version, custom: true })
}

/// The directories to look in, in order of preference.
struct Places {
    chosen: Vec<PathBuf>,
    others: Vec<PathBuf>,
    looked_at: Vec<String>,
}

impl Places {
    fn of_this_machine() -> Self {
        let chosen: Vec<PathBuf> =
            std::env::var_os(BINDIR).map(|list| std::env::split_paths(&list).collect()).unwrap_or_default();
        let mut looked_at = vec![format!("{BINDIR}{}", if chosen.is_empty() { " (not set)" } else { "" })];
        let mut others: Vec<PathBuf> =
            std::env::var_os("PATH").map(|list| std::env::split_paths(&list).collect()).unwrap_or_default();
        looked_at.push("PATH".into());
        others.extend(pg_config_bindir());
        looked_at.push("`pg_config --bindir`".into());
        for pattern in USUAL.iter().map(|usual| (*usual).to_owned()).chain(caches()) {
            others.extend(expand(&pattern));
            looked_at.push(pattern);
        }
        Self { chosen, others, looked_at }
    }

    fn client(&self, name: &str, at_least_major: u32) -> Result<Program> {
        let mut found = Vec::new();
        for directories in [&self.chosen, &self.others] {
            let here = programs(directories, name);
            let fitting = here.iter().filter(|(_, version)| version.major >= at_least_major);
            if let Some((path, version)) = fitting.min_by_key(|(_, version)| version.major) {
                return Ok(Program { command: vec![path.into()], version: *version, custom: false });
            }
            found.extend(here);
        }
        Err(self.no_client(name, at_least_major, &found))
    }

    fn servers(&self) -> Vec<Server> {
        let mut servers: Vec<Server> = Vec::new();
        for (path, version) in programs(self.chosen.iter().chain(&self.others), "postgres") {
            let Some(bin) = path.parent().filter(|bin| bin.join("initdb").is_file()) else { continue };
            servers.push(Server { bin: bin.to_owned(), major: version.major, version });
        }
        servers.sort_by_key(|server| server.major);
        servers
    }

    fn no_client(&self, name: &str, at_least_major: u32, found: &[(PathBuf, Version)]) -> Error {
        let list: Vec<_> =
            found.iter().map(|(path, version)| format!("{version} ({})", path.display())).collect();
        let message = format!("cannot find {name} {at_least_major} or newer");
        self.missing(message, &list).hint(format!(
            "install postgresql-client-{at_least_major} or newer, or set {BINDIR} to the directory of one, \
             or {} to a command that runs it",
            variable(name)
        ))
    }

    fn no_server(&self, major: Option<u32>, found: &[Server]) -> Error {
        let list: Vec<_> =
            found.iter().map(|server| format!("{} ({})", server.version, server.bin.display())).collect();
        let (what, package) = match major {
            Some(major) => {
                (format!("a PostgreSQL {major} server (initdb and postgres)"), format!("postgresql-{major}"))
            }
            None => ("a PostgreSQL server (initdb and postgres)".into(), "postgresql".into()),
        };
        self.missing(format!("cannot find {what}"), &list)
            .hint(format!("install {package} (no cluster has to be created), or set {BINDIR} to the directory of its programs"))
    }

    fn missing(&self, message: String, found: &[String]) -> Error {
        let found = if found.is_empty() { "nothing".into() } else { found.join(", ") };
        Error::failed("program_missing", message)
            .cause(format!("found {found}"))
            .cause(format!("looked in {}", self.looked_at.join(", ")))
    }
}

/// The real programs of that name in these directories, each once, with their versions.
fn programs<'a>(directories: impl IntoIterator<Item = &'a PathBuf>, name: &str) -> Vec<(PathBuf, Version)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for directory in directories {
        let path = directory.join(name);
        let Ok(real) = path.canonicalize() else { continue };
        if real.file_name() == Some(OsStr::new("pg_wrapper")) || !seen.insert(real) {
            continue;
        }
        if let Ok(version) = ask_version(&[path.clone().into()]) {
            found.push((path, version));
        }
    }
    found
}

fn ask_version(command: &[OsString]) -> std::result::Result<Version, String> {
    let said = output(command, "--version")?;
    Version::parse(&said)
        .ok_or_else(|| format!("`--version` answered {:?}", said.lines().next().unwrap_or_default()))
}

fn pg_config_bindir() -> Option<PathBuf> {
    let said = output(&["pg_config".into()], "--bindir").ok()?;
    Some(PathBuf::from(said.lines().next()?.trim()))
}

fn output(command: &[OsString], argument: &str) -> std::result::Result<String, String> {
    let (program, leading) = command.split_first().ok_or("no command")?;
    let output = Command::new(program)
        .args(leading)
        .arg(argument)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} {argument}: {} {}", program.display(), output.status, said.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Where `scripts/get-postgres` puts what it brings: one directory a server version, and `client16`, `client18`.
fn caches() -> Vec<String> {
    let of_user = std::env::var_os("XDG_CACHE_HOME")
        .filter(|cache| !cache.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let both = of_user.into_iter().chain([PathBuf::from(SHARED_CACHE)]);
    both.map(|cache| format!("{}/pgrunbook/postgres/*/bin", cache.display())).collect()
}

/// The directories a pattern with at most one `*` stands for, in order of their names, numbers first.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = std::fs::read_dir(if parent.is_empty() { "/" } else { parent }) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names.into_iter().map(|name| PathBuf::from(format!("{parent}/{name}{after}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn version(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }

    #[test]
    fn reads_the_versions_that_packagers_print() {
        for (line, expected) in [
            ("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", version(15, 18)),
            ("postgres (PostgreSQL) 18beta1", version(18, 0)),
            ("psql (PostgreSQL) 19devel", version(19, 0)),
            ("pg_dump (EnterpriseDB) 16.1.0", version(16, 1)),
            ("pg_dump (PostgreSQL) 9.6.24", version(9, 6)),
        ] {
            assert_eq!(Version::parse(line), Some(expected), "{line}");
        }
        assert_eq!(Version::parse("pg_dump: unknown option"), None);
    }

    /// Directories with shell scripts that say they are `pg_dump` of these versions.
    struct Pretended(PathBuf);

    impl Pretended {
        fn new(case: &str) -> Self {
            let root = std::env::temp_dir().join(format!("programs-{}-{case}", std::process::id()));
            std::fs::create_dir_all(&root).unwrap();
            Self(root)
        }

        fn with(&self, directory: &str, program: &str, says: &str) -> PathBuf {
            let directory = self.0.join(directory);
            std::fs::create_dir_all(&directory).unwrap();
            let path = directory.join(program);
            std::fs::write(&path, format!("#!/bin/sh\necho \"{program} (PostgreSQL) {says}\"\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            directory
        }
    }

    impl Drop for Pretended {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    fn places(chosen: Vec<PathBuf>, others: Vec<PathBuf>) -> Places {
        Places { chosen, others, looked_at: vec!["here".into()] }
    }

    #[test]
    fn takes_the_lowest_version_that_fits_but_the_chosen_directory_first() {
        let made = Pretended::new("lowest");
        let (old, new, newer) = (
            made.with("a", "pg_dump", "14.2"),
            made.with("b", "pg_dump", "18.4"),
            made.with("c", "pg_dump", "16.1"),
        );
        let found =
            places(vec![], vec![old.clone(), new.clone(), newer.clone()]).client("pg_dump", 15).unwrap();
        assert_eq!((found.version, &found.command), (version(16, 1), &vec![newer.join("pg_dump").into()]));
        let found = places(vec![old, new.clone()], vec![newer]).client("pg_dump", 15).unwrap();
        assert_eq!(found.command, vec![OsString::from(new.join("pg_dump"))]);
    }

    #[test]
    fn says_what_was_found_and_the_way_out_when_none_fits() {
        let made = Pretended::new("none");
        let old = made.with("a", "pg_dump", "14.2");
        let error = places(vec![], vec![old]).client("pg_dump", 17).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("cannot find pg_dump 17 or newer: found 14.2 ("), "{text}");
        let hint = error.advice().unwrap_or_default();
        assert!(hint.contains("postgresql-client-17") && hint.contains("PGRUNBOOK_PG_DUMP"), "{hint}");
    }

    #[test]
    fn passes_over_the_wrapper_of_debian() {
        let made = Pretended::new("wrapper");
        let directory = made.with("share", "pg_wrapper", "15.1");
        std::os::unix::fs::symlink("pg_wrapper", directory.join("pg_dump")).unwrap();
        assert_eq!(programs(&[directory], "pg_dump"), []);
    }

    #[test]
    fn a_variable_names_a_command_with_arguments_that_is_asked_its_version() {
        let made = Pretended::new("custom");
        let path = made.with("with space", "pg_dump", "16.3").join("pg_dump");
        let value = format!("env LC_ALL=C '{}'", path.display());
        let program = custom("pg_dump", "PGRUNBOOK_PG_DUMP", OsStr::new(&value), 15).unwrap();
        assert_eq!((program.command.len(), program.version, program.custom), (3, version(16, 3), true));
        assert!(program.start().arg("--version").output().unwrap().status.success());
        let too_old = custom("pg_dump", "PGRUNBOOK_PG_DUMP", OsStr::new(&value), 17).unwrap_err();
        assert_eq!((too_old.code(), too_old.class().exit_code()), ("program_too_old", 2));
        for broken in ["'", "/nowhere/pg_dump", "false", " "] {
            assert!(custom("pg_dump", "PGRUNBOOK_PG_DUMP", OsStr::new(broken), 15).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_server_needs_initdb_beside_it_and_the_newest_is_last() {
        let made = Pretended::new("servers");
        let newest = made.with("18", "postgres", "18.4");
        made.with("18", "initdb", "18.4");
        let oldest = made.with("12", "postgres", "12.22");
        made.with("12", "initdb", "12.22");
        let alone = made.with("17", "postgres", "17.1");
        let servers = places(vec![], vec![newest.clone(), alone, oldest.clone()]).servers();
        let found: Vec<_> = servers.iter().map(|server| (server.major, server.bin.clone())).collect();
        assert_eq!(found, [(12, oldest), (18, newest)]);
    }

    #[test]
    fn a_star_stands_for_every_version() {
        let made = Pretended::new("star");
        made.with("pgsql-15/bin", "psql", "15.1");
        made.with("pgsql-16/bin", "psql", "16.1");
        made.with("other/bin", "psql", "17.1");
        let root = made.0.display();
        let expected = ["15", "16"].map(|major| PathBuf::from(format!("{root}/pgsql-{major}/bin")));
        assert_eq!(expand(&format!("{root}/pgsql-*/bin")), expected);
    }
}
