//! Reads the command line; what is wrong with it becomes an error that repeats no password.

use super::Command;
use crate::error::Error;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction};
use std::ffi::OsString;

/// What the command line asks for.
pub(super) enum Asked<C> {
    /// Work.
    Work(C),
    /// Help or the version.
    Text(String),
}

/// Reads `arguments`, the tool's own name in front.
pub(super) fn parse<C: Command>(tool: &'static str, arguments: Vec<OsString>) -> Result<Asked<C>, Error> {
    // -h is the host, as in psql, so help answers to -? and --help.
    let help =
        Arg::new("help").short('?').long("help").help("Print help").action(ArgAction::Help).global(true);
    // Behind what is the command's own.
    let help = help.display_order(usize::from(u16::MAX));
    let mut command =
        super::examples::put(C::EXAMPLES, C::command()).name(tool).bin_name(tool).disable_help_flag(true);
    if !command.get_arguments().any(|argument| argument.get_id() == "help") {
        command = command.arg(help);
    }
    if let Some(release) = command.get_version().map(str::to_owned) {
        command = command.long_version(kept(super::facts::version(&release)));
    }
    if let Some(text) = super::shell::asked(&command, &arguments) {
        return text.map(Asked::Text);
    }
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| C::from_arg_matches(&matches));
    parsed.map(Asked::Work).or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Asked::Text(text(&error))),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(Error::usage("no command was given").hint(TRY_HELP))
        }
        _ => Err(usage(&error.render().to_string())),
    })
}

/// A text that lives as long as the process, which reads its command line once.
pub(super) fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn text(help: &clap::Error) -> String {
    let styled = help.render();
    if super::stdio::colours(&std::io::stdout()) { styled.ansi().to_string() } else { styled.to_string() }
}

const TRY_HELP: &str = "`--help` lists what there is";

fn usage(rendered: &str) -> Error {
    let said = rendered.strip_prefix("error: ").unwrap_or(rendered);
    let message =
        said.split("\n\nUsage:").next().unwrap_or(said).split("\n\nFor more").next().unwrap_or(said);
    let mut lines = message
        .lines()
        .map(|line| line.trim().trim_end_matches(':'))
        .filter(|line| !line.is_empty())
        .map(hide_passwords);
    let error = Error::usage(lines.next().unwrap_or_else(|| "wrong usage".to_owned()));
    let (tips, causes): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("tip: "));
    let hint = tips.first().and_then(|tip| tip.strip_prefix("tip: ")).unwrap_or(TRY_HELP).to_owned();
    causes.into_iter().fold(error, Error::cause).hint(hint)
}

/// The text without the passwords of the URIs and key=value strings in it.
fn hide_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, end)) = next_password(rest) {
        shown.push_str(rest.get(..at).unwrap_or_default());
        shown.push_str("***");
        rest = rest.get(end..).unwrap_or_default();
    }
    shown + rest
}

/// Where the first password begins and ends.
fn next_password(text: &str) -> Option<(usize, usize)> {
    let in_uri = text.find("://").and_then(|scheme| {
        let from = scheme + 3;
        let rest = text.get(from..)?;
        // A password may hold anything that was forgotten to be encoded: it ends at the last @ of the word.
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let at = rest.get(..word)?.rfind('@')?;
        let colon = rest.get(..at)?.find(':')?;
        Some((from + colon + 1, from + at))
    });
    let in_pairs = text.to_ascii_lowercase().find("password").and_then(|key| {
        let rest = text.get(key + "password".len()..)?;
        let value = rest.trim_start().strip_prefix('=')?.trim_start();
        let from = text.len() - value.len();
        let length = match value.strip_prefix('\'') {
            // Clap puts arguments in quotes of its own, so the end of a quoted value is not certain: hide to the end.
            Some(_) => value.len(),
            None => value.find([' ', '&', '\'']).unwrap_or(value.len()),
        };
        Some((from, from + length))
    });
    [in_uri, in_pairs].into_iter().flatten().filter(|(from, to)| from < to).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_repeated() {
        let shown = [
            (
                "unexpected argument 'postgres://u:se@cret@h/db' found",
                "unexpected argument 'postgres://u:***@h/db' found",
            ),
            ("'host=h password=secret user=u'", "'host=h password=*** user=u'"),
            ("'password = 'se cret' user=u'", "'password = ***"),
            (
                "'postgresql://h/db?user=u&password=secret&sslmode=require'",
                "'postgresql://h/db?user=u&password=***&sslmode=require'",
            ),
            (
                "a postgres://u:x@h/d and postgres://u:y@h/d",
                "a postgres://u:***@h/d and postgres://u:***@h/d",
            ),
            ("unexpected argument '--stoer' found", "unexpected argument '--stoer' found"),
        ];
        for (said, expected) in shown {
            assert_eq!(hide_passwords(said), expected);
        }
    }
}
