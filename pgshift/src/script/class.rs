//! What a statement needs, told by its leading words: a transaction or none, patience for locks or none.

use super::words::Words;
use common::sql::lexer::{Kind, is};

/// What a statement needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// Whether it runs in a transaction.
    pub(crate) need: Need,
    /// It may wait for a lock that others queue behind, so that it must not wait long.
    pub(crate) strong: bool,
    /// It sets something that lasts as long as the session.
    pub(crate) setting: bool,
    /// It sets `lock_timeout` itself.
    pub(crate) own_timeout: bool,
    /// What it does to transactions.
    pub(crate) control: Control,
}

/// Whether a statement runs in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// In one.
    Transaction,
    /// In one, unless its file asks for none: it may commit by itself.
    Either,
    /// Outside of any.
    Alone,
}

/// What a statement does to transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Nothing.
    None,
    /// It begins one.
    Begin,
    /// It commits one.
    Commit,
    /// It does what a migration cannot leave to its script: ROLLBACK, PREPARE TRANSACTION, a chain.
    Other,
}

/// The first words of statements that take no lock that others would queue behind for long.
pub(crate) const WEAK: [&str; 35] = [
    "select",
    "with",
    "values",
    "table",
    "insert",
    "update",
    "delete",
    "merge",
    "copy",
    "set",
    "reset",
    "show",
    "begin",
    "start",
    "commit",
    "end",
    "savepoint",
    "release",
    "rollback",
    "abort",
    "explain",
    "prepare",
    "execute",
    "deallocate",
    "notify",
    "listen",
    "unlisten",
    "declare",
    "fetch",
    "close",
    "move",
    "discard",
    "vacuum",
    "checkpoint",
    "load",
];

/// How many tokens are looked at, except where a word may stand at the end.
const HEAD: usize = 12;

impl Class {
    /// The class of one statement.
    pub(crate) fn of(text: &[u8]) -> Self {
        let head = Words::first(text, HEAD);
        let control = control(&head);
        let setting =
            head.is(0, "set") && !head.is(1, "local") && !head.is(1, "constraints") || head.is(0, "reset");
        let named = if head.is(1, "local") || head.is(1, "session") { 2 } else { 1 };
        Self {
            need: need(&head, text),
            strong: strong(&head),
            setting: setting && !head.is(1, "transaction"),
            own_timeout: head.is(0, "set") && head.is(named, "lock_timeout"),
            control,
        }
    }
}

fn need(head: &Words<'_>, text: &[u8]) -> Need {
    let may_commit = head.is(0, "call") || head.is(0, "do");
    match (alone(head, text), may_commit) {
        (true, _) => Need::Alone,
        (false, true) => Need::Either,
        (false, false) => Need::Transaction,
    }
}

/// <https://www.postgresql.org/docs/current/sql-commands.html>: those whose pages say that they cannot be executed in a
/// transaction block, on any major version where they can't.
fn alone(head: &Words<'_>, text: &[u8]) -> bool {
    let concurrently = || head.has("concurrently");
    if head.is(0, "create") || head.is(0, "drop") {
        let index = head.is(1, "index") || head.begins(&["create", "unique", "index"]);
        return (index && concurrently())
            || ["database", "tablespace", "subscription"].iter().any(|kind| head.is(1, kind));
    }
    if head.begins(&["alter", "table"]) {
        return Words::of(text).find(3, "detach").is_some_and(|_| Words::of(text).has("concurrently"));
    }
    if head.is(0, "reindex") {
        let database = ["database", "system", "schema"].iter().any(|kind| head.has(kind));
        return database || concurrently();
    }
    if head.is(0, "do") {
        return ends_transactions(text);
    }
    // CLUSTER of everything; of one table it can.
    (head.is(0, "cluster") && (head.len() == 1 || (head.len() == 2 && head.is(1, "verbose"))))
        || head.is(0, "vacuum")
        || head.begins(&["alter", "system"])
        || head.begins(&["alter", "subscription"])
        || (head.begins(&["alter", "database"]) && head.has("tablespace"))
}

/// Whether the body of a DO has COMMIT or ROLLBACK in it as a statement.
fn ends_transactions(text: &[u8]) -> bool {
    let words = Words::of(text);
    (1..words.len()).any(|index| match words.get(index) {
        Some((Kind::String, body)) => {
            let body = Words::of(inner(body));
            (0..body.len()).any(|at| {
                let ends = body.is(at, "commit") || body.is(at, "rollback");
                let begins_statement = at == 0
                    || matches!(body.get(at - 1), Some((Kind::Semicolon, _)))
                    || ["begin", "then", "else", "loop"].iter().any(|word| body.is(at - 1, word));
                ends && begins_statement
            })
        }
        _ => false,
    })
}

/// What stands between the marks of `$$…$$` or `'…'`.
fn inner(body: &[u8]) -> &[u8] {
    let mark = match body.first() {
        Some(b'$') => body.iter().skip(1).position(|byte| *byte == b'$').map_or(0, |length| length + 2),
        _ => 1,
    };
    body.get(mark..body.len().saturating_sub(mark)).unwrap_or_default()
}

/// Everything but what takes no lock that others would queue behind for long.
fn strong(head: &Words<'_>) -> bool {
    let Some((Kind::Word, first)) = head.get(0) else { return false };
    !WEAK.iter().any(|word| is(first, word)) && !head.has("concurrently")
}

fn control(head: &Words<'_>) -> Control {
    if head.begins(&["start", "transaction"]) || head.is(0, "begin") {
        return Control::Begin;
    }
    if head.is(0, "commit") || head.is(0, "end") {
        let plain = !head.is(1, "prepared") && (!head.has("chain") || head.has("no"));
        return if plain { Control::Commit } else { Control::Other };
    }
    let to_savepoint = head.has("to");
    let ends = (head.is(0, "rollback") && !to_savepoint)
        || head.is(0, "abort")
        || head.begins(&["prepare", "transaction"]);
    if ends { Control::Other } else { Control::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_run_in_a_transaction_is_known() {
        let alone = |sql: &str| Class::of(sql.as_bytes()).need == Need::Alone;
        for sql in [
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "create /* x */ unique index concurrently if not exists i on t (a)",
            "DROP INDEX CONCURRENTLY i",
            "REINDEX (VERBOSE) TABLE CONCURRENTLY t",
            "REINDEX DATABASE d",
            "VACUUM t",
            "ALTER SYSTEM SET work_mem = 1",
            "CREATE DATABASE d",
            "DROP TABLESPACE s",
            "ALTER TABLE IF EXISTS ONLY p DETACH PARTITION q CONCURRENTLY",
            "DO $$BEGIN UPDATE t SET a = 1; COMMIT; END$$",
        ] {
            assert!(alone(sql), "{sql}");
        }
        for sql in [
            "CREATE INDEX i ON t (a)",
            "REINDEX INDEX i",
            "ALTER TYPE e ADD VALUE 'x'",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
            "ALTER TABLE t ADD COLUMN concurrently int",
            "DO $$BEGIN RAISE 'commit; rollback'; END$$",
            "SELECT 'VACUUM'",
        ] {
            assert!(!alone(sql), "{sql}");
        }
    }

    #[test]
    fn what_ends_a_transaction_is_told_from_what_goes_back_to_a_savepoint() {
        let control = |sql: &str| Class::of(sql.as_bytes()).control;
        assert_eq!(control("BEGIN ISOLATION LEVEL SERIALIZABLE"), Control::Begin);
        assert_eq!(control("end transaction"), Control::Commit);
        assert_eq!(control("COMMIT AND NO CHAIN"), Control::Commit);
        assert_eq!(control("COMMIT AND CHAIN"), Control::Other);
        assert_eq!(control("ROLLBACK"), Control::Other);
        assert_eq!(control("ROLLBACK TO SAVEPOINT s"), Control::None);
        assert_eq!(control("PREPARE TRANSACTION 'x'"), Control::Other);
    }

    #[test]
    fn statements_that_others_queue_behind_are_strong() {
        let strong = |sql: &str| Class::of(sql.as_bytes()).strong;
        assert!(strong("ALTER TABLE t ADD COLUMN a int") && strong("LOCK TABLE t") && strong("TRUNCATE t"));
        assert!(!strong("UPDATE t SET a = 1") && !strong("CREATE INDEX CONCURRENTLY i ON t (a)"));
        assert!(Class::of(b"SET LOCAL lock_timeout = '1s'").own_timeout);
        assert!(Class::of(b"SET search_path = a").setting && !Class::of(b"SET LOCAL a.b = 1").setting);
    }
}
