//! Servers that are not there, and an upstream that did not do its part.

use crate::place::Place;
use testkit::Tool;

/// Directories in which no server is.
fn without_servers(tool: Tool) -> Tool {
    tool.env("PATH", "/usr/bin:/bin")
        .env("PGRUNBOOK_BINDIR", "/nonexistent")
        .env("XDG_CACHE_HOME", "/nonexistent")
}

#[test]
fn a_major_that_is_not_installed_is_told_with_those_that_are() {
    let place = Place::new();
    let installed: Vec<u32> = common::pg::programs::servers().iter().map(|server| server.major).collect();
    let Some(missing) = (12..=18).find(|major| !installed.contains(major)) else { return };
    let outcome = place.restore().args(["--pg-version", &missing.to_string()]).run().exit(3);
    drop(outcome.says(&missing.to_string()).says("hint: "));
    place.is_clean();
}

#[test]
fn an_upstream_that_failed_was_cut_off_or_is_absent_is_refused_before_anything_is_made() {
    let place = Place::new();
    let made = Tool::pgsnap("check").store(place.store()).run().success().stdout();
    let listed = made.lines().collect::<Vec<_>>();
    let cut = listed[..listed.len() - 1].join("\n") + "\n";
    let failed = made.replace("\"status\":\"ok\",\"exit_code\":0", "\"status\":\"error\",\"exit_code\":3");
    assert_ne!(made, failed);
    for input in ["", "\n", "no records\n", &cut, &failed, &made] {
        let tool = Tool::named("pgverify").args(["restore", "-"]).store(place.store());
        tool.env("TMPDIR", place.temporary()).input(input).run().exit(4);
        place.is_clean();
    }
    // And nothing at all to read from.
    let tool = Tool::named("pgverify").args(["restore", "-"]).store(place.store());
    tool.env("TMPDIR", place.temporary()).run().exit(4);
    place.is_clean();
}

#[test]
fn without_any_server_it_says_where_it_looked() {
    let place = Place::new();
    let mut outcome = without_servers(place.restore()).run();
    // A machine may have servers where every tool looks for them.
    assert!([0, 3].contains(&outcome.code()), "{outcome}");
    place.is_clean();
}
