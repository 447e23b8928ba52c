//! `pgcheckpoint report`: a stream of records as one page.

use crate::cli::Report;
use crate::file;
use crate::records::CheckpointResult;
use crate::report;
use common::cli::Session;
use common::error::{Class, Context, Error, Result};
use common::records::Upstream;
use serde_json::Value;
use std::fs::File;
use std::io::{BufReader, Write};

pub(crate) fn run(session: &Session<CheckpointResult>, args: &Report) -> Result<()> {
    let mut lines: Vec<Value> = Vec::new();
    for path in &args.files {
        let shown = path.display();
        let stream = if path.as_os_str() == "-" {
            session.upstream()?
        } else {
            let file = File::open(path).context(|| format!("cannot read {shown}"));
            let file = file.map_err(|error| error.class_is(Class::Usage))?;
            Upstream::read(BufReader::new(file), |_| {})
                .map_err(|error| error.context(format!("in {shown}")))?
        };
        for line in stream.lines() {
            lines.push(line.decode()?);
        }
    }
    if lines.is_empty() {
        return Err(Error::refused("no_records", "there are no records to tell of")
            .hint("`pgsnap create … | … | pgcheckpoint run - … | pgcheckpoint report -`, or files of what they wrote"));
    }
    let page = report::page(&lines);
    match &args.write {
        Some(path) => file::replace(path, page.as_bytes()),
        None => session.data().write_all(page.as_bytes()).context(|| "cannot write to stdout".to_owned()),
    }
}
