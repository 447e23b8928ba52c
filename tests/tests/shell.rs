//! What shells and `man` are told of the tools is well-formed, and complete.
#![expect(clippy::unwrap_used, reason = "what a test cannot do, it fails with")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use testkit::Tool;

const TOOLS: [&str; 4] = ["pgsnap", "pgverify", "pgshift", "pgcheckpoint"];

fn text(tool: &str, arguments: &[&str]) -> String {
    Tool::named(tool).args(arguments).raw().run().success().quiet().stdout()
}

/// The commands that `--help` lists.
fn commands(tool: &str) -> Vec<String> {
    let help = text(tool, &["--help"]);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let words = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    words.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// Lets a shell read the script, if that shell is here; whether it was.
fn is_read_by(shell: &str, arguments: &[&str], script: &str) -> bool {
    let mut command = Command::new(shell);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else { return false };
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{shell}: {said}");
    true
}

#[test]
fn completions_are_read_by_their_shells_and_know_every_command() {
    for tool in TOOLS {
        let bash = text(tool, &["completions", "bash"]);
        assert!(is_read_by("bash", &["-n"], &bash));
        is_read_by("zsh", &["-n"], &text(tool, &["completions", "zsh"]));
        is_read_by("fish", &["--no-execute"], &text(tool, &["completions", "fish"]));
        for command in commands(tool) {
            assert!(
                bash.contains(&format!("{tool}__{command}")) || bash.contains(&format!("{tool},{command}")),
                "{tool} {command}"
            );
        }
    }
}

#[test]
fn the_completions_of_bash_complete() {
    let script = format!(
        "{}\nCOMP_WORDS=(pgsnap cre) COMP_CWORD=1; _pgsnap pgsnap cre pgsnap; echo \"${{COMPREPLY[@]}}\"",
        text("pgsnap", &["completions", "bash"])
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "create");
}

#[test]
fn every_command_has_a_page_of_the_manual_with_all_its_options() {
    for tool in TOOLS {
        let page = text(tool, &["man"]);
        assert!(page.contains(&format!(".TH {tool} 1")), "{page}");
        for command in commands(tool) {
            assert!(page.contains(&command.replace('-', "\\-")), "{tool} {command}");
            let page = text(tool, &["man", &command]);
            assert!(page.contains(&format!(".TH {tool}-{command} 1")), "{page}");
            let help = text(tool, &[&command, "--help"]);
            let long = help
                .split_whitespace()
                .filter(|word| word.starts_with("--"))
                .map(|word| word.trim_end_matches([',', '.', ';', ')']));
            for option in long.filter(|option| option.len() > 2) {
                let option = option.split(['=', '[']).next().unwrap();
                assert!(page.contains(&option.replace('-', "\\-")), "{tool} {command} {option}: {page}");
            }
        }
    }
}

#[test]
fn what_has_no_completions_and_no_page_is_wrong_usage() {
    for arguments in
        [&["completions"][..], &["completions", "tcl"], &["man", "none"], &["man", "create", "list"]]
    {
        Tool::named("pgsnap").args(arguments).run().exit(2).says("pgsnap: ");
    }
}
