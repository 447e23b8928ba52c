//! The examples at the end of each command's help. They are lines that a shell takes, and a test runs each as it stands.
//! None is longer than 78 characters: on a narrow terminal it would be broken in two.

use super::usage::kept;

/// Puts the examples in `text` below the help of their commands: sections headed `[COMMAND]`.
pub(super) fn put(text: &str, tool: clap::Command) -> clap::Command {
    let sections = text.split("\n[").filter_map(|section| section.trim_start_matches('[').split_once("]\n"));
    sections.fold(tool, |tool, (command, lines)| {
        tool.mut_subcommand(command, |command| {
            let before = command.get_after_help().map(|note| format!("{note}\n\n")).unwrap_or_default();
            let lines = lines.trim().replace('\n', "\n  ");
            command.after_help(kept(format!("{before}Examples:\n  {lines}")))
        })
    })
}
