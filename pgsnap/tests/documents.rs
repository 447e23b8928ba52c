//! The documents say what is so: the README's tour runs and says what it shows, every command and option is described, and
//! every path and link leads somewhere.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use testkit::documents::{options_described, options_of_help};
use testkit::{Cluster, TempDir, newest_major};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(workspace().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The documents of the project, below the workspace.
fn documents() -> Vec<String> {
    let mut names: Vec<String> = ["", "docs", "tests/schemas"]
        .iter()
        .flat_map(|directory| std::fs::read_dir(workspace().join(directory)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| path.strip_prefix(workspace()).unwrap().display().to_string())
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    names
}

/// A command of the tour, and the lines that it is said to write; `…` stands for lines that are left out.
struct Shown {
    command: String,
    lines: Vec<String>,
}

fn tour() -> Vec<Shown> {
    let readme = read("README.md");
    let mut shown: Vec<Shown> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match line.strip_prefix("$ ") {
                Some(command) => shown.push(Shown { command: command.to_owned(), lines: Vec::new() }),
                None => shown.last_mut().expect("a command").lines.push(line.to_owned()),
            }
        }
    }
    shown
}

/// A line without what differs from run to run and from server to server: times, sizes, names of snapshots, counts of blocks. Counts of rows stay, as far as they have
/// a thousand's comma.
fn redacted(line: &str) -> String {
    const UNITS: [&str; 7] = ["ms", "s", "min", "bytes", "kB", "MB", "GB"];
    let varies = |word: &str| {
        (word.bytes().any(|byte| byte.is_ascii_digit()) && !word.contains(',')) || UNITS.contains(&word)
    };
    let mut text = String::new();
    // Packages say in parentheses whose they are.
    for word in line.split_whitespace().filter(|word| !word.starts_with('(') && !word.ends_with(')')) {
        if !varies(word) {
            let _ = write!(text, "{word} ");
        } else if !text.ends_with("# ") {
            text.push_str("# ");
        }
    }
    text.trim_end().to_owned()
}

/// What a JSON line holds, numbers of blocks and bytes aside.
fn keys(line: &str) -> Option<BTreeSet<String>> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    let fields = value.as_object()?.iter();
    Some(
        fields
            .map(|(name, value)| match name.as_str() {
                "blocks_new" | "blocks_reused" | "stored_bytes" => name.clone(),
                _ => format!("{name}={value}"),
            })
            .collect(),
    )
}

fn is_said(line: &str, said: &str) -> bool {
    match keys(line) {
        Some(wanted) => said.lines().any(|other| keys(other).as_ref() == Some(&wanted)),
        None => said.lines().any(|other| redacted(other) == redacted(line)),
    }
}

/// On a terminal stdout is a table; here it is none, and has to be asked for.
fn as_on_a_terminal(command: &str) -> String {
    let writes_records =
        TOOLS.iter().any(|(tool, _)| command.starts_with(&format!("{tool} "))) && !command.contains('|');
    if writes_records { format!("{command} --format table") } else { command.to_owned() }
}

#[test]
fn the_tour_of_the_readme_says_what_it_shows() {
    let cluster = Cluster::start(newest_major(), &[]);
    let directory = TempDir::new();
    let tour = tour();
    assert!(tour.len() > 10, "{}", tour.len());
    let mut script = String::from("status=0\n");
    for (number, shown) in tour.iter().enumerate() {
        let command = as_on_a_terminal(&shown.command);
        let _ = writeln!(script, "(exit $status)\n{command}\nstatus=$?\necho \"@@{number} $status\"");
    }
    let psql = cluster.client("psql", "postgres");
    let programs = [Path::new(psql.get_program()).parent(), Path::new(env!("CARGO_BIN_EXE_pgsnap")).parent()];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = programs.into_iter().flatten().map(Path::to_owned).chain(std::env::split_paths(&path));
    let mut bash = Command::new("bash");
    cluster.sandbox().lead(&mut bash, "postgres");
    let output = bash
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .env("PATH", std::env::join_paths(places).unwrap())
        .env("TMPDIR", directory.path())
        .env("HOME", directory.path())
        .env_remove("PGSNAP_STORE")
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut rest = said.as_str();
    for (number, shown) in tour.iter().enumerate() {
        let (own, behind) =
            rest.split_once(&format!("@@{number} ")).unwrap_or_else(|| panic!("{}\n{said}", shown.command));
        let (status, behind) = behind.split_once('\n').unwrap();
        let refused = tour.get(number + 1).is_some_and(|next| next.command == "echo $?");
        let wanted = if refused { tour[number + 1].lines[0].as_str() } else { "0" };
        assert_eq!(status, wanted, "{}\n{own}", shown.command);
        for line in shown.lines.iter().filter(|line| !matches!(line.as_str(), "" | "…")) {
            assert!(is_said(line, own), "{}\nthe README shows\n{line}\nit said\n{own}", shown.command);
        }
        rest = behind;
    }
}

const TOOLS: &[(&str, &[&str])] = &[
    (
        "pgsnap",
        &[
            "create", "restore", "list", "show", "check", "cat", "copy", "export", "import", "forget",
            "sweep", "status", "keys", "schema",
        ],
    ),
    ("pgverify", &["restore", "compare", "archive", "schema"]),
    (
        "pgshift",
        &["plan", "status", "check", "apply", "revert", "new", "adopt", "squash", "lint", "stats", "schema"],
    ),
    ("pgcheckpoint", &["run", "list", "assert", "diff", "ready", "watch", "report", "schema"]),
];

#[test]
fn every_option_is_described_and_every_option_described_is_there() {
    for (tool, commands) in TOOLS {
        let mut page = read(&format!("docs/{tool}.md"));
        if *tool == "pgshift" {
            // What is for Django only has a page of its own.
            page.push_str(&read("docs/django.md"));
        }
        let there = options_of_help(tool, commands);
        assert!(there.contains("--format"), "{there:?}");
        for command in *commands {
            assert!(page.contains(&format!("{tool} {command}")), "{command}");
        }
        // What is everywhere is described once.
        let mut described = options_described(&page);
        let mut everywhere =
            options_described(read("docs/pgsnap.md").split("### Connections").next().unwrap());
        if ["pgshift", "pgcheckpoint"].contains(tool) {
            // What they see of a store they see without a key.
            assert!(everywhere.remove("--identity"));
        }
        if *tool == "pgshift" {
            // It is the only one that knows no stores.
            assert!(everywhere.remove("--store"));
        }
        described.extend(everywhere);
        assert_eq!(described, there, "docs/{tool}.md (left) and --help (right) do not know the same options");
    }
}

#[test]
fn every_command_of_the_documents_is_one() {
    let mut commands = 0;
    for name in documents() {
        for line in read(&name)
            .split("```")
            .skip(1)
            .step_by(2)
            .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        {
            for part in line.trim_start_matches("$ ").split('|') {
                for (tool, known) in TOOLS {
                    let said = part.trim().strip_prefix(tool).and_then(|rest| rest.strip_prefix(' '));
                    if let Some(word) = said.and_then(|rest| rest.split(' ').next()) {
                        assert!(known.contains(&word), "{name}: {line}");
                        commands += 1;
                    }
                }
            }
        }
    }
    assert!(commands > 20, "{commands}");
}

#[test]
fn every_path_that_the_documents_name_is_there() {
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/format.md"] {
        for text in read(name).split('`').skip(1).step_by(2) {
            let starts = [
                "common/",
                "pgsnap/",
                "pgverify/",
                "pgshift/",
                "pgcheckpoint/",
                "tests/",
                "scripts/",
                "docs/",
            ];
            let path = text.split_whitespace().next().unwrap_or_default();
            if starts.iter().any(|start| path.starts_with(start))
                && !path.contains(['*', '<'])
                && !path.contains("GROUP")
            {
                assert!(workspace().join(path).exists(), "{name} names {path}");
            }
        }
    }
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut links = 0;
    for name in documents() {
        for link in read(&name).split("](").skip(1).filter_map(|text| text.split(')').next()) {
            if link.starts_with("http") || link.starts_with('#') {
                continue;
            }
            let path = link.split('#').next().unwrap();
            let target = workspace().join(&name).parent().unwrap().join(path);
            assert!(target.exists(), "{name} links to {link}");
            links += 1;
        }
    }
    assert!(links > 10, "{links}");
}
