//! `pgcheckpoint assert`: what must hold of the data, by SQL of the user's own.

use super::run::{begin, tell};
use crate::asserted::{Asserted, Place};
use crate::cli::Assert;
use crate::records::CheckpointResult;
use crate::run::{deadline, target};
use crate::verdict::Verdict;
use common::assertions;
use common::cli::Session;
use common::error::Result;
use common::pg::session::Session as Connection;
use std::time::Duration;

pub(crate) fn run(session: &Session<CheckpointResult>, args: &Assert) -> Result<()> {
    let mut asserted = Vec::new();
    for file in &args.files {
        for assertion in assertions::read(file)? {
            asserted.push(Asserted::read(assertion)?);
        }
    }
    let targets = target::resolve(&args.databases)?;
    begin(session, &targets, args.judgement);
    deadline::set(args.timeout);
    let mut verdict = Verdict::default();
    for target in &targets {
        let target = target.stop_when(deadline::reached).with_application_name("pgcheckpoint");
        let mut connection = Connection::open(&target)?;
        let patience = Duration::try_from_secs_f64(args.statement_timeout).unwrap_or_default().as_millis();
        connection.execute(&format!("SET statement_timeout = {}", patience.clamp(1, 2_000_000_000)))?;
        let at = connection.target();
        let place =
            Place { server: format!("{}:{}", at.host(), at.port()), database: at.database().to_owned() };
        for asserted in &asserted {
            let (record, rows) = asserted.run(&mut connection, &place, args.sample)?;
            verdict.count(&record);
            tell(session, record, args.judgement.only_problems);
            for row in &rows {
                session.emit(row);
            }
        }
        *session.result().checks.get_or_insert(0) += asserted.len() as u64;
    }
    verdict.conclude(args.judgement.fail_on, args.judgement.unknown_as)
}
