//! The table of checks in the documentation is made of the checks' heads: what a new file says is there by itself.

use super::{Bounds, Check, Role, all};
use crate::records::State;
use common::sandbox::MAJORS;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pgcheckpoint.md");
const HEAD: &str = "| check | warn | crit | |\n|---|---|---|---|\n";

/// `UPDATE_SNAPSHOTS=1 cargo test -p pgcheckpoint documented` writes it anew.
#[test]
fn the_table_of_checks_is_what_their_heads_say() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(HEAD).unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let rows: String = all().unwrap().iter().map(row).collect();
    let made = format!("{before}{HEAD}{rows}\n{after}");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(PAGE, made).unwrap();
        return;
    }
    assert_eq!(page, made, "docs/pgcheckpoint.md is out of date: UPDATE_SNAPSHOTS=1 writes it anew");
}

fn row(check: &Check) -> String {
    let Bounds { warn, crit, below } = check.bounds;
    let bound = |bound: Option<f64>| {
        let sign = if below { "≤ " } else { "" };
        bound.map(|bound| format!("{sign}{}", check.unit.threshold(bound))).unwrap_or_default()
    };
    let (warn, crit) = match check.severity {
        Some(State::Crit) => (String::new(), "any".to_owned()),
        Some(State::Warn) => ("any".to_owned(), String::new()),
        Some(_) => ("info".to_owned(), String::new()),
        None => (bound(warn), bound(crit)),
    };
    let mut only = Vec::new();
    let (from, to) = check.versions();
    if from > *MAJORS.start() {
        only.push(format!("PostgreSQL {from} and later"));
    }
    if to != u32::MAX {
        only.push(format!("up to PostgreSQL {to}"));
    }
    only.extend(
        check.on.map(|on| if on == Role::Primary { "primary only" } else { "standby only" }.to_owned()),
    );
    only.extend(check.extension.as_ref().map(|extension| format!("with {extension}")));
    let only = if only.is_empty() { String::new() } else { format!(" ({})", only.join(", ")) };
    format!("| `{}` | {warn} | {crit} | {}{only} |\n", check.name, check.about)
}
