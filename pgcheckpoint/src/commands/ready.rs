//! `pgcheckpoint ready`: waits until the server takes queries, and tells why not yet.

use crate::cli::Ready;
use crate::records::{CheckpointResult, ReadyRecord, Waiting};
use crate::run::deadline;
use common::cli::{Session, human, signals};
use common::error::{Class, Error, Result};
use common::pg::session::Session as Connection;
use common::pg::target::{ConnectOptions, Target};
use std::time::{Duration, Instant};

/// How long it waits between two attempts, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(1)];

pub(crate) fn run(session: &Session<CheckpointResult>, args: &Ready) -> Result<()> {
    let begun = Instant::now();
    deadline::set(args.timeout);
    let target = target(args)?;
    let [mut pause, longest] = PAUSES;
    let mut attempts = 0;
    let mut said = String::new();
    loop {
        attempts += 1;
        let refusal = match attempt(&target, args.write) {
            Ok((version, standby)) => {
                let role = if standby { "standby" } else { "primary" }.to_owned();
                let seconds = begun.elapsed().as_secs_f64();
                session.emit(&ReadyRecord { server: place(&target), version, role, attempts, seconds });
                return Ok(());
            }
            Err(refusal) => refusal,
        };
        if signals::stop_requested() {
            return Err(Error::new(
                Class::Interrupted,
                "interrupted",
                "stopped while it waited for the server",
            ));
        }
        // The last attempt may have been cut off by the end of our patience: then the one before knows more.
        let over = deadline::is_over();
        let message = refusal.to_string().replace('\n', " ");
        if message != said && !(over && attempts > 1) {
            session.note(&format!("not ready: {message}"));
            let (code, hint) = (refusal.code().to_owned(), refusal.advice().map(str::to_owned));
            session.emit(&Waiting { server: place(&target), code, message: message.clone(), hint });
            said = message;
        }
        if over {
            let what = format!("{} is not ready after {}", target.describe(), human::seconds(args.timeout));
            return Err(Error::new(Class::No, "not_ready", what).cause(said));
        }
        std::thread::sleep(pause.min(deadline::left().unwrap_or(pause)));
        pause = (pause * 2).min(longest);
    }
}

fn target(args: &Ready) -> Result<Target> {
    let connection = &args.connection;
    let target = Target::resolve(&ConnectOptions {
        dbname: connection.dbname.clone(),
        host: connection.host.clone(),
        port: connection.port.clone(),
        username: connection.username.clone(),
    })?;
    Ok(target.stop_when(deadline::reached).with_application_name("pgcheckpoint"))
}

fn place(target: &Target) -> String {
    format!("{}:{}", target.host(), target.port())
}

/// Connects and asks; the server's version, and whether it is a standby.
fn attempt(target: &Target, write: bool) -> Result<(String, bool)> {
    let mut connection = Connection::open(target)?;
    let row = connection.query_one(
        "SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(), \
         pg_catalog.current_setting('transaction_read_only')",
    )?;
    let standby = row.is_true(1);
    let refused = |why: &str| {
        Err(Error::failed("read_only", format!("the server takes queries, but no writes: {why}")))
    };
    match () {
        () if write && standby => refused("it is a standby"),
        () if write && row.text(2) == "on" => {
            refused("its transactions are read-only (default_transaction_read_only)")
        }
        () => Ok((row.text(0).to_owned(), standby)),
    }
}
