//! Facts of the build for `--version`: from what, by what, for what.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PGRUNBOOK_COMMIT");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo::rustc-env=BUILD_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=BUILD_PROFILE={}", variable("PROFILE"));
    let compiler = output(&variable("RUSTC"), &["--version"]);
    let compiler = compiler.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    println!("cargo::rustc-env=BUILD_COMPILER={compiler}");
    // A commit a minute must not build everything anew: only what is released asks which one it is.
    let mut commit = variable("PGRUNBOOK_COMMIT");
    if commit.is_empty() && variable("PROFILE") == "release" {
        println!("cargo::rerun-if-changed=../.git/logs/HEAD");
        commit = output("git", &["rev-parse", "--short=12", "HEAD"]);
    }
    println!("cargo::rustc-env=BUILD_COMMIT={commit}");
}

/// The first line of what a program writes; nothing when it is not there or fails.
fn output(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output().ok().filter(|done| done.status.success());
    let text = done.map(|done| String::from_utf8_lossy(&done.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
