//! What shells and `man` need to know of a tool, made from the definition of its command line: `completions SHELL` and `man`.
//!
//! Both are asked for when a package is made, so `--help` does not list them.

use crate::error::{Error, Result};
use clap_complete::Shell;
use std::ffi::OsString;

/// The text that was asked for, if it was. `tool` is the whole command line's definition.
pub(super) fn asked(tool: &clap::Command, arguments: &[OsString]) -> Option<Result<String>> {
    match arguments.get(1)?.to_str()? {
        "completions" => Some(completions(tool, arguments.get(2..).unwrap_or_default())),
        "man" => Some(manual(tool, arguments.get(2..).unwrap_or_default())),
        _ => None,
    }
}

fn completions(tool: &clap::Command, words: &[OsString]) -> Result<String> {
    let [shell] = words else {
        return Err(Error::usage("`completions` takes the name of a shell").hint("bash, zsh, fish or elvish"));
    };
    let known = shell.to_str().and_then(|name| name.parse::<Shell>().ok());
    let Some(shell) = known else {
        let what = format!("no completions are known for {}", shell.display());
        return Err(Error::usage(what).hint("bash, zsh, fish or elvish"));
    };
    let mut text = Vec::new();
    let name = tool.get_name().to_owned();
    clap_complete::generate(shell, &mut tool.clone(), name, &mut text);
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The manual's page of the tool, or of the command that is named.
fn manual(tool: &clap::Command, words: &[OsString]) -> Result<String> {
    let mut whole = tool.clone();
    whole.build();
    let page = match words {
        [] => whole,
        [name] => {
            let found = whole.get_subcommands().find(|command| command.get_name() == name);
            let Some(command) = found else {
                return Err(Error::usage(format!("{} has no command {}", tool.get_name(), name.display())));
            };
            let title = super::usage::kept(format!("{}-{}", tool.get_name(), command.get_name()));
            command.clone().name(title)
        }
        _ => return Err(Error::usage("`man` takes the name of one command, or nothing")),
    };
    let cannot = |error: std::io::Error| Error::io("cannot write the manual's page", &error);
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).map_err(cannot)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
