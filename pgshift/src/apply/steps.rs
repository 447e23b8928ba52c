//! How a script is run: as one transaction, or step by step.

use crate::script::{Control, Need, Parsed, Statement};
use crate::source::Transaction;
use common::error::{Error, Result};

/// What is done at once or not at all, as far as that can be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    /// These statements in a transaction.
    Together {
        /// The script's own BEGIN, with what it says of the transaction.
        begin: Option<&'a Statement>,
        /// The statements between BEGIN and COMMIT.
        statements: &'a [Statement],
        /// The number of the last statement that is done with it, its own COMMIT included.
        last: usize,
    },
    /// This statement, outside of any transaction.
    Alone(&'a Statement),
}

/// How `script` is run.
pub(crate) fn of<'a>(script: &'a Parsed<'_>) -> Result<Vec<Step<'a>>> {
    let statements = script.statements.as_slice();
    let directed = script.script.transaction == Transaction::No;
    let alone = |statement: &Statement| is_alone(statement, directed);
    let controls = statements.iter().filter(|statement| statement.class.control != Control::None).count();
    if !directed && !statements.iter().any(alone) {
        match statements {
            [first, middle @ .., last]
                if controls == 2
                    && first.class.control == Control::Begin
                    && last.class.control == Control::Commit =>
            {
                return Ok(vec![Step::Together {
                    begin: Some(first),
                    statements: middle,
                    last: statements.len(),
                }]);
            }
            _ if controls == 0 => {
                return Ok(vec![Step::Together { begin: None, statements, last: statements.len() }]);
            }
            _ => {}
        }
    }
    one_by_one(script, alone)
}

fn one_by_one<'a>(script: &'a Parsed<'_>, alone: impl Fn(&Statement) -> bool) -> Result<Vec<Step<'a>>> {
    let statements = script.statements.as_slice();
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(statement) = statements.get(at) {
        let rest = statements.get(at + 1..).unwrap_or_default();
        match statement.class.control {
            Control::Begin => {
                let length = rest.iter().position(|next| next.class.control != Control::None);
                let ends = length.and_then(|length| rest.get(length));
                let (Some(length), Some(Control::Commit)) = (length, ends.map(|end| end.class.control))
                else {
                    return Err(unpaired(script, statement, "no COMMIT follows this BEGIN"));
                };
                let inside = rest.get(..length).unwrap_or_default();
                if let Some(cannot) = inside.iter().find(|inside| inside.class.need == Need::Alone) {
                    return Err(unpaired(script, cannot, "it cannot run between BEGIN and COMMIT"));
                }
                let last = at + length + 2;
                steps.push(Step::Together { begin: Some(statement), statements: inside, last });
                at = last;
                continue;
            }
            Control::Commit => return Err(unpaired(script, statement, "no BEGIN is before this COMMIT")),
            Control::Other | Control::None if alone(statement) => steps.push(Step::Alone(statement)),
            Control::Other | Control::None => {
                let last = at + together(statements.get(at..).unwrap_or_default(), &alone);
                let these = statements.get(at..last).unwrap_or_default();
                steps.push(Step::Together { begin: None, statements: these, last });
                at = last;
                continue;
            }
        }
        at += 1;
    }
    Ok(steps)
}

/// How many of the first statements are one for their convention, and can be.
fn together(statements: &[Statement], alone: impl Fn(&Statement) -> bool) -> usize {
    let joined = statements.iter().take_while(|statement| statement.with_next).count();
    let cannot = |statement: &Statement| alone(statement) || statement.class.control != Control::None;
    let all = statements.get(..=joined).unwrap_or_default();
    if all.iter().any(cannot) { 1 } else { all.len().max(1) }
}

/// Where the script asks for no transaction, what may end transactions itself gets none.
fn is_alone(statement: &Statement, directed: bool) -> bool {
    let need = statement.class.need;
    need == Need::Alone || (directed && need == Need::Either)
}

fn unpaired(script: &Parsed<'_>, statement: &Statement, why: &str) -> Error {
    let what = script.head(statement);
    Error::usage(format!("{}: {what}: {why}", script.place(statement))).code_is("transaction_control")
}

impl Step<'_> {
    /// How many statements of the script are done with it.
    pub(crate) fn last(&self) -> usize {
        match self {
            Self::Together { last, .. } => *last,
            Self::Alone(statement) => usize::try_from(statement.number).unwrap_or(usize::MAX),
        }
    }
}
