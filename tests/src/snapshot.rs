//! Texts that people read, each kept as a file beside the tests: a change of one is seen in review.

use std::fs;
use std::path::Path;

/// Compares `text` with the file `name` below `tests/snapshots` of the package at `package`; with `UPDATE_SNAPSHOTS`
/// set, writes it anew.
#[track_caller]
pub fn matches(package: &str, name: &str, text: &str) {
    let file = Path::new(package).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        return;
    }
    let known = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(known, text, "{} is out of date: UPDATE_SNAPSHOTS=1 writes it anew", file.display());
}
