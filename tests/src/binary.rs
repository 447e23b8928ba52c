//! Where the tools' programs are, built when they are missing or older than their sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::SystemTime;

/// The program of a tool, beside the test that runs; built when it is missing or older than its sources.
pub fn find(tool: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    if let Some(path) = built.get(tool) {
        return path.clone();
    }
    let profile = profile_directory();
    let path = profile.join(tool);
    if !is_fresh(&path, tool) {
        build(tool, &profile);
    }
    built.insert(tool.to_owned(), path.clone());
    path
}

/// `target/debug` of `target/debug/deps/test-0123`.
fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let directory = test.parent().unwrap();
    if directory.ends_with("deps") { directory.parent().unwrap().to_owned() } else { directory.to_owned() }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Asking cargo each time could build dependencies anew: their features depend on which members are built.
fn is_fresh(program: &Path, tool: &str) -> bool {
    let Ok(built) = fs::metadata(program).and_then(|metadata| metadata.modified()) else { return false };
    let sources = ["common/src", "common/Cargo.toml", "Cargo.toml", "Cargo.lock"].map(str::to_owned);
    let own = [format!("{tool}/src"), format!("{tool}/Cargo.toml")];
    sources.iter().chain(&own).all(|source| newest(&workspace().join(source)) <= built)
}

fn newest(path: &Path) -> SystemTime {
    let metadata = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let own = metadata.modified().unwrap();
    if !metadata.is_dir() {
        return own;
    }
    fs::read_dir(path).unwrap().map(|entry| newest(&entry.unwrap().path())).fold(own, SystemTime::max)
}

fn build(tool: &str, profile: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--locked", "--workspace", "--bins", "--target-dir"]);
    command.arg(profile.parent().unwrap()).current_dir(workspace());
    if profile.ends_with("release") {
        command.arg("--release");
    }
    let output = command.output().expect("run cargo");
    assert!(output.status.success(), "cannot build {tool}\n{}", String::from_utf8_lossy(&output.stderr));
}
