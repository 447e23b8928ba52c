//! The session of a round on one database: nothing runs on it without a timeout, and nothing is written.

use super::{Facts, Finding, deadline};
use crate::cli::Limits;
use common::error::{Class, Error, Result};
use common::name::ident;
use common::pg::session::Session;
use common::pg::target::Target;
use std::time::{Duration, Instant, SystemTime};

/// Rounds of all who check a database take turns by this advisory lock: "pgcheckp" in ASCII.
const TURN: &str = "pg_try_advisory_lock(8099005376193621104)";

/// How long a round waits for its turn: a run that takes longer than that would only be joined by more of them.
const PATIENCE: Duration = Duration::from_secs(5);

/// The server as the checks see it.
pub(crate) struct Server {
    pub(crate) facts: Facts,
    target: Target,
    session: Option<Session>,
    limits: Limits,
    /// The `statement_timeout` that is set, in milliseconds.
    patience: u128,
}

impl Server {
    /// Connects, and asks who it is.
    pub(super) fn open(target: &Target, limits: &Limits) -> Result<Self> {
        let begun = Instant::now();
        let target = target.stop_when(deadline::reached).with_application_name("pgcheckpoint");
        let mut session = Session::open(&target)?;
        let seconds = begun.elapsed().as_secs_f64();
        prepare(&mut session, limits)?;
        let facts = Facts { connect_seconds: seconds, ..Facts::read(&mut session)? };
        // Later sessions have to find the same server.
        let target = session.target().clone();
        Ok(Self { facts, target, session: Some(session), limits: *limits, patience: 0 })
    }

    /// Waits until no other round is at work in the database.
    pub(super) fn take_turn(&mut self) -> Result<()> {
        let begun = Instant::now();
        let Some(session) = &mut self.session else { return Ok(()) };
        while !session.query_one(&format!("SELECT {TURN}"))?.is_true(0) {
            if begun.elapsed() > PATIENCE || deadline::reached() {
                let what = format!("another pgcheckpoint is at work in {}", ident(&self.facts.database));
                return Err(Error::refused("already_running", what)
                    .hint("let it end; if runs overlap again and again, run them less often or with a smaller --timeout"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// The rows of a query of the catalogue.
    pub(crate) fn ask(&mut self, sql: &str) -> Result<Vec<Finding>> {
        let sql = self.filled(sql);
        let mut findings = Vec::new();
        let session = self.ready()?;
        let done = session.each(&sql, |names, row| {
            findings.push(Finding::of(names, row));
            Ok(())
        });
        if let Err(error) = done {
            // A session that was lost, or that the deadline cut off in the middle of an answer, is of no use any more.
            if error.class() != Class::Failed || error.code() == "protocol" {
                self.session = None;
            }
            return Err(error);
        }
        Ok(findings)
    }

    /// The names of the other databases that let us in.
    pub(super) fn databases(&mut self) -> Result<Vec<String>> {
        let found = self.ask(
            "SELECT datname AS object FROM pg_database \
              WHERE datallowconn AND NOT datistemplate AND has_database_privilege(oid, 'CONNECT') ORDER BY 1",
        )?;
        Ok(found.iter().filter_map(|database| database.field("object").map(str::to_owned)).collect())
    }

    /// The target, for what has to be known of where the server is.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// The session, connected and with the time that is left.
    fn ready(&mut self) -> Result<&mut Session> {
        let left = deadline::left().unwrap_or(Duration::MAX).as_millis();
        if left == 0 {
            return Err(Error::failed("deadline", "the run was over before it"));
        }
        let session = if let Some(session) = self.session.take() {
            session
        } else {
            let mut session = Session::open(&self.target)?;
            prepare(&mut session, &self.limits)?;
            self.patience = 0;
            session
        };
        let session = self.session.insert(session);
        let most =
            Duration::try_from_secs_f64(self.limits.statement_timeout).unwrap_or(Duration::MAX).as_millis();
        let patience = most.min(left).clamp(1, 2_000_000_000);
        if patience != self.patience {
            session.execute(&format!("SET statement_timeout = {patience}"))?;
            self.patience = patience;
        }
        Ok(session)
    }

    /// A query with what it has to know of the database and of this machine.
    fn filled(&self, sql: &str) -> String {
        if !sql.contains('{') {
            return sql.to_owned();
        }
        let mut sql = sql.to_owned();
        for (extension, schema) in &self.facts.extensions {
            sql = sql.replace(&format!("{{{extension}}}"), &ident(schema));
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        sql.replace("{client_epoch}", &format!("{:.3}", now.as_secs_f64()))
    }
}

fn prepare(session: &mut Session, limits: &Limits) -> Result<()> {
    /// What has to be known before the first check may take so long, whatever a check may take.
    const FIRST: &str = "10s";
    session.pin()?;
    let lock = Duration::try_from_secs_f64(limits.lock_timeout).unwrap_or_default().as_millis();
    session.execute(&format!(
        "SET lock_timeout = {}; SET statement_timeout = '{FIRST}'; SET default_transaction_read_only = on; \
         SET jit = off; SET max_parallel_workers_per_gather = 0",
        lock.clamp(1, 2_000_000_000),
    ))
}
