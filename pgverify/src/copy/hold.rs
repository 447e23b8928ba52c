//! Holds the copy for somebody else until a signal comes.

use super::Copy;
use crate::records::VerifyResult;
use common::cli::{Session, signals};
use std::time::Duration;

pub(super) fn hold(session: &Session<VerifyResult>, copy: &Copy) {
    let record = copy.held();
    session.note(&format!(
        "the copy is up: psql -h {} -p {} -U {} -d {}; Ctrl-C removes it",
        record.host, record.port, record.user, record.database
    ));
    session.emit(&record);
    while !signals::stop_requested() {
        std::thread::sleep(Duration::from_millis(50));
    }
}
