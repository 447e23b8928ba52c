//! What documents say of a tool's options, and what its `--help` says.

use crate::Tool;
use std::collections::BTreeSet;

/// The options in the `--help` of `tool` and of each of its `commands`.
pub fn options_of_help(tool: &str, commands: &[&str]) -> BTreeSet<String> {
    let helps = std::iter::once(None).chain(commands.iter().map(Some));
    let texts = helps.map(|command| {
        let asked = command.iter().fold(Tool::named(tool).raw(), Tool::arg);
        asked.arg("--help").run().success().stdout()
    });
    let mut options = BTreeSet::new();
    for text in texts {
        for line in text.lines().map(str::trim_start) {
            let words = line.split_whitespace().map(|word| word.trim_end_matches(','));
            options
                .extend(words.take_while(|word| word.len() > 1 && word.starts_with('-')).map(str::to_owned));
        }
    }
    options
}

/// The options that `page` names outside of its blocks of code: `-d/--dbname` and `-j`, `--jobs JOBS` are two each.
pub fn options_described(page: &str) -> BTreeSet<String> {
    let prose: String = page.split("```").step_by(2).collect();
    let quoted = prose.split('`').skip(1).step_by(2).flat_map(|text| text.split([' ', '/', ',']));
    let is_option = |word: &&str| {
        let name = word.trim_start_matches('-');
        word.starts_with('-') && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '?')
    };
    quoted.filter(is_option).map(str::to_owned).collect()
}
